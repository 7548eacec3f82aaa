"""Promotion codes: what one takes off a cart, and that nobody takes it once too often.

The use is counted when the order is placed, in one statement that carries its own condition, and given back when
the order ends unpaid. Whoever locks does so in the order of `shop.services.locks`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import StrEnum

import structlog
from flask_babel import gettext as _
from sqlalchemy import Select, or_, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from shop.errors import InvalidInput
from shop.models import Cart, Order, OrderState, Promotion, PromotionKind, PromotionTerms, Redemption, RedemptionState
from shop.models.promotion import TRANSITIONS
from shop.money import Money
from shop.services import locks, record

log = structlog.get_logger(__name__)

# The least that can be charged, minor units: docs.stripe.com/currencies#minimum-and-maximum-charge-amounts
LEAST_CHARGE = {
    "AED": 200, "AUD": 50, "BGN": 100, "BRL": 50, "CAD": 50, "CHF": 50, "CZK": 1500, "DKK": 250, "EUR": 50, "GBP": 30,
    "HKD": 400, "HUF": 17500, "INR": 50, "JPY": 50, "MXN": 1000, "MYR": 200, "NOK": 300, "NZD": 50, "PLN": 200,
    "RON": 200, "SEK": 300, "SGD": 50, "THB": 1000, "USD": 50,
}  # fmt: skip
LEAST_ELSEWHERE = 100  # where Stripe names none, it asks for what half a dollar is worth


class Trouble(StrEnum):
    """Why a code takes nothing off."""

    UNKNOWN = "unknown"  # or switched off, or not begun: nobody is told which
    EXPIRED = "expired"
    USED_UP = "used_up"
    BELOW_MINIMUM = "below_minimum"
    OTHER_CURRENCY = "other_currency"
    NOTHING_FITS = "nothing_fits"


@dataclass(frozen=True)
class Discount:
    """What a code takes off: `amount` is positive, and never more than the articles cost."""

    code: str
    amount: Money
    free_shipping: bool
    promotion_id: int
    once_per_customer: bool


@dataclass(frozen=True)
class Verdict:
    """What became of the code in a cart: a discount, or a trouble; `missing` is what lacks to the minimum."""

    code: str
    discount: Discount | None = None
    trouble: Trouble | None = None
    missing: Money | None = None


def tidy(code: str) -> str:
    """Return a code as it is stored: case and the space around it do not matter."""
    return code.strip().upper()


def discount_for(
    session: Session, cart: Cart, priced: Mapping[str, Money], email: str | None, now: datetime
) -> Discount | None:
    """Return what the code in the cart takes off its articles; None where there is no code, or it does not apply.

    `priced` is what each article costs this buyer, by its number. `email` is who buys, where that is known: then
    InvalidInput with the field "promotion" says that this customer has had what is given once. Reads only; `claim`
    counts the use.
    """
    verdict = look(session, cart, priced, now)
    discount = verdict.discount if verdict else None
    if discount is not None and discount.once_per_customer and email is not None:
        taken = select(Redemption.id).where(
            Redemption.promotion_id == discount.promotion_id,
            Redemption.customer_key == customer_key(email),
            Redemption.state != RedemptionState.RELEASED,
            Redemption.order_id.not_in(_to_be_replaced(cart)),
        )
        if session.scalar(taken) is not None:
            raise _had(discount.code)
    return discount


def look(session: Session, cart: Cart, priced: Mapping[str, Money], now: datetime) -> Verdict | None:
    """Return what becomes of the code in a cart; None where there is no code. `priced` is as for `discount_for`."""
    if not cart.promotion_code:
        return None
    promotion = session.scalars(select(Promotion).where(Promotion.code == cart.promotion_code)).unique().one_or_none()
    return judge(session, promotion, cart, priced, now)


def judge(
    session: Session, promotion: Promotion | None, cart: Cart, priced: Mapping[str, Money], now: datetime
) -> Verdict:
    """Return what a promotion does to a cart whose articles cost what `priced` says; one that is not in it, nothing."""
    items = Money.total(priced.values(), cart.currency)
    if promotion is None or not promotion.is_active or (promotion.starts_at is not None and promotion.starts_at > now):
        return Verdict(cart.promotion_code, trouble=Trouble.UNKNOWN)
    trouble: Trouble | None = None
    terms = next((terms for terms in promotion.terms if terms.currency == items.currency), None)
    fitting = _fitting(promotion, cart, priced)
    if promotion.ends_at is not None and promotion.ends_at <= now:
        trouble = Trouble.EXPIRED
    elif _is_used_up(session, promotion, cart):
        trouble = Trouble.USED_UP
    elif terms is None and (promotion.terms or promotion.kind is PromotionKind.AMOUNT):
        trouble = Trouble.OTHER_CURRENCY
    elif terms is not None and items.amount < terms.minimum:
        missing = Money(terms.minimum, items.currency) - items
        return Verdict(promotion.code, trouble=Trouble.BELOW_MINIMUM, missing=missing)
    elif not fitting:
        trouble = Trouble.NOTHING_FITS
    if trouble is not None:
        return Verdict(promotion.code, trouble=trouble)
    amount = taken_off(promotion, terms, fitting, items)
    free_shipping = promotion.kind is PromotionKind.FREE_SHIPPING
    return Verdict(
        promotion.code,
        Discount(promotion.code, amount, free_shipping, promotion.id, promotion.once_per_customer),
    )


def taken_off(promotion: Promotion, terms: PromotionTerms | None, fitting: Money, items: Money) -> Money:
    """Return what a promotion takes off articles of which `fitting` are those it is for.

    Never below zero, and never so much that less than the smallest chargeable amount remains of the articles:
    an order is paid for, even with a code for all of it.
    """
    most = max(0, items.amount - LEAST_CHARGE.get(items.currency, LEAST_ELSEWHERE))
    wanted = 0
    if promotion.kind is PromotionKind.PERCENT:
        wanted = fitting.share(Decimal(promotion.basis_points), Decimal(10_000)).amount
    elif promotion.kind is PromotionKind.AMOUNT and terms is not None:
        wanted = min(terms.amount, fitting.amount)
    return Money(min(wanted, most), items.currency)


def claim(session: Session, order: Order, discount: Discount) -> None:
    """Count the use for an order that was flushed just now; call it before the stock is held.

    Raises InvalidInput with the field "promotion" when the last use went to somebody else in this moment, or when
    this customer has had theirs; the order is then not placed.
    """
    if not _take(session, discount.promotion_id):
        raise InvalidInput(
            _("The code %(code)s has been used up. Take it out of the cart to go on without it.", code=discount.code),
            "promotion",
        )
    key = customer_key(order.email) if discount.once_per_customer else None
    redemption = Redemption(promotion_id=discount.promotion_id, order_id=order.id, customer_key=key)
    try:
        with session.begin_nested():
            session.add(redemption)
            session.flush()
    except IntegrityError as exc:
        raise _had(discount.code) from exc
    order.promotion_code = discount.code
    session.flush()


def use(session: Session, order: Order, cause: str) -> None:
    """Keep the use for good: the order is being paid. A repeat changes nothing.

    Where it had been given back, it is taken again if there is one left; where there is none the agreed price stands.
    """
    redemption = _of(session, order)
    if redemption is None or redemption.state is RedemptionState.USED:
        return
    if redemption.state is RedemptionState.HELD:
        record.move(session, TRANSITIONS, "redemption", redemption, RedemptionState.USED, cause)
        return
    try:
        with session.begin_nested():
            if _take(session, redemption.promotion_id):
                record.move(session, TRANSITIONS, "redemption", redemption, RedemptionState.USED, cause)
                return
    except IntegrityError:  # the customer has used it with another order since
        session.refresh(redemption)
    log.warning("promotion_not_taken_again", order_id=order.id, code=order.promotion_code)


def release(session: Session, order: Order, cause: str) -> None:
    """Give the use of an order back that ends unpaid, or that another takes the place of; a repeat changes nothing."""
    redemption = _of(session, order)
    if redemption is None or redemption.state is not RedemptionState.HELD:
        return
    record.move(session, TRANSITIONS, "redemption", redemption, RedemptionState.RELEASED, cause)
    session.execute(
        update(Promotion).where(Promotion.id == redemption.promotion_id).values(uses=Promotion.uses - 1)
    )


def forget(session: Session, email: str, order_ids: Sequence[int]) -> None:
    """Forget who used the codes that are good once, inside the transaction that deletes the account.

    It is known by its mail address, and by its orders, which may have been placed under another one.
    """
    mine = or_(Redemption.customer_key == customer_key(email), Redemption.order_id.in_(order_ids))
    session.execute(update(Redemption).where(mine).values(customer_key=None))


def lock_for_cart(session: Session, cart_id: int) -> None:
    """Lock the promotions that a cart's orders hold and the one it names: shelves are locked after promotions."""
    held = (
        select(Redemption.promotion_id)
        .join(Order, Order.id == Redemption.order_id)
        .where(Order.cart_id == cart_id, Redemption.state == RedemptionState.HELD)
    )
    named = select(Cart.promotion_code).where(Cart.id == cart_id).scalar_subquery()
    query = select(Promotion.id).where(or_(Promotion.id.in_(held), Promotion.code == named)).order_by(Promotion.id)
    session.execute(query.with_for_update(**locks.kept(Promotion)))


def customer_key(email: str) -> str:
    """Return who counts as one customer: a mail address, in whatever case it is written."""
    return email.strip().lower()


def _take(session: Session, promotion_id: int) -> bool:
    """Count one more use if there is one left: the condition is in the statement, so that two cannot take the last."""
    is_left = or_(Promotion.most_uses.is_(None), Promotion.uses < Promotion.most_uses)
    taken = session.execute(
        update(Promotion)
        .where(Promotion.id == promotion_id, Promotion.is_active, is_left)
        .values(uses=Promotion.uses + 1)
    )
    return bool(taken.rowcount)  # type: ignore[attr-defined]


def _of(session: Session, order: Order) -> Redemption | None:
    if not order.promotion_code:
        return None
    return session.scalar(select(Redemption).where(Redemption.order_id == order.id))


def _fitting(promotion: Promotion, cart: Cart, priced: Mapping[str, Money]) -> Money:
    """Return what those articles cost that a promotion is for."""
    kinds = {line.variant.sku: line.variant.product.category for line in cart.lines}
    fits = (sku for sku in priced if not promotion.categories or kinds.get(sku) in promotion.categories)
    return Money.total((priced[sku] for sku in fits), cart.currency)


def _is_used_up(session: Session, promotion: Promotion, cart: Cart) -> bool:
    """Tell whether others have taken all uses: one that this cart's own unpaid order holds will be free for it."""
    if promotion.most_uses is None or promotion.uses < promotion.most_uses:
        return False
    own = select(Redemption.id).where(
        Redemption.promotion_id == promotion.id,
        Redemption.state == RedemptionState.HELD,
        Redemption.order_id.in_(_to_be_replaced(cart)),
    )
    return session.scalar(own) is None


def _to_be_replaced(cart: Cart) -> Select[int]:
    """Return the cart's own unpaid orders, by id: the next one that is placed from it ends them."""
    return select(Order.id).where(
        Order.cart_id == cart.id, Order.state == OrderState.PENDING, Order.expires_at.is_not(None)
    )


def _had(code: str) -> InvalidInput:
    return InvalidInput(
        _("The code %(code)s is good once, and you have used it. Take it out to go on.", code=code),
        "promotion",
    )
