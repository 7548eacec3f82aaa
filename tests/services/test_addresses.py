"""The address book: one default, no doubles, and nobody reaches another's."""

import dataclasses

import pytest

from shop.errors import InvalidInput, NotFound
from shop.models import Address, User
from shop.services import addresses
from shop.services.addresses import Entry
from shop.services.unit_of_work import unit_of_work
from tests.shop_app import Shop

HOME = Entry("Alice Ashdown", "Am Sandtorkai 12", "", "Hamburg", "", "20457", "DE")
WORK = dataclasses.replace(HOME, line1="Speicherstadt 4")


@pytest.fixture
def people(shop: Shop) -> tuple[int, int]:
    """Alice and Bob, and an address of Bob's as noise."""
    with unit_of_work(write=True) as session:
        both = [User(email=f"{name}@example.com", name=name, password_hash="-") for name in ("alice", "bob")]
        session.add_all(both)
    addresses.add(both[1].id, HOME)
    return both[0].id, both[1].id


def test_the_first_address_is_the_default_and_the_next_is_not(shop: Shop, people: tuple[int, int]) -> None:
    first, second = addresses.add(people[0], HOME), addresses.add(people[0], WORK)

    assert [row.public_id for row in addresses.of_user(people[0])] == [first.public_id, second.public_id]
    assert (first.is_default, second.is_default) == (True, False)


def test_an_address_that_is_there_is_not_added_again(shop: Shop, people: tuple[int, int]) -> None:
    assert addresses.add(people[0], HOME).id == addresses.add(people[0], HOME).id


def test_the_default_moves_and_is_inherited(shop: Shop, people: tuple[int, int]) -> None:
    first, second = addresses.add(people[0], HOME), addresses.add(people[0], WORK)

    addresses.make_default(people[0], second.public_id)
    assert addresses.of_user(people[0])[0].public_id == second.public_id
    addresses.remove(people[0], second.public_id)

    assert [(row.public_id, row.is_default) for row in addresses.of_user(people[0])] == [(first.public_id, True)]
    assert len(shop.rows(Address, Address.user_id == people[1], Address.is_default)) == 1


def test_two_defaults_at_once_leave_one(shop: Shop, people: tuple[int, int]) -> None:
    book = [addresses.add(people[0], dataclasses.replace(HOME, line1=f"Kai {n}")) for n in range(4)]

    results = shop.at_once(lambda number: addresses.make_default(people[0], book[number].public_id), 4)

    assert results == [None] * 4
    assert len(shop.rows(Address, Address.user_id == people[0], Address.is_default)) == 1


def test_a_book_is_full_at_some_point(shop: Shop, people: tuple[int, int]) -> None:
    for number in range(addresses.MOST):
        addresses.add(people[0], dataclasses.replace(HOME, line1=f"Kai {number}"))

    with pytest.raises(InvalidInput, match="full"):
        addresses.add(people[0], WORK)


def test_bob_reaches_nothing_of_alices(shop: Shop, people: tuple[int, int]) -> None:
    hers = addresses.add(people[0], WORK).public_id

    for attempt in (
        lambda: addresses.own(people[1], hers),
        lambda: addresses.change(people[1], hers, HOME),
        lambda: addresses.make_default(people[1], hers),
        lambda: addresses.remove(people[1], hers),
    ):
        with pytest.raises(NotFound):
            attempt()

    assert addresses.own(people[0], hers).line1 == WORK.line1
