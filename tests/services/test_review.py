"""Which orders a person has to look at, and when a pre-order is charged."""

from dataclasses import replace
from datetime import timedelta

import pytest

from shop import jobs
from shop.errors import IllegalTransition, NotFound
from shop.gateways.base import PaymentState, Provider
from shop.models import Order, OrderLine, OrderState, ReviewState
from shop.services import approvals, payments, preorders, review, sweep
from shop.services.unit_of_work import unit_of_work
from tests.shop_app import PAYPAL, STRIPE, Shop


@pytest.fixture
def limits(shop: Shop) -> None:
    """Limits that an order of this shelf can pass: 17.40 EUR is above ten, and three orders are many."""
    settings = replace(shop.context.settings, review_above={"EUR": 10}, review_orders_per_hour=3)
    shop.change_context(settings=settings)


def pays(shop: Shop, order: Order) -> None:
    """Let Alice pay."""
    started = payments.start(order.id, STRIPE)
    shop.stripe.approve(started.external_id)
    payments.settle(order.id)


def test_an_ordinary_order_is_not_held_and_is_charged_at_once(shop: Shop) -> None:
    order = shop.order()

    pays(shop, order)

    assert (order.review, shop.placed(order.id).state) == (ReviewState.NONE, OrderState.PAID)


@pytest.mark.usefixtures("limits")
def test_a_large_order_is_held_with_its_reason_and_only_set_aside(shop: Shop) -> None:
    order = shop.order()

    pays(shop, order)

    placed = shop.placed(order.id)
    assert (placed.review, placed.review_reasons) == (ReviewState.HELD, "large_total")
    assert placed.payments[0].state is PaymentState.AUTHORIZED


def test_an_address_that_has_paid_before_may_spend_more(shop: Shop) -> None:
    pays(shop, shop.order())
    pays(shop, shop.order(email="carol@example.com"))
    settings = replace(shop.context.settings, review_above={"EUR": 20})
    shop.change_context(settings=settings)

    known, stranger = shop.order(email="ALICE@example.com"), shop.order(email="dave@example.com")

    assert known.review is ReviewState.NONE
    assert (stranger.review, stranger.review_reasons) == (ReviewState.HELD, "first_order_of_an_address")


@pytest.mark.usefixtures("limits")
def test_many_orders_of_one_address_within_an_hour_are_held_and_other_peoples_do_not_count(shop: Shop) -> None:
    shop.change_context(settings=replace(shop.context.settings, review_above={}))
    others = [shop.order(email=f"{name}@example.com") for name in ("carol", "dave", "erin")]

    orders = [shop.order() for _ in range(4)]

    assert [order.review for order in (*others, *orders[:3])] == [ReviewState.NONE] * 6
    assert (orders[3].review, orders[3].review_reasons) == (ReviewState.HELD, "many_orders")
    with unit_of_work() as session:
        assert [order.id for order in review.held(session)] == [orders[3].id]


def test_an_order_that_is_not_held_cannot_be_approved_or_rejected(shop: Shop) -> None:
    order = shop.order()

    for answer in (approvals.approve, approvals.reject):
        with pytest.raises(NotFound):
            answer(order.id, "mara")


@pytest.mark.usefixtures("limits")
def test_money_that_is_set_aside_for_an_order_that_was_just_rejected_is_let_go(shop: Shop) -> None:
    order = shop.order()
    started = payments.start(order.id, STRIPE)
    approvals.reject(order.id, "mara")

    shop.stripe.approve(started.external_id)
    payments.refresh(started.payment_id, "webhook")
    for message in shop.owed("payment.void"):
        payments.handle_void(message)

    assert shop.payment(started.payment_id).state is PaymentState.CANCELLED
    assert shop.placed(order.id).state is OrderState.CANCELLED
    assert shop.stock("SEN-100") == 20
    assert len(shop.owed("mail.cancelled")) == 1


@pytest.mark.usefixtures("limits")
@pytest.mark.parametrize("provider", [STRIPE, PAYPAL])
def test_what_is_reserved_after_a_rejection_is_let_go_by_itself(shop: Shop, provider: Provider) -> None:
    order = shop.order()
    started = payments.start(order.id, provider)
    approvals.reject(order.id, "mara")

    shop.fake(provider).approve(started.external_id)
    payments.refresh(started.payment_id, "webhook")
    jobs.drain_outbox()

    assert shop.fake(provider).fetch(started.external_id).state is PaymentState.CANCELLED
    assert shop.payment(started.payment_id).voided_by == "shop"
    assert shop.placed(order.id).state is OrderState.CANCELLED


@pytest.mark.usefixtures("limits")
def test_an_order_that_is_rejected_while_it_could_be_paid_ends_and_its_customer_is_told(shop: Shop) -> None:
    order = shop.order()
    payments.start(order.id, STRIPE)
    approvals.reject(order.id, "mara")

    shop.clock.advance(seconds=1)
    sweep.sweep()

    assert shop.placed(order.id).state is OrderState.CANCELLED
    assert len(shop.owed("mail.cancelled")) == 1
    assert shop.stock("SEN-100") == 20


@pytest.mark.usefixtures("limits")
@pytest.mark.parametrize(
    ("paid", "told"), [(True, "that were reserved are free again"), (False, "nothing was reserved")]
)
def test_the_mail_about_a_rejection_speaks_of_reserved_money_only_where_there_was_some(
    shop: Shop, paid: bool, told: str
) -> None:
    order = shop.order()
    if paid:
        pays(shop, order)
    approvals.reject(order.id, "mara")

    letter = approvals.farewell(shop.placed(order.id))

    assert told in letter.text
    assert told in letter.html


@pytest.mark.usefixtures("limits")
def test_an_answer_is_not_taken_back(shop: Shop) -> None:
    order = shop.order()
    approvals.reject(order.id, "mara")

    with pytest.raises(IllegalTransition):
        approvals.approve(order.id, "mara")

    assert shop.placed(order.id).state is OrderState.CANCELLED


def ships_in(shop: Shop, order: Order, days: int) -> Order:
    """Freeze the day on which an order can be sent, as checkout does."""
    with unit_of_work(write=True) as session:
        line = session.get_one(OrderLine, order.lines[0].id)
        line.ships_from = (shop.clock.now() + timedelta(days=days)).date()
    return shop.placed(order.id)


@pytest.mark.parametrize(
    ("provider", "days", "later"),
    [(STRIPE, 4, True), (STRIPE, 6, False), (PAYPAL, 6, True), (PAYPAL, 26, True), (PAYPAL, 28, False)],
)
def test_a_preorder_is_charged_when_sent_only_if_its_money_can_be_held_for_so_long(
    shop: Shop, provider: Provider, days: int, later: bool
) -> None:
    order = ships_in(shop, shop.order(), days)

    assert preorders.charged_when_sent(order, provider) is later
    started = payments.start(order.id, provider)
    shop.fake(provider).approve(started.external_id)
    payments.settle(order.id)

    state = shop.payment(started.payment_id).state
    assert state is (PaymentState.AUTHORIZED if later else PaymentState.CAPTURED)


def test_a_preorder_under_review_is_approved_without_being_charged_before_it_ships(shop: Shop) -> None:
    order = ships_in(shop, shop.order(), 4)
    with unit_of_work(write=True) as session:
        session.get_one(Order, order.id).review = ReviewState.HELD
    pays(shop, order)

    approvals.approve(order.id, "mara")

    assert shop.placed(order.id).payments[0].state is PaymentState.AUTHORIZED


@pytest.mark.parametrize(("provider", "days"), [(STRIPE, 6), (PAYPAL, 28)])
@pytest.mark.parametrize("is_paid_first", [True, False])
def test_one_that_ships_after_its_reservation_lapses_is_charged_when_it_is_let_through(
    shop: Shop, provider: Provider, days: int, is_paid_first: bool
) -> None:
    order = ships_in(shop, shop.order(), days)
    with unit_of_work(write=True) as session:
        session.get_one(Order, order.id).review = ReviewState.HELD
    started = payments.start(order.id, provider)

    if not is_paid_first:
        approvals.approve(order.id, "mara")
    shop.fake(provider).approve(started.external_id)
    payments.settle(order.id)
    if is_paid_first:
        approvals.approve(order.id, "mara")
    for message in shop.owed("payment.take"):
        payments.handle_take(message)

    assert shop.payment(started.payment_id).state is PaymentState.CAPTURED
    assert shop.placed(order.id).state is OrderState.PAID
