"""What the merchant's forms and addresses carry, read and checked once."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from dataclasses import asdict
from datetime import date

from flask_babel import gettext as _
from flask_login import current_user

from shop.errors import InvalidInput, NotFound
from shop.gateways.base import Provider
from shop.models import Order, OrderState, Payment, ReviewState
from shop.money import Money
from shop.services import refund_amount
from shop.services.desk import AUTHORIZED, REFUNDED, Filters
from shop.services.formats import money
from shop.views.forms import tidy

STATES = (*(str(state) for state in OrderState), REFUNDED, AUTHORIZED)
REVIEWS = tuple(str(state) for state in ReviewState if state is not ReviewState.NONE)
HOW = ("whole", "lines", "amount")


def token() -> str:
    """Return a token that makes a form count once, however often it is sent."""
    return secrets.token_urlsafe(18)


def given_token(form: Mapping[str, str]) -> str:
    """Return the form's one-time token; raise InvalidInput for a form without one."""
    value = form.get("token", "")
    if not 16 <= len(value) <= 40 or not value.isascii():
        raise InvalidInput(_("Reload the page and send the form again."), "token")
    return value


def actor() -> str:
    """Return who is at the desk, as records name them."""
    return f"merchant {current_user.id}"


def payment_of(order: Order, public_id: str) -> Payment:
    """Return the order's payment of that id; raise NotFound for any other order's."""
    for payment in order.payments:
        if payment.public_id == public_id:
            return payment
    raise NotFound(_("There is no such payment."))


def read_filters(args: Mapping[str, str]) -> Filters:
    """Read what to look for from an address; what makes no sense narrows nothing."""
    state, review, provider = args.get("state", ""), args.get("review", ""), args.get("provider", "")
    return Filters(
        state=state if state in STATES else "",
        review=review if review in REVIEWS else "",
        provider=provider if provider in set(Provider) else "",
        since=_day(args.get("since", "")),
        until=_day(args.get("until", "")),
        text=tidy(args.get("q", ""))[:120],
    )


def address_of(filters: Filters) -> dict[str, str]:
    """Return filters as an address carries them, without those that narrow nothing."""
    told = {name: str(value) for name, value in asdict(filters).items() if value}
    return {("q" if name == "text" else name): value for name, value in told.items()}


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text) if text else None
    except ValueError:
        return None


def read_refund(form: Mapping[str, str], order: Order, payment: Payment) -> Money:
    """Return how much the refund form asks for; raise InvalidInput with the field that is wrong.

    What was filled in and not chosen is asked about, never passed over: the sum would be another than was meant.
    """
    how, counts = form.get("how", ""), {line.id: _count(form, line.id) for line in order.lines}
    with_shipping = form.get("shipping", "") == "yes"
    filled = {"lines": any(counts.values()) or with_shipping, "amount": bool(form.get("amount", "").strip())}
    if how in HOW and any(is_filled for part, is_filled in filled.items() if part != how):
        raise InvalidInput(_("More than one of these is filled in. Choose one, and empty the others."), "how")
    match how:
        case "whole":
            return refund_amount.left(payment)
        case "lines":
            return refund_amount.of_lines(order, counts, with_shipping=with_shipping)
        case "amount":
            return refund_amount.typed(form.get("amount", ""), payment.currency)
        case _:
            raise InvalidInput(_("Choose what is refunded."), "how")


def read_seen(form: Mapping[str, str]) -> int:
    """Return what the refund form showed as given back, in minor units; raise InvalidInput for a form without it."""
    text = form.get("seen", "")
    if not text.isascii() or not text.isdigit() or len(text) > 12:
        raise InvalidInput(_("Reload the page and send the form again."), "token")
    return int(text)


def read_capture(form: Mapping[str, str], payment: Payment) -> Money | None:
    """Return what is to be taken of what is reserved, None for all of it; raise InvalidInput with the field."""
    match form.get("how", ""):
        case "whole" if form.get("amount", "").strip():
            words = _("You wrote an amount, and chose all of it. Choose a part, or empty the amount.")
            raise InvalidInput(words, "how")
        case "whole":
            return None
        case "part":
            amount = refund_amount.typed(form.get("amount", ""), payment.currency)
            if amount.amount > payment.amount:
                raise InvalidInput(_("At most %(most)s is reserved.", most=money(payment.money)), "amount")
            return amount
        case _:
            raise InvalidInput(_("Choose how much is taken."), "how")


def _count(form: Mapping[str, str], line_id: int) -> int:
    text = form.get(f"line-{line_id}", "").strip() or "0"
    if not text.isascii() or not text.isdigit() or len(text) > 4:
        raise InvalidInput(_("Write how many in figures."), f"line-{line_id}")
    return int(text)
