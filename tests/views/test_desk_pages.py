"""The desk answers what a merchant asks: whose order it is, where it stands, why it was declined, who did what."""

from __future__ import annotations

from urllib.parse import quote

import pytest

from shop.gateways.base import PaymentState
from shop.models import Document, InboxEvent, InboxState, Order, Payment
from shop.services import desk, payments, record, refunds, timeline
from shop.services.timeline import EntryKind
from shop.services.unit_of_work import unit_of_work
from tests.shop_app import Shop, eur
from tests.views.desk import address
from tests.views.visitor import Visitor, words


@pytest.mark.parametrize(
    "text", ["Alice Ashdown", "ashdown", "17.40", "17,40", "payment", "order", "document", "refund", "their refund"]
)
def test_an_order_is_found_by_its_name_its_sum_and_our_own_references(
    shop: Shop, mara: Visitor, paid: Payment, text: str
) -> None:
    with shop.app.app_context(), unit_of_work(write=True) as session:
        session.get_one(Order, shop.bobs.order_id).name = "Bob Brook"
    with shop.app.app_context():
        refund = refunds.request(paid.id, eur(100), "other", "mara")
        document = next(row for row in shop.rows(Document) if row.order_id == paid.order_id)
    ours = {
        "payment": paid.public_id, "order": paid.order.public_id, "document": document.number,
        "refund": refund.public_id, "their refund": refund.external_id or "",
    }  # fmt: skip

    page = words(mara.get(f"/merchant/?q={quote(ours.get(text, text))}"))

    assert paid.order.number in page
    assert "bob@example.com" not in page


@pytest.mark.parametrize("text", ["17.41", "17.4.0", "Ash%", "Carol", "1740"])
def test_what_is_neither_finds_nothing(mara: Visitor, paid: Payment, text: str) -> None:
    assert "Nothing matches" in words(mara.get(f"/merchant/?q={quote(text)}"))


def test_a_sum_in_yen_has_no_decimals(shop: Shop, mara: Visitor) -> None:
    with shop.app.app_context():
        payment = shop.started(currency="JPY")

    page = words(mara.get(f"/merchant/?q={payment.order.total}"))

    assert payment.order.number in page


def test_a_bank_debit_under_way_is_not_called_unpaid(shop: Shop, mara: Visitor) -> None:
    with shop.app.app_context():
        payment = shop.started()
        shop.stripe.process(payment.external_id or "")
        payments.refresh(payment.id, "webhook")
        assert shop.payment(payment.id).state is PaymentState.PROCESSING

    row = words(mara.get("/merchant/?q=alice@")).partition(payment.order.number)[2]

    assert "The bank is at work" in row
    assert "To be paid" not in row


def test_a_decline_is_told_with_its_reason_after_the_order_is_paid_as_well(shop: Shop, mara: Visitor) -> None:
    with shop.app.app_context():
        payment = shop.started()
        shop.stripe.decline(payment.external_id or "", "insufficient_funds")
        payments.refresh(payment.id, "webhook")
    assert "Declined, may be tried again" in words(mara.get(address(payment)))

    with shop.app.app_context():
        shop.approve(payment)
        payments.refresh(payment.id, "webhook")

    page = words(mara.get(address(payment)))
    assert "went from pending to declined. insufficient_funds" in page
    assert "Declined, may be tried again" not in page


def test_only_the_money_leaves_out_how_it_came_about(shop: Shop, mara: Visitor, paid: Payment) -> None:
    with shop.app.app_context():
        whole = timeline.of_order(desk.order(paid.order.public_id)).entries
        money = timeline.of_order(desk.order(paid.order.public_id), money_only=True).entries
    page = words(mara.get(address(paid, "?show=money")))

    left_out = {EntryKind.CALL, EntryKind.WEBHOOK, EntryKind.MESSAGE}
    assert [entry for entry in whole if entry.kind not in left_out] == list(money)
    assert "A capture was booked. From sales €" in page
    assert "Mail to the customer" not in page


def test_an_invoice_to_a_company_is_shown_with_its_number(shop: Shop, mara: Visitor, paid: Payment) -> None:
    with shop.app.app_context(), unit_of_work(write=True) as session:
        order = session.get_one(Order, paid.order_id)
        order.company, order.vat_id, order.tax_note = "Teehaus GmbH", "ATU13585627", "reverse_charge"
        order.billing_line1, order.billing_city, order.billing_postal_code = "Ring 1", "Wien", "1010"
        order.billing_country = "AT"

    page = words(mara.get(address(paid)))

    assert "Invoice to Teehaus GmbH Alice Ashdown Ring 1 1010 Wien Austria VAT id ATU13585627" in page
    assert "Reverse charge: the customer owes it" in page


def test_an_order_that_was_replaced_leads_to_the_newer_one(shop: Shop, mara: Visitor, paid: Payment) -> None:
    with shop.app.app_context(), unit_of_work(write=True) as session:
        session.get_one(Order, shop.bobs.order_id).replaced_by_id = paid.order_id

    page = mara.get(address(shop.bobs))

    assert "A newer order from the same cart has taken the place of this one." in words(page)
    assert address(paid) in page.text


def test_webhooks_that_were_given_up_are_told_where_the_count_leads(shop: Shop, mara: Visitor) -> None:
    with shop.app.app_context():
        payment = shop.paid()
        shop.deliver(payment)
        with unit_of_work(write=True) as session:
            for row in session.query(InboxEvent):
                row.state = InboxState.PARKED

    page = mara.get("/merchant/alarms")

    assert "1 webhook was given up" in words(page)
    assert "webhooks replay --since 6h" in words(page)
    assert "All is well" not in words(page)


def test_an_alarm_that_came_right_by_itself_says_so_and_rises_again_without_a_name(
    shop: Shop, mara: Visitor, paid: Payment
) -> None:
    def alarm() -> None:
        with shop.app.app_context(), unit_of_work(write=True) as session:
            record.alarm(session, "mismatch:1", "The amount differs", paid.order_id, shop.clock.now())

    alarm()
    mara.post("/merchant/alarms/1/acknowledge")
    alarm()
    with shop.app.app_context(), unit_of_work(write=True) as session:
        record.settle(session, "mismatch:1", shop.clock.now())

    page = words(mara.get("/merchant/alarms"))

    assert "It came right by itself." in page
