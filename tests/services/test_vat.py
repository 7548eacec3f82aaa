"""VAT ids: their format, their check digits, and their country."""

import pytest

from shop.errors import InvalidInput
from shop.services import vat


@pytest.mark.parametrize(
    ("text", "country", "compact"),
    [
        ("ATU13585627", "AT", "ATU13585627"),
        ("atu 1358 5627", "AT", "ATU13585627"),
        ("U13585627", "AT", "ATU13585627"),
        ("EL094259216", "GR", "EL094259216"),
        ("094259216", "GR", "EL094259216"),
        ("DE 136,695 976", "DE", "DE136695976"),
        ("GB 980 7806 84", "GB", "980780684"),
    ],
)
def test_an_id_that_can_be_real_is_kept_compact(text: str, country: str, compact: str) -> None:
    assert vat.check(text, country) == compact


@pytest.mark.parametrize(
    ("text", "country", "told"),
    [
        ("ATU13585626", "AT", "wrong digit"),
        ("AT", "AT", "not complete"),
        ("DE136695976", "AT", "another country"),
        ("<script>", "DE", "wrong digit"),
        ("12-3456789", "US", "leave it empty"),
    ],
)
def test_any_other_is_refused_beside_its_field(text: str, country: str, told: str) -> None:
    with pytest.raises(InvalidInput, match=told) as caught:
        vat.check(text, country)

    assert caught.value.field == "vat_id"
