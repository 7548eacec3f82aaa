"""Manual capture: what was set aside is taken once, in whole or in part, whoever asks and whatever is lost."""

from contextlib import suppress

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from shop.errors import InvalidInput, NothingToCapture, OutcomeUnknown, PaymentInFlight, ProviderUnavailable, ShopError
from shop.gateways.base import PaymentState, Provider
from shop.jobs import drain_outbox
from shop.models import OrderState, Payment, ReviewState
from shop.services import approvals, payments, sweep
from shop.services.payments import Outcome
from shop.services.unit_of_work import unit_of_work
from tests.holding import authorized, hold, taken
from tests.shop_app import PAYPAL, STRIPE, Shop, errors, eur

BOTH = pytest.mark.parametrize("provider", [STRIPE, PAYPAL])


@BOTH
def test_an_order_under_review_is_set_aside_and_not_charged(shop: Shop, provider: Provider) -> None:
    payment = authorized(shop, provider)

    status = payments.status(payment.order_id)

    assert status.outcome is Outcome.AUTHORIZED
    assert (taken(shop, payment), payment.captures, shop.owed("mail.receipt")) == (0, [], [])
    assert (payment.expires_at is not None, status.order.expires_at) == (True, None)
    assert len(shop.owed("mail.authorized")) == 1


@BOTH
def test_the_whole_is_taken_once_however_often_it_is_asked_for(shop: Shop, provider: Provider) -> None:
    payment = authorized(shop, provider)

    for _ in range(3):
        payments.capture(payment.id, None, "mara")

    assert taken(shop, payment) == payment.amount
    assert shop.placed(payment.order_id).state is OrderState.PAID
    assert len(shop.owed("mail.receipt")) == 1
    assert len(shop.payment(payment.id).captures) == 1


def test_two_tabs_that_capture_at_once_take_it_once(shop: Shop) -> None:
    payment = authorized(shop)

    results = shop.at_once(lambda _: payments.capture(payment.id, None, "mara"), 4)

    assert errors(results) == []
    assert taken(shop, payment) == payment.amount
    assert len(shop.payment(payment.id).captures) == 1


@BOTH
def test_a_part_is_taken_and_the_rest_is_free(shop: Shop, provider: Provider) -> None:
    payment = authorized(shop, provider)

    after = payments.capture(payment.id, eur(700), "mara")

    assert (after.state, after.captured, after.released) == (PaymentState.CAPTURED, 700, payment.amount - 700)
    assert shop.placed(payment.order_id).state is OrderState.PAID
    with pytest.raises(NothingToCapture):
        payments.capture(payment.id, eur(100), "mara")
    assert taken(shop, payment) == 700


@pytest.mark.parametrize("cents", [0, -1, 1741])
def test_more_than_was_set_aside_or_nothing_is_refused(shop: Shop, cents: int) -> None:
    payment = authorized(shop)

    with pytest.raises(InvalidInput):
        payments.capture(payment.id, eur(cents), "mara")

    assert taken(shop, payment) == 0


def test_a_capture_and_a_void_at_once_do_only_one_of_the_two(shop: Shop) -> None:
    payment = authorized(shop)

    shop.at_once(lambda n: (payments.capture(payment.id, None, "m") if n else payments.void(payment.id, "m")), 2)

    ended = (shop.payment(payment.id).state, shop.placed(payment.order_id).state)
    assert ended in (
        (PaymentState.CAPTURED, OrderState.PAID),
        (PaymentState.CANCELLED, OrderState.CANCELLED),
    )


@BOTH
def test_a_capture_whose_answer_was_lost_is_finished_by_a_worker_and_not_doubled(
    shop: Shop, provider: Provider
) -> None:
    payment = authorized(shop, provider)
    shop.fake(provider).fail_next(OutcomeUnknown("no answer"), after_doing=True, verb="capture")
    with pytest.raises(OutcomeUnknown):
        payments.capture(payment.id, eur(700), "mara")

    shop.clock.advance(minutes=2)
    drain_outbox()

    assert (shop.payment(payment.id).captured, taken(shop, payment)) == (700, 700)
    assert shop.placed(payment.order_id).state is OrderState.PAID


def test_a_provider_that_is_away_is_asked_again_with_the_same_amount(shop: Shop) -> None:
    payment = authorized(shop)
    shop.stripe.fail_next(ProviderUnavailable("refused"), verb="capture")
    with pytest.raises(ProviderUnavailable):
        payments.capture(payment.id, eur(700), "mara")
    with pytest.raises(PaymentInFlight):
        payments.capture(payment.id, None, "mara")

    shop.clock.advance(minutes=2)
    drain_outbox()

    assert taken(shop, payment) == 700


def test_a_capture_whose_key_has_expired_looks_first_and_goes_on_with_the_next(shop: Shop) -> None:
    payment = authorized(shop)
    shop.stripe.fail_next(OutcomeUnknown("no answer"), verb="capture")
    with pytest.raises(OutcomeUnknown):
        payments.capture(payment.id, None, "mara")

    shop.clock.advance(hours=25)
    payments.capture(payment.id, None, "mara")

    assert taken(shop, payment) == payment.amount
    assert shop.payment(payment.id).take_round == 2


@BOTH
def test_approving_an_order_takes_its_money(shop: Shop, provider: Provider) -> None:
    payment = authorized(shop, provider)

    for _ in range(2):
        order = approvals.approve(payment.order_id, "mara")

    assert (order.review, order.state, order.reviewed_by) == (ReviewState.APPROVED, OrderState.PAID, "mara")
    assert taken(shop, payment) == payment.amount


def test_an_order_approved_before_its_money_is_set_aside_is_charged_when_it_is(shop: Shop) -> None:
    order = hold(shop.order())
    started = payments.start(order.id, STRIPE)
    approvals.approve(order.id, "mara")
    shop.stripe.approve(started.external_id)

    payments.settle(order.id)
    drain_outbox()

    assert shop.placed(order.id).state is OrderState.PAID


@pytest.mark.parametrize("other", [STRIPE, PAYPAL])
def test_another_window_cannot_begin_a_payment_beside_what_is_set_aside(shop: Shop, other: Provider) -> None:
    payment = authorized(shop)

    results = shop.at_once(lambda _: payments.start(payment.order_id, other), 1)

    assert [type(error).__name__ for error in errors(results)] == ["OrderNotPayable"]
    assert shop.payment(payment.id).state is PaymentState.AUTHORIZED


STEPS = ("capture", "part", "void", "webhook", "sweep", "lost capture", "lost void", "lapse", "later")


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=st.lists(st.sampled_from(STEPS), max_size=7), provider=st.sampled_from([STRIPE, PAYPAL]))
def test_whatever_happens_in_whatever_order_shop_and_provider_end_alike(
    lasting_shop: Shop, steps: list[str], provider: Provider
) -> None:
    lasting_shop.reset()  # answers that were to be lost and were not asked for are not those of the next example
    payment = authorized(lasting_shop, provider)
    for step in steps:
        with suppress(ShopError):
            _do(lasting_shop, payment, step)
    lasting_shop.clock.advance(minutes=2)
    drain_outbox()
    with suppress(ShopError):
        payments.refresh(payment.id, "the end")
    drain_outbox()

    there = lasting_shop.fake(provider).fetch(payment.external_id or "")
    here = lasting_shop.payment(payment.id)
    order = lasting_shop.placed(payment.order_id)
    assert (here.state, here.captured) == (there.state, there.captured.amount)
    assert len(here.captures) <= 1
    assert (order.state is OrderState.PAID) is bool(here.captures)
    lasting_shop.assert_books_balance()


def _do(shop: Shop, payment: Payment, step: str) -> None:
    provider = shop.fake(payment.provider)
    if step == "lost capture":
        provider.fail_next(OutcomeUnknown("no answer"), after_doing=True, verb="capture")
    if step == "lost void":
        provider.fail_next(OutcomeUnknown("no answer"), after_doing=True, verb="cancel")
    if step in ("capture", "lost capture"):
        payments.capture(payment.id, None, "mara")
    elif step == "part":
        payments.capture(payment.id, eur(500), "mara")
    elif step in ("void", "lost void"):
        payments.void(payment.id, "mara")
    elif step == "webhook":
        payments.refresh(payment.id, "webhook")
    elif step == "sweep":
        sweep.sweep()
    elif step == "lapse":
        provider.lapse(payment.external_id or "")
    else:
        shop.clock.advance(minutes=2)
        drain_outbox()


@BOTH
def test_what_was_asked_for_is_carried_out_by_the_sweep_when_the_outbox_has_given_up(
    shop: Shop, provider: Provider
) -> None:
    taken_later, let_go_later = authorized(shop, provider), authorized(shop, provider, email="carol@example.com")
    with unit_of_work(write=True) as session:
        session.get_one(Payment, taken_later.id).capture_amount = taken_later.amount
        session.get_one(Payment, let_go_later.id).voided_by = "mara"

    shop.clock.advance(hours=7)
    sweep.sweep()

    assert shop.payment(taken_later.id).state is PaymentState.CAPTURED
    assert shop.payment(let_go_later.id).state is PaymentState.CANCELLED


def test_a_capture_whose_money_takes_days_pays_the_order_when_it_comes(shop: Shop) -> None:
    order = hold(shop.order())
    started = payments.start(order.id, PAYPAL)
    shop.paypal.approve_slowly(started.external_id, succeeds=True)
    payments.settle(order.id)

    waiting = payments.capture(started.payment_id, None, "mara")
    with pytest.raises(PaymentInFlight):
        payments.void(started.payment_id, "mara")
    shop.paypal.settle_capture(started.external_id)
    payments.refresh(started.payment_id, "PAYMENT.CAPTURE.COMPLETED")

    assert (waiting.state, waiting.captured) == (PaymentState.AUTHORIZED, 0)
    assert shop.placed(order.id).state is OrderState.PAID
    assert taken(shop, waiting) == waiting.amount
