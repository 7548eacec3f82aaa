"""What the tests of promotion codes need: codes, carts with one, and one that Bob uses, as noise."""

from typing import Any

from shop.models import Order, Promotion, PromotionKind, PromotionTerms, Redemption, RedemptionState
from shop.services import carts, checkout
from shop.services.unit_of_work import unit_of_work
from tests.shop_app import Shop, details

NOISE = "BOBSOWN"


def used_by_bob(shop: Shop) -> None:
    """Put another promotion into the database, used by Bob."""
    promotion = make(NOISE, once_per_customer=True, most_uses=7, uses=1)
    with unit_of_work(write=True) as session:
        row = Redemption(promotion_id=promotion.id, order_id=shop.bobs.order_id, customer_key="bob@example.com")
        session.add(row)


def make(code: str, kind: PromotionKind = PromotionKind.PERCENT, **fields: Any) -> Promotion:
    """Mara makes a promotion; ten per cent off, unless said otherwise."""
    fields.setdefault("basis_points", 1000 if kind is PromotionKind.PERCENT else 0)
    with unit_of_work(write=True) as session:
        promotion = Promotion(code=code, kind=kind, **fields)
        session.add(promotion)
    return promotion


def terms(amount: int = 0, minimum: int = 0, currency: str = "EUR") -> list[PromotionTerms]:
    """Return what a code takes off, and from which worth on, in one currency."""
    return [PromotionTerms(currency=currency, amount=amount, minimum=minimum)]


def cart_with(shop: Shop, code: str, *skus: str, currency: str = "EUR") -> str:
    """Put one of each into a new cart and apply a code; return the cart's token."""
    token = shop.cart(*skus, currency=currency)
    carts.apply_code(token, code)
    return token


def place(token: str, email: str = "alice@example.com", expected: int | None = None) -> Order:
    """Order what is in a cart."""
    return checkout.place_order(token, details(email), user_id=None, expected_total=expected)


def uses(shop: Shop, code: str) -> int:
    """Return how often a code is counted as used."""
    return shop.rows(Promotion, Promotion.code == code)[0].uses


def states(shop: Shop) -> list[RedemptionState]:
    """Return how the redemptions stand, but for Bob's."""
    return [row.state for row in shop.rows(Redemption, Redemption.order_id != shop.bobs.order_id)]
