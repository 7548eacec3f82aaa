"""The guard of the browser tests sees a card in every spelling, and none where there is none."""

import pytest

from tests.card_numbers import carries_card_number


@pytest.mark.parametrize(
    "request_line",
    [
        "POST http://127.0.0.1:8000/pay number=4242424242424242",
        "POST http://127.0.0.1:8000/pay number=4242+4242+4242+4242",
        "GET http://127.0.0.1:8000/?q=4000%200027%206000%203184",
        "GET http://127.0.0.1:8000/?q=4000-0027-6000-3184",
        "POST http://127.0.0.1:8000/pay 3782 822463 10005",
        "POST http://127.0.0.1:8000/v1/tokens card%5Bnumber%5D=",
    ],
)
def test_a_card_is_seen_in_every_spelling(request_line: str) -> None:
    assert carries_card_number(request_line)


@pytest.mark.parametrize(
    "request_line",
    [
        "GET http://127.0.0.1:42423/shop.js ",  # a port that begins like a card
        "GET http://127.0.0.1:8000/pay/400000-1c/return?redirect_status=succeeded",
        "POST http://127.0.0.1:8000/checkout line1=Kaistraße+42&postal_code=42424",
    ],
)
def test_a_port_or_an_address_is_no_card(request_line: str) -> None:
    assert not carries_card_number(request_line)
