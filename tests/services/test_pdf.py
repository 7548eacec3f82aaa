"""Real PDFs, read back: what stands in them, in which figures, and that no name breaks one."""

from io import BytesIO
from typing import Any

import pytest
from pypdf import PdfReader

from shop.models import Document, DocumentKind, Order, OrderLine, Payment
from shop.services import documents, payments, refunds
from shop.services.documents import snapshot
from shop.services.unit_of_work import unit_of_work
from tests.pricing import AUSTRIAN_VAT_ID, ship_abroad
from tests.shop_app import STRIPE, Shop, eur

COMPANY = {"company": "Teehaus GmbH", "vat_id": AUSTRIAN_VAT_ID}
AUSTRIAN = {"country": "AT", "city": "Wien", "postal_code": "1010", **COMPANY}
AMERICAN = {"country": "US", "region": "CA", "city": "San Francisco", "postal_code": "94103", "line1": "1 Pier"}


@pytest.fixture
def shop(lasting_shop: Shop) -> Shop:
    """The shop on one database: what is set has nothing to do with which."""
    return lasting_shop


def document_of(payment: Payment, kind: DocumentKind) -> Document:
    """Return the order's document of a kind."""
    [found] = [each for each in documents.of_order(payment.order_id) if each.kind is kind]
    return found


def read(document: Document) -> tuple[str, PdfReader]:
    """Return the words of a document's PDF, one space between them, and the file."""
    file = PdfReader(BytesIO(documents.as_pdf(document)))
    return " ".join(" ".join(page.extract_text() for page in file.pages).split()), file


def paid_in(shop: Shop, locale: str, **wanted: Any) -> Payment:
    """Let somebody whose language is not the test's buy something."""
    payment = shop.started(**wanted)
    with unit_of_work(write=True) as session:
        session.get_one(Order, payment.order_id).locale = locale
    shop.approve(payment)
    return payments.refresh(payment.id, "test")


def test_an_invoice_says_what_the_law_asks(shop: Shop) -> None:
    payment = shop.paid(skus=["SEN-100", "CUP-1"])
    invoice, order = document_of(payment, DocumentKind.INVOICE), shop.placed(payment.order_id)

    said, file = read(invoice)

    for words in (
        f"Number {invoice.number}",
        "Date of supply",
        f"Order {order.number}",
        "Paid with Visa ending in 4242",
        f"Transaction {payment.captures[0].external_id}",
        "Alice Ashdown Hafenstraße 12 20457 Hamburg Germany",
        "Tidewater Tea GmbH",
        "VAT id DE123456788",
        "Sencha one · SEN-100 1 €12.50 7% €12.50",
        "Cup one · CUP-1 1 €18.90 19% €18.90",
        "Shipping: Standard post €4.90",
        "Total, paid €36.30",
        "19% €20.00 €3.80 €23.80",
        "7% €11.68 €0.82 €12.50",
        "Page 1 of 1",
    ):
        assert words in said
    assert file.metadata is not None
    assert file.metadata.title == f"Invoice {invoice.number}"


def test_an_invoice_can_be_archived_and_read_aloud_and_is_the_same_each_time(shop: Shop) -> None:
    invoice = document_of(shop.paid(), DocumentKind.INVOICE)

    first, second = documents.as_pdf(invoice), documents.as_pdf(invoice)

    assert first == second
    file = PdfReader(BytesIO(first))
    root: Any = file.trailer["/Root"]
    assert root["/Lang"] == "en"
    assert root["/MarkInfo"]["/Marked"]
    assert b"pdfaid:part>3<" in first
    assert b"pdfuaid:part>1<" in first
    assert fonts(file)
    assert all(embedded for _, embedded in fonts(file))
    assert {name.rpartition("+")[2].partition("-")[0] for name, _ in fonts(file)} <= {"Commissioner", "EBGaramond"}


def fonts(file: PdfReader) -> set[tuple[str, bool]]:
    """Return the fonts of a file, each with whether it is in the file."""
    found = set()
    for page in file.pages:
        resources: Any = page["/Resources"]
        for font in resources["/Font"].values():
            for inner in font.get_object().get("/DescendantFonts", [font]):
                one = inner.get_object()
                descriptor = one["/FontDescriptor"].get_object()
                found.add((str(one["/BaseFont"]), any(key.startswith("/FontFile") for key in descriptor)))
    return found


def test_german_figures_are_written_the_german_way(shop: Shop) -> None:
    payment = paid_in(shop, "de", skus=["SEN-100"])

    said, file = read(document_of(payment, DocumentKind.INVOICE))

    root: Any = file.trailer["/Root"]
    assert "17,40 €" in said.replace("\N{NO-BREAK SPACE}", " ")
    assert "7 %" in said.replace("\N{NO-BREAK SPACE}", " ")
    assert "Deutschland" in said
    assert root["/Lang"] == "de"


def test_yen_have_no_decimals(shop: Shop) -> None:
    said, _ = read(document_of(shop.paid(currency="JPY"), DocumentKind.INVOICE))

    assert "¥2,800" in said
    assert "2,800.00" not in said


def test_a_company_abroad_is_told_of_the_reverse_charge_with_both_vat_ids(shop: Shop) -> None:
    ship_abroad(shop)
    payment = shop.paid(**AUSTRIAN)

    said, _ = read(document_of(payment, DocumentKind.INVOICE))

    assert f"the customer, VAT id {AUSTRIAN_VAT_ID}, owes the VAT" in said
    assert "Teehaus GmbH Alice Ashdown" in said
    assert f"VAT id {AUSTRIAN_VAT_ID}" in said
    assert "VAT id DE123456788" in said
    assert shop.placed(payment.order_id).tax == 0


def test_where_prices_are_without_tax_the_tax_is_a_row_and_the_rows_add_up(shop: Shop) -> None:
    ship_abroad(shop)
    payment = shop.paid(skus=["CUP-1"], currency="USD", **AMERICAN)
    order = shop.placed(payment.order_id)

    said, _ = read(document_of(payment, DocumentKind.RECEIPT))

    assert order.tax_added
    figures = [order.items, order.shipping, order.tax_added, order.total]
    items, shipping, tax, total = (f"${amount / 100:.2f}" for amount in figures)
    assert f"9% {items}" in said
    assert f"Shipping: Standard post {shipping} Tax {tax} Total, paid {total}" in said


def test_a_credit_note_names_what_it_corrects(shop: Shop) -> None:
    payment = shop.paid()
    refund = refunds.request(payment.id, eur(500), "other", "mara")
    invoice = document_of(payment, DocumentKind.INVOICE)

    said, _ = read(document_of(payment, DocumentKind.CREDIT_NOTE))

    assert f"Corrects Invoice {invoice.number} of" in said
    assert f"Refund {refund.external_id}" in said
    assert "Given back -€5.00" in said


def test_a_part_that_was_never_charged_is_a_row_of_its_own(shop: Shop) -> None:
    payment = shop.paid(skus=["CUP-1"])
    order = shop.placed(payment.order_id)
    order.payments[0].captures[0].amount -= 1190  # as when a part of what was set aside is released
    content = snapshot.of_order(order, shop.context.settings.seller, shop.clock.now())

    invoice = document_of(payment, DocumentKind.INVOICE)
    said, _ = read(
        Document(kind=invoice.kind, number="INV-1", locale="en", issued_at=invoice.issued_at, snapshot=content)
    )

    assert "Not sent, not charged -€11.90 Total, paid €11.90" in said
    assert "19% €10.00 €1.90 €11.90" in said


@pytest.mark.parametrize(
    "name",
    [
        '#panic("no") $x^2$ *bold* _it_ `raw` <label> @cite \\ "quoted" // comment',
        '#import sys: inputs; #read("/etc/passwd")',
        "W" * 120,
        "Zoë \N{TEACUP WITHOUT HANDLE} \N{WOMAN}\N{ZERO WIDTH JOINER}\N{PERSONAL COMPUTER}",
        "山田 太郎",
        "\N{RIGHT-TO-LEFT OVERRIDE}gro.live אליס",
        "{page} {pages} %(name)s {{ 7 * 7 }}",
        "\N{ZERO WIDTH JOINER}\N{COMBINING ACUTE ACCENT}",
    ],
)
def test_no_name_breaks_a_document_or_is_taken_for_markup(shop: Shop, name: str) -> None:
    payment = shop.started()
    with unit_of_work(write=True) as session:
        order = session.get_one(Order, payment.order_id)
        order.name = order.company = order.line1 = name[:120]
        order.lines[0].name = name[:120]
    shop.approve(payment)
    payments.refresh(payment.id, "test")
    invoice = document_of(payment, DocumentKind.INVOICE)

    said, _ = read(invoice)

    assert invoice.number in said
    assert "€17.40" in said
    assert "root:" not in said
    assert not documents.has_failed(invoice)
    if name.startswith("#"):
        assert name[:10] in said


def test_a_long_order_goes_on_over_pages_that_are_counted(shop: Shop) -> None:
    payment = shop.started(provider=STRIPE)
    with unit_of_work(write=True) as session:
        order = session.get_one(Order, payment.order_id)
        for number in range(60):
            order.lines.append(
                OrderLine(
                    sku=f"S-{number}", name="Sencha", label="one", quantity=1, unit_amount=0, tax=0,
                    tax_basis_points=700,
                )
            )  # fmt: skip
    shop.approve(payment)
    payments.refresh(payment.id, "test")

    said, file = read(document_of(payment, DocumentKind.INVOICE))

    pages = len(file.pages)
    assert pages > 1
    assert f"Page 1 of {pages}" in said
    assert f"Page {pages} of {pages}" in said
    assert "S-59" in said
