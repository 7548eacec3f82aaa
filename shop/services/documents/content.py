"""A document as it is read: its snapshot in words and figures of the customer's language, ready to be set.

The typesetter receives nothing but text. Every label is translated here, so that one more language needs no
change of the template.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from flask_babel import force_locale
from flask_babel import gettext as _

from shop.models import Document, DocumentKind
from shop.money import Money
from shop.services.formats import country, day, method, money, percent

TITLES: Mapping[DocumentKind, Callable[[], str]] = {
    DocumentKind.INVOICE: lambda: _("Invoice"),
    DocumentKind.RECEIPT: lambda: _("Receipt"),
    DocumentKind.CREDIT_NOTE: lambda: _("Credit note"),
    DocumentKind.REFUND_RECEIPT: lambda: _("Refund receipt"),
    DocumentKind.REVERSAL: lambda: _("Correction"),
}
# Why no tax was charged, by the buyer's VAT id; each names the rule, as Article 226 (11) and (11a) of Directive
# 2006/112/EC asks. The first is said in the same words on the checkout and on the receipt's page.
NOTES: Mapping[str, Callable[[str], str]] = {
    "reverse_charge": lambda vat_id: _(
        "Reverse charge. Tax-free supply within the EU (Article 138, Directive 2006/112/EC): the customer, VAT id "
        "%(number)s, owes the VAT.",
        number=vat_id,
    ),
    "export": lambda _id: _("Export outside the EU, exempt from VAT (Article 146 of Directive 2006/112/EC)."),
}
Pair = tuple[str, str]


def title(kind: DocumentKind) -> str:
    """Return what a document of this kind is called, in the reader's language."""
    return TITLES[kind]()


def of(document: Document, brand: str) -> dict[str, Any]:
    """Return all that is set, in the document's own language."""
    with force_locale(document.locale):
        return _Page(document, brand).content()


class _Page:
    """One document on its way from figures to words."""

    def __init__(self, document: Document, brand: str) -> None:
        self.document = document
        self.brand = brand
        self.snapshot: dict[str, Any] = document.snapshot
        self.currency: str = self.snapshot["currency"]

    def content(self) -> dict[str, Any]:
        """Return the template's input: text, and lists of text."""
        name = title(self.document.kind)
        return {
            "lang": self.document.locale.partition("_")[0].partition("-")[0],
            "brand": self.brand,
            "title": name,
            "heading": f"{name} {self.document.number}",
            "seller": self._seller(),
            "buyer": {"label": _("To"), "lines": self._buyer()},
            "facts": [list(fact) for fact in self._facts()],
            "columns": [_("Item"), _("Quantity"), _("Each"), _("Tax"), _("Amount")],
            "lines": [self._line(line) for line in self.snapshot["lines"]],
            "sums": [list(row) for row in self._sums()],
            "total": [self._total_words(), self._money(self.snapshot["total"])],
            "taxes": {
                "columns": [_("Tax rate"), _("Net"), _("Tax"), _("Gross")],
                "rows": [self._rate(row) for row in self.snapshot["taxes"]],
            },
            "notes": self._notes(),
            "page": _("Page %(page)s of %(pages)s", page="{page}", pages="{pages}"),
        }

    def _money(self, amount: int) -> str:
        return money(Money(amount, self.currency))

    def _seller(self) -> list[str]:
        seller = self.snapshot["seller"]
        vat_id = [_("VAT id %(number)s", number=seller["vat_id"])] if seller["vat_id"] else []
        return [seller["name"], *seller["address"], country(seller["country"]), *vat_id]

    def _buyer(self) -> list[str]:
        buyer = self.snapshot["buyer"]
        vat_id = [_("VAT id %(number)s", number=buyer["vat_id"])] if buyer["vat_id"] else []
        return [*filter(None, [buyer["company"], buyer["name"]]), *buyer["address"], country(buyer["country"]), *vat_id]

    def _facts(self) -> list[Pair]:
        snapshot, document = self.snapshot, self.document
        facts = [(_("Number"), document.number), (_("Date"), day(document.issued_at))]
        if corrects := snapshot.get("corrects"):
            name = title(DocumentKind(corrects["kind"]))
            number, issued = corrects["number"], _day(corrects["issued_at"])
            facts.append((_("Corrects"), _("%(name)s %(number)s of %(day)s", name=name, number=number, day=issued)))
        if "delivered_at" in snapshot:
            facts.append((_("Date of supply"), _day(snapshot["delivered_at"])))
        facts.append((_("Order"), snapshot["order"]["number"]))
        if paid := snapshot["payment"]:
            how = method(paid["provider"], paid["kind"], paid["brand"], paid["last4"], paid["payer"])
            facts += [(_("Paid with"), how), (_("Transaction"), paid["transaction"])]
        if refund := snapshot.get("refund"):
            facts.append((_("Refund"), refund["reference"]))
        return facts

    def _line(self, line: Mapping[str, Any]) -> list[str]:
        detail = " · ".join(part for part in (line["label"], line["sku"]) if part)
        figures = [str(line["quantity"]), self._money(line["unit"]), percent(line["rate"]), self._money(line["amount"])]
        return [line["name"], detail, *figures]

    def _sums(self) -> list[Pair]:
        if "shipping" not in self.snapshot:
            return []
        shipping = self.snapshot["shipping"]
        sums = [(_("Shipping: %(name)s", name=shipping["name"]), self._money(shipping["amount"]))]
        if self.snapshot["discount"]:
            code = self.snapshot["promotion"]
            words = _("Discount, code %(code)s", code=code) if code else str(_("Discount"))
            sums.append((words, self._money(-self.snapshot["discount"])))
        if self.snapshot["tax_added"]:
            sums.append((_("Tax"), self._money(self.snapshot["tax_added"])))
        if self.snapshot["released"]:
            sums.append((_("Not sent, not charged"), self._money(-self.snapshot["released"])))
        return sums

    def _total_words(self) -> str:
        words: dict[DocumentKind, str] = {
            DocumentKind.CREDIT_NOTE: _("Given back"),
            DocumentKind.REFUND_RECEIPT: _("Given back"),
            DocumentKind.REVERSAL: _("Taken back"),
        }
        return words.get(self.document.kind) or str(_("Total, paid"))

    def _rate(self, row: Mapping[str, int]) -> list[str]:
        return [percent(row["rate"]), *(self._money(row[part]) for part in ("net", "tax", "gross"))]

    def _notes(self) -> list[str]:
        found = []
        if self.snapshot["note"] in NOTES:
            found.append(NOTES[self.snapshot["note"]](self.snapshot["buyer"]["vat_id"]))
        if self.document.kind is DocumentKind.REVERSAL:
            found.append(_("The refund did not arrive, so the document named above no longer counts."))
        return found


def _day(moment: str) -> str:
    return day(datetime.fromisoformat(moment))
