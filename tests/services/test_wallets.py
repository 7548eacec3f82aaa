"""Saved cards: one writer, nothing of another's, nothing lost by a crash in between."""

import hashlib
from dataclasses import replace
from datetime import date, timedelta

import pytest

from shop import jobs
from shop.errors import NotFound, OutcomeUnknown, ProviderUnavailable, StillNeeded, TooManyTries
from shop.gateways.base import NoticeKind
from shop.gateways.fake import signed
from shop.gateways.wallets import SetupState
from shop.models import CardSetup, Order, Payment, ProviderCustomer, SavedMethod, User
from shop.services import payments, wallets, webhooks
from shop.services.guard import Visitor
from shop.services.unit_of_work import unit_of_work
from shop.services.wallets.methods import apply
from shop.views.words import consent_words
from tests.shop_app import SECRET, STRIPE, Shop


def test_a_customer_deleted_at_the_provider_is_made_anew_and_the_cards_are_gone(shop: Shop, alice: User) -> None:
    old = _with_card(shop, alice)
    shop.wallet.delete_customer(old)

    secret = wallets.open_session(alice.id, STRIPE)

    assert secret
    assert wallets.ensure(alice.id, STRIPE).external_id != old
    assert wallets.of_user(alice.id) == []


def test_what_the_provider_keeps_is_what_the_page_shows(shop: Shop, alice: User) -> None:
    customer = _with_card(shop, alice, "4242")
    shop.wallet.save(customer, "4444", brand="mastercard", expires=(1, 2027))

    wallets.look(alice.id, STRIPE)

    newest = wallets.of_user(alice.id)[-1]
    assert [(card.last4, card.is_default) for card in wallets.of_user(alice.id)] == [("4242", True), ("4444", False)]
    assert (newest.brand, newest.exp_month, newest.exp_year) == ("mastercard", 1, 2027)
    assert newest.consent_version == wallets.CONSENT_VERSION
    assert newest.consent_at is not None


def test_a_look_that_began_earlier_overwrites_nothing(shop: Shop, alice: User) -> None:
    customer = _with_card(shop, alice)
    before = shop.wallet.fetch(customer)
    row = wallets.ensure(alice.id, STRIPE)
    shop.wallet.save(customer, "5555")
    wallets.refresh(row.id)

    apply(row.id, before, 1)

    assert len(wallets.of_user(alice.id)) == 2


@pytest.mark.parametrize("event", ["payment_method.attached", "payment_method.detached"])
def test_a_webhook_makes_us_look_at_the_whole_wallet(shop: Shop, alice: User, event: str) -> None:
    customer = _with_card(shop, alice)
    if event.endswith("attached"):
        shop.wallet.save(customer, "5555")
    else:
        shop.wallet.detach(wallets.of_user(alice.id)[0].external_id)

    _deliver(shop, customer, event)

    assert len(wallets.of_user(alice.id)) == (2 if event.endswith("attached") else 0)


def test_a_webhook_about_a_customer_of_somebody_else_is_ignored(shop: Shop, alice: User) -> None:
    _deliver(shop, "cus_of_nobody", "payment_method.attached")

    assert [event.state for event in shop.rows(webhooks.InboxEvent)] == ["ignored"]


def test_bobs_card_is_not_there_for_alice(shop: Shop, alice: User) -> None:
    _with_card(shop, alice)
    bobs = shop.rows(SavedMethod, SavedMethod.last4 == "1111")[0]

    for act in (wallets.one_of, wallets.make_default, wallets.remove):
        with pytest.raises(NotFound):
            act(alice.id, bobs.public_id)
    assert shop.rows(SavedMethod, SavedMethod.id == bobs.id)[0].removed_at is None


def test_another_card_can_be_chosen_beforehand(shop: Shop, alice: User) -> None:
    customer = _with_card(shop, alice)
    shop.wallet.save(customer, "5555")
    wallets.look(alice.id, STRIPE)

    wallets.make_default(alice.id, wallets.of_user(alice.id)[1].public_id)

    assert wallets.of_user(alice.id)[0].last4 == "5555"
    assert [card.is_default for card in wallets.of_user(alice.id)] == [True, False]


def test_a_removed_card_is_gone_at_the_provider_and_the_next_becomes_the_default(shop: Shop, alice: User) -> None:
    customer = _with_card(shop, alice)
    shop.wallet.save(customer, "5555")
    wallets.look(alice.id, STRIPE)

    wallets.remove(alice.id, wallets.of_user(alice.id)[0].public_id)
    jobs.drain_outbox()

    (left,) = wallets.of_user(alice.id)
    assert (left.last4, left.is_default) == ("5555", True)
    assert [method.last4 for method in shop.wallet.customers[customer].methods] == ["5555"]


def test_a_removal_the_provider_did_not_answer_is_carried_out_afterwards(shop: Shop, alice: User) -> None:
    customer = _with_card(shop, alice)
    shop.wallet.fail_next(ProviderUnavailable("away"), verb="detach")

    wallets.remove(alice.id, wallets.of_user(alice.id)[0].public_id)
    hidden = wallets.of_user(alice.id)
    shop.clock.advance(seconds=11)
    jobs.drain_outbox()

    assert hidden == []
    assert shop.wallet.customers[customer].methods == []
    assert all(row.removed_at for row in shop.rows(SavedMethod, SavedMethod.user_id == alice.id))


def test_the_last_card_stays_while_an_order_is_still_to_be_charged(shop: Shop, alice: User) -> None:
    customer = _with_card(shop, alice)
    payment = shop.started()
    with unit_of_work(write=True) as session:
        session.get_one(Order, payment.order_id).user_id = alice.id
        session.get_one(Payment, payment.id).state = "authorized"  # type: ignore[assignment]  # as after a hold

    with pytest.raises(StillNeeded, match=payment.order.number):
        wallets.remove(alice.id, wallets.of_user(alice.id)[0].public_id)
    shop.wallet.save(customer, "5555")
    wallets.look(alice.id, STRIPE)
    wallets.remove(alice.id, wallets.of_user(alice.id)[1].public_id)

    assert len(wallets.of_user(alice.id)) == 1


def test_a_payment_of_the_owner_may_use_their_cards_and_nobody_elses_may(shop: Shop, alice: User) -> None:
    customer = _with_card(shop, alice)
    order = shop.order()
    with unit_of_work(write=True) as session:
        session.get_one(Order, order.id).user_id = alice.id

    hers = payments.start(order.id, STRIPE, who=Visitor("n", "s", alice.id))
    guests = payments.start(order.id, STRIPE, who=Visitor("n", "s", None))

    assert shop.payment(hers.payment_id).customer == customer
    assert shop.payment(hers.payment_id).state == "cancelled"
    assert shop.payment(guests.payment_id).customer is None


def test_after_paying_the_wallet_is_looked_at(shop: Shop, alice: User) -> None:
    customer = _with_card(shop, alice)
    order = shop.order()
    with unit_of_work(write=True) as session:
        session.get_one(Order, order.id).user_id = alice.id
    ready = payments.start(order.id, STRIPE, who=Visitor("n", "s", alice.id))
    shop.wallet.save(customer, "5555")
    shop.stripe.approve(ready.external_id)
    payments.refresh(ready.payment_id, "test")

    jobs.drain_outbox()

    assert {card.last4 for card in wallets.of_user(alice.id)} == {"4242", "5555"}


def test_a_card_is_saved_by_whoever_looks_first(shop: Shop, alice: User) -> None:
    wallets.start(alice.id, STRIPE, Visitor("n", "s", alice.id))
    (setup,) = shop.rows(CardSetup)
    shop.wallet.finish_setup(setup.external_id or "")

    _deliver(shop, setup.customer, "setup_intent.succeeded")

    (card,) = wallets.of_user(alice.id)
    assert card.consent_at == shop.rows(CardSetup)[0].consent_at
    assert card.is_default
    assert wallets.settle(alice.id).state is SetupState.SUCCEEDED  # type: ignore[union-attr]


def test_pressing_save_again_goes_on_with_the_same_saving(shop: Shop, alice: User) -> None:
    first = wallets.start(alice.id, STRIPE, Visitor("n", "s", alice.id))
    shop.wallet.refuse_setup(shop.rows(CardSetup)[0].external_id or "", "insufficient_funds")

    again = wallets.start(alice.id, STRIPE, Visitor("n", "s", alice.id))

    assert again == first
    assert shop.rows(CardSetup)[0].decline_code == "insufficient_funds"


def test_a_saving_whose_answer_was_lost_is_gone_on_with(shop: Shop, alice: User) -> None:
    shop.wallet.fail_next(OutcomeUnknown("lost"), verb="start_setup", after_doing=True)
    with pytest.raises(OutcomeUnknown):
        wallets.start(alice.id, STRIPE, Visitor("n", "s", alice.id))

    wallets.start(alice.id, STRIPE, Visitor("n", "s", alice.id))

    assert len(shop.wallet.setups) == 1


def test_cards_are_not_tested_by_saving_them_either(shop: Shop, alice: User) -> None:
    thief = Visitor("n", "s", alice.id)
    wallets.start(alice.id, STRIPE, thief)
    (setup,) = shop.rows(CardSetup)
    for _ in range(4):
        shop.wallet.refuse_setup(setup.external_id or "")
        wallets.settle(alice.id)
    jobs.drain_outbox()

    with pytest.raises(TooManyTries):
        wallets.start(alice.id, STRIPE, thief)
    assert shop.rows(CardSetup)[0].state is SetupState.CANCELLED


def test_a_forgotten_account_leaves_nothing_here_or_there(shop: Shop, alice: User) -> None:
    customer = _with_card(shop, alice)
    with unit_of_work(write=True) as session:
        wallets.forget(session, alice.id)
        wallets.forget(session, alice.id)
        session.delete(session.get_one(User, alice.id))

    jobs.drain_outbox()

    assert customer not in shop.wallet.customers
    assert len(shop.wallet.customers) == 1
    assert [row.email for row in shop.rows(ProviderCustomer)] == ["bob@example.com"]
    assert [card.last4 for card in shop.rows(SavedMethod)] == ["1111"]


def test_a_provider_that_is_away_for_an_hour_forgets_the_customer_all_the_same(shop: Shop, alice: User) -> None:
    customer = _with_card(shop, alice)
    with unit_of_work(write=True) as session:
        wallets.forget(session, alice.id)
        session.delete(session.get_one(User, alice.id))
    began = shop.clock.now()

    for _ in range(12):
        shop.wallet.fail_next(ProviderUnavailable("away"), verb="delete_customer")
        jobs.drain_outbox()
        [owed] = shop.owed("wallet.forget")
        shop.clock.advance(seconds=(owed.next_try_at - shop.clock.now()).total_seconds() + 1)
    jobs.drain_outbox()

    assert shop.clock.now() - began > timedelta(hours=1)
    assert customer not in shop.wallet.customers
    assert shop.alarms() == []


@pytest.mark.parametrize(
    ("today", "state"),
    [
        (date(2026, 10, 31), (False, False)),
        (date(2026, 11, 1), (True, False)),
        (date(2026, 12, 31), (True, False)),
        (date(2027, 1, 1), (False, True)),
    ],
)
def test_a_card_expires_after_its_last_month(today: date, state: tuple[bool, bool]) -> None:
    card = SavedMethod(exp_month=12, exp_year=2026)

    assert (card.is_expiring(today), card.is_expired(today)) == state


def test_the_words_of_the_consent_and_their_number_change_together(shop: Shop) -> None:
    for brand in ("Tidewater Tea", "Gezeiten Kontor"):
        shop.change_context(settings=replace(shop.context.settings, brand=brand))
        with shop.app.test_request_context():
            words = consent_words()

        assert words.startswith(f"{brand} may then charge the card"), "it is the shop that is allowed to"
        digest = hashlib.sha256(words.removeprefix(brand).encode()).hexdigest()[:16]
        told, known = (wallets.CONSENT_VERSION, digest), ("2026-11-25", "952ef2b3350a6d78")  # pragma: allowlist secret
        assert told == known, "new words need a new CONSENT_VERSION"


def _with_card(shop: Shop, user: User, last4: str = "4242") -> str:
    """Give somebody a saved card; return their customer's id at the provider."""
    customer = wallets.ensure(user.id, STRIPE).external_id or ""
    shop.wallet.save(customer, last4)
    wallets.look(user.id, STRIPE)
    return customer


def _deliver(shop: Shop, customer: str, event: str) -> None:
    """Deliver a genuine webhook about a customer's wallet, and act on it."""
    headers, body = signed(
        SECRET,
        shop.clock.now(),
        event_id=f"evt_{next(shop.events)}",
        kind=NoticeKind.WALLET,
        external_id=customer,
        event_type=event,
    )
    webhooks.receive(STRIPE, headers, body)
    jobs.drain_inbox()
