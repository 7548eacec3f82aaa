"""A look that began before somebody else moved the object on: it is late, it is no mistake, and it changes nothing."""

import pytest

from shop.gateways.base import RefundState
from shop.gateways.wallets import SetupState
from shop.models import CardSetup, Refund, User
from shop.services import payments, refunds, wallets
from shop.services.guard import Visitor
from shop.services.unit_of_work import unit_of_work
from tests.meanwhile import meanwhile
from tests.shop_app import STRIPE, Shop, eur


@pytest.fixture
def pending(shop: Shop) -> Refund:
    """A refund of Alice's that the bank has in hand."""
    shop.stripe.refunds_are_pending = True
    return refunds.request(shop.paid().id, eur(500), "other", "mara")


@pytest.fixture
def alice(shop: Shop) -> User:
    """Alice, with an account."""
    with unit_of_work(write=True) as session:
        user = User(email="alice@example.com", name="Alice", password_hash="-")
        session.add(user)
        session.flush()
        return user


@pytest.mark.parametrize("ends", [RefundState.SUCCEEDED, RefundState.FAILED])
def test_a_look_at_a_refund_from_before_its_payment_was_looked_at_changes_nothing(
    shop: Shop, pending: Refund, ends: RefundState
) -> None:
    def ends_meanwhile() -> None:
        shop.stripe.finish_refund(pending.external_id or "", ends)
        payments.refresh(pending.payment_id, "webhook")

    meanwhile(shop.stripe, "fetch_refund", ends_meanwhile, after=True)

    seen = refunds.refresh(pending.id, "sweep")

    assert seen.state is ends
    assert refunds.refresh(pending.id, "sweep").state is ends
    assert ("refund_failed" in shop.alarms()) is (ends is RefundState.FAILED)


def test_the_answer_to_a_refund_that_has_arrived_meanwhile_is_no_error(shop: Shop) -> None:
    shop.stripe.refunds_are_pending = True
    payment = shop.paid()

    def arrives() -> None:
        shop.stripe.finish_refund(made()[-1], RefundState.SUCCEEDED)
        payments.refresh(payment.id, "webhook")

    def made() -> list[str]:
        return [refund.external_id for refund in shop.stripe.fetch(payment.external_id or "").refunds]

    meanwhile(shop.stripe, "refund", arrives, after=True)

    refund = refunds.request(payment.id, eur(500), "other", "mara")

    assert refund.state is RefundState.SUCCEEDED
    assert len(made()) == len(shop.owed("mail.refund")) == 1


def test_a_saving_that_was_begun_anew_while_its_first_answer_was_on_its_way_is_gone_on_with_as_the_new_one(
    shop: Shop, alice: User
) -> None:
    who = Visitor("n", "s", alice.id)

    def tomorrow() -> None:
        shop.clock.advance(days=1)
        wallets.start(alice.id, STRIPE, who)

    meanwhile(shop.wallet, "start_setup", tomorrow, after=True)

    ready = wallets.start(alice.id, STRIPE, who)

    first, second = shop.rows(CardSetup)
    assert (first.state, second.state) == (SetupState.CANCELLED, SetupState.CREATED)
    assert ready.setup_id == second.id


def test_a_look_at_a_saving_that_was_begun_anew_meanwhile_leaves_it_ended(shop: Shop, alice: User) -> None:
    who = Visitor("n", "s", alice.id)
    wallets.start(alice.id, STRIPE, who)

    def tomorrow() -> None:
        shop.clock.advance(days=1)
        wallets.start(alice.id, STRIPE, who)

    meanwhile(shop.wallet, "fetch_setup", tomorrow, after=True)

    found = wallets.settle(alice.id)

    assert found is not None
    assert found.state is SetupState.CANCELLED
    assert [setup.is_open for setup in shop.rows(CardSetup)] == [False, True]
