"""Which cart a browser has: the token in its session, and whose it is."""

from __future__ import annotations

from flask import flash, session
from flask_babel import gettext as _
from flask_login import current_user

from shop.services import carts


def token() -> str | None:
    """Return the token of the visitor's cart; None where there is none, and nothing is asked of the database then.

    A session that has lost its account (signed out elsewhere, password changed) has lost the account's cart as well.
    """
    owner = session.get("cart_of")
    if owner is not None and not (current_user.is_authenticated and str(current_user.id) == owner):
        return None
    found: str | None = session.get("cart")
    return found


def keep(found: str) -> None:
    """Remember the cart that was just put something into."""
    if found != token():
        session.pop("cart_of", None)
    session["cart"] = found


def bring_along(user_id: int) -> None:
    """Give the visitor's cart to the account they have just signed in to, and say what became of it."""
    belongings = carts.belong_to(session.get("cart"), user_id, session.get("currency"))
    session["cart"], session["cart_of"] = belongings.token, str(user_id)
    session["currency"] = belongings.currency
    if belongings.was_waiting:
        flash(_("What you put into your cart before is still in it."))
    for cut in belongings.cut:
        words = _(
            "There are not more of %(name)s, %(size)s: %(quantity)d are in your cart.",
            name=cut.name,
            size=cut.label,
            quantity=cut.quantity,
        )
        flash(words, "warning")
