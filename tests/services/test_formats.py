"""What pages, mails and documents write alike: the line of an address with the place in it."""

import pytest

from shop.services.formats import town


@pytest.mark.parametrize(
    ("country", "postal_code", "city", "region", "line"),
    [
        ("DE", "20457", "Hamburg", "", "20457 Hamburg"),
        ("FR", "75001", "Paris", "", "75001 Paris"),
        ("US", "94103", "San Francisco", "CA", "San Francisco, CA 94103"),
        ("GB", "SW1A 1AA", "London", "", "London SW1A 1AA"),
        ("JP", "150-0002", "Shibuya", "Tokyo", "Shibuya, Tokyo 150-0002"),
        ("IE", "", "Dublin", "", "Dublin"),
        ("ES", "28001", "Madrid", "Comunidad de Madrid", "28001 Madrid, Comunidad de Madrid"),
    ],
)
def test_a_place_is_written_as_its_post_writes_it(
    country: str, postal_code: str, city: str, region: str, line: str
) -> None:
    assert town(country, postal_code, city, region) == line
