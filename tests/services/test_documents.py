"""Documents: numbered without a gap whatever happens around them, frozen, and taken back by documents of their own."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import delete, update

from shop.errors import NotFound, NothingToRefund, OurBug, ProviderRejected
from shop.extensions import db
from shop.gateways.base import RefundState
from shop.models import Document, DocumentKind, DocumentSeries, Order, OrderLine, TaxRate
from shop.money import Money
from shop.services import documents, locks, payments, refunds
from shop.services.documents import snapshot
from shop.services.sweep import sweep
from shop.services.unit_of_work import unit_of_work
from tests.shop_app import BOB, Shop, errors, eur, seen


def of(shop: Shop, kind: DocumentKind) -> list[Document]:
    """Return the documents of a kind, in the order of their numbers."""
    return sorted(shop.rows(Document, Document.kind == kind), key=lambda document: document.sequence)


def credited(shop: Shop) -> list[int]:
    """Return the totals of all credit notes and reversals."""
    return [d.snapshot["total"] for d in shop.rows(Document, Document.series == "CN")]


def test_an_order_that_is_paid_gets_one_invoice_however_often_we_hear_of_it(shop: Shop) -> None:
    payment = shop.paid()

    for cause in ("webhook", "sweep"):
        payments.refresh(payment.id, cause)

    [invoice] = shop.rows(Document)
    order = shop.placed(payment.order_id)
    assert (invoice.kind, invoice.order_id, invoice.sequence) == (DocumentKind.INVOICE, order.id, 1)
    assert invoice.number == f"INV-{order.number.split('-')[1]}-00001"


def test_the_invoice_says_what_was_bought_at_which_rate_and_adds_up(shop: Shop) -> None:
    payment = shop.paid(skus=["SEN-100", "CUP-1"])

    [invoice] = shop.rows(Document)

    said = invoice.snapshot
    assert [(line["sku"], line["rate"], line["gross"]) for line in said["lines"]] == [
        ("SEN-100", 700, 1250),
        ("CUP-1", 1900, 1890),
    ]
    assert (said["shipping"]["rate"], said["shipping"]["gross"]) == (1900, 490)
    assert said["taxes"] == [
        {"rate": 1900, "net": 2000, "tax": 380, "gross": 2380},
        {"rate": 700, "net": 1168, "tax": 82, "gross": 1250},
    ]
    assert said["net"] + said["tax"] == said["total"] == payment.amount
    assert said["tax"] == shop.placed(payment.order_id).tax
    assert said["seller"]["vat_id"] == "DE123456788"
    assert said["payment"]["transaction"] == payment.captures[0].external_id


def test_the_post_has_the_rate_of_the_law_also_where_its_tax_was_rounded(shop: Shop) -> None:
    with unit_of_work(write=True) as session:
        session.add(TaxRate(country="DE", region="", kind="shipping", basis_points=1900))
    shop.paid(skus=["SEN-100"])

    [invoice] = shop.rows(Document)

    assert invoice.snapshot["taxes"] == [
        {"rate": 1900, "net": 412, "tax": 78, "gross": 490},
        {"rate": 700, "net": 1168, "tax": 82, "gross": 1250},
    ]


def test_outside_the_countries_that_demand_an_invoice_it_is_a_receipt_in_a_series_of_its_own(shop: Shop) -> None:
    shop.paid()
    shop.ship_to("NZ", "JPY", 2100)
    abroad = shop.paid(currency="JPY", country="NZ", city="Auckland", postal_code="1010")

    [receipt] = of(shop, DocumentKind.RECEIPT)
    refunds.request(abroad.id, Money(500, "JPY"), "other", "mara")

    assert (receipt.number[:3], receipt.sequence) == ("RCP", 1)
    assert receipt.snapshot["note"] == "export"
    assert receipt.snapshot["taxes"] == [{"rate": 0, "net": 4100, "tax": 0, "gross": 4100}]
    assert [d.snapshot["total"] for d in of(shop, DocumentKind.REFUND_RECEIPT)] == [-500]


def test_a_business_gets_an_invoice_wherever_it_is() -> None:
    buyer = {"country": "JP", "vat_id": "JP123"}

    assert snapshot.demands_invoice({"buyer": buyer})
    assert not snapshot.demands_invoice({"buyer": buyer | {"vat_id": ""}})


def test_thirty_at_once_with_some_rolled_back_leave_no_gap_and_no_double(shop: Shop) -> None:
    waiting = [shop.started(skus=["BULK-1"]) for _ in range(30)]
    for payment in waiting:
        shop.approve(payment)
    doomed = {waiting[number].id for number in range(0, 30, 3)}

    def pay(number: int) -> None:
        payment = waiting[number]
        if payment.id not in doomed:
            payments.refresh(payment.id, "webhook")
            return
        with unit_of_work(write=True) as session:
            documents.issue(session, session.get_one(Order, payment.order_id, with_for_update=locks.kept(Order)))
            raise SystemError("the process dies before it commits")

    results = shop.at_once(pay, 30)

    assert [type(error) for error in errors(results)] == [SystemError] * 10
    issued = of(shop, DocumentKind.INVOICE)
    assert [document.sequence for document in issued] == list(range(1, 21))
    assert {document.order_id for document in issued} == {p.order_id for p in waiting if p.id not in doomed}


def test_thirty_that_hear_of_one_payment_at_once_issue_one_invoice(shop: Shop) -> None:
    payment = shop.started()
    shop.approve(payment)

    results = shop.at_once(lambda _: payments.refresh(payment.id, "webhook"), 30)

    assert errors(results) == []
    assert [document.sequence for document in shop.rows(Document)] == [1]


def test_what_is_issued_is_never_changed(shop: Shop) -> None:
    shop.paid()
    [invoice] = shop.rows(Document)

    with pytest.raises(OurBug, match="never changed"), unit_of_work(write=True) as session:
        session.get_one(Document, invoice.id).snapshot = {}
    with pytest.raises(OurBug, match="never changed"), unit_of_work(write=True) as session:
        session.delete(session.get_one(Document, invoice.id))

    assert shop.rows(Document)[0].snapshot == invoice.snapshot


def test_the_invoice_stays_as_it_was_when_the_order_is_refunded_and_when_the_order_changes(shop: Shop) -> None:
    payment = shop.paid()
    [before] = shop.rows(Document)

    refunds.request(payment.id, eur(700), "other", "mara")
    with unit_of_work(write=True) as session:
        session.get_one(Order, payment.order_id).name = "Erased"

    assert of(shop, DocumentKind.INVOICE)[0].snapshot == before.snapshot


def test_a_refund_gets_a_credit_note_that_names_the_invoice(shop: Shop) -> None:
    payment = shop.paid(skus=["SEN-100", "CUP-1"])

    refund = refunds.request(payment.id, eur(1000), "requested_by_customer", "mara")
    refunds.refresh(refund.id, "webhook")

    [invoice], [note] = of(shop, DocumentKind.INVOICE), of(shop, DocumentKind.CREDIT_NOTE)
    assert (note.corrects_id, note.refund_id, note.sequence) == (invoice.id, refund.id, 1)
    assert note.snapshot["corrects"]["number"] == invoice.number
    assert note.snapshot["total"] == -1000
    assert note.snapshot["net"] + note.snapshot["tax"] == -1000


def test_credit_notes_together_take_back_the_invoice_to_the_cent_at_each_rate(shop: Shop) -> None:
    payment = shop.paid(skus=["SEN-100", "CUP-1", "TIN-1"])

    for cents in (1, 333, 1007, payment.amount - 1341):
        refunds.request(payment.id, eur(cents), "other", "mara")

    [invoice] = of(shop, DocumentKind.INVOICE)
    for row in invoice.snapshot["taxes"]:
        all_rows = [r for note in of(shop, DocumentKind.CREDIT_NOTE) for r in note.snapshot["taxes"]]
        taken = [r for r in all_rows if r["rate"] == row["rate"]]
        for part in ("net", "tax", "gross"):
            assert sum(r[part] for r in taken) == -row[part]


def test_a_refund_that_fails_after_all_takes_its_credit_note_back_once(shop: Shop) -> None:
    payment = shop.paid()
    refund = refunds.request(payment.id, eur(1740), "other", "mara")
    shop.stripe.finish_refund(refund.external_id or "", RefundState.FAILED, "account closed")

    for cause in ("webhook", "sweep"):
        refunds.refresh(refund.id, cause)
    refunds.request(payment.id, eur(1740), "other", "mara")

    first, back, second = (d for d in shop.rows(Document) if d.series == "CN")
    assert (back.kind, back.corrects_id, back.snapshot["total"]) == (DocumentKind.REVERSAL, first.id, 1740)
    assert (second.kind, second.snapshot["taxes"]) == (DocumentKind.CREDIT_NOTE, first.snapshot["taxes"])
    assert [d.sequence for d in (first, back, second)] == [1, 2, 3]


def test_a_refund_that_was_never_taken_on_gets_no_credit_note(shop: Shop) -> None:
    payment = shop.paid()
    shop.stripe.fail_next(ProviderRejected("charge is disputed"), verb="refund")

    refunds.request(payment.id, eur(500), "other", "mara")

    assert credited(shop) == []


def test_money_that_came_too_late_and_goes_back_is_no_sale_and_gets_no_document(shop: Shop) -> None:
    late = shop.started(skus=["RARE-1"])
    shop.clock.advance(hours=1, seconds=1)
    sweep()
    shop.order(["RARE-1"])
    shop.stripe.take_late(late.external_id or "")
    payments.refresh(late.id, "webhook")

    [owed] = shop.payment(late.id).refunds
    refunds.send(owed.id)

    assert seen(shop, late).refunds
    assert shop.rows(Document) == []


def test_an_order_paid_before_there_were_documents_gets_them_when_they_are_asked_for(shop: Shop) -> None:
    payment = shop.paid()
    refunds.request(payment.id, eur(500), "other", "mara")
    _forget_documents(shop)

    issued = [documents.issue_missing(payment.order_id).number for _ in range(2)]

    assert len(set(issued)) == 1
    assert [document.kind for document in shop.rows(Document)] == [DocumentKind.INVOICE, DocumentKind.CREDIT_NOTE]


def test_an_order_that_is_not_paid_gets_none(shop: Shop) -> None:
    order = shop.order()

    with pytest.raises(NotFound):
        documents.issue_missing(order.id)


def test_bobs_number_does_not_open_alices_document_nor_hers_his(shop: Shop) -> None:
    hers = shop.paid()
    his = shop.paid(email=BOB)
    [alices], [bobs] = documents.of_order(hers.order_id), documents.of_order(his.order_id)

    with pytest.raises(NotFound):
        documents.one(hers.order_id, bobs.number)

    assert documents.one(hers.order_id, alices.number).id == alices.id


def test_a_discount_is_spread_over_the_lines_it_was_given_on() -> None:
    lines = [_line(1250, 700, discount=125), _line(1890, 1900, discount=189)]
    order = Order(currency="EUR", discount=314, prices_include_tax=True, lines=lines)

    found = snapshot._lines(order)

    assert [line["gross"] for line in found] == [1125, 1701]
    assert all(line["net"] + line["tax"] == line["gross"] for line in found)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(wishes=st.lists(st.tuples(st.integers(1, 2500), st.booleans()), min_size=1, max_size=6))
def test_whatever_is_given_back_credit_notes_and_reversals_say_the_same(
    lasting_shop: Shop, wishes: list[tuple[int, bool]]
) -> None:
    payment = lasting_shop.paid(skus=["BULK-1"])
    for cents, fails in wishes:
        try:
            refund = refunds.request(payment.id, eur(cents), "other", "mara")
        except NothingToRefund:
            continue
        if fails:
            lasting_shop.stripe.finish_refund(refund.external_id or "", RefundState.FAILED, "sent back")
            refunds.refresh(refund.id, "webhook")

    issued = lasting_shop.rows(Document, Document.order_id == payment.order_id)
    now = lasting_shop.payment(payment.id)
    assert sum(document.snapshot["total"] for document in issued) == now.captured - now.refunded
    for document in issued:
        rows = document.snapshot["taxes"]
        assert all(row["net"] + row["tax"] == row["gross"] for row in rows)
        assert sum(row["gross"] for row in rows) == document.snapshot["total"]
    credit_notes = sorted(d.sequence for d in lasting_shop.rows(Document, Document.series == "CN"))
    assert credit_notes == list(range(1, len(credit_notes) + 1))


def _forget_documents(shop: Shop) -> None:
    """Bring the database to where it was before documents were issued; a session would not let us."""
    with db.engine.begin() as connection:
        for model in (Document, DocumentSeries):
            if connection.dialect.name == "sqlite":
                connection.exec_driver_sql("PRAGMA defer_foreign_keys=ON")
            else:
                connection.execute(update(Document).values(corrects_id=None))
            connection.execute(delete(model))


def _line(amount: int, basis_points: int, discount: int) -> OrderLine:
    tax = (amount - discount) * basis_points // (10_000 + basis_points)
    return OrderLine(
        sku="S", name="Sencha", label="one", quantity=1, unit_amount=amount, discount=discount, tax=tax,
        tax_basis_points=basis_points,
    )  # fmt: skip
