"""The Stripe gateway keeps the contract, against the sandbox's Stripe."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
import requests

from sandbox.running import Sandbox
from sandbox.stripe.responses import authentications
from shop.errors import CustomerMissing
from shop.gateways import stripe
from shop.gateways.base import ApiCall, AttemptState, Mode, PaymentGateway, PaymentState, RefundState
from shop.gateways.stripe.notices import notice
from shop.gateways.wallets import NewCustomer
from shop.money import Money
from tests.gateways.backend import CARD, Backend
from tests.gateways.cast import a_closed_port, a_key, a_refund, alices_order, eur
from tests.gateways.contract import GatewayContract
from tests.gateways.waiting import until

INTENTS = "/v1/payment_intents"
DECLINED = "4000000000000002"
STOLEN = "4000000000009979"
NEEDS_3DS = "4000002760003184"
REFUND_FAILS_LATER = "4000000000005126"


class StripeBackend(Backend):
    """Alice confirms with the publishable key as Stripe.js does; what goes wrong is a fault of the sandbox."""

    secrets = ("sk_test_sandbox", "_secret_")

    def __init__(self, sandbox: Sandbox) -> None:
        self.sandbox = sandbox
        self.calls: list[ApiCall] = []
        self.gateway = self._connect("sk_test_sandbox", sandbox.stripe_api)

    def _connect(self, key: str, api_base: str) -> stripe.StripePayments:
        return stripe.connect(key, api_base, Mode.TEST, self.calls.append)

    def pay(self, external_id: str) -> None:
        self.pay_with(external_id, CARD)

    def refuse(self, external_id: str) -> None:
        self.pay_with(external_id, DECLINED)

    def pay_with(self, external_id: str, number: str) -> None:
        """Confirm with a card."""
        card = {"number": number, "exp_month": "12", "exp_year": "2034", "cvc": "123"}
        self._confirm(external_id, "card", {f"card][{name}": value for name, value in card.items()})

    def debit(self, external_id: str, iban: str) -> None:
        """Confirm with a bank account."""
        owner = {"billing_details][name": "Alice Archer", "billing_details][email": "alice@example.com"}
        self._confirm(external_id, "sepa_debit", {"sepa_debit][iban": iban, **owner})

    def _confirm(self, external_id: str, kind: str, details: dict[str, str]) -> None:
        """Confirm as the browser does; a decline is an answer."""
        secret = self.gateway.reopen(external_id).client_secret
        method = {f"payment_method_data[{name}]": value for name, value in {"type": kind, **details}.items()}
        answer = requests.post(
            f"{self.sandbox.stripe_api}{INTENTS}/{external_id}/confirm",
            data={
                "key": "pk_test_sandbox",
                "client_secret": secret,
                "return_url": "https://shop.example/return",
                "use_stripe_sdk": "true",
                **method,
            },
            timeout=5,
        )
        assert answer.status_code in (200, 402), answer.text

    def authenticate(self, external_id: str, outcome: str) -> None:
        """Finish the 3-D Secure challenge of the bank's page: "complete" or "fail"."""
        intent = self.sandbox.world.store.table("stripe.payment_intent")[external_id]
        source = intent["next_action"]["use_stripe_sdk"]["source"]
        authentications.finish(self.sandbox.world, source, outcome)

    def book_fees(self) -> None:
        self.sandbox.world.clock.advance(timedelta(hours=2))
        charges = self.sandbox.world.store.table("stripe.charge")
        until(lambda: all(charge["balance_transaction"] for charge in charges.values() if charge["captured"]))

    def lapse(self, external_id: str) -> None:
        self.sandbox.world.clock.advance(timedelta(days=8))
        until(lambda: self.gateway.fetch(external_id).state is PaymentState.CANCELLED)

    def executed(self, key: str) -> int:
        rows = self.sandbox.world.store.table("stripe.request_log").values()
        return sum(row["idempotency_key"] == key and row["outcome"] == "executed" for row in rows)

    def lose_next_answer(self, verb: str) -> None:
        path = "/v1/refunds" if verb == "refund" else INTENTS
        self.sandbox.world.faults.set("stripe", "answer_lost", times=1, path_prefix=path, method="POST")

    def go_down(self) -> None:
        self.sandbox.world.faults.set("stripe", "down", times=1)

    def slow_down(self, seconds: float) -> None:
        self.sandbox.world.faults.set("stripe", "slow", times=1, seconds=seconds)

    def with_wrong_keys(self) -> PaymentGateway:
        return self._connect("sk_live_of_somebody", self.sandbox.stripe_api)

    def unreachable(self) -> PaymentGateway:
        return self._connect("sk_test_sandbox", f"http://127.0.0.1:{a_closed_port()}")


class TestStripeGateway(GatewayContract):
    """The contract, at the sandbox's Stripe; and what is Stripe's alone."""

    @pytest.fixture
    def backend(self, sandbox: Sandbox) -> StripeBackend:
        """The gateway at an empty sandbox."""
        return StripeBackend(sandbox)

    def test_a_card_is_told_by_brand_and_last_digits(self, backend: StripeBackend) -> None:
        method = backend.captured().method

        assert method is not None
        assert (method.kind, method.brand, method.last4) == ("card", "visa", "4242")

    def test_a_stolen_card_is_told_as_any_other_decline_but_never_tried_again(self, backend: StripeBackend) -> None:
        external_id = backend.begin()

        backend.pay_with(external_id, STOLEN)

        (attempt,) = backend.gateway.fetch(external_id).attempts
        assert attempt.decline is not None
        assert attempt.decline.code == "generic_decline"
        assert attempt.decline.hard is True

    def test_a_card_that_wants_authentication_requires_action(self, backend: StripeBackend) -> None:
        external_id = backend.begin()

        backend.pay_with(external_id, NEEDS_3DS)
        asked = backend.gateway.fetch(external_id)
        backend.authenticate(external_id, "complete")
        paid = backend.gateway.fetch(external_id)

        assert asked.state is PaymentState.REQUIRES_ACTION
        assert paid.state is PaymentState.CAPTURED

    def test_an_authentication_that_failed_is_one_attempt_with_an_id_that_stays(self, backend: StripeBackend) -> None:
        external_id = backend.begin()
        backend.pay_with(external_id, NEEDS_3DS)

        backend.authenticate(external_id, "fail")

        first, second = backend.gateway.fetch(external_id), backend.gateway.fetch(external_id)
        assert first.state is PaymentState.CREATED
        assert [attempt.state for attempt in first.attempts] == [AttemptState.DECLINED]
        assert first.attempts[0].decline is not None
        assert first.attempts[0].decline.advice == "authenticate"
        assert first == second

    def test_several_declines_are_several_attempts_in_order(self, backend: StripeBackend) -> None:
        external_id = backend.begin()

        backend.pay_with(external_id, DECLINED)
        backend.pay_with(external_id, "4000000000009995")
        backend.pay(external_id)

        attempts = backend.gateway.fetch(external_id).attempts
        codes = [attempt.decline.code for attempt in attempts if attempt.decline]
        assert codes == ["generic_decline", "insufficient_funds"]
        assert attempts[-1].state is AttemptState.SUCCEEDED

    def test_an_authorization_that_lapses_is_told_by_an_event_with_its_reason(self, backend: StripeBackend) -> None:
        held = backend.captured(alices_order(capture_later=True))

        backend.lapse(held.external_id)

        events = backend.sandbox.world.store.table("stripe.event").values()
        (cancelled,) = [event for event in events if event["type"] == "payment_intent.canceled"]
        assert cancelled["data"]["object"]["cancellation_reason"] == "expired"
        assert notice(cancelled, Mode.TEST).external_id == held.external_id

    def test_a_customer_who_was_deleted_at_stripe_is_told_as_such(self, backend: StripeBackend) -> None:
        wallet = stripe.wallet("sk_test_sandbox", backend.sandbox.stripe_api, Mode.TEST, backend.calls.append)
        gone = wallet.create_customer(NewCustomer("ref", "alice@example.com"), a_key())
        wallet.delete_customer(gone)

        with pytest.raises(CustomerMissing):
            backend.gateway.start(alices_order(customer=gone), a_key())

    def test_the_fee_is_not_known_at_once(self, backend: StripeBackend) -> None:
        (capture,) = backend.captured().captures

        assert capture.settlement is None

    def test_a_refund_that_fails_days_later_is_told_as_failed(self, backend: StripeBackend) -> None:
        external_id = backend.begin()
        backend.pay_with(external_id, REFUND_FAILS_LATER)
        paid = backend.gateway.fetch(external_id)
        made = backend.gateway.refund(a_refund(external_id, paid.captures[0].external_id, eur(500)), a_key())

        backend.sandbox.world.clock.advance(timedelta(days=10))

        until(lambda: backend.gateway.fetch_refund(made.external_id).state is RefundState.FAILED)
        assert backend.gateway.fetch_refund(made.external_id).failure

    def test_more_refunds_than_one_answer_holds_are_all_told(self, backend: StripeBackend) -> None:
        paid = backend.captured()
        for _ in range(12):
            backend.gateway.refund(a_refund(paid.external_id, paid.captures[0].external_id, eur(100)), a_key())

        refunds = backend.gateway.fetch(paid.external_id).refunds

        assert len({refund.external_id for refund in refunds}) == 12

    def test_yen_go_without_decimals(self, backend: StripeBackend) -> None:
        yen, zero = Money(2450, "JPY"), Money.zero("JPY")

        paid = backend.captured(alices_order(amount=yen, items=yen, shipping=zero, discount=zero, tax=zero, lines=()))

        assert paid.captured == yen

    def test_a_bank_debit_is_processing_for_days(self, backend: StripeBackend) -> None:
        external_id = backend.begin()
        backend.debit(external_id, "AT611904300234573201")
        waiting = backend.gateway.fetch(external_id)

        backend.sandbox.world.clock.advance(timedelta(days=14))

        until(lambda: backend.gateway.fetch(external_id).state is PaymentState.CAPTURED)
        assert waiting.state is PaymentState.PROCESSING
        assert [attempt.state for attempt in waiting.attempts] == [AttemptState.PENDING]
        assert waiting.captures == ()
        assert waiting.method is not None
        assert (waiting.method.kind, waiting.method.last4) == ("sepa_debit", "3201")

    def test_a_bank_debit_that_is_sent_back_can_be_paid_anew(self, backend: StripeBackend) -> None:
        external_id = backend.begin()
        backend.debit(external_id, "AT861904300235473202")

        backend.sandbox.world.clock.advance(timedelta(days=14))

        until(lambda: backend.gateway.fetch(external_id).state is PaymentState.CREATED)
        assert [attempt.state for attempt in backend.gateway.fetch(external_id).attempts] == [AttemptState.DECLINED]
        backend.pay(external_id)
        assert backend.gateway.fetch(external_id).captured == eur(2450)

    def test_a_payment_is_found_behind_more_than_a_page_of_others(self, backend: StripeBackend) -> None:
        request, before = alices_order(), datetime.now(UTC) - timedelta(minutes=5)
        external_id = backend.begin(request)
        for _ in range(101):
            backend.begin()

        found = backend.gateway.find(request.reference, before)

        assert found is not None
        assert found.external_id == external_id
