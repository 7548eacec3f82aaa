"""Stripe: a card that is saved, pays an order and is removed."""

from __future__ import annotations

from e2e.livecheck.flow import Flow, Trial
from e2e.livecheck.flows.cards import STRIPE, VISA, confirm, door, outcome
from shop.gateways.base import BACKGROUND
from shop.gateways.wallets import SetupState
from shop.services import guard, payments, wallets
from shop.services.payments import Outcome


def saved(trial: Trial) -> None:
    """Alice saves a card on her account's page, pays an order with it, and removes it."""
    alice = trial.store.alice()
    who = guard.visitor("127.0.0.1", "live-check", alice.id)
    setup = wallets.start(alice.id, STRIPE, who)
    external_id = _external_id(alice.id)
    trial.note(external_id)
    trial.people.confirm(
        door(trial), "setup_intent", external_id, setup.client_secret,
        payment_method=VISA, return_url=f"{trial.store.url}/",
    )  # fmt: skip
    settled = wallets.settle(alice.id)
    trial.expect("the saving", SetupState.SUCCEEDED, settled.state if settled else None)
    cards = wallets.of_user(alice.id)
    trial.expect("saved cards", "4242", ", ".join(card.last4 for card in cards))
    order = trial.store.order(user_id=alice.id)
    ready = payments.start(order.id, STRIPE, BACKGROUND, who)
    trial.note(f"order {order.number}, {ready.external_id}")
    trial.expect("the pay page may show her cards", True, bool(wallets.open_session(alice.id, STRIPE)))
    confirm(trial, ready, payment_method=cards[0].external_id)
    trial.store.refresh(trial.store.payment(ready.payment_id))
    trial.expect("the order", Outcome.PAID, outcome(order))
    wallets.remove(alice.id, cards[0].public_id)
    trial.store.do_what_is_owed()
    trial.expect("saved cards after the removal", 0, len(wallets.of_user(alice.id)))


def _external_id(user_id: int) -> str:
    setup = wallets.newest(user_id)
    assert setup is not None, "just begun"
    assert setup.external_id is not None, "Stripe has answered"
    return setup.external_id


FLOWS = (Flow("card-saved", "A card is saved, pays an order and is removed", STRIPE, saved),)
