"""What people type about themselves, read and checked as the checkout's form is, by the same rules."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from shop.services.addresses import Entry
from shop.views.forms import CheckoutForm, read_checkout, tidy

REGISTRATION = ("email", "name")
ADDRESS = ("name", "line1", "line2", "postal_code", "city", "region", "country")


def read(form: Mapping[str, str], names: Sequence[str]) -> CheckoutForm:
    """Read some of the checkout's fields."""
    checked = read_checkout({name: form.get(name, "") for name in {*names, "country"}})
    values = {name: checked.values[name] for name in names}
    return CheckoutForm(values, {name: words for name, words in checked.errors.items() if name in names})


def entry(form: CheckoutForm) -> Entry:
    """Return what the address book takes."""
    return Entry(**{name: form.values[name] for name in ADDRESS})


def text(form: Mapping[str, str], name: str, longest: int) -> str:
    """Return one line of free text, cut where its column ends."""
    return tidy(form.get(name, ""))[:longest]
