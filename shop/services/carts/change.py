"""What a visitor does to their cart. Each of these locks the cart's row: a button may be pressed twice."""

from __future__ import annotations

from collections.abc import Mapping

from flask_babel import gettext as _
from flask_babel import ngettext
from sqlalchemy import select
from sqlalchemy.orm import Session

from shop.errors import InvalidInput, NotFound, OutOfStock
from shop.models import Cart, CartLine, Promotion, Variant
from shop.models.base import utc_now
from shop.models.cart import MOST_OF_ONE
from shop.models.promotion import CODE_LENGTH
from shop.services import catalogue, locks, promotions
from shop.services.carts.contents import described
from shop.services.promotions import Trouble
from shop.services.providers import context
from shop.services.unit_of_work import unit_of_work


def add(token: str | None, sku: str, quantity: int, currency: str) -> str:
    """Put so many more of a variant into the cart, made if there is none; return its token.

    The cart is counted in `currency` from now on: the page it was added from showed prices in it. Raises
    InvalidInput for a quantity outside 1..99, NotFound for an unknown sku and OutOfStock beyond the stock.
    """
    _check(quantity)
    with unit_of_work(write=True) as session:
        cart = lock(session, token) or Cart(currency=currency, promotion_code="", lines=[])
        session.add(cart)
        count_in(cart, currency)
        variant = _variant(session, sku)
        line = line_of(cart, variant)
        before = line.quantity if line else 0
        _check_room(session, variant, before, quantity)
        if line is None:
            price = variant.price_in(cart.currency)
            cart.lines.append(
                CartLine(variant=variant, quantity=quantity, seen_amount=price.amount if price else None)
            )
        else:
            line.quantity = before + quantity
        session.flush()
        return cart.token


def set_quantity(token: str | None, sku: str, quantity: int) -> None:
    """Set how many of a variant are in the cart; the same errors as `add`."""
    _check(quantity)
    with unit_of_work(write=True) as session:
        line = _existing(session, token, sku)
        _check_stock(session, line.variant, quantity)
        line.quantity = quantity


def take_what_is_left(token: str | None, sku: str) -> None:
    """Ask for as many as are left of a variant; OutOfStock if there are none by now, and nothing is changed."""
    with unit_of_work(write=True) as session:
        line = _existing(session, token, sku)
        _check_stock(session, line.variant, 1)
        line.quantity = min(line.quantity, line.variant.stock)


def remove(token: str | None, sku: str) -> None:
    """Take a variant out of the cart; nothing happens where it is not in it."""
    with unit_of_work(write=True) as session:
        cart = lock(session, token)
        if cart is not None:
            cart.lines = [line for line in cart.lines if line.variant.sku != sku]


def acknowledge(token: str | None, seen: Mapping[str, int]) -> None:
    """Note by sku which new unit prices (minor units) the person has seen; one that has changed again is not noted."""
    with unit_of_work(write=True) as session:
        cart = lock(session, token)
        if cart is None:
            return
        for line in cart.lines:
            price = line.variant.price_in(cart.currency)
            if price is not None and seen.get(line.variant.sku) == price.amount:
                line.seen_amount = price.amount


def change_currency(token: str | None, currency: str) -> None:
    """Show and charge the cart in another currency; nothing happens where there is no cart."""
    with unit_of_work(write=True) as session:
        cart = lock(session, token)
        if cart is not None:
            count_in(cart, currency)


def apply_code(token: str | None, code: str) -> None:
    """Put a promotion code into the cart, in place of the one before.

    Raises InvalidInput with the field "code" for one that is unknown, switched off or not begun (the same words for
    all three), has ended or is used up. One that does not apply yet, for want of a minimum, is kept.
    """
    tidied = promotions.tidy(code)
    with unit_of_work(write=True) as session:
        cart = lock(session, token)
        if cart is None or not cart.lines:
            raise NotFound(_("Your cart is empty."))
        found = select(Promotion).where(Promotion.code == tidied)
        promotion = session.scalars(found).unique().one_or_none() if len(tidied) <= CODE_LENGTH else None
        priced, now = described(session, cart).priced, context().clock.business_now()
        trouble = promotions.judge(session, promotion, cart, priced, now).trouble
        if trouble in _REFUSED:
            raise InvalidInput(_refusal(trouble), "code")
        cart.promotion_code = tidied


def drop_code(token: str | None) -> None:
    """Take the promotion code out of the cart; nothing happens where there is none."""
    with unit_of_work(write=True) as session:
        cart = lock(session, token)
        if cart is not None:
            cart.promotion_code = ""


def lock(session: Session, token: str | None) -> Cart | None:
    """Return the cart with its row locked until the transaction ends, and note that somebody is using it."""
    query = select(Cart).where(Cart.token == token).with_for_update(**locks.kept(Cart))
    cart = session.scalar(query) if token else None
    if cart is not None:
        cart.updated_at = utc_now()
    return cart


def line_of(cart: Cart, variant: Variant) -> CartLine | None:
    """Return the cart's line of a variant."""
    return next((line for line in cart.lines if line.variant.id == variant.id), None)


def count_in(cart: Cart, currency: str) -> None:
    """Count a cart in a currency; in a new one every price is as good as seen."""
    if cart.currency == currency:
        return
    cart.currency = currency
    for line in cart.lines:
        price = line.variant.price_in(currency)
        line.seen_amount = price.amount if price else None


_REFUSED = (Trouble.UNKNOWN, Trouble.EXPIRED, Trouble.USED_UP)


def _refusal(trouble: Trouble) -> str:
    words: dict[Trouble, str] = {
        Trouble.UNKNOWN: _("We do not know this code. Please look at how it is written."),
        Trouble.EXPIRED: _("This code has ended."),
        Trouble.USED_UP: _("This code has been used up by others."),
    }
    return words[trouble]


def _existing(session: Session, token: str | None, sku: str) -> CartLine:
    """Return a line of the cart; NotFound where it is not in it any more, OutOfStock where it is no longer sold."""
    cart = lock(session, token)
    line = next((line for line in cart.lines if line.variant.sku == sku), None) if cart else None
    if line is None:
        raise NotFound(_("That is no longer in your cart."))
    if not line.variant.product.is_listed:
        raise OutOfStock(_("This is no longer sold. Please take it out."), sku, 0)
    return line


def _variant(session: Session, sku: str) -> Variant:
    variant = session.scalar(select(Variant).where(Variant.sku == sku))
    if variant is None or not variant.product.is_listed:
        raise NotFound(_("We have no such tea."))
    return variant


def _check(quantity: int) -> None:
    if not 1 <= quantity <= MOST_OF_ONE:
        raise InvalidInput(_("Choose a quantity from 1 to %(most)d.", most=MOST_OF_ONE), "quantity")


def _check_room(session: Session, variant: Variant, before: int, more: int) -> None:
    """Raise what keeps so many more from the cart, with a word about those that are in it."""
    _check_stock(session, variant, before + more, before)
    if before + more > MOST_OF_ONE:
        words = _(
            "Choose a quantity from 1 to %(most)d: with the %(before)d in your cart it would be %(together)d.",
            most=MOST_OF_ONE,
            before=before,
            together=before + more,
        )
        raise InvalidInput(words, "quantity")


def _check_stock(session: Session, variant: Variant, wanted: int, in_cart: int = 0) -> None:
    if wanted <= variant.stock:
        return
    product = catalogue.names_here(session, [variant.product_id])[variant.product_id]
    name = _("%(product)s, %(size)s", product=product, size=variant.label)
    words = _("%(name)s is sold out.", name=name)
    if variant.stock:
        words = _("We have %(left)d left of %(name)s.", left=variant.stock, name=name)
    if variant.stock and in_cart:
        words += " " + ngettext("One is in your cart already.", "%(num)d are in your cart already.", in_cart)
    raise OutOfStock(words, variant.sku, variant.stock)
