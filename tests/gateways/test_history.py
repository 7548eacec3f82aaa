"""A provider's past, as the real gateways tell it of the sandbox: what moved, and what was not delivered."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
import requests

from sandbox.paypal import refunds as paypal_refunds
from sandbox.paypal.responses import approvals
from sandbox.running import Sandbox
from shop.gateways import paypal, stripe
from shop.gateways.base import Mode, NoticeKind, PaymentGateway, Provider
from shop.gateways.history import History, Movement, MovementKind
from shop.money import Money
from tests.crash.town import CARD
from tests.gateways.cast import a_key, a_refund, alices_order, eur
from tests.processes import wait_until

PROVIDERS = (Provider.STRIPE, Provider.PAYPAL)


class Account:
    """One provider at the sandbox, with its two doors."""

    def __init__(self, provider: Provider, sandbox: Sandbox) -> None:
        self.provider, self.sandbox = provider, sandbox
        stripe_keys: Any = ("sk_test_mara", sandbox.stripe_api, Mode.TEST, _ignore)
        paypal_keys: Any = ("sandbox-client", "sandbox-secret", sandbox.paypal_api, Mode.TEST, _ignore)
        is_stripe = provider is Provider.STRIPE
        self.gateway: PaymentGateway = stripe.connect(*stripe_keys) if is_stripe else paypal.connect(*paypal_keys)
        self.history: History = stripe.history(*stripe_keys) if is_stripe else paypal.history(*paypal_keys)

    def pay(self, amount: Money | None = None, **order: Any) -> tuple[str, str, str]:
        """Let Alice pay; return the ids of payment and capture, and our reference."""
        amount = amount or eur(2450)
        parts = {"items": amount, "shipping": Money(0, amount.currency), "tax": Money(0, amount.currency)}
        parts |= {"discount": Money(0, amount.currency), "lines": ()}
        request = alices_order(amount=amount, **(parts | order))
        started = self.gateway.start(request, a_key())
        external_id = started.snapshot.external_id
        if self.provider is Provider.PAYPAL:
            approvals.approve(self.sandbox.world, external_id, "balance")
            taken = self.gateway.capture(external_id, a_key())
        else:
            url = f"{self.sandbox.stripe_api}/v1/payment_intents/{external_id}/confirm"
            form = {"key": "pk_test_mara", "client_secret": started.client_secret, **CARD}
            assert requests.post(url, data=form, timeout=10).status_code == 200
            self.sandbox.world.clock.advance(timedelta(seconds=10))
            wait_until(lambda: self.gateway.fetch(external_id).captures[0].settlement, "its fee is booked")
            taken = self.gateway.fetch(external_id)
        return external_id, taken.captures[0].external_id, request.reference

    def moved(self) -> list[Movement]:
        """Return what the list tells after its lag, by simulated time."""
        self.sandbox.world.clock.advance(self.history.lag + timedelta(minutes=1))
        now = self.sandbox.world.clock.now()
        return sorted(self.history.movements(now - timedelta(days=2), now), key=lambda movement: movement.kind)


def _ignore(call: object) -> None:
    """Keep no record."""


@pytest.fixture(params=PROVIDERS, ids=str)
def account(request: pytest.FixtureRequest, sandbox: Sandbox) -> Account:
    """Each provider in turn, empty."""
    return Account(request.param, sandbox)


def test_money_taken_is_told_with_its_fee_and_our_reference(account: Account) -> None:
    payment_id, capture_id, reference = account.pay(order_number="TT-ABC234-00001")

    [movement] = account.moved()

    seen = account.gateway.fetch(payment_id).captures[0]
    assert (movement.kind, movement.external_id) == (MovementKind.PAYMENT, capture_id)
    assert (movement.payment_external_id, movement.reference) == (payment_id, reference)
    assert (movement.amount, movement.fee) == (eur(2450), seen.settlement and seen.settlement.fee)
    assert movement.order_number.startswith("TT-ABC234-00001")


def test_yen_are_told_in_yen(account: Account) -> None:
    account.pay(Money(2000, "JPY"))

    [movement] = account.moved()

    assert movement.amount == Money(2000, "JPY")


def test_a_refund_is_told_with_its_reference_and_what_it_gives_back(account: Account) -> None:
    payment_id, capture_id, _ = account.pay()
    request = a_refund(payment_id, capture_id, eur(1000))
    made = account.gateway.refund(request, a_key())

    _, movement = account.moved()

    assert (movement.kind, movement.external_id) == (MovementKind.REFUND, made.external_id)
    assert (movement.amount, movement.reference, movement.capture_id) == (eur(1000), request.reference, capture_id)


def test_what_is_outside_the_window_is_not_told(account: Account) -> None:
    account.pay()
    account.sandbox.world.clock.advance(timedelta(days=3))

    assert account.moved() == []


def test_a_long_window_is_asked_for_in_pieces(account: Account) -> None:
    account.pay()
    account.sandbox.world.clock.advance(timedelta(days=40))
    account.pay()
    account.sandbox.world.clock.advance(timedelta(hours=4))
    now = account.sandbox.world.clock.now()

    assert len(list(account.history.movements(now - timedelta(days=62), now))) == 2


def test_events_that_were_not_delivered_are_told_and_point_at_the_payment(account: Account) -> None:
    world = account.sandbox.world
    world.dispatcher.turn(str(account.provider), drop=True)
    if account.provider is Provider.STRIPE:
        requests.post(
            f"{account.sandbox.stripe_api}/v1/webhook_endpoints",
            data={"url": "http://127.0.0.1:1/webhooks/stripe", "enabled_events[]": "*"},
            headers={"Authorization": "Bearer sk_test_mara"},
            timeout=10,
        ).raise_for_status()
    payment_id, _, _ = account.pay()

    told = list(account.history.events(world.clock.now() - timedelta(hours=1)))

    about = [event for event in told if event.payment_external_id == payment_id]
    assert about
    assert {event.kind for event in about} <= {NoticeKind.PAYMENT, NoticeKind.APPROVAL}
    assert len({event.event_id for event in told}) == len(told)
    assert "_secret_" not in str([event.payload for event in told])


def test_what_paypal_takes_back_is_a_refund_too(sandbox: Sandbox) -> None:
    account = Account(Provider.PAYPAL, sandbox)
    _, capture_id, _ = account.pay()
    paypal_refunds.reverse(sandbox.world, capture_id)

    _, movement = account.moved()

    assert (movement.kind, movement.capture_id) == (MovementKind.REFUND, capture_id)
