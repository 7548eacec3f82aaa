"""Idempotency keys: the same after a restart, refused with other parameters, and not used past their life."""

from dataclasses import replace

import pytest
from sqlalchemy import update

from shop.errors import KeyReused, OrderNotPayable, OutcomeUnknown, TransactionOpen
from shop.gateways.base import BACKGROUND, Provider, RefundState
from shop.models import IdempotencyKey, Order, OrderLine
from shop.services import keys, payments, providers, refunds
from shop.services.payments.start import MOST_KEYS
from shop.services.unit_of_work import unit_of_work
from tests.shop_app import PAYPAL, STRIPE, Shop, eur, seen

BOTH = pytest.mark.parametrize("provider", [STRIPE, PAYPAL])


def test_a_key_is_committed_before_the_provider_hears_of_it(shop: Shop) -> None:
    order = shop.order()
    committed: list[str] = []

    def look() -> None:
        with shop.app.app_context():  # another connection: it sees what is committed and no more
            committed.extend(row.key for row in _keys(shop))

    shop.stripe.meanwhile = look
    payments.start(order.id, STRIPE)

    assert committed == list(shop.stripe.executed)


def test_after_a_restart_the_same_call_has_the_same_key(shop: Shop) -> None:
    order = shop.order()
    shop.stripe.fail_next(OutcomeUnknown("killed"), after_doing=True, verb="start")
    with pytest.raises(OutcomeUnknown):
        payments.start(order.id, STRIPE)

    _restart(shop)
    payments.start(order.id, STRIPE)

    assert list(shop.stripe.executed.values()) == [1]
    assert len(_keys(shop)) == 1


def test_other_parameters_are_refused_before_anything_is_sent(shop: Shop) -> None:
    order = shop.order()
    shop.stripe.fail_next(OutcomeUnknown("killed"), verb="start")
    with pytest.raises(OutcomeUnknown):
        payments.start(order.id, STRIPE)
    with unit_of_work(write=True) as session:
        session.query(OrderLine).where(OrderLine.order_id == order.id).update({"name": "Something else"})

    with pytest.raises(KeyReused, match="stored with other parameters"):
        payments.start(order.id, STRIPE)

    assert shop.stripe.executed == {}


def test_a_start_whose_key_has_expired_adopts_what_was_made(shop: Shop) -> None:
    order = shop.order()
    shop.stripe.fail_next(OutcomeUnknown("answer lost"), after_doing=True, verb="start")
    with pytest.raises(OutcomeUnknown):
        payments.start(order.id, STRIPE)
    _keep_order_open(order.id)

    shop.clock.advance(hours=24)
    ready = payments.start(order.id, STRIPE, BACKGROUND)

    assert list(shop.stripe.executed.values()) == [1], "found by our reference, not sent again"
    assert seen(shop, shop.payment(ready.payment_id)).reference == shop.payment(ready.payment_id).public_id


@BOTH
@pytest.mark.parametrize("setting", ["brand", "public_url"])
def test_a_start_whose_words_have_changed_with_the_settings_is_gone_on_with(
    shop: Shop, provider: Provider, setting: str
) -> None:
    order, before = shop.order(), shop.context.settings
    shop.fake(provider).fail_next(OutcomeUnknown("answer lost"), after_doing=True, verb="start")
    with pytest.raises(OutcomeUnknown):
        payments.start(order.id, provider)

    shop.change_context(settings=replace(before, **{setting: "https://tea.example"}))
    try:
        ready = payments.start(order.id, provider, BACKGROUND)
    finally:
        shop.change_context(settings=before)

    assert [payment.external_id for payment in shop.placed(order.id).payments] == [ready.external_id]
    assert seen(shop, shop.payment(ready.payment_id)).amount == eur(1740)
    # What is there is adopted; at PayPal, where it cannot be looked for, it is made anew under the next key.
    assert len(shop.fake(provider).executed) == (2 if provider is PAYPAL else 1)


def test_a_provider_that_knows_every_key_for_other_words_is_asked_no_further(shop: Shop) -> None:
    order = shop.order()
    for _ in range(MOST_KEYS):
        shop.paypal.fail_next(KeyReused("known for other words"), verb="start")

    with pytest.raises(OrderNotPayable):
        payments.start(order.id, PAYPAL, BACKGROUND)

    assert shop.paypal.executed == {}


@pytest.mark.parametrize(("provider", "hours"), [(STRIPE, 24), (PAYPAL, 6)])
def test_a_start_whose_key_has_expired_and_that_never_arrived_is_made_anew(
    shop: Shop, provider: Provider, hours: int
) -> None:
    order = shop.order()
    shop.fake(provider).fail_next(OutcomeUnknown("never arrived"), verb="start")
    with pytest.raises(OutcomeUnknown):
        payments.start(order.id, provider)
    _keep_order_open(order.id)

    shop.clock.advance(hours=hours)
    payments.start(order.id, provider, BACKGROUND)

    [key] = shop.fake(provider).executed
    assert key.endswith("-2"), "a new sequence: the old key may still be known there"


def test_a_refund_whose_key_has_expired_is_looked_for_and_never_sent_again(shop: Shop) -> None:
    payment = shop.paid()
    shop.stripe.fail_next(OutcomeUnknown("answer lost"), after_doing=True, verb="refund")
    with pytest.raises(OutcomeUnknown):
        refunds.request(payment.id, eur(500), "other", "mara")
    shop.clock.advance(hours=25)

    [message] = shop.owed("refund.send")
    refunds.handle_send(message)

    [refund] = shop.payment(payment.id).refunds
    assert refund.state is RefundState.SUCCEEDED
    assert len(seen(shop, payment).refunds) == 1


def test_a_refund_that_never_arrived_and_whose_key_has_expired_fails_loudly(shop: Shop) -> None:
    payment = shop.paid()
    shop.stripe.fail_next(OutcomeUnknown("never arrived"), verb="refund")
    with pytest.raises(OutcomeUnknown):
        refunds.request(payment.id, eur(500), "other", "mara")
    shop.clock.advance(hours=25)

    [message] = shop.owed("refund.send")
    refunds.handle_send(message)

    assert [refund.state for refund in shop.payment(payment.id).refunds] == [RefundState.FAILED]
    assert seen(shop, payment).refunds == ()
    assert shop.alarms() == ["refund_failed"]


def test_keys_differ_by_installation_operation_object_and_sequence(shop: Shop) -> None:
    now = shop.clock.now()

    with unit_of_work(write=True) as session:
        made = {
            keys.reserve(session, STRIPE, operation, subject, sequence, {}, now).value
            for operation in ("start", "refund")
            for subject in ("A", "B")
            for sequence in (1, 2)
        }

    assert len(made) == 8
    assert len({key.split("-")[0] for key in made}) == 1


@pytest.mark.parametrize("write", [True, False])
def test_no_provider_is_called_inside_a_transaction(shop: Shop, write: bool) -> None:
    reached: list[object] = []

    with unit_of_work(write=write), pytest.raises(TransactionOpen, match="inside an open transaction"):
        providers.call(STRIPE, "test", reached.append)

    assert reached == []


def test_units_of_work_do_not_nest(shop: Shop) -> None:
    with unit_of_work(), pytest.raises(TransactionOpen, match="pass the session down"), unit_of_work():
        pass


def test_reading_a_row_after_its_transaction_opens_no_new_one(shop: Shop) -> None:
    payment = shop.paid()

    told = (payment.order.number, [line.name for line in payment.order.lines], payment.captured, payment.refunded)

    assert told[2:] == (1740, 0)
    assert providers.call(STRIPE, "test", lambda gateway: gateway.fetch(payment.external_id or ""))


def _keys(shop: Shop) -> list[IdempotencyKey]:
    bobs = shop.bobs.public_id
    with unit_of_work() as session:
        return [row for row in session.query(IdempotencyKey) if bobs not in row.key]


def _restart(shop: Shop) -> None:
    """Let the shop forget all it has in memory but the connection to the provider, which is another process."""
    shop.change_context(clock=type(shop.clock)())


def _keep_order_open(order_id: int) -> None:
    with unit_of_work(write=True) as session:
        session.execute(update(Order).where(Order.id == order_id).values(expires_at=None))
