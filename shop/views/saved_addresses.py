"""The address book at the checkout: what is filled in beforehand, and what is kept afterwards."""

from __future__ import annotations

from collections.abc import Mapping

from flask import request
from flask_login import current_user

from shop.errors import InvalidInput
from shop.models import Address
from shop.services import addresses, orders
from shop.views import basket
from shop.views.account_forms import ADDRESS
from shop.views.account_forms import entry as as_entry
from shop.views.forms import CHECKOUT_FIELDS, CheckoutForm


def known() -> dict[str, str]:
    """Return what to fill in: the address chosen with ?address=, that of an order begun here, or the default one."""
    begun = {} if "address" in request.args else _begun()
    return _of_account() | begun


def _begun() -> dict[str, str]:
    """Return what was typed for an order that waits to be paid: who comes back from the pay page changes it there."""
    order = orders.begun(basket.token(), current_user.id if current_user.is_authenticated else None)
    if order is None:
        return {}
    return {name: str(getattr(order, name)) for name in CHECKOUT_FIELDS if name != "shipping"}


def _of_account() -> dict[str, str]:
    """Return what is known of somebody signed in; {} for a guest."""
    if not current_user.is_authenticated:
        return {}
    found = {name: str(getattr(current_user, name)) for name in ("email", "name", "company", "vat_id")}
    chosen = request.args.get("address")
    book = book_of_visitor()
    address = addresses.own(current_user.id, chosen) if chosen else (book[0] if book else None)
    return found | ({name: getattr(address, name) for name in ADDRESS} if address else {})


def book_of_visitor() -> list[Address]:
    """Return the addresses to choose from; none for a guest."""
    return addresses.of_user(current_user.id) if current_user.is_authenticated else []


def keep(values: Mapping[str, str]) -> None:
    """Save the address of an order that was placed, where its owner has ticked that; a full book keeps none."""
    if current_user.is_authenticated and request.form.get("save_address") == "yes":
        try:
            addresses.add(current_user.id, as_entry(CheckoutForm(values, {})))
        except InvalidInput:
            return  # the order counts, not the book
