"""A provider that failed once plays the failure back under the same key: saved cards are not shut for a day by that."""

import pytest

from shop.errors import AnswerStored, OutcomeUnknown
from shop.models import CardSetup, User
from shop.models.base import utc_now
from shop.services import accounts, wallets
from shop.services.guard import Visitor
from shop.services.unit_of_work import unit_of_work
from tests.shop_app import BOB, STRIPE, Shop


@pytest.fixture
def alice(shop: Shop) -> User:
    """Alice, with an account; Bob has one, and a customer at Stripe."""
    for email in (BOB, "alice@example.com"):
        with unit_of_work(write=True) as session:
            hashed = accounts.hash_password("three grey herons")
            user = User(email=email, name=email, password_hash=hashed, email_confirmed_at=utc_now())
            session.add(user)
        if email == BOB:
            wallets.ensure(user.id, STRIPE)
    return user


@pytest.mark.parametrize("was_made", [True, False])
def test_a_customer_whose_key_is_spoilt_is_found_or_made_with_another_and_never_twice(
    shop: Shop, alice: User, was_made: bool
) -> None:
    shop.wallet.fail_next(OutcomeUnknown("500"), verb="create_customer", after_doing=was_made)
    with pytest.raises(OutcomeUnknown):
        wallets.ensure(alice.id, STRIPE)
    shop.wallet.fail_next(AnswerStored("500, once more"), verb="create_customer")

    customer = wallets.ensure(alice.id, STRIPE)

    assert wallets.open_session(alice.id, STRIPE).startswith("cuss_secret_")
    kept = [name for name, one in shop.wallet.customers.items() if one.reference == customer.public_id]
    assert kept == [customer.external_id]


def test_a_new_key_that_is_spoilt_as_well_costs_one_more_call_and_no_day(shop: Shop, alice: User) -> None:
    for _ in range(2):
        shop.wallet.fail_next(AnswerStored("500, once more"), verb="create_customer")
    with pytest.raises(AnswerStored):
        wallets.ensure(alice.id, STRIPE)

    assert wallets.ensure(alice.id, STRIPE).external_id


def test_many_who_find_the_key_of_no_use_at_once_make_one_customer(shop: Shop, alice: User) -> None:
    shop.wallet.fail_next(OutcomeUnknown("500"), verb="create_customer")
    with pytest.raises(OutcomeUnknown):
        wallets.ensure(alice.id, STRIPE)
    shop.clock.advance(hours=24)

    shop.at_once(lambda _: wallets.ensure(alice.id, STRIPE), 4)
    customer = wallets.ensure(alice.id, STRIPE)

    kept = [name for name, one in shop.wallet.customers.items() if one.reference == customer.public_id]
    assert kept == [customer.external_id]


def test_a_saving_whose_key_is_spoilt_ends_and_the_next_press_begins_another(shop: Shop, alice: User) -> None:
    who = Visitor("127.0.0.1", "alice's session", alice.id)
    shop.wallet.fail_next(OutcomeUnknown("500"), verb="start_setup")
    with pytest.raises(OutcomeUnknown):
        wallets.start(alice.id, STRIPE, who)
    shop.wallet.fail_next(AnswerStored("500, once more"), verb="start_setup")
    with pytest.raises(OutcomeUnknown):
        wallets.start(alice.id, STRIPE, who)

    ready = wallets.start(alice.id, STRIPE, who)

    spoilt, begun = shop.rows(CardSetup)
    assert (spoilt.is_open, begun.is_open) == (False, True)
    assert (spoilt.external_id, begun.id) == (None, ready.setup_id)
    assert begun.external_id in shop.wallet.setups
