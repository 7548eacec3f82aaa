"""An account's customer at the provider: made once, told every new mail address, and made anew where it was deleted."""

from datetime import timedelta

import pytest

from shop import jobs
from shop.errors import OutcomeUnknown, ProviderUnavailable
from shop.models import Order, User
from shop.services import accounts, payments, tokens, wallets
from shop.services.guard import Visitor
from shop.services.payments import Outcome
from shop.services.unit_of_work import unit_of_work
from tests.shop_app import STRIPE, Shop


def test_an_account_has_one_customer_however_often_it_is_needed(shop: Shop, alice: User) -> None:
    made = shop.at_once(lambda _: wallets.ensure(alice.id, STRIPE).external_id, 4)

    assert len(set(made)) == 1
    assert len(shop.wallet.customers) == 2


def test_a_lost_answer_makes_no_second_customer(shop: Shop, alice: User) -> None:
    shop.wallet.fail_next(OutcomeUnknown("lost"), verb="create_customer", after_doing=True)

    with pytest.raises(OutcomeUnknown):
        wallets.ensure(alice.id, STRIPE)
    wallets.ensure(alice.id, STRIPE)

    assert len(shop.wallet.customers) == 2


def test_past_the_life_of_its_key_a_customer_is_found_by_our_reference(shop: Shop, alice: User) -> None:
    shop.wallet.fail_next(OutcomeUnknown("lost"), verb="create_customer", after_doing=True)
    with pytest.raises(OutcomeUnknown):
        wallets.ensure(alice.id, STRIPE)
    shop.clock.advance(days=2)

    found = wallets.ensure(alice.id, STRIPE)

    assert len(shop.wallet.customers) == 2
    assert shop.wallet.customers[found.external_id or ""].reference == found.public_id


def test_a_mail_address_that_changed_in_between_does_not_stop_the_repeat(shop: Shop, alice: User) -> None:
    shop.wallet.fail_next(OutcomeUnknown("lost"), verb="create_customer", after_doing=True)
    with pytest.raises(OutcomeUnknown):
        wallets.ensure(alice.id, STRIPE)
    with unit_of_work(write=True) as session:
        session.get_one(User, alice.id).email = "alice@new.example"

    assert wallets.ensure(alice.id, STRIPE).external_id

    jobs.drain_outbox()
    assert {kept.email for kept in shop.wallet.customers.values()} == {"alice@new.example", "bob@example.com"}


def test_a_mail_address_that_changes_is_told_to_the_provider_once(shop: Shop, alice: User) -> None:
    customer = wallets.ensure(alice.id, STRIPE).external_id or ""
    with unit_of_work(write=True) as session:
        session.get_one(User, alice.id).pending_email = "alice@new.example"
    until = shop.clock.now() + timedelta(hours=1)
    link = tokens.for_account("change", alice.id, "alice@new.example", until)

    for _ in range(2):
        accounts.confirm_new_address(link, alice.id)
    jobs.drain_outbox()

    assert shop.wallet.customers[customer].email == "alice@new.example"
    assert len(shop.owed("wallet.email")) == 1
    assert "bob@example.com" in {kept.email for kept in shop.wallet.customers.values()}


def test_a_mail_address_of_somebody_the_provider_has_deleted_is_told_when_they_are_made_anew(
    shop: Shop, alice: User
) -> None:
    customer = wallets.ensure(alice.id, STRIPE).external_id or ""
    shop.wallet.delete_customer(customer)
    with unit_of_work(write=True) as session:
        user = session.get_one(User, alice.id)
        user.email = "alice@new.example"
        wallets.owe_email(session, user)

    jobs.drain_outbox()

    made = wallets.ensure(alice.id, STRIPE).external_id or ""
    assert shop.wallet.customers[made].email == "alice@new.example"


def test_a_customer_deleted_between_the_page_and_pay_is_made_anew_and_the_payment_begins(
    shop: Shop, alice: User
) -> None:
    gone = wallets.ensure(alice.id, STRIPE).external_id or ""
    order = shop.order()
    with unit_of_work(write=True) as session:
        session.get_one(Order, order.id).user_id = alice.id
    shop.wallet.delete_customer(gone)
    shop.stripe.deleted_customers.add(gone)

    ready = payments.start(order.id, STRIPE, who=Visitor("n", "s", alice.id))

    payment = shop.payment(ready.payment_id)
    assert payment.customer == wallets.ensure(alice.id, STRIPE).external_id != gone
    assert [each.state for each in shop.placed(order.id).payments] == ["cancelled", "created"]
    shop.stripe.approve(ready.external_id)
    assert payments.settle(order.id).outcome is Outcome.PAID


def test_where_the_provider_forgets_every_customer_one_is_made_and_then_the_person_is_told(
    shop: Shop, alice: User
) -> None:
    order = shop.order()
    with unit_of_work(write=True) as session:
        session.get_one(Order, order.id).user_id = alice.id
    first = wallets.ensure(alice.id, STRIPE).external_id or ""
    shop.stripe.deleted_customers = Everybody()

    with pytest.raises(ProviderUnavailable):
        payments.start(order.id, STRIPE, who=Visitor("n", "s", alice.id))

    second = wallets.ensure(alice.id, STRIPE).external_id
    tried = shop.placed(order.id).payments
    assert [(each.customer, each.state) for each in tried] == [(first, "cancelled"), (second, "cancelled")]
    assert len(shop.wallet.customers) == 3, "Bob's, the one that was forgotten, and one that took its place"
    shop.stripe.deleted_customers = {first, second or ""}
    assert payments.start(order.id, STRIPE, who=Visitor("n", "s", alice.id)).client_secret


class Everybody(set[str]):
    """Everybody is among these."""

    def __contains__(self, item: object) -> bool:
        return True


def test_the_gap_between_row_and_clock_is_allowed_for(shop: Shop, alice: User) -> None:
    row = wallets.ensure(alice.id, STRIPE)

    assert shop.wallet.find_customer(row.public_id, row.created_at - timedelta(minutes=5)) == row.external_id
