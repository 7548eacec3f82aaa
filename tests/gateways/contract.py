"""What every gateway must do, said once. Each provider's test module brings its `backend` fixture."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from shop.errors import KeyReused, ObjectMissing, OutcomeUnknown, ProviderUnavailable, WrongCredentials
from shop.gateways.base import AttemptState, Mode, Patience, PaymentState, RefundState
from tests.gateways.backend import CARD, Backend, PendingBackend
from tests.gateways.cast import a_key, a_refund, alices_order, eur


class GatewayContract:
    """The promises of `shop.gateways.base.PaymentGateway`."""

    def test_a_started_payment_waits_for_the_customer(self, backend: Backend) -> None:
        request = alices_order()

        started = backend.gateway.start(request, a_key())

        snapshot = started.snapshot
        assert snapshot.state is PaymentState.CREATED
        assert (snapshot.reference, snapshot.amount) == (request.reference, request.amount)
        assert (snapshot.provider, snapshot.mode) == (backend.gateway.provider, Mode.TEST)
        assert (snapshot.attempts, snapshot.captures, snapshot.refunds) == ((), (), ())
        assert started.client_secret or started.approve_url

    def test_a_payment_begun_before_is_reopened_with_what_the_browser_needs(self, backend: Backend) -> None:
        started = backend.gateway.start(alices_order(), a_key())

        reopened = backend.gateway.reopen(started.snapshot.external_id)

        assert reopened == started

    def test_starting_twice_with_one_key_makes_one_payment(self, backend: Backend) -> None:
        request, key = alices_order(), a_key()

        first, second = backend.gateway.start(request, key), backend.gateway.start(request, key)

        assert first.snapshot.external_id == second.snapshot.external_id
        assert backend.executed(key) == 1

    def test_many_threads_with_one_key_make_one_payment(self, backend: Backend) -> None:
        request, key = alices_order(), a_key()

        def start(_: int) -> str | None:
            try:
                return backend.gateway.start(request, key).snapshot.external_id
            except OutcomeUnknown:  # the first is still under way
                return None

        with ThreadPoolExecutor(8) as threads:
            made = set(threads.map(start, range(16)))

        assert len(made - {None}) == 1
        assert backend.executed(key) == 1

    def test_a_key_is_not_taken_with_other_parameters(self, backend: Backend) -> None:
        request, key = alices_order(), a_key()
        backend.gateway.start(request, key)

        with pytest.raises(KeyReused):
            backend.gateway.start(replace(request, amount=eur(2550), items=eur(2100), lines=()), key)

        assert backend.executed(key) == 1

    def test_a_key_is_taken_with_another_way_back_where_the_provider_was_told_none(self, backend: Backend) -> None:
        request, key = alices_order(), a_key()
        made = backend.gateway.start(request, key).snapshot
        moved = replace(request, return_url="https://moved.example/return", cancel_url="https://moved.example/cancel")

        if backend.hears_the_way_back:
            with pytest.raises(KeyReused):
                backend.gateway.start(moved, key)
        else:
            assert backend.gateway.start(moved, key).snapshot == made
        assert backend.executed(key) == 1

    def test_a_paid_payment_is_captured_whole_with_its_attempt_and_method(self, backend: Backend) -> None:
        request = alices_order()
        backend.captured(alices_order())  # Bob's, which must not be mixed in

        snapshot = backend.captured(request)

        assert snapshot.state is PaymentState.CAPTURED
        assert snapshot.reference == request.reference
        assert snapshot.captured == request.amount
        assert [attempt.state for attempt in snapshot.attempts] == [AttemptState.SUCCEEDED]
        assert snapshot.method is not None
        assert snapshot.needs_capture is False
        assert backend.gateway.fetch(snapshot.external_id) == snapshot

    def test_a_decline_is_an_attempt_and_the_payment_can_be_paid_after_it(self, backend: Backend) -> None:
        external_id = backend.begin()

        backend.refuse(external_id)
        declined = backend.finish(external_id)
        backend.pay(external_id)
        paid = backend.finish(external_id)

        assert declined.state is PaymentState.CREATED
        assert declined.needs_capture is False
        assert [attempt.state for attempt in declined.attempts] == [AttemptState.DECLINED]
        assert declined.attempts[0].decline is not None
        assert declined.attempts[0].decline.advice in ("other_method", "try_again")
        assert declined.captured == eur(0)
        assert paid.state is PaymentState.CAPTURED
        assert paid.captured == eur(2450)
        assert paid.attempts[-1].external_id != declined.attempts[0].external_id

    def test_a_decline_may_be_told_twice_under_one_key_but_is_one_attempt(self, backend: Backend) -> None:
        external_id, key = backend.begin(), a_key()
        backend.refuse(external_id)

        first, second = (backend.gateway.capture(external_id, key) for _ in range(2))

        assert first.attempts == second.attempts
        assert [attempt.state for attempt in first.attempts] == [AttemptState.DECLINED]

    def test_a_payment_that_nobody_paid_can_be_cancelled(self, backend: Backend) -> None:
        external_id, key = backend.begin(), a_key()

        cancelled = backend.gateway.cancel(external_id, key)

        assert cancelled.state is PaymentState.CANCELLED
        assert backend.gateway.cancel(external_id, key).state is PaymentState.CANCELLED

    def test_cancelling_too_late_answers_with_the_money_taken(self, backend: Backend) -> None:
        paid = backend.captured()

        answer = backend.gateway.cancel(paid.external_id, a_key())

        assert answer.state is PaymentState.CAPTURED
        assert answer.captured == eur(2450)

    def test_a_held_payment_is_authorized_and_captured_in_part(self, backend: Backend) -> None:
        held = backend.captured(alices_order(capture_later=True))

        taken = backend.gateway.capture(held.external_id, a_key(), eur(2000))

        assert held.state is PaymentState.AUTHORIZED
        assert held.captured == eur(0)
        assert taken.state is PaymentState.CAPTURED
        assert taken.captured == eur(2000)
        assert taken.refunds == (), "what is let go was never taken"

    def test_a_held_payment_is_captured_once_however_often_it_is_asked_for(self, backend: Backend) -> None:
        held, key = backend.captured(alices_order(capture_later=True)), a_key()

        first, second = (backend.gateway.capture(held.external_id, key) for _ in range(2))
        third = backend.gateway.capture(held.external_id, a_key())

        assert [one.captured for one in (first, second, third)] == [eur(2450)] * 3
        assert len(third.captures) == 1

    def test_a_held_payment_can_be_released(self, backend: Backend) -> None:
        held = backend.captured(alices_order(capture_later=True))

        released = backend.gateway.cancel(held.external_id, a_key())

        assert released.state is PaymentState.CANCELLED
        seen = backend.gateway.fetch(held.external_id)
        assert (seen.state, seen.refunds) == (PaymentState.CANCELLED, ())

    def test_a_held_payment_that_lapses_is_cancelled_and_can_neither_be_captured_nor_released(
        self, backend: Backend
    ) -> None:
        held = backend.captured(alices_order(capture_later=True))
        assert held.expires_at is not None

        backend.lapse(held.external_id)

        seen = backend.gateway.fetch(held.external_id)
        taken = backend.gateway.capture(held.external_id, a_key())
        released = backend.gateway.cancel(held.external_id, a_key())
        assert [one.state for one in (seen, taken, released)] == [PaymentState.CANCELLED] * 3
        assert [one.captured for one in (seen, taken, released)] == [eur(0)] * 3

    def test_capturing_what_nobody_approved_takes_nothing(self, backend: Backend) -> None:
        external_id = backend.begin()

        answer = backend.gateway.capture(external_id, a_key())

        assert answer.state is PaymentState.CREATED
        assert answer.captured == eur(0)

    def test_fees_add_up_once_they_are_known(self, backend: Backend) -> None:
        paid = backend.captured()

        backend.book_fees()

        (capture,) = backend.gateway.fetch(paid.external_id).captures
        assert capture.settlement is not None
        assert capture.settlement.fee > eur(0)
        assert capture.settlement.gross == eur(2450)
        assert capture.settlement.gross - capture.settlement.fee == capture.settlement.net

    def test_refunds_in_parts_are_told_with_their_references(self, backend: Backend) -> None:
        paid = backend.captured()
        capture = paid.captures[0].external_id
        parts = [a_refund(paid.external_id, capture, eur(1000)), a_refund(paid.external_id, capture, eur(1450))]

        made = [backend.gateway.refund(part, a_key()) for part in parts]

        told = backend.gateway.fetch(paid.external_id).refunds
        assert [one.state for one in made] == [RefundState.SUCCEEDED] * 2
        assert [one.external_id for one in told] == [one.external_id for one in made]
        assert [one.reference for one in told] == [part.reference for part in parts]
        assert [one.amount for one in told] == [eur(1000), eur(1450)]

    def test_a_refund_is_found_again_with_its_payment(self, backend: Backend) -> None:
        paid = backend.captured()
        request = a_refund(paid.external_id, paid.captures[0].external_id, eur(2450))

        made = backend.gateway.refund(request, a_key())

        assert backend.gateway.fetch_refund(made.external_id) == made
        assert made.payment_external_id == paid.external_id
        assert made.settlement is None or made.settlement.gross == eur(-2450)

    def test_refunding_more_than_was_taken_fails_and_gives_nothing(self, backend: Backend) -> None:
        paid = backend.captured()

        made = backend.gateway.refund(a_refund(paid.external_id, paid.captures[0].external_id, eur(2451)), a_key())

        assert made.state is RefundState.FAILED
        assert made.failure
        given = [one for one in backend.gateway.fetch(paid.external_id).refunds if one.state is not RefundState.FAILED]
        assert given == []

    def test_refunding_twice_with_one_key_gives_once(self, backend: Backend) -> None:
        paid, key = backend.captured(), a_key()
        request = a_refund(paid.external_id, paid.captures[0].external_id, eur(500))

        first, second = backend.gateway.refund(request, key), backend.gateway.refund(request, key)

        assert first == second
        assert backend.executed(key) == 1
        assert len(backend.gateway.fetch(paid.external_id).refunds) == 1

    def test_a_payment_is_found_by_our_reference(self, backend: Backend) -> None:
        request, before = alices_order(), datetime.now(UTC) - timedelta(minutes=5)
        backend.begin()  # Bob's
        external_id = backend.begin(request)
        backend.begin()

        found = backend.gateway.find(request.reference, before)

        if backend.can_find:
            assert found is not None
            assert found.external_id == external_id
        else:
            assert found is None

    def test_nothing_is_found_by_a_reference_that_nobody_used(self, backend: Backend) -> None:
        backend.begin()

        found = backend.gateway.find("never-used", datetime.now(UTC) - timedelta(minutes=5))

        assert found is None

    def test_an_unknown_payment_is_missing(self, backend: Backend) -> None:
        for verb in (backend.gateway.fetch, backend.gateway.reopen, backend.gateway.fetch_refund):
            with pytest.raises(ObjectMissing):
                verb("UNKNOWN0000000000")

    def test_wrong_keys_are_told_as_such(self, backend: Backend) -> None:
        with pytest.raises(WrongCredentials):
            backend.with_wrong_keys().start(alices_order(), a_key())

    def test_a_refused_connection_means_that_nothing_was_done(self, backend: Backend) -> None:
        started = time.monotonic()

        with pytest.raises(ProviderUnavailable):
            backend.unreachable().start(alices_order(), a_key())

        assert time.monotonic() - started < 2

    def test_a_provider_that_is_down_leaves_the_outcome_open(self, backend: Backend) -> None:
        backend.go_down()

        with pytest.raises(OutcomeUnknown):
            backend.gateway.start(alices_order(), a_key())

    @pytest.mark.parametrize("verb", ["start", "capture", "refund"])
    def test_a_lost_answer_is_asked_for_again_and_nothing_is_done_twice(self, backend: Backend, verb: str) -> None:
        key = a_key()
        act = self._ready(backend, verb, key)
        backend.lose_next_answer(verb)

        with pytest.raises(OutcomeUnknown):
            act()
        first, second = act(), act()

        assert first == second
        assert backend.executed(key) == 1

    def _ready(self, backend: Backend, verb: str, key: str):  # type: ignore[no-untyped-def]
        """Bring a payment to where the verb can be called, and return the call; it answers with ids and amounts."""
        gateway = backend.gateway
        if verb == "start":
            request = alices_order()
            return lambda: gateway.start(request, key).snapshot.external_id
        if verb == "capture":
            external_id = backend.begin(alices_order(capture_later=not backend.waits_for_capture))
            backend.pay(external_id)
            return lambda: gateway.capture(external_id, key).captures
        paid = backend.captured()
        refund = a_refund(paid.external_id, paid.captures[0].external_id, eur(500))
        return lambda: gateway.refund(refund, key).external_id

    def test_a_slow_provider_is_waited_for_no_longer_than_patience_says(self, backend: Backend) -> None:
        backend.slow_down(3)
        started = time.monotonic()

        with pytest.raises(OutcomeUnknown):
            backend.gateway.start(alices_order(), a_key(), Patience(connect=0.5, read=0.3))

        assert time.monotonic() - started < 1.5

    def test_every_call_is_recorded_with_its_key_and_without_secrets(self, backend: Backend) -> None:
        backend.calls.clear()
        key = a_key()
        started = backend.gateway.start(alices_order(), key)
        backend.pay(started.snapshot.external_id)
        backend.finish(started.snapshot.external_id)

        told = "\n".join(f"{call.path} {call.request} {call.response} {call.error}" for call in backend.calls)
        hidden = [*backend.secrets, CARD, "alice@example.com", "Alice Archer", "12 Harbour"]
        hidden += [started.client_secret] if started.client_secret else []
        assert [call.idempotency_key for call in backend.calls].count(key) == 1
        assert [secret for secret in hidden if secret in told] == []

    def test_a_call_without_an_answer_is_recorded_with_its_error(self, backend: Backend) -> None:
        backend.calls.clear()
        backend.lose_next_answer("start")
        key = a_key()

        with pytest.raises(OutcomeUnknown):
            backend.gateway.start(alices_order(), key)

        (lost,) = [call for call in backend.calls if call.idempotency_key == key]
        assert lost.status == 0
        assert lost.error


class PendingCaptureContract:
    """What holds where the capture of an authorization may be pending; at Stripe it is not."""

    def test_a_capture_that_is_pending_has_taken_nothing_yet_and_then_all(self, backend: PendingBackend) -> None:
        external_id = backend.begin(alices_order(capture_later=True))
        backend.pay_slowly(external_id, succeeds=True)
        backend.finish(external_id)

        pending, again = (backend.gateway.capture(external_id, a_key()) for _ in range(2))
        backend.wait_for_the_bank(external_id)

        assert [(one.state, one.captured) for one in (pending, again)] == [(PaymentState.AUTHORIZED, eur(0))] * 2
        settled = backend.gateway.fetch(external_id)
        assert (settled.state, settled.captured, len(settled.captures)) == (PaymentState.CAPTURED, eur(2450), 1)

    def test_a_pending_capture_that_fails_leaves_nothing_to_capture(self, backend: PendingBackend) -> None:
        external_id = backend.begin(alices_order(capture_later=True))
        backend.pay_slowly(external_id, succeeds=False)
        backend.finish(external_id)
        backend.gateway.capture(external_id, a_key())

        backend.wait_for_the_bank(external_id)

        seen, again = backend.gateway.fetch(external_id), backend.gateway.capture(external_id, a_key())
        assert [(one.state, one.captured) for one in (seen, again)] == [(PaymentState.CANCELLED, eur(0))] * 2
