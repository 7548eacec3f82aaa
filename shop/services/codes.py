"""Promotion codes as the merchant keeps them: made, listed, ended. What one takes off stands in `promotions`."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal, InvalidOperation

from sqlalchemy import select

from shop.errors import InvalidInput, NotFound
from shop.models import Product, Promotion, PromotionKind, PromotionTerms
from shop.models.promotion import CODE_LENGTH
from shop.money import Money
from shop.services import locks
from shop.services.promotions import tidy
from shop.services.providers import context
from shop.services.unit_of_work import unit_of_work

_PATTERN = re.compile(rf"[A-Z0-9][A-Z0-9_-]{{2,{CODE_LENGTH - 1}}}")
WHOLE = 10_000  # basis points


@dataclass(frozen=True)
class NewCode:
    """A code as somebody types it: `percent` is "7.5", `amounts` and `minimums` are "EUR=5"; one kind is named."""

    code: str
    percent: str | None = None
    amounts: Sequence[str] = ()
    free_shipping: bool = False
    minimums: Sequence[str] = ()
    categories: Sequence[str] = ()
    most_uses: int | None = None
    once_per_customer: bool = False
    starts_at: datetime | None = None
    ends_at: datetime | None = None


def add(wanted: NewCode) -> Promotion:
    """Make a code; raise InvalidInput with the option that makes no sense, and for a code that is there already."""
    code = tidy(wanted.code)
    if not _PATTERN.fullmatch(code):
        raise InvalidInput(f"3 to {CODE_LENGTH} letters, digits, - or _, beginning with a letter or digit", "code")
    if wanted.ends_at is not None and wanted.ends_at <= (wanted.starts_at or context().clock.now()):
        raise InvalidInput("it would end before it begins", "--ends")
    promotion = Promotion(
        code=code,
        kind=_kind(wanted),
        basis_points=_basis_points(wanted.percent) if wanted.percent is not None else 0,
        categories=list(wanted.categories),
        most_uses=wanted.most_uses,
        once_per_customer=wanted.once_per_customer,
        starts_at=wanted.starts_at,
        ends_at=wanted.ends_at,
        terms=_terms(wanted),
    )
    with unit_of_work(write=True) as session:
        unknown = set(wanted.categories) - set(session.scalars(select(Product.category)))
        if unknown:
            raise InvalidInput(f"no article is of the category {', '.join(sorted(unknown))}", "--category")
        if session.scalar(select(Promotion.id).where(Promotion.code == code)) is not None:
            raise InvalidInput(f"{code} is there already; its orders need it as it is, so take another word", "code")
        session.add(promotion)
    return promotion


def all_codes() -> list[Promotion]:
    """Return all codes by name, with their rules."""
    with unit_of_work() as session:
        return list(session.scalars(select(Promotion).order_by(Promotion.code)).unique())


def end(code: str) -> Promotion:
    """Switch a code off; a repeat changes nothing. Raises NotFound for one that is not there.

    Orders that were placed with it keep their price, paid or not.
    """
    with unit_of_work(write=True) as session:
        query = select(Promotion).where(Promotion.code == tidy(code))
        promotion = session.scalars(query.with_for_update(**locks.kept(Promotion))).unique().one_or_none()
        if promotion is None:
            raise NotFound(f"There is no code {tidy(code)}.")
        promotion.is_active = False
    return promotion


def line(promotion: Promotion) -> str:
    """Return a code and its rules as one line for a terminal."""
    parts = [promotion.code, promotion.kind.value.replace("_", " ")]
    if promotion.kind is PromotionKind.PERCENT:
        parts[1] = f"{Decimal(promotion.basis_points) / 100:f} %"
    for terms in sorted(promotion.terms, key=lambda terms: terms.currency):
        parts += [str(Money(terms.amount, terms.currency))] if terms.amount else []
        parts += [f"from {Money(terms.minimum, terms.currency)}"] if terms.minimum else []
    parts += [f"for {', '.join(promotion.categories)}"] if promotion.categories else []
    parts += [f"used {promotion.uses}" + (f" of {promotion.most_uses}" if promotion.most_uses is not None else "")]
    parts += ["once each"] if promotion.once_per_customer else []
    parts += [f"from {promotion.starts_at:%Y-%m-%d %H:%M}"] if promotion.starts_at else []
    parts += [f"until {promotion.ends_at:%Y-%m-%d %H:%M}"] if promotion.ends_at else []
    return "  ".join([*parts, *([] if promotion.is_active else ["ended"])])


def _kind(wanted: NewCode) -> PromotionKind:
    named = {
        PromotionKind.PERCENT: wanted.percent is not None,
        PromotionKind.AMOUNT: bool(wanted.amounts),
        PromotionKind.FREE_SHIPPING: wanted.free_shipping,
    }
    kinds = [kind for kind, is_named in named.items() if is_named]
    if len(kinds) != 1:
        raise InvalidInput("name one of --percent, --amount and --free-shipping", "code")
    return kinds[0]


def _basis_points(text: str) -> int:
    try:
        points = Decimal(text) * 100
        if points != int(points) or not 0 < points <= WHOLE:
            raise ValueError
    except (InvalidOperation, OverflowError, ValueError) as exc:
        raise InvalidInput(f"{text!r} is no part of a hundred, such as 10 or 7.5", "--percent") from exc
    return int(points)


def _terms(wanted: NewCode) -> list[PromotionTerms]:
    """Return what is taken off and asked for in each currency; an amount needs one for each that it is good in."""
    amounts, minimums = _by_currency(wanted.amounts, "--amount"), _by_currency(wanted.minimums, "--minimum")
    if amounts and set(minimums) - set(amounts):
        raise InvalidInput("it names a currency in which nothing is taken off", "--minimum")
    return [
        PromotionTerms(currency=currency, amount=amounts.get(currency, 0), minimum=minimums.get(currency, 0))
        for currency in sorted({*amounts, *minimums})
    ]


def _by_currency(told: Sequence[str], option: str) -> dict[str, int]:
    """Read EUR=5 into minor units by currency."""
    found = {}
    for pair in told:
        currency, _, amount = pair.partition("=")
        try:
            money = Money.from_decimal(Decimal(amount), currency)
            if money.amount <= 0 or currency in found:
                raise ValueError
        except (InvalidOperation, OverflowError, ValueError) as exc:
            raise InvalidInput(f"{pair!r} is no sum; write it like EUR=5, once for each currency", option) from exc
        found[currency] = money.amount
    return found
