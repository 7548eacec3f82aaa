"""Random requests in random order: nothing breaks, everything conforms, and the money adds up."""

import contextlib
import random
from collections.abc import Callable
from typing import Any

import pytest
import stripe

from sandbox.running import Sandbox
from sandbox.stripe.cards import BY_TOKEN
from sandbox.stripe.responses import authentications
from tests.sandbox.stripe.conftest import RETURN_URL

TOKENS = sorted(BY_TOKEN)
STEPS = 80


class Walker:
    """Does one random thing after another; a refusal is fine, a broken sandbox is not."""

    def __init__(self, seed: int, server: Any, sandbox: Sandbox, later: Callable[[float], None]) -> None:
        self.random = random.Random(seed)
        self.server = server
        self.sandbox = sandbox
        self.later = later
        self.intents: list[str] = []
        self.steps = (
            *[self.create] * 3, *[self.confirm] * 3, *[self.authenticate] * 2,
            self.capture, self.cancel, self.refund, self.refund, self.update, self.wait,
        )  # fmt: skip

    def walk(self) -> None:
        """Do all the steps."""
        self.create()
        for _ in range(STEPS):
            with contextlib.suppress(stripe.CardError, stripe.InvalidRequestError):
                self.random.choice(self.steps)()

    def create(self) -> None:
        """Create an intent, sometimes paying at once."""
        params: dict[str, Any] = {
            "amount": self.random.choice([50, 1999, 2000, 123_456]),
            "currency": self.random.choice(["eur", "usd", "jpy", "kwd"]),
            "capture_method": self.random.choice(["automatic", "automatic_async", "manual"]),
        }
        intent = self.server.payment_intents.create(params)
        self.intents.append(intent.id)

    def confirm(self) -> None:
        """Confirm any intent with any card."""
        self.server.payment_intents.confirm(
            self.random.choice(self.intents),
            {"payment_method": self.random.choice(TOKENS), "return_url": RETURN_URL},
        )

    def authenticate(self) -> None:
        """Finish any challenge in any way."""
        challenges = list(self.sandbox.world.store.table("stripe.authentication"))
        if challenges:
            outcome = self.random.choice(authentications.OUTCOMES)
            authentications.finish(self.sandbox.world, self.random.choice(challenges), outcome)

    def capture(self) -> None:
        """Capture some of any intent."""
        self.server.payment_intents.capture(
            self.random.choice(self.intents), {"amount_to_capture": self.random.choice([50, 2000])}
        )

    def cancel(self) -> None:
        """Cancel any intent."""
        self.server.payment_intents.cancel(self.random.choice(self.intents))

    def refund(self) -> None:
        """Refund some or all of any intent."""
        part = {"amount": self.random.choice([1, 50, 1000])} if self.random.random() < 0.6 else {}
        self.server.refunds.create({"payment_intent": self.random.choice(self.intents), **part})

    def update(self) -> None:
        """Change any intent."""
        self.server.payment_intents.update(self.random.choice(self.intents), {"amount": 2500})

    def wait(self) -> None:
        """Let some time pass."""
        self.later(self.random.choice([1, 5, 600]))


@pytest.mark.parametrize("seed", range(5))
def test_the_money_adds_up_whatever_happens(
    seed: int, server: Any, sandbox: Sandbox, later: Callable[[float], None]
) -> None:
    walker = Walker(seed, server, sandbox, later)

    walker.walk()
    later(3_600)

    charges = list(server.charges.list({"limit": 100}).auto_paging_iter())
    for intent in server.payment_intents.list({"limit": 100}).auto_paging_iter():
        _check_intent(intent, [charge for charge in charges if charge.payment_intent == intent.id])
    refunds = list(server.refunds.list({"limit": 100}).auto_paging_iter())
    for charge in charges:
        _check_charge(charge, [refund for refund in refunds if refund.charge == charge.id])
    for entry in server.balance_transactions.list({"limit": 100}).auto_paging_iter():
        assert entry.net == entry.amount - entry.fee
        assert entry.fee == sum(part.amount for part in entry.fee_details)


def _check_intent(intent: Any, charges: list[Any]) -> None:
    good = [charge for charge in charges if charge.status == "succeeded"]
    assert len(good) <= 1
    assert intent.amount_received == sum(charge.amount_captured for charge in good)
    assert (intent.status == "succeeded") == (intent.amount_received > 0)
    assert (intent.status == "requires_capture") == (intent.amount_capturable > 0)
    assert (intent.status == "requires_action") == (intent.next_action is not None)


def _check_charge(charge: Any, refunds: list[Any]) -> None:
    returned = sum(refund.amount for refund in refunds if refund.status != "failed")
    assert charge.amount_refunded == returned <= charge.amount_captured
    assert charge.refunded == (charge.captured and charge.amount_refunded == charge.amount_captured)
    assert (charge.balance_transaction is not None) == (charge.status == "succeeded" and charge.captured)
