"""Carts: quantities only, and one line for each variant however often its button is pressed."""

from shop.services import carts
from tests.shop_app import Shop, errors


def test_pressing_the_button_many_times_at_once_makes_one_line_and_loses_none(shop: Shop) -> None:
    token = shop.cart("CUP-1")

    results = shop.at_once(lambda _: carts.add(token, "SEN-100", 1, "EUR"), 8)

    assert errors(results) == []
    counts = {line.variant.sku: line.quantity for line in carts.contents(token, "EUR").lines}
    assert counts == {"CUP-1": 1, "SEN-100": 8}
