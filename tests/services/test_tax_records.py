"""The tax provider's record of what was sold: written once, taken back as money goes back, settled by hand at worst."""

from sqlalchemy import update

from shop import jobs
from shop.errors import OutcomeUnknown, ProviderRejected, ProviderUnavailable
from shop.gateways.base import RefundState
from shop.gateways.fake import FakeTax
from shop.models import Alarm, Order, OutboxMessage, OutboxState, Refund
from shop.money import Money
from shop.services import payments, refunds, retention
from shop.services.unit_of_work import unit_of_work
from tests.holding import authorized
from tests.pricing import american, figures, place, ship_abroad, with_provider
from tests.shop_app import STRIPE, Shop, eur


def test_a_paid_order_is_recorded_once_at_the_provider(shop: Shop) -> None:
    fake = with_provider(shop)

    payment = shop.paid()
    jobs.drain_outbox()
    _again(shop, "tax.commit")

    order = shop.placed(payment.order_id)
    assert fake.recorded == {order.number: order.tax_transaction}
    assert order.tax_transaction


def test_an_order_that_the_table_taxed_is_recorded_later_where_the_provider_computes_the_same(shop: Shop) -> None:
    fake = with_provider(shop)
    fake.failing = ProviderUnavailable("down")
    payment = shop.paid(skus=("SEN-100", "CUP-1"))
    fake.failing = None
    before = figures(payment.order)

    shop.clock.advance(minutes=5)
    jobs.drain_outbox()
    refunds.request(payment.id, eur(500), "other", "mara")
    jobs.drain_outbox()

    order = shop.placed(payment.order_id)
    assert fake.recorded == {order.number: order.tax_transaction}
    assert figures(order) == before
    assert [amount for _, amount in fake.reversed.values()] == [eur(500)]
    assert shop.alarms() == []


def test_an_order_that_the_table_taxed_otherwise_than_the_provider_calls_the_merchant(shop: Shop) -> None:
    ship_abroad(shop)
    fake = with_provider(shop)
    fake.failing = ProviderUnavailable("down")
    order = place(shop, american(), currency="USD")
    payment = shop.payment(payments.start(order.id, STRIPE).payment_id)
    shop.approve(payment)
    payments.refresh(payment.id, "test")
    fake.failing = None
    refunds.request(payment.id, Money(500, "USD"), "other", "mara")

    jobs.drain_outbox()

    after = shop.placed(order.id)
    assert (fake.recorded, fake.reversed) == ({}, {})
    assert figures(after) == figures(order)
    assert shop.alarms() == ["tax_unrecorded"]
    assert {message.state for message in (*shop.owed("tax.commit"), *shop.owed("tax.reverse"))} == {OutboxState.DONE}


def test_a_late_refund_of_a_sale_that_is_entered_by_hand_is_left_to_the_hand_however_late(shop: Shop) -> None:
    ship_abroad(shop)
    fake = with_provider(shop)
    fake.failing = ProviderUnavailable("down")
    payment = shop.payment(payments.start(place(shop, american(), currency="USD").id, STRIPE).payment_id)
    shop.approve(payment)
    payments.refresh(payment.id, "test")
    fake.failing = None
    jobs.drain_outbox()
    shop.clock.advance(days=100)
    retention.purge()

    refunds.request(payment.id, Money(500, "USD"), "other", "mara")
    jobs.drain_outbox()

    assert [message.state for message in shop.owed("tax.reverse")] == [OutboxState.DONE]


def test_without_a_provider_of_tax_the_table_is_the_record(shop: Shop) -> None:
    shop.paid()

    assert shop.owed("tax.commit") == []


def test_what_was_authorized_and_not_captured_is_taken_off_the_record(shop: Shop) -> None:
    fake = with_provider(shop)
    order = _captured_in_part(shop)

    for _ in range(2):
        jobs.drain_outbox()
        shop.clock.advance(minutes=1)

    order = shop.placed(order.id)
    released = order.money(order.total) - eur(700)
    assert fake.reversed == {f"{order.number}-released": (order.tax_transaction, released)}


def test_what_was_taken_off_the_record_for_a_refund_that_fails_is_put_back(shop: Shop) -> None:
    fake = with_provider(shop)
    payment = shop.paid()
    refund = refunds.request(payment.id, payment.money, "other", "mara")
    jobs.drain_outbox()

    _fail(shop, refund)
    jobs.drain_outbox()
    _again(shop, "tax.restore")

    order = shop.placed(payment.order_id)
    reference = f"{order.number}-{refund.public_id}"
    assert fake.reversed == {
        reference: (order.tax_transaction, payment.money),
        f"{reference}-undone": (f"rev_{reference}", None),
    }


def test_a_refund_that_failed_before_its_part_was_taken_off_the_record_leaves_it_alone(shop: Shop) -> None:
    fake = with_provider(shop)
    payment = shop.paid()
    refund = refunds.request(payment.id, eur(500), "other", "mara")
    _fail(shop, refund)

    jobs.drain_outbox()

    assert fake.reversed == {}
    assert [message.state for message in shop.owed("tax.restore")] == [OutboxState.DONE]


def test_a_reversal_whose_answer_was_lost_before_its_refund_failed_is_found_and_put_back(shop: Shop) -> None:
    fake = with_provider(shop)
    payment = shop.paid()
    jobs.drain_outbox()
    refund = refunds.request(payment.id, eur(500), "other", "mara")
    fake.losing["reverse"] = OutcomeUnknown("no answer")
    jobs.drain_outbox()
    _fail(shop, refund)

    for _ in range(3):
        shop.clock.advance(hours=1)
        jobs.drain_outbox()

    assert [reference.endswith("-undone") for reference in fake.reversed] == [False, True]


def test_a_refund_takes_its_part_of_the_record_back_and_the_whole_all_of_it(shop: Shop) -> None:
    fake = with_provider(shop)
    part, whole = shop.paid(), shop.paid()
    refund = refunds.request(part.id, eur(500), "other", "mara")
    refunds.request(whole.id, whole.money, "other", "mara")

    jobs.drain_outbox()
    _again(shop, "tax.reverse")

    order = shop.placed(part.order_id)
    assert len(fake.reversed) == 2
    assert fake.reversed[f"{order.number}-{refund.public_id}"] == (order.tax_transaction, eur(500))
    assert [amount for _, amount in fake.reversed.values()] == [eur(500), whole.money]


def test_a_refund_waits_for_the_record_of_its_sale(shop: Shop) -> None:
    fake = with_provider(shop)
    payment = shop.paid()
    fake.failing = ProviderUnavailable("down")
    refunds.request(payment.id, eur(500), "other", "mara")
    jobs.drain_outbox()
    assert fake.reversed == {}

    fake.failing = None
    shop.clock.advance(hours=1)
    for _ in range(2):
        jobs.drain_outbox()
        shop.clock.advance(hours=1)

    assert len(fake.reversed) == 1


def _again(shop: Shop, kind: str) -> None:
    """Let a worker die between the provider's answer and our commit: the message is done once more."""
    with unit_of_work(write=True) as session:
        session.execute(update(OutboxMessage).where(OutboxMessage.kind == kind).values(state=OutboxState.PENDING))
        if kind == "tax.commit":
            session.execute(update(Order).values(tax_transaction=""))
    jobs.drain_outbox()


def test_a_refund_that_failed_in_the_meantime_takes_no_tax_back(shop: Shop) -> None:
    fake = with_provider(shop)
    payment = shop.paid()
    jobs.drain_outbox()
    refund = refunds.request(payment.id, eur(100), "other", "mara")
    with unit_of_work(write=True) as session:
        session.get_one(Refund, refund.id).state = RefundState.FAILED

    jobs.drain_outbox()

    assert shop.placed(payment.order_id).tax_transaction, "the sale was recorded"
    assert fake.reversed == {}


def test_a_sale_whose_answer_stays_away_for_days_is_not_sent_again_and_its_refund_calls_a_person(shop: Shop) -> None:
    fake = with_provider(shop)
    fake.losing["commit"] = OutcomeUnknown("no answer")
    payment = shop.paid()
    jobs.drain_outbox()
    _let_days_pass(shop, fake)

    jobs.drain_outbox()
    refund = refunds.request(payment.id, eur(500), "other", "mara")
    jobs.drain_outbox()

    order = shop.placed(payment.order_id)
    assert (list(fake.recorded), fake.reversed) == ([order.number], {})
    assert _states(shop) == {"tax.commit": {OutboxState.DONE}, "tax.reverse": {OutboxState.DONE}}
    assert _told(shop) == [
        f"The id under which the tax provider recorded the sale of order {order.number} never came here. Look for the "
        f"reference {order.number} in its list of transactions, and reverse 5.00 EUR of it, tax in it, by hand, under "
        f"the reference {order.number}-{refund.public_id}."
    ]


def test_a_refund_that_fails_after_a_person_was_asked_to_take_its_tax_back_calls_them_again(shop: Shop) -> None:
    fake = with_provider(shop)
    fake.losing["commit"] = OutcomeUnknown("no answer")
    payment = shop.paid()
    jobs.drain_outbox()
    _let_days_pass(shop, fake)
    refund = refunds.request(payment.id, eur(500), "other", "mara")
    jobs.drain_outbox()

    _fail(shop, refund)
    jobs.drain_outbox()

    (told,) = _told(shop)  # what asked to take it back is settled with that
    assert "reverse it there in full, by hand; if it is not, leave the record as it is." in told


def test_what_is_released_of_a_sale_that_cannot_be_named_calls_a_person(shop: Shop) -> None:
    fake = with_provider(shop)
    fake.losing["commit"] = OutcomeUnknown("no answer")
    order = _captured_in_part(shop)

    for _ in range(3):
        jobs.drain_outbox()
        _let_days_pass(shop, fake)

    assert fake.reversed == {}
    assert shop.alarms() == ["tax_unreleased"]
    assert f"by hand, under the reference {order.number}-released." in _told(shop)[0]


def test_a_release_whose_answer_stays_away_for_days_is_on_record_once(shop: Shop) -> None:
    fake = with_provider(shop)
    fake.losing["reverse"] = OutcomeUnknown("no answer")
    order = _captured_in_part(shop)
    jobs.drain_outbox()
    _let_days_pass(shop, fake)

    jobs.drain_outbox()

    assert list(fake.reversed) == [f"{order.number}-released"]
    assert _states(shop) == {"tax.commit": {OutboxState.DONE}, "tax.release": {OutboxState.DONE}}
    assert shop.alarms() == []


def test_a_reversal_whose_answer_stays_away_for_days_calls_a_person_only_when_its_refund_fails(shop: Shop) -> None:
    fake = with_provider(shop)
    payment = shop.paid()
    jobs.drain_outbox()
    refund = refunds.request(payment.id, eur(500), "other", "mara")
    fake.losing["reverse"] = OutcomeUnknown("no answer")
    jobs.drain_outbox()
    _let_days_pass(shop, fake)

    jobs.drain_outbox()
    before = _told(shop)
    _fail(shop, refund)
    jobs.drain_outbox()

    (told,) = _told(shop)
    assert before == []
    assert list(fake.reversed) == [f"{shop.placed(payment.order_id).number}-{refund.public_id}"]
    assert f"under the reference {shop.placed(payment.order_id).number}-{refund.public_id}," in told
    assert _states(shop)["tax.restore"] == {OutboxState.DONE}


def test_a_restoration_whose_answer_stays_away_for_days_is_on_record_once(shop: Shop) -> None:
    fake = with_provider(shop)
    payment = shop.paid()
    refund = refunds.request(payment.id, eur(500), "other", "mara")
    jobs.drain_outbox()
    _fail(shop, refund)
    fake.losing["reverse"] = OutcomeUnknown("no answer")
    jobs.drain_outbox()
    _let_days_pass(shop, fake)

    jobs.drain_outbox()

    assert [reference.endswith("-undone") for reference in fake.reversed] == [False, True]
    assert _states(shop)["tax.restore"] == {OutboxState.DONE}
    assert _told(shop) == []


def test_what_the_provider_refuses_after_days_without_an_answer_calls_a_person_to_look(shop: Shop) -> None:
    fake = with_provider(shop)
    payment = shop.paid()
    jobs.drain_outbox()
    refund = refunds.request(payment.id, payment.money, "other", "mara")
    fake.losing["reverse"] = OutcomeUnknown("no answer")
    jobs.drain_outbox()
    _let_days_pass(shop, fake)
    fake.failing = ProviderRejected("Nothing is left to reverse.", param="flat_amount")

    jobs.drain_outbox()

    order = shop.placed(payment.order_id)
    assert _states(shop)["tax.reverse"] == {OutboxState.DONE}
    assert _told(shop) == [
        "The tax provider did not answer in time, and refuses now what it may have recorded then: Nothing is left to "
        f"reverse. Look for the reference {order.number}-{refund.public_id} in its list of transactions. If it is "
        f"there, all is well; if it is not, enter it by hand, as order {order.number} and its refunds show it."
    ]


def test_what_the_provider_refuses_at_once_is_given_up_and_can_be_tried_again(shop: Shop) -> None:
    fake = with_provider(shop)
    shop.paid()
    fake.failing = ProviderRejected("odd", param="calculation")

    jobs.drain_outbox()

    assert _states(shop) == {"tax.commit": {OutboxState.PARKED}}
    assert shop.alarms() == ["outbox_parked"]


def _let_days_pass(shop: Shop, fake: FakeTax) -> None:
    shop.clock.advance(days=2)
    fake.forget_keys()


def _fail(shop: Shop, refund: Refund) -> None:
    """Let the customer's bank send a refund back."""
    assert refund.external_id is not None
    shop.stripe.finish_refund(refund.external_id, RefundState.FAILED, "lost_or_stolen_card")
    refunds.refresh(refund.id, "webhook")


def _captured_in_part(shop: Shop) -> Order:
    """Alice's order, of which Mara captures 7.00 EUR."""
    payment = authorized(shop)
    payments.capture(payment.id, eur(700), "mara")
    return payment.order


def _states(shop: Shop) -> dict[str, set[OutboxState]]:
    """Return how the messages to the tax provider stand, by kind."""
    messages = shop.rows(OutboxMessage, OutboxMessage.kind.startswith("tax."))
    return {kind: {each.state for each in messages if each.kind == kind} for kind in {each.kind for each in messages}}


def _told(shop: Shop) -> list[str]:
    """Return the words of the alarms about tax that nobody has seen to."""
    return [alarm.message for alarm in shop.rows(Alarm, Alarm.key.startswith("tax_"), Alarm.settled_at.is_(None))]
