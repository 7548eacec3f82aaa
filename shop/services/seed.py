"""Seed data: the demo's catalogue, shipping, tax rates and people. Running it again mends and adds, never doubles."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session, selectinload

from shop.models import Price, Product, ProductText, Promotion, PromotionKind, PromotionTerms, User, Variant
from shop.models.base import utc_now
from shop.services import seed_rates
from shop.services.accounts import hash_password
from shop.services.providers import context
from shop.services.seed_catalogue import ENTRIES, TEXTS, Entry, Item, Text
from shop.services.unit_of_work import unit_of_work

DEMO_PASSWORD = "tea-and-tide"  # noqa: S105 - printed in the demo's banner
PEOPLE = (
    ("alice@example.com", "Alice Ashdown", False),
    ("bob@example.com", "Bob Brandt", False),
    ("mara@example.com", "Mara Mertens", True),
)

# Code, kind, basis points, most uses, once per customer, is over, and by currency (taken off, asked for).
Terms = dict[str, tuple[int, int]]
PROMOTIONS: tuple[tuple[str, PromotionKind, int, int | None, bool, bool, Terms], ...] = (
    ("TIDE10", PromotionKind.PERCENT, 1000, None, False, False, {}),
    ("FIVEOFF", PromotionKind.AMOUNT, 0, None, False, False,
     {"EUR": (500, 3000), "USD": (600, 3500), "GBP": (400, 2500), "JPY": (800, 5000)}),
    ("WELCOME", PromotionKind.PERCENT, 2000, 500, True, False, {}),
    ("FREEPOST", PromotionKind.FREE_SHIPPING, 0, None, False, False,
     {"EUR": (0, 2500), "USD": (0, 2800), "GBP": (0, 2200), "JPY": (0, 4000)}),
    ("LASTHARVEST", PromotionKind.PERCENT, 1500, None, False, True, {}),
)  # fmt: skip


def seed() -> str:
    """Fill an empty database, or bring a seeded one up to date; stock and passwords stay.

    The demo's people have a published password, so production gets the goods without them.
    Returns one line that says what is there now.
    """
    with unit_of_work(write=True) as session:
        for position, entry in enumerate(ENTRIES):
            _product(session, entry, position)
        ways = seed_rates.shipping(session)
        seed_rates.taxes(session)
        _promotions(session, context().clock.business_now())
        people = () if context().settings.environment == "production" else PEOPLE
        _people(session, people)
    return f"{len(ENTRIES)} products, {ways} rates of shipping, {len(people)} people."


def _product(session: Session, entry: Entry, position: int) -> None:
    product = session.scalar(
        select(Product).where(Product.slug == entry.slug).options(selectinload(Product.texts))
    )
    if product is None:
        product = Product(slug=entry.slug, variants=[], texts=[])
        session.add(product)
    product.name, product.category, product.position = entry.name, entry.category, position
    product.summary, product.description = entry.summary, entry.description
    # Tea is food to the tax office; a pot is not.
    product.facts = {**entry.facts, "tax": "standard" if entry.category == "teaware" else "food"}
    product.available_from = entry.available_from
    for locale, texts in TEXTS.items():
        _text(product, locale, texts[entry.slug])
    known = {variant.sku: variant for variant in product.variants}
    for number, item in enumerate(entry.items):
        variant = known.get(item.sku)
        if variant is None:
            variant = Variant(sku=item.sku, stock=item.stock, prices=[])
            product.variants.append(variant)
        variant.label, variant.weight, variant.position = item.label, item.weight, number
        variant.net = item.net
        _prices(variant, item)


def _text(product: Product, locale: str, text: Text) -> None:
    found = next((known for known in product.texts if known.locale == locale), None)
    if found is None:
        found = ProductText(locale=locale)
        product.texts.append(found)
    found.name, found.summary, found.description = text.name, text.summary, text.description
    found.facts = dict(text.facts)


def _prices(variant: Variant, item: Item) -> None:
    known = {price.currency: price for price in variant.prices}
    for currency, amount in item.prices.items():
        if currency in known:
            known[currency].amount = amount
        else:
            variant.prices.append(Price(currency=currency, amount=amount))


def _promotions(session: Session, now: datetime) -> None:
    """Add the codes that are missing; one that is there stays as the merchant has made it."""
    known = set(session.scalars(select(Promotion.code)))
    for code, kind, basis_points, most_uses, once, is_over, terms in PROMOTIONS:
        if code not in known:
            promotion = Promotion(code=code, kind=kind, basis_points=basis_points, once_per_customer=once)
            promotion.most_uses, promotion.ends_at = most_uses, now - timedelta(days=1) if is_over else None
            promotion.terms = [
                PromotionTerms(currency=currency, amount=amount, minimum=minimum)
                for currency, (amount, minimum) in terms.items()
            ]
            session.add(promotion)


def _people(session: Session, people: Sequence[tuple[str, str, bool]]) -> None:
    known = set(session.scalars(select(User.email)))
    for email, name, is_merchant in people:
        if email not in known:
            session.add(
                User(
                    email=email,
                    name=name,
                    is_merchant=is_merchant,
                    password_hash=hash_password(DEMO_PASSWORD),
                    email_confirmed_at=utc_now(),
                )
            )
