"""The sweep: it needs the database and the providers only, and finishes whatever was left behind."""

import pytest
from rq import Queue
from sqlalchemy import update

from shop.errors import OutcomeUnknown, ProviderRejected, ProviderUnavailable
from shop.gateways.base import PaymentState, Provider, RefundState
from shop.models import Lease, OrderState, Refund
from shop.services import leases, payments, refunds
from shop.services.sweep import sweep
from shop.services.unit_of_work import unit_of_work
from tests.meanwhile import meanwhile
from tests.shop_app import PAYPAL, STRIPE, Shop, eur


@pytest.mark.parametrize("provider", [STRIPE, PAYPAL])
def test_with_every_webhook_lost_and_redis_away_the_sweep_finishes_the_order(shop: Shop, provider: Provider) -> None:
    payment = shop.started(provider)
    shop.approve(payment)

    sweep()
    too_early = shop.placed(payment.order_id).state
    shop.clock.advance(seconds=31)
    sweep()

    assert too_early is OrderState.PENDING
    assert shop.placed(payment.order_id).state is OrderState.PAID
    assert len(shop.owed("mail.receipt")) == 1


def test_a_process_that_died_before_its_call_is_finished_with_the_same_key(shop: Shop) -> None:
    order = shop.order()
    shop.stripe.fail_next(ProviderUnavailable("killed before the call"), verb="start")
    with pytest.raises(ProviderUnavailable):
        payments.start(order.id, STRIPE)

    shop.clock.advance(seconds=31)
    sweep()

    [payment] = shop.payments()
    assert payment.external_id is not None
    assert sum(shop.stripe.executed.values()) == 1


def test_a_process_that_died_after_its_call_adopts_what_the_call_had_made(shop: Shop) -> None:
    order = shop.order()
    shop.stripe.fail_next(OutcomeUnknown("killed after the call"), after_doing=True, verb="start")
    with pytest.raises(OutcomeUnknown):
        payments.start(order.id, STRIPE)

    shop.clock.advance(seconds=31)
    sweep()

    [payment] = shop.payments()
    assert payment.external_id is not None
    assert sum(shop.stripe.executed.values()) == 1


def test_an_order_that_ran_out_while_its_payment_had_no_answer_ends(shop: Shop) -> None:
    order = shop.order(["RARE-1"])
    shop.stripe.fail_next(OutcomeUnknown("no answer"), after_doing=True, verb="start")
    with pytest.raises(OutcomeUnknown):
        payments.start(order.id, STRIPE)

    shop.clock.advance(hours=2)
    sweep()
    for message in shop.owed("payment.tidy"):
        payments.handle_tidy(message)

    [payment] = shop.payments()
    assert shop.placed(order.id).state is OrderState.EXPIRED
    assert shop.stock("RARE-1") == 1
    assert shop.stripe.fetch(payment.external_id or "").state is PaymentState.CANCELLED


def test_one_payment_that_our_code_cannot_bear_does_not_hold_up_the_others(shop: Shop) -> None:
    broken, sound = shop.started(), shop.started()
    shop.approve(sound)
    shop.clock.advance(seconds=31)
    for _ in range(2):
        shop.stripe.fail_next(ProviderRejected("nonsense"), verb="fetch")  # Bob's and the broken one

    sweep()

    assert shop.placed(broken.order_id).state is OrderState.PENDING
    assert shop.placed(sound.order_id).state is OrderState.PAID


def test_overdue_orders_of_a_provider_that_is_away_do_not_hold_up_those_of_the_other(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("shop.services.sweep.BATCH", 3)
    stuck = [shop.started(PAYPAL) for _ in range(4)]
    free = shop.started(STRIPE, skus=["RARE-1"])
    shop.clock.advance(hours=1, seconds=1)

    with monkeypatch.context() as outage:
        outage.setattr(shop.paypal, "cancel", _away)
        for _ in range(3):
            sweep()
            shop.clock.advance(minutes=10)
    meanwhile = [shop.placed(payment.order_id).state for payment in stuck]
    stock = shop.stock("RARE-1")
    sweep()
    sweep()

    assert stock == 1, "nobody waits for a provider that is not asked"
    assert shop.placed(free.order_id).state is OrderState.EXPIRED
    assert meanwhile == [OrderState.PENDING] * 4, "their stock is free on its provider's word only"
    assert [shop.placed(payment.order_id).state for payment in stuck] == [OrderState.EXPIRED] * 4


def test_a_sweep_that_has_ended_a_batch_of_orders_leaves_the_others_to_the_next_one(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("shop.services.sweep.BATCH", 2)
    late = [shop.order() for _ in range(3)]
    shop.clock.advance(hours=1, seconds=1)

    sweep()  # Bob's was the first
    after_one = [shop.placed(order.id).state for order in late]
    sweep()

    assert after_one == [OrderState.EXPIRED, OrderState.PENDING, OrderState.PENDING]
    assert [shop.placed(order.id).state for order in late] == [OrderState.EXPIRED] * 3


def test_a_refund_whose_answer_was_lost_is_finished_once(shop: Shop) -> None:
    payment = shop.paid()
    shop.stripe.fail_next(OutcomeUnknown("answer lost"), after_doing=True, verb="refund")
    with pytest.raises(OutcomeUnknown):
        refunds.request(payment.id, eur(500), "other", "mara")

    shop.clock.advance(seconds=21)
    sweep()

    [refund] = shop.payment(payment.id).refunds
    assert refund.state is RefundState.SUCCEEDED
    assert sum(count for key, count in shop.stripe.executed.items() if "-refund-" in key) == 1


def test_a_refund_that_its_asker_is_sending_is_not_sent_by_the_sweep_as_well(shop: Shop) -> None:
    payment = shop.paid()
    asked_before = len(shop.calls(payment))

    def the_sweep_comes_by() -> None:
        shop.clock.advance(seconds=19)
        sweep()

    meanwhile(shop.stripe, "refund", the_sweep_comes_by)

    refund = refunds.request(payment.id, eur(500), "other", "mara")

    assert refund.state is RefundState.SUCCEEDED
    assert [call.path for call in shop.calls(payment)[asked_before:]] == ["/refund"]


def test_what_the_sweep_asks_for_in_vain_is_asked_for_ever_more_rarely(shop: Shop) -> None:
    payment = shop.started()
    waits = []

    for _ in range(4):
        shop.clock.advance(minutes=9)
        sweep()
        due = shop.payment(payment.id).next_check_at
        assert due is not None
        waits.append(round((due - shop.clock.now()).total_seconds(), -1))

    assert waits == sorted(set(waits))


def test_a_refund_that_was_asked_for_in_vain_all_day_is_still_finished(shop: Shop) -> None:
    payment = shop.paid()
    shop.stripe.refunds_are_pending = True
    refund = refunds.request(payment.id, eur(500), "other", "mara")
    waits = []

    for _ in range(40):
        shop.stripe.fail_next(ProviderUnavailable("away"), verb="fetch_refund")
        _until_due(shop, refund.id)
        sweep()
        waits.append(_until_due(shop, refund.id))
    shop.stripe.finish_refund(refund.external_id or "", RefundState.SUCCEEDED)
    sweep()

    assert shop.payment(payment.id).refunds[0].state is RefundState.SUCCEEDED
    assert waits[0] < waits[1] < waits[-1] <= 6 * 3600, "ever more rarely, but never given up"


def test_a_sweep_that_another_process_holds_is_left_to_it(shop: Shop) -> None:
    payment = shop.started()
    shop.approve(payment)
    leases.take("sweep", 30)
    with unit_of_work(write=True) as session:
        session.execute(update(Lease).values(holder="another:1"))
    shop.clock.advance(seconds=29)

    held = leases.take("sweep", 30)
    sweep()
    shop.clock.advance(seconds=2)
    sweep()

    assert held is False
    assert shop.placed(payment.order_id).state is OrderState.PAID, "a holder that went silent is not waited for"


def test_a_finished_sweep_gives_its_lease_back(shop: Shop) -> None:
    sweep()

    [lease] = _leases()

    assert lease.until <= shop.clock.now()


def test_once_redis_is_back_the_workers_are_woken_for_what_came_without_it(shop: Shop, redis_url: str) -> None:
    payment = shop.paid()
    shop.deliver(payment)

    shop.use_redis(redis_url)
    sweep()

    queues = {name: Queue(name, connection=shop.context.queues.redis) for name in ("inbox", "outbox")}
    woken = {name: [job.func_name for job in queue.get_jobs()] for name, queue in queues.items()}
    assert woken == {"inbox": ["shop.jobs.drain_inbox"], "outbox": ["shop.jobs.drain_outbox"]}


def _away(*_: object) -> None:
    raise ProviderUnavailable("away")


def _leases() -> list[Lease]:
    with unit_of_work() as session:
        return list(session.query(Lease))


def _until_due(shop: Shop, refund_id: int) -> float:
    """Wait until a refund is due to be looked at; return how long that was, in seconds."""
    [refund] = shop.rows(Refund, Refund.id == refund_id)
    assert refund.next_check_at is not None
    wait = (refund.next_check_at - shop.clock.now()).total_seconds()
    shop.clock.advance(seconds=max(0.0, wait) + 1)
    return wait
