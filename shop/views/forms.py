"""What people type, read and checked once: each reader returns clean values, or the words to show beside each field."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from email_validator import EmailNotValidError, validate_email
from flask_babel import gettext as _

from shop.errors import InvalidInput, NotFound
from shop.models.cart import MOST_OF_ONE
from shop.services.checkout import Billing, Details
from shop.views.addresses import fits, layout

# field: the longest it may be (as the order's columns have it), and whether it must be there
CHECKOUT_FIELDS: Mapping[str, tuple[int, bool]] = {
    "email": (254, True),
    "name": (120, True),
    "line1": (120, True),
    "line2": (120, False),
    "postal_code": (20, True),
    "city": (80, True),
    "region": (80, False),
    "country": (2, True),
    "company": (120, False),
    "vat_id": (20, False),
    "billing_line1": (120, False),
    "billing_postal_code": (20, False),
    "billing_city": (80, False),
    "billing_region": (80, False),
    "billing_country": (2, False),
    "shipping": (20, False),
}
LONGEST_PATH = 2000  # characters of an address within the shop; browsers and proxies take more
BILLING = tuple(name for name in CHECKOUT_FIELDS if name.startswith("billing_"))
BILLING_NEEDS = ("billing_line1", "billing_city", "billing_country")


@dataclass(frozen=True)
class CheckoutForm:
    """What was typed, trimmed, and what is wrong with it by field; no errors means that `details` may be used."""

    values: Mapping[str, str]
    errors: Mapping[str, str]

    @property
    def is_for_a_company(self) -> bool:
        """Tell whether anything was typed that only a company gives."""
        return any(self.values[name] for name in ("company", "vat_id", *BILLING))

    def details(self, locale: str) -> Details:
        """Return what the order needs."""
        given = {name: value for name, value in self.values.items() if name not in BILLING}
        parts = {name.removeprefix("billing_"): self.values[name] for name in BILLING}
        return Details(**given, locale=locale, billing=Billing(**parts) if any(parts.values()) else None)

    def but(self, **errors: str) -> CheckoutForm:
        """Return the form with these errors in place of its own."""
        return CheckoutForm(self.values, {name: words for name, words in errors.items() if words})


def read_checkout(form: Mapping[str, str]) -> CheckoutForm:
    """Read the checkout form. Whether we ship to the country, and how, is the order's own check."""
    values = {name: tidy(form.get(name, "")) for name in CHECKOUT_FIELDS}
    if values["region"] not in (regions := layout(values["country"]).regions) and regions:
        values["region"] = ""
    errors = {name: _trouble(name, values) for name in CHECKOUT_FIELDS}
    return CheckoutForm(values, {name: words for name, words in errors.items() if words})


def tidy(text: str) -> str:
    """Return what was typed on one line, without the control characters that no name has and no database takes."""
    return " ".join("".join(char for char in text if char.isprintable() or char.isspace()).split())


def _trouble(name: str, values: Mapping[str, str]) -> str:
    """Return what is wrong with one field, empty when nothing is."""
    value, (longest, required) = values[name], CHECKOUT_FIELDS[name]
    there = layout(values["country"])
    if name == "postal_code":
        required = there.needs_postal_code
    elif name == "region":
        required = bool(there.regions)
    elif name in BILLING_NEEDS:
        required = any(values[each] for each in BILLING)
    if not value:
        return _missing(name) if required else ""
    if len(value) > longest:
        return str(_("This is too long: %(longest)d characters at most.", longest=longest))
    if name == "postal_code" and not fits(value, values["country"]):
        return str(_("Postcodes there look like %(example)s.", example=there.example))
    return str(_("This does not look like a mail address.")) if name == "email" and not _is_email(value) else ""


def _missing(name: str) -> str:
    words: dict[str, str] = {
        "email": _("We send the receipt there: please give a mail address."),
        "name": _("Who should receive the parcel?"),
        "line1": _("Street and number, please."),
        "postal_code": _("The postcode is missing."),
        "city": _("The town is missing."),
        "region": _("The post there needs the state, province or prefecture."),
        "country": _("Which country does it go to?"),
        "billing_line1": _("Street and number of the invoice's address, please."),
        "billing_city": _("The town of the invoice's address is missing."),
        "billing_country": _("Which country does the invoice go to?"),
    }
    return words[name]


def _is_email(value: str) -> bool:
    """Tell whether this may be a mail address; whether anybody reads it, only a mail can tell."""
    try:
        validate_email(value, allow_smtputf8=False, check_deliverability=False, test_environment=True)
    except EmailNotValidError:
        # example.com is reserved, and still where the demo's people live.
        return value.lower().endswith(("@example.com", "@example.org")) and value.count("@") == 1
    return True


def read_quantity(form: Mapping[str, str]) -> int:
    """Return the number asked for; raise InvalidInput for anything but digits (its range is the cart's own check)."""
    text = form.get("quantity", "").strip()
    if not text.isascii() or not text.isdigit() or len(text) > 4:
        raise InvalidInput(_("Choose a quantity from 1 to %(most)d.", most=MOST_OF_ONE), "quantity")
    return int(text)


def read_seen(pairs: Iterable[str]) -> dict[str, int]:
    """Return which unit prices (minor units) were seen, by sku, from "SKU:1020"; what does not read so is left out."""
    split = (pair.rpartition(":")[::2] for pair in pairs)
    return {sku: int(text) for sku, text in split if text.isascii() and text.isdigit() and len(text) < 15}


def read_page(args: Mapping[str, str]) -> int:
    """Return the page of a list that is asked for: the first for anything but a number."""
    text = args.get("page", "1")
    return max(1, int(text)) if text.isascii() and text.isdigit() and len(text) < 6 else 1


def read_choice(value: str | None, choices: Any) -> str:
    """Return the value if it is one of the choices; raise NotFound otherwise."""
    if value not in choices:
        raise NotFound(_("There is no such choice."))
    return str(value)


def local_path(value: str | None, otherwise: str) -> str:
    """Return an address within the shop to go on to: never another host's.

    Browsers drop tabs and line breaks from an address and take a backslash for a slash, so "/<tab>/host" leads away.
    """
    if not value or not value.startswith("/") or value.startswith("//"):
        return otherwise
    if "\\" in value or len(value) > LONGEST_PATH or any(character < "!" or character == "\x7f" for character in value):
        return otherwise
    return value.rstrip("?")
