"""The merchant's desk: who may see it, finding, refunds, alarms, runs."""

import csv
import io
import re

import pytest

from shop.errors import ProviderUnavailable, WrongCredentials
from shop.gateways.base import INTERACTIVE, Patience, PaymentSnapshot, RefundState
from shop.models import Alarm, Document, Order, OrderState, OutboxMessage, Payment, Refund
from shop.services import desk, outbox, reconcile, record
from shop.services.unit_of_work import unit_of_work
from tests.shop_app import Shop
from tests.views.desk import PASSWORD, address, ask, refund_form, rows
from tests.views.visitor import Visitor, words

PAGES = ("/merchant/", "/merchant/orders.csv", "/merchant/alarms", "/merchant/reconciliation")


@pytest.mark.parametrize("path", PAGES)
def test_a_customer_learns_of_no_desk(shop: Shop, mara: Visitor, alice: Visitor, paid: Payment, path: str) -> None:
    assert alice.get(path).status_code == 302  # signed in as nobody: the session may have ended
    alice.sign_in("alice@example.com", PASSWORD)

    assert alice.get(path).status_code == 404
    assert alice.get(address(paid)).status_code == 404
    assert ask(alice, paid, {"how": "whole", "reason": "other", "token": "x" * 20}).status_code == 404
    assert rows(shop, Refund) == []


@pytest.mark.parametrize(
    "path",
    ["/merchant/orders/NOSUCHORDER", "/merchant/reconciliation/99", "/merchant/orders/NOSUCH/payments/X/refund"],
)
def test_what_is_not_there_is_a_404(mara: Visitor, path: str) -> None:
    assert mara.get(path).status_code == 404


def test_another_orders_payment_is_a_404(shop: Shop, mara: Visitor, paid: Payment) -> None:
    bobs = shop.bobs.public_id

    assert mara.get(address(paid, f"/payments/{bobs}/refund")).status_code == 404
    assert mara.post(address(paid, "/sync"), payment=bobs).status_code == 404


@pytest.mark.parametrize(
    ("query", "finds"),
    [
        ("", True), ("state=paid", True), ("state=expired", False), ("provider=stripe", True),
        ("provider=paypal", False), ("q=ALICE@", True), ("q=nobody@", False), ("state=refunded", False),
        ("since=2020-01-01&until=2020-01-02", False), ("since=2020-01-01", True), ("page=99", True),
        ("state=nonsense&since=soon&page=x", True),
    ],
)  # fmt: skip
def test_orders_are_found_by_what_is_asked(
    mara: Visitor, paid: Payment, query: str, finds: bool
) -> None:
    page = mara.get(f"/merchant/?{query}")

    assert (paid.order.number in words(page)) is finds
    assert ("Nothing matches" in words(page)) is not finds


@pytest.mark.parametrize("which", ["payment", "capture", "attempt", "number", "whole number", "counter"])
def test_an_order_is_found_by_the_processors_id_and_its_number(mara: Visitor, paid: Payment, which: str) -> None:
    ids = {
        "payment": paid.external_id, "capture": paid.captures[0].external_id,
        "attempt": paid.attempts[0].external_id, "number": paid.order.number[-5:],
        "whole number": paid.order.number.lower(), "counter": str(int(paid.order.number[-5:])),
    }  # fmt: skip

    page = words(mara.get(f"/merchant/?q={ids[which]}"))

    assert paid.order.number in page
    assert "bob@example.com" not in page


def test_the_export_holds_what_was_found_and_no_formula(shop: Shop, mara: Visitor, paid: Payment) -> None:
    with shop.app.app_context(), unit_of_work(write=True) as session:
        order = session.get_one(Order, paid.order_id)
        order.email, order.name = "=cmd@example.com", '@SUM(1), "Alice"'

    table = list(csv.DictReader(io.StringIO(mara.get("/merchant/orders.csv?state=paid").text)))

    assert [row["number"] for row in table] == [paid.order.number]
    assert (table[0]["email"], table[0]["name"]) == ("'=cmd@example.com", "'@SUM(1), \"Alice\"")
    assert table[0]["paid_at"] >= table[0]["placed_at"]
    assert (table[0]["total"], table[0]["captured"]) == ("17.40", "17.40")


def test_an_empty_desk_says_so(shop: Shop, mara: Visitor) -> None:
    assert "All is well" in words(mara.get("/merchant/alarms"))
    assert "No run yet" in words(mara.get("/merchant/reconciliation"))


def test_a_refund_is_made_and_told(shop: Shop, mara: Visitor, paid: Payment) -> None:
    answer = ask(mara, paid, refund_form(mara, paid))

    assert answer.location == address(paid)
    [refund] = rows(shop, Refund)
    assert (refund.amount, refund.state, refund.requested_by) == (500, RefundState.SUCCEEDED, "merchant 1")
    page = words(mara.get(address(paid)))
    assert "Given back" in page
    assert "€5.00 refunded" in page


def test_the_same_form_sent_twice_is_one_refund(shop: Shop, mara: Visitor, paid: Payment) -> None:
    form = refund_form(mara, paid)

    assert [ask(mara, paid, form).status_code for _ in range(2)] == [303, 303]
    assert len(rows(shop, Refund)) == 1


def test_more_orders_than_a_page_holds_are_leafed_through(
    shop: Shop, mara: Visitor, paid: Payment, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(desk, "PER_PAGE", 1)
    with shop.app.app_context():
        shop.paid()

    pages = [words(mara.get(f"/merchant/?page={number}")) for number in (1, 2)]

    assert "Page 1 of 3" in pages[0]
    assert "Page 2 of 3" in pages[1]
    assert len({re.search(r"TT-\w+-\d+", page)[0] for page in pages}) == 2  # type: ignore[index]


@pytest.mark.parametrize(
    ("changes", "field", "code"),
    [
        ({"amount": "9999"}, "amount", 409),
        ({"amount": "lots"}, "amount", 400),
        ({"amount": "-5"}, "amount", 400),
        ({"amount": "1.234"}, "amount", 400),
        ({"amount": "NaN"}, "amount", 400),
        ({"how": "lines", "amount": "", "line-1": "x"}, "lines", 400),
        ({"how": "whole"}, "how", 400),
        ({"shipping": "yes"}, "how", 400),
        ({"how": ""}, "how", 400),
        ({"reason": "because"}, "reason", 400),
    ],
)
def test_what_cannot_be_refunded_is_said_beside_the_field(
    shop: Shop, mara: Visitor, paid: Payment, changes: dict[str, str], field: str, code: int
) -> None:
    answer = ask(mara, paid, refund_form(mara, paid) | changes)

    assert answer.status_code == code
    assert f'id="{field}-error"' in answer.text or "field__error" in answer.text
    assert rows(shop, Refund) == []


@pytest.mark.parametrize("lacking", [{"token": ""}, {"seen": ""}, {"seen": "-1"}])
def test_a_form_without_what_it_carries_refunds_nothing(
    shop: Shop, mara: Visitor, paid: Payment, lacking: dict[str, str]
) -> None:
    assert ask(mara, paid, refund_form(mara, paid) | lacking).status_code == 400
    assert rows(shop, Refund) == []


def test_articles_that_came_back_are_refunded_at_what_was_paid(shop: Shop, mara: Visitor, paid: Payment) -> None:
    line = paid.order.lines[0]

    ask(mara, paid, refund_form(mara, paid) | {"how": "lines", "amount": "", f"line-{line.id}": "1"})

    assert [refund.amount for refund in rows(shop, Refund)] == [line.unit_amount]


def test_a_provider_that_is_away_leaves_the_refund_to_a_worker(shop: Shop, mara: Visitor, paid: Payment) -> None:
    shop.stripe.fail_next(ProviderUnavailable("down"), verb="refund")

    ask(mara, paid, refund_form(mara, paid))

    assert [refund.state for refund in rows(shop, Refund)] == [RefundState.REQUESTED]
    assert "Not sent yet" in words(mara.get(address(paid)))


def test_a_refund_that_the_provider_will_not_hear_of_is_told_and_is_no_error_page(
    shop: Shop, mara: Visitor, paid: Payment
) -> None:
    shop.stripe.fail_next(WrongCredentials("the key was rolled"), verb="refund")

    answer = ask(mara, paid, refund_form(mara, paid))

    assert answer.status_code == 303
    assert "The provider refused it: the key was rolled" in words(mara.get(address(paid)))


def test_sync_asks_the_provider_and_applies_what_is_true(shop: Shop, mara: Visitor) -> None:
    with shop.app.app_context():
        payment = shop.started()
        shop.approve(payment)

    mara.post(address(payment, "/sync"), payment=payment.public_id)

    page = words(mara.get(address(payment)))
    assert "Captured" in page
    assert "by Mara" in page


def test_sync_waits_for_the_provider_no_longer_than_a_person_does(shop: Shop, mara: Visitor, paid: Payment) -> None:
    asked: list[Patience] = []
    fetch = shop.stripe.fetch

    def listening(external_id: str, patience: Patience) -> PaymentSnapshot:
        asked.append(patience)
        return fetch(external_id, patience)

    shop.stripe.fetch = listening  # type: ignore[method-assign, assignment]

    mara.post(address(paid, "/sync"), payment=paid.public_id)

    assert asked == [INTERACTIVE]


def test_an_order_is_sent_once_and_only_when_paid(shop: Shop, mara: Visitor, paid: Payment) -> None:
    for _ in range(2):
        assert mara.post(address(paid, "/fulfil")).status_code == 303

    assert mara.post(f"/merchant/orders/{shop.bobs.order.public_id}/fulfil").status_code == 409
    assert rows(shop, Order, Order.id == paid.order_id)[0].state is OrderState.FULFILLED


def test_the_receipt_goes_out_again_once_for_each_form(shop: Shop, mara: Visitor, paid: Payment) -> None:
    for _ in range(2):
        mara.post(address(paid, "/receipt"), token="a" * 24)

    assert len(rows(shop, OutboxMessage, OutboxMessage.kind == "mail.receipt")) == 2


def test_a_job_that_was_given_up_is_tried_again_from_the_alarms(shop: Shop, mara: Visitor, paid: Payment) -> None:
    with shop.app.app_context():
        with unit_of_work(write=True) as session:
            outbox.owe(session, "nobody.knows", "nobody.knows:1", order_id=paid.order_id)
        known = {message.kind for message in shop.rows(OutboxMessage)} - {"nobody.knows"}
        outbox.drain({kind: lambda message: None for kind in known})
    assert "nobody.knows was given up" in words(mara.get("/merchant/alarms"))
    assert "Try again" in words(mara.get(f"/merchant/orders/{paid.order.public_id}"))

    mara.post("/merchant/alarms/1/again")

    page = words(mara.get("/merchant/alarms"))
    assert "It is being tried again" in page
    assert "Mara" in page.partition("Seen to by")[2]
    assert "by itself" not in page
    assert "All is well" in page
    assert mara.post("/merchant/alarms/99/again").status_code == 404


def test_an_alarm_waits_until_somebody_has_seen_to_it(shop: Shop, mara: Visitor, paid: Payment) -> None:
    with shop.app.app_context(), unit_of_work(write=True) as session:
        record.alarm(session, "mismatch:1", "The amount differs", paid.order_id, shop.clock.now())
    assert "This order needs somebody" in words(mara.get(address(paid)))

    assert mara.post("/merchant/alarms/1/acknowledge", order=paid.order.public_id).location == address(paid)

    assert [alarm.settled_by for alarm in rows(shop, Alarm)] == ["merchant 1"]
    assert "This order needs somebody" not in words(mara.get(address(paid)))
    assert "All is well" in words(mara.get("/merchant/alarms"))


def test_a_run_is_shown_with_what_it_found(shop: Shop, mara: Visitor) -> None:
    with shop.app.app_context():
        payment = shop.started()
        shop.approve(payment)
        reconcile.run(cause="test")

    assert "All agrees" in words(mara.get("/merchant/reconciliation"))
    page = words(mara.get("/merchant/reconciliation/1"))
    assert "Repaired" in page
    assert payment.order.number in page


def test_a_silent_webhook_is_seen(shop: Shop, mara: Visitor, paid: Payment) -> None:
    assert "silent" not in words(mara.get("/merchant/"))

    shop.clock.advance(minutes=30)

    assert "silent" in words(mara.get("/merchant/"))


def test_the_documents_of_an_order_are_handed_out_at_the_desk(shop: Shop, mara: Visitor, paid: Payment) -> None:
    with shop.app.app_context():
        [document] = shop.rows(Document, Document.order_id == paid.order_id)

    page = mara.get(address(paid))
    pdf = mara.get(address(paid, f"/documents/{document.number}.pdf"))

    assert document.number in words(page)
    assert f"/documents/{document.number}.pdf" in page.text
    assert (pdf.status_code, pdf.mimetype, pdf.data[:5]) == (200, "application/pdf", b"%PDF-")
    assert mara.get(address(shop.bobs, f"/documents/{document.number}.pdf")).status_code == 404
