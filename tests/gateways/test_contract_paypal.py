"""The PayPal gateway keeps the contract, against the sandbox's PayPal."""

from __future__ import annotations

import base64

import pytest

from sandbox.paypal.responses import approvals
from sandbox.running import Sandbox
from shop.gateways import paypal
from shop.gateways.base import ApiCall, AttemptState, Mode, PaymentGateway, PaymentState
from shop.money import Money
from tests.gateways.cast import a_closed_port, a_key, alices_order, eur
from tests.gateways.contract import Backend, GatewayContract

PATHS = {"start": "/v2/checkout/orders", "capture": "/v2/checkout/orders/", "refund": "/v2/payments/captures/"}


class PayPalBackend(Backend):
    """Alice approves in the window's own functions; what goes wrong is a fault of the sandbox."""

    can_find = False
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


class TestPayPalGateway(GatewayContract):
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
