"""The receipt in each of its states, whose it is, and its documents as PDF."""

import re
from pathlib import Path

import pytest
from sqlalchemy import delete

from shop.errors import OurBug
from shop.extensions import db
from shop.gateways.base import RefundState
from shop.models import Document, DocumentSeries, Order, OrderState, OutboxMessage, Payment, ReviewState, User
from shop.services import documents, outbox, payments, refunds, seed, tokens
from shop.services.documents import pdf
from shop.services.sweep import sweep
from shop.services.unit_of_work import unit_of_work
from tests.shop_app import BOB, PAYPAL, STRIPE, Shop, eur
from tests.views.visitor import Visitor, words


def path_of(shop: Shop, order_id: int) -> str:
    """Return the address of an order, as its mails have it."""
    return f"/orders/{tokens.for_order(shop.placed(order_id).public_id)}"


def paid(shop: Shop, **order: object) -> tuple[Payment, str]:
    """Let Alice buy something; return her payment and her order's address."""
    with shop.app.app_context():
        payment = shop.paid(**order)
        return payment, path_of(shop, payment.order_id)


def held(shop: Shop) -> tuple[Payment, str]:
    """Let Alice's money be set aside; return her payment and her order's address."""
    with shop.app.app_context():
        order = shop.order(["CUP-1"])
        with unit_of_work(write=True) as session:
            session.get_one(Order, order.id).review = ReviewState.HELD
        started = payments.start(order.id, STRIPE)
        shop.stripe.approve(started.external_id)
        payments.settle(order.id)
        return shop.payment(started.payment_id), path_of(shop, order.id)


def test_a_paid_order_shows_everything_a_receipt_needs(shop: Shop, alice: Visitor) -> None:
    payment, path = paid(shop, skus=["SEN-100", "CUP-1"], company="Ashdown Ltd", vat_id="")

    page = words(alice.get(f"{path}/receipt"))

    with shop.app.app_context():
        order, [invoice] = shop.placed(payment.order_id), documents.of_order(payment.order_id)
    for said in (order.number, f"Invoice {invoice.number}", payment.captures[0].external_id, "Visa ending in 4242"):
        assert said in page
    assert "Alice Ashdown Hafenstraße 12 20457 Hamburg Germany" in page
    assert "1 × Sencha one · SEN-100 €12.50 €12.50" in page
    assert "Shipping Standard post €4.90 Paid €36.30" in page
    assert "Tax rate Net Tax 19% €20.00 €3.80 7% €11.68 €0.82" in page
    assert "Tidewater Tea GmbH, Am Sandtorkai 30, 20457 Hamburg, Germany" in page
    assert "Download as PDF" in page


@pytest.mark.parametrize(
    ("why_not", "told"),
    [
        (None, "This receipt was also mailed to alice@example.com."),
        (OSError("the server is away"), "This receipt is also on its way to alice@example.com."),
        (OurBug("refused"), "Our mail to alice@example.com did not get through"),
    ],
)
def test_the_receipt_says_what_became_of_its_mail(
    shop: Shop, alice: Visitor, why_not: Exception | None, told: str
) -> None:
    _payment, path = paid(shop)

    def send(message: OutboxMessage) -> None:
        if why_not is not None and message.kind == "mail.receipt":
            raise why_not

    with shop.app.app_context():
        outbox.drain({row.kind: send for row in shop.rows(OutboxMessage)})

    assert told in words(alice.get(f"{path}/receipt"))


def test_an_order_in_yen_has_no_decimals_on_it(shop: Shop, alice: Visitor) -> None:
    _, path = paid(shop, currency="JPY")

    page = words(alice.get(f"{path}/receipt"))

    assert "Paid ¥2,800" in page
    assert "¥2,800.00" not in page


def test_a_german_browser_gets_german_figures(shop: Shop, alice: Visitor, monkeypatch: pytest.MonkeyPatch) -> None:
    _, path = paid(shop)
    monkeypatch.setattr("shop.views.languages.chosen", lambda: "de")
    monkeypatch.setattr(shop.app.extensions["babel"], "locale_selector", lambda: "de")

    page = words(alice.get(f"{path}/receipt"))

    assert "17,40 €" in page.replace("\N{NO-BREAK SPACE}", " ")


def test_a_part_refund_is_told_with_its_reference_and_its_credit_note(shop: Shop, alice: Visitor) -> None:
    payment, path = paid(shop)
    with shop.app.app_context():
        refund = refunds.request(payment.id, eur(500), "requested_by_customer", "mara")
        note = documents.of_refund(refund.id)
    assert note is not None

    page = alice.get(f"{path}/receipt")

    assert "Part of it comes back to you" in words(page)
    assert f"Reference {refund.external_id} · Credit note {note.number}" in words(page)
    assert "Left after refunds €12.40" in words(page)
    assert alice.get(f"{path}/documents/{note.number}.pdf").data.startswith(b"%PDF-")


def test_a_whole_refund_leaves_nothing(shop: Shop, alice: Visitor) -> None:
    payment, path = paid(shop)
    with shop.app.app_context():
        refunds.request(payment.id, eur(payment.amount), "requested_by_customer", "mara")

    page = words(alice.get(f"{path}/receipt"))

    assert "All of it comes back to you" in page
    assert "Left after refunds €0.00" in page


def test_a_refund_that_did_not_arrive_no_longer_counts(shop: Shop, alice: Visitor) -> None:
    payment, path = paid(shop)
    with shop.app.app_context():
        refund = refunds.request(payment.id, eur(500), "other", "mara")
        shop.stripe.finish_refund(refund.external_id or "", RefundState.FAILED, "account closed")
        refunds.refresh(refund.id, "webhook")

    page = words(alice.get(f"{path}/receipt"))

    assert "Did not arrive" in page
    assert "Credit note CN-" in page
    assert "Correction CN-" in page
    assert "Left after refunds" not in page
    assert "Thank you, Alice" in page


def test_money_that_came_twice_does_not_lessen_what_was_kept(shop: Shop, alice: Visitor) -> None:
    with shop.app.app_context():
        first = shop.started()
        second = payments.start(first.order_id, PAYPAL)
        shop.paypal.approve(second.external_id)
        payments.settle(first.order_id)
        shop.stripe.take_late(first.external_id or "")
        payments.refresh(first.id, "webhook")
        path = path_of(shop, first.order_id)

    page = words(alice.get(f"{path}/receipt"))

    assert "Thank you, Alice" in page
    assert "Transaction cap_paypal_1" in page
    assert "A second payment came for this order: Visa ending in 4242, €17.40. All of it goes back." in page
    assert "Left after refunds" not in page


def test_money_that_came_too_late_is_told_as_given_back(shop: Shop, alice: Visitor) -> None:
    with shop.app.app_context():
        late = shop.started(skus=["RARE-1"])
        shop.clock.advance(hours=1, seconds=1)
        sweep()
        shop.order(["RARE-1"])
        shop.stripe.take_late(late.external_id or "")
        payments.refresh(late.id, "webhook")
        path = path_of(shop, late.order_id)

    page = words(alice.get(f"{path}/receipt"))

    assert "Your payment came too late" in page
    assert "Payment, given back" in page
    assert "All of the €103.90 goes back" in page
    assert "Refund on its way" in page
    assert "nothing was charged" not in page
    assert "PDF" not in page


def test_the_history_calls_late_reserved_and_twice_paid_orders_what_they_are(shop: Shop, alice: Visitor) -> None:
    with shop.app.app_context():
        seed.seed()
        late = shop.started(skus=["RARE-1"])
        shop.clock.advance(hours=1, seconds=1)
        sweep()
        shop.order(["RARE-1"])
        shop.stripe.take_late(late.external_id or "")
        payments.refresh(late.id, "webhook")
        twice = shop.started(skus=["TIN-1"])
        shop.paypal.approve(payments.start(twice.order_id, PAYPAL).external_id)
        payments.settle(twice.order_id)
        shop.stripe.take_late(twice.external_id or "")
        payments.refresh(twice.id, "webhook")
    reserved, _ = held(shop)
    with shop.app.app_context(), unit_of_work(write=True) as session:
        user = session.query(User).where(User.email == "alice@example.com").one()
        for payment in (late, twice, reserved):
            session.get_one(Order, payment.order_id).user_id = user.id
    alice.sign_in("alice@example.com", seed.DEMO_PASSWORD)

    page = words(alice.get("/orders"))

    assert re.search(r"Cup Reserved .* Tin Paid .* Rare Given back", page)
    assert "Part refunded" not in page


def test_money_set_aside_is_not_called_paid(shop: Shop, alice: Visitor) -> None:
    _, path = held(shop)

    page = words(alice.get(f"{path}/receipt"))

    assert "Reserved, not charged yet" in page
    assert "Order, reserved" in page
    assert "With Visa ending in 4242" in page
    assert "Total €23.80" in page
    assert "PDF" not in page


def test_a_part_that_was_captured_is_the_sum_that_was_charged_taxed_and_documented(
    shop: Shop, alice: Visitor
) -> None:
    payment, path = held(shop)
    with shop.app.app_context():
        payments.capture(payment.id, eur(1190), "mara")
        [invoice] = documents.of_order(payment.order_id)

    page = words(alice.get(f"{path}/receipt"))

    assert "Total €23.80 Charged of the total; the rest was released €11.90" in page
    assert "19% €10.00 €1.90" in page
    assert (invoice.snapshot["released"], invoice.snapshot["total"]) == (1190, 1190)
    with shop.app.app_context():
        refunds.request(payment.id, eur(1190), "other", "mara")
    assert "All of it comes back to you" in words(alice.get(f"{path}/receipt"))


def test_a_bank_debit_under_way_is_told_with_its_lines(shop: Shop, alice: Visitor) -> None:
    with shop.app.app_context():
        debit = shop.started()
        shop.stripe.process(debit.external_id or "")
        payments.refresh(debit.id, "webhook")
        path = path_of(shop, debit.order_id)

    page = words(alice.get(f"{path}/receipt"))

    assert "Your bank is at work" in page
    assert "1 × Sencha" in page
    assert "Thank you" not in page


@pytest.mark.parametrize(
    ("state", "said"), [(OrderState.EXPIRED, "not paid in time"), (OrderState.CANCELLED, "This order is cancelled")]
)
def test_an_order_that_is_over_says_that_nothing_was_charged(
    shop: Shop, alice: Visitor, state: OrderState, said: str
) -> None:
    with shop.app.app_context():
        order = shop.order()
        with unit_of_work(write=True) as session:
            session.get_one(Order, order.id).state = state
        path = path_of(shop, order.id)

    page = words(alice.get(f"{path}/receipt"))

    assert said in page
    assert "othing was charged" in page


def test_only_the_customer_who_is_signed_in_reaches_an_order_by_its_number(
    shop: Shop, alice: Visitor, bob: Visitor
) -> None:
    payment, _ = paid(shop)
    with shop.app.app_context():
        seed.seed()
        number = shop.placed(payment.order_id).number
        with unit_of_work(write=True) as session:
            user = session.query(User).where(User.email == "alice@example.com").one()
            session.get_one(Order, payment.order_id).user_id = user.id
        [invoice] = documents.of_order(payment.order_id)
    paths = (f"/orders/{number}/receipt", f"/orders/{number}/documents/{invoice.number}.pdf")

    as_guest = [alice.get(path).status_code for path in paths]
    bob.sign_in(BOB, seed.DEMO_PASSWORD)
    as_bob = [bob.get(path).status_code for path in paths]
    alice.sign_in("alice@example.com", seed.DEMO_PASSWORD)
    as_alice = [alice.get(path).status_code for path in paths]

    assert (as_guest, as_bob, as_alice) == ([404, 404], [404, 404], [200, 200])


def test_a_forged_token_opens_nothing(shop: Shop, alice: Visitor) -> None:
    payment, path = paid(shop)
    with shop.app.app_context():
        [invoice] = documents.of_order(payment.order_id)
    forged = path[:-5] + path[-5:].swapcase() + "x"

    answers = [alice.get(f"{forged}/receipt"), alice.get(f"{forged}/documents/{invoice.number}.pdf")]
    answers.append(alice.post(f"{forged}/documents"))

    assert [answer.status_code for answer in answers] == [404, 404, 404]


def test_bobs_token_does_not_open_alices_invoice(shop: Shop, alice: Visitor, bob: Visitor) -> None:
    hers, her_path = paid(shop)
    _, his_path = paid(shop, email="noise@example.com")
    with shop.app.app_context():
        [invoice] = documents.of_order(hers.order_id)

    assert bob.get(f"{his_path}/documents/{invoice.number}.pdf").status_code == 404
    assert alice.get(f"{her_path}/documents/{invoice.number}.pdf").status_code == 200


def test_receipt_and_pdf_are_kept_by_nobody_and_tell_no_other_site_of_their_address(
    shop: Shop, alice: Visitor
) -> None:
    payment, path = paid(shop)
    with shop.app.app_context():
        [invoice] = documents.of_order(payment.order_id)

    page, file = alice.get(f"{path}/receipt"), alice.get(f"{path}/documents/{invoice.number}.pdf")

    for answer in (page, file):
        assert answer.headers["Cache-Control"] == "private, no-store"
        assert answer.headers["Referrer-Policy"] == "same-origin"
    assert 'name="referrer"' not in page.text  # it would count for more than the header
    assert re.findall(r'(?:src|href)="(https?:)?//', page.text) == []
    assert file.mimetype == "application/pdf"
    assert file.headers["Content-Disposition"] == f"attachment; filename={invoice.number}.pdf"


def test_the_forms_on_a_receipt_work_over_https(shop: Shop, alice: Visitor) -> None:
    """A stricter policy than the page's would keep the browser from saying where its forms come from."""
    _, path = paid(shop)
    base = "https://localhost"
    page = alice.client.get(f"{path}/receipt", base_url=base)
    token = re.search(r'name="csrf_token" value="([^"]+)"', page.text)
    assert token is not None

    answer = alice.client.post(
        "/currency", base_url=base, data={"csrf_token": token[1], "currency": "JPY"},
        headers={"Referer": f"{base}{path}/receipt"},
    )  # fmt: skip

    assert answer.status_code in (302, 303)


def test_an_order_paid_before_there_were_documents_gets_its_pdf_when_asked_for(shop: Shop, alice: Visitor) -> None:
    payment, path = paid(shop)
    with shop.app.app_context(), db.engine.begin() as connection:
        connection.execute(delete(Document))
        connection.execute(delete(DocumentSeries))

    before = words(alice.get(f"{path}/receipt"))
    answers = [alice.post(f"{path}/documents") for _ in range(2)]

    assert "Make the PDF" in before
    assert answers[0].location == answers[1].location
    assert alice.get(answers[0].location).data.startswith(b"%PDF-")
    with shop.app.app_context():
        assert len(documents.of_order(payment.order_id)) == 1


def test_an_order_that_is_not_paid_gets_no_document(shop: Shop, alice: Visitor) -> None:
    _, path = held(shop)

    assert alice.post(f"{path}/documents").status_code == 404


def test_a_pdf_that_cannot_be_made_says_so_with_a_way_on_until_it_can(
    shop: Shop, alice: Visitor, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    payment, path = paid(shop)
    with shop.app.app_context():
        [invoice] = documents.of_order(payment.order_id)
    file = f"{path}/documents/{invoice.number}.pdf"
    monkeypatch.setattr(pdf, "FOLDER", tmp_path)  # the template is gone

    failed = alice.get(file)

    assert (failed.status_code, failed.headers["Retry-After"]) == (503, "60")
    assert "This PDF cannot be made just now" in words(failed)
    assert f'href="{file}"' in failed.text
    with shop.app.app_context():
        assert shop.alarms() == ["pdf_failed"]
    assert "The PDF could not be made at the last try" in words(alice.get(f"{path}/receipt"))
    monkeypatch.undo()
    assert alice.get(file).status_code == 200
    assert "Download as PDF" in words(alice.get(f"{path}/receipt"))
