"""What stands on the shelf of the shop below the browser, what posting it costs, and what the state takes of it."""

from shop.models import Price, Product, ShippingRate, TaxRate, Variant
from shop.services.unit_of_work import unit_of_work

# sku, what it is, price in EUR and JPY, stock
SHELF = (
    ("SEN-100", "Sencha", 1250, 2000, 20),
    ("CUP-1", "Cup", 1890, 3000, 20),
    ("RARE-1", "Rare", 9900, 15000, 1),
    ("TIN-1", "Tin", 700, 1000, 20),
    ("BULK-1", "Bulk", 1250, 2000, 100_000),
)


def stock_the_shelf() -> None:
    """Put it all into the database."""
    with unit_of_work(write=True) as session:
        for sku, name, euros, yen, stock in SHELF:
            prices = [Price(currency="EUR", amount=euros), Price(currency="JPY", amount=yen)]
            variant = Variant(sku=sku, label="one", stock=stock, prices=prices)
            tax = "standard" if sku == "CUP-1" else "food"
            session.add(
                Product(
                    slug=sku.lower(), name=name, category="green", summary=name, description=name, facts={"tax": tax},
                    variants=[variant],
                )
            )  # fmt: skip
        for currency, amount in (("EUR", 490), ("JPY", 800)):
            session.add(
                ShippingRate(
                    code="standard", name="Standard post", zone="home", countries=["DE"], currency=currency,
                    amount=amount, days_least=2, days_most=3,
                )
            )  # fmt: skip
        for kind, points in (("standard", 1900), ("food", 700)):
            session.add(TaxRate(country="DE", kind=kind, basis_points=points))
