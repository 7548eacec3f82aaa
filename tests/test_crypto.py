"""The ring of keys: the first seals, each opens, and nothing opens that was moved, changed or sealed by a stranger."""

import base64

import pytest

from shop.crypto import KeyRing, binary_head, key_id, read_key, text_head
from shop.errors import Unreadable


def made(letter: str) -> str:
    """Return a key that no other letter makes."""
    return base64.urlsafe_b64encode(letter.encode() * 32).decode().rstrip("=")


OLD, NEW, STRANGERS = made("o"), made("n"), made("s")
BEFORE, MEANWHILE, AFTER = KeyRing([OLD]), KeyRing([NEW, OLD]), KeyRing([NEW])
STREET = "Hafenstraße 12"


def test_the_same_text_is_sealed_differently_each_time_and_opens_as_it_was() -> None:
    sealed = {BEFORE.seal(STREET, "orders.line1") for _ in range(50)}

    assert len(sealed) == 50
    assert {BEFORE.open(one, "orders.line1") for one in sealed} == {STREET}
    assert not any("Hafen" in one for one in sealed)


def test_while_keys_change_the_new_one_seals_and_both_open() -> None:
    old, new = BEFORE.seal(STREET, "orders.line1"), MEANWHILE.seal(STREET, "orders.line1")

    assert [MEANWHILE.open(one, "orders.line1") for one in (old, new)] == [STREET, STREET]
    assert AFTER.open(new, "orders.line1") == STREET
    with pytest.raises(Unreadable, match=f"key {BEFORE.ids[0]}, which ENCRYPTION_KEYS lacks"):
        AFTER.open(old, "orders.line1")


def test_what_is_sealed_names_its_key_and_tells_nothing_of_it() -> None:
    name = key_id(read_key(OLD))

    assert BEFORE.ids == (name,)
    assert BEFORE.seal(STREET, "orders.line1").startswith(text_head(name))
    assert BEFORE.seal_bytes(b"{}", "inbox_event.body").startswith(binary_head(name))
    assert name not in read_key(OLD).hex()


def test_bytes_are_sealed_as_texts_are() -> None:
    sealed = BEFORE.seal_bytes(b'{"id":"evt_1"}', "inbox_event.body")

    assert MEANWHILE.open_bytes(sealed, "inbox_event.body") == b'{"id":"evt_1"}'
    assert b"evt_1" not in sealed
    with pytest.raises(Unreadable, match="lacks"):
        AFTER.open_bytes(sealed, "inbox_event.body")


def test_it_opens_in_its_own_column_only() -> None:
    sealed, packed = BEFORE.seal(STREET, "orders.line1"), BEFORE.seal_bytes(b"{}", "inbox_event.body")

    with pytest.raises(Unreadable, match=r"orders\.line2 holds something that was changed"):
        BEFORE.open(sealed, "orders.line2")
    with pytest.raises(Unreadable, match=r"document\.snapshot holds something that was changed"):
        BEFORE.open_bytes(packed, "document.snapshot")


def test_a_single_bit_changed_is_noticed_wherever_it_stands() -> None:
    packed = BEFORE.seal_bytes(b"tea", "inbox_event.body")

    for place in range(len(packed)):
        bent = bytearray(packed)
        bent[place] ^= 1
        with pytest.raises(Unreadable):
            BEFORE.open_bytes(bytes(bent), "inbox_event.body")


@pytest.mark.parametrize("text", ["Hafenstraße 12", "k1:", "k1:00000000:", f"{text_head(BEFORE.ids[0])}ä", "k1:zz"])
def test_what_was_never_sealed_is_not_taken_for_clear_text(text: str) -> None:
    with pytest.raises(Unreadable):
        BEFORE.open(text, "orders.line1")


@pytest.mark.parametrize("data", [b"{}", b"\x01", b"", binary_head(BEFORE.ids[0])])
def test_bytes_that_were_never_sealed_are_refused_as_well(data: bytes) -> None:
    with pytest.raises(Unreadable):
        BEFORE.open_bytes(data, "inbox_event.body")


@pytest.mark.parametrize("key", ["", "short", made("k")[:-2], made("k") + "AAAA", "!" * 43])
def test_a_key_holds_exactly_32_bytes(key: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        read_key(key)


def test_a_key_is_read_with_its_padding_or_without() -> None:
    assert read_key(OLD) == read_key(f"{OLD}=") == b"o" * 32
