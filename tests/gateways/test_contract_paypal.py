"""The PayPal gateway keeps the contract, against the sandbox's PayPal."""

from __future__ import annotations

import base64
from datetime import timedelta
from typing import Any

import pytest

from sandbox.paypal.responses import approvals
from sandbox.running import Sandbox
from shop.errors import OutcomeUnknown
from shop.gateways import paypal
from shop.gateways.base import ApiCall, AttemptState, Mode, PaymentGateway, PaymentState
from shop.money import Money
from tests.gateways.backend import PendingBackend
from tests.gateways.cast import a_closed_port, a_key, alices_order, eur
from tests.gateways.contract import GatewayContract, PendingCaptureContract
from tests.gateways.waiting import until

Json = dict[str, Any]
PATHS = {"start": "/v2/checkout/orders", "capture": "/v2/checkout/orders/", "refund": "/v2/payments/captures/"}


class PayPalBackend(PendingBackend):
    """Alice approves in the window's own functions; what goes wrong is a fault of the sandbox."""

    can_find = False
    hears_the_way_back = True
    waits_for_capture = True
    secrets = ("sandbox-secret", base64.b64encode(b"sandbox-client:sandbox-secret").decode(), "Bearer ")

    def __init__(self, sandbox: Sandbox) -> None:
        self.sandbox = sandbox
        self.calls: list[ApiCall] = []
        self.gateway = self._connect("sandbox-client", sandbox.paypal_api)
        self._warm_up()

    def _connect(self, client_id: str, api_base: str) -> paypal.PayPalPayments:
        return paypal.connect(client_id, "sandbox-secret", api_base, Mode.TEST, self.calls.append)

    def _warm_up(self) -> None:
        """Get an access token, so that a fault hits the call it is meant for."""
        self.begin()

    def pay(self, external_id: str) -> None:
        approvals.approve(self.sandbox.world, external_id, "balance")

    def refuse(self, external_id: str) -> None:
        approvals.approve(self.sandbox.world, external_id, "declined")

    def book_fees(self) -> None:
        """PayPal tells its fee with the capture."""

    def lapse(self, external_id: str) -> None:
        self.sandbox.world.clock.advance(timedelta(days=30))
        until(lambda: self.gateway.fetch(external_id).state is PaymentState.CANCELLED)

    def pay_slowly(self, external_id: str, *, succeeds: bool) -> None:
        approvals.approve(self.sandbox.world, external_id, "bank" if succeeds else "bank_fails")

    def wait_for_the_bank(self, external_id: str) -> None:
        self.sandbox.world.clock.advance(timedelta(days=1))
        until(lambda: self.gateway.fetch(external_id).state is not PaymentState.AUTHORIZED)

    def executed(self, key: str) -> int:
        rows = self.sandbox.world.store.table("paypal.request_log").values()
        return sum(row["idempotency_key"] == key and row["outcome"] == "executed" for row in rows)

    def lose_next_answer(self, verb: str) -> None:
        self.sandbox.world.faults.set("paypal", "answer_lost", times=1, path_prefix=PATHS[verb], method="POST")

    def go_down(self) -> None:
        self.sandbox.world.faults.set("paypal", "down", times=1)

    def slow_down(self, seconds: float) -> None:
        self.sandbox.world.faults.set("paypal", "slow", times=1, seconds=seconds)

    def with_wrong_keys(self) -> PaymentGateway:
        return self._connect("live-client", self.sandbox.paypal_api)

    def unreachable(self) -> PaymentGateway:
        return self._connect("sandbox-client", f"http://127.0.0.1:{a_closed_port()}")


class TestPayPalGateway(PendingCaptureContract, GatewayContract):
    """The contract, at the sandbox's PayPal; and what is PayPal's alone."""

    @pytest.fixture
    def backend(self, sandbox: Sandbox) -> PayPalBackend:
        """The gateway at an empty sandbox."""
        return PayPalBackend(sandbox)

    def test_an_approved_order_waits_for_us(self, backend: PayPalBackend) -> None:
        external_id = backend.begin()
        backend.pay(external_id)

        snapshot = backend.gateway.fetch(external_id)

        assert snapshot.needs_capture is True
        assert snapshot.state is PaymentState.REQUIRES_ACTION
        assert snapshot.captured == eur(0)

    def test_an_approved_order_that_is_called_back_takes_nothing(self, backend: PayPalBackend) -> None:
        external_id = backend.begin()
        backend.pay(external_id)

        cancelled = backend.gateway.cancel(external_id, a_key())

        assert cancelled.state is PaymentState.CANCELLED
        assert cancelled.needs_capture is False

    def test_a_pending_capture_is_processing_until_the_bank_pays(self, backend: PayPalBackend) -> None:
        external_id = backend.begin()
        approvals.approve(backend.sandbox.world, external_id, "bank")

        pending = backend.finish(external_id)

        assert pending.state is PaymentState.PROCESSING
        assert [attempt.state for attempt in pending.attempts] == [AttemptState.PENDING]
        assert pending.captures == ()

    def test_what_was_held_for_longer_than_the_honour_period_is_held_anew_before_it_is_captured(
        self, backend: PayPalBackend
    ) -> None:
        held, key = backend.captured(alices_order(capture_later=True)), a_key()
        backend.sandbox.world.clock.advance(timedelta(days=4))

        taken, repeated = (backend.gateway.capture(held.external_id, key, eur(2000)) for _ in range(2))

        assert taken == repeated
        assert (taken.state, taken.captured) == (PaymentState.CAPTURED, eur(2000))
        assert [attempt.state for attempt in taken.attempts] == [AttemptState.SUCCEEDED]
        assert [row["amount"]["value"] for row in self._authorizations(backend)] == ["24.50", "20.00"]

    def test_within_the_honour_period_nothing_is_held_anew(self, backend: PayPalBackend) -> None:
        held = backend.captured(alices_order(capture_later=True))
        backend.sandbox.world.clock.advance(timedelta(days=2))

        backend.gateway.capture(held.external_id, a_key())

        assert len(self._authorizations(backend)) == 1

    def test_what_paypal_will_not_hold_anew_is_captured_as_it_is(self, backend: PayPalBackend) -> None:
        held = backend.captured(alices_order(capture_later=True))
        backend.sandbox.world.clock.advance(timedelta(days=4))
        (row,) = self._authorizations(backend)
        row["_"]["reauthorizes"] = "ANOTHER"  # as one of a saved order, which PayPal refuses to make anew

        taken = backend.gateway.capture(held.external_id, a_key())

        assert taken.captured == eur(2450)
        assert len(self._authorizations(backend)) == 1

    def test_what_was_held_anew_is_let_go_with_the_first(self, backend: PayPalBackend) -> None:
        held = backend.captured(alices_order(capture_later=True))
        backend.sandbox.world.clock.advance(timedelta(days=4))
        self._lose_the_capture(backend, held.external_id)
        assert len(self._authorizations(backend)) == 2

        released = backend.gateway.cancel(held.external_id, a_key())

        assert released.state is PaymentState.CANCELLED
        assert {row["status"] for row in self._authorizations(backend)} == {"VOIDED"}

    @staticmethod
    def _lose_the_capture(backend: PayPalBackend, external_id: str) -> None:
        """Hold the money anew, and be killed before it is captured."""
        (row,) = TestPayPalGateway._authorizations(backend)
        path = f"/v2/payments/authorizations/{row['id']}/reauthorize"
        backend.sandbox.world.faults.set("paypal", "answer_lost", times=1, path_prefix=path, method="POST")
        with pytest.raises(OutcomeUnknown):
            backend.gateway.capture(external_id, a_key())

    @staticmethod
    def _authorizations(backend: PayPalBackend) -> list[Json]:
        return list(backend.sandbox.world.store.table("paypal.authorization").values())

    def test_the_payer_is_told_masked(self, backend: PayPalBackend) -> None:
        method = backend.captured().method

        assert method is not None
        assert method.kind == "paypal"
        assert method.payer == "a***@buyer.example"

    def test_a_revoked_token_costs_one_repeat_and_nobody_notices(self, backend: PayPalBackend) -> None:
        external_id = backend.begin()
        backend.gateway._client._token.access_token = "revoked"  # type: ignore[attr-defined]
        backend.calls.clear()

        backend.gateway.fetch(external_id)

        assert [call.status for call in backend.calls] == [401, 200, 200]

    def test_forints_and_yen_go_without_decimals(self, backend: PayPalBackend) -> None:
        huf = Money(245_000, "HUF")
        zero = Money.zero("HUF")
        order = alices_order(amount=huf, items=huf, shipping=zero, tax=zero, discount=zero, lines=())

        paid = backend.captured(order)

        assert paid.captured == huf

    def test_after_a_decline_paypal_still_calls_the_order_approved(self, backend: PayPalBackend) -> None:
        external_id = backend.begin()
        backend.refuse(external_id)
        declined = backend.finish(external_id)

        seen = backend.gateway.fetch(external_id)

        assert declined.needs_capture is False
        assert seen.needs_capture is True
        assert seen.attempts == ()
