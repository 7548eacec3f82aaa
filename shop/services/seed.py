"""Seed data: the demo's catalogue, shipping, tax rates and people. Running it again mends and adds, never doubles."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from shop.models import Price, Product, User, Variant
from shop.services import seed_rates
from shop.services.accounts import hash_password
from shop.services.providers import context
from shop.services.seed_catalogue import ENTRIES, Entry, Item
from shop.services.unit_of_work import unit_of_work

DEMO_PASSWORD = "tea-and-tide"  # noqa: S105 - printed in the demo's banner
PEOPLE = (
    ("alice@example.com", "Alice Ashdown", False),
    ("bob@example.com", "Bob Brandt", False),
    ("mara@example.com", "Mara Mertens", True),
)


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
        people = () if context().settings.environment == "production" else PEOPLE
        _people(session, people)
    return f"{len(ENTRIES)} products, {ways} rates of shipping, {len(people)} people."


def _product(session: Session, entry: Entry, position: int) -> None:
    product = session.scalar(select(Product).where(Product.slug == entry.slug))
    if product is None:
        product = Product(slug=entry.slug, variants=[])
        session.add(product)
    product.name, product.category, product.position = entry.name, entry.category, position
    product.summary, product.description = entry.summary, entry.description
    # Tea is food to the tax office; a pot is not.
    product.facts = {**entry.facts, "tax": "standard" if entry.category == "teaware" else "food"}
    known = {variant.sku: variant for variant in product.variants}
    for number, item in enumerate(entry.items):
        variant = known.get(item.sku)
        if variant is None:
            variant = Variant(sku=item.sku, stock=item.stock, prices=[])
            product.variants.append(variant)
        variant.label, variant.weight, variant.position = item.label, item.weight, number
        _prices(variant, item)


def _prices(variant: Variant, item: Item) -> None:
    known = {price.currency: price for price in variant.prices}
    for currency, amount in item.prices.items():
        if currency in known:
            known[currency].amount = amount
        else:
            variant.prices.append(Price(currency=currency, amount=amount))


def _people(session: Session, people: Sequence[tuple[str, str, bool]]) -> None:
    known = set(session.scalars(select(User.email)))
    for email, name, is_merchant in people:
        if email not in known:
            session.add(
                User(email=email, name=name, is_merchant=is_merchant, password_hash=hash_password(DEMO_PASSWORD))
            )
