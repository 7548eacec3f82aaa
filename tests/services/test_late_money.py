"""Money that comes too late, twice, or in the wrong amount: kept, given back or held up, and never forgotten."""

from dataclasses import replace

import pytest
from sqlalchemy import update

from shop.errors import OutcomeUnknown, ProviderUnavailable, TryLater
from shop.gateways.base import Mode, PaymentState, Provider
from shop.models import Document, Order, OrderState, Payment, StockState, User
from shop.services import accounts, erasure, orders, payments, refunds
from shop.services.providers import context
from shop.services.sweep import sweep
from shop.services.unit_of_work import unit_of_work
from tests.shop_app import PAYPAL, STRIPE, Shop, by_hand, eur, seen


def test_an_order_nobody_pays_expires_and_gives_its_stock_back(shop: Shop) -> None:
    payment = shop.started(skus=["RARE-1"])
    held = shop.stock("RARE-1")

    shop.clock.advance(hours=1, seconds=1)
    sweep()

    order = shop.placed(payment.order_id)
    assert (held, shop.stock("RARE-1")) == (0, 1)
    assert (order.state, order.stock_state) == (OrderState.EXPIRED, StockState.RELEASED)
    assert seen(shop, payment).state is PaymentState.CANCELLED, "called back at the provider"
    sweep()
    assert shop.stock("RARE-1") == 1, "given back once"


@pytest.mark.parametrize("provider", [STRIPE, PAYPAL])
def test_a_banks_question_or_a_window_that_nobody_answers_gives_the_stock_back_in_time(
    shop: Shop, provider: Provider
) -> None:
    before = shop.stock("SEN-100")
    payment = shop.started(provider)
    if provider is STRIPE:
        shop.stripe.require_action(payment.external_id or "")
        payments.refresh(payment.id, "webhook")

    shop.clock.advance(hours=2)
    sweep()

    assert shop.payment(payment.id).state is PaymentState.CANCELLED
    assert shop.placed(payment.order_id).state is OrderState.EXPIRED
    assert shop.stock("SEN-100") == before


def test_an_order_without_a_payment_expires_as_well(shop: Shop) -> None:
    order = shop.order(["RARE-1"])

    shop.clock.advance(hours=1, seconds=1)
    sweep()

    assert shop.placed(order.id).state is OrderState.EXPIRED
    assert shop.stock("RARE-1") == 1


@pytest.mark.parametrize("silence", [ProviderUnavailable, OutcomeUnknown])
def test_stock_is_freed_on_the_providers_word_only(shop: Shop, silence: type[TryLater]) -> None:
    payment = shop.started(skus=["RARE-1"])
    for _ in range(2):
        shop.stripe.fail_next(silence("no answer"), verb="cancel")  # Bob's order is due as well
    shop.clock.advance(hours=1, seconds=1)

    sweep()
    before = shop.placed(payment.order_id).state, shop.stock("RARE-1")
    shop.clock.advance(minutes=2)
    sweep()

    assert before == (OrderState.PENDING, 0)
    assert (shop.placed(payment.order_id).state, shop.stock("RARE-1")) == (OrderState.EXPIRED, 1)


def test_an_order_whose_payment_is_open_is_not_ended_whoever_asks(shop: Shop) -> None:
    payment = shop.started(skus=["RARE-1"])
    shop.clock.advance(hours=2)

    ended = orders.expire(payment.order_id, "somebody who has not asked the provider")

    assert not ended
    assert shop.placed(payment.order_id).state is OrderState.PENDING
    assert shop.stock("RARE-1") == 0


def test_an_order_that_was_paid_in_the_last_second_is_paid_and_not_expired(shop: Shop) -> None:
    payment = shop.started(skus=["RARE-1"])
    shop.approve(payment)

    shop.clock.advance(hours=1, seconds=1)
    sweep()

    assert shop.placed(payment.order_id).state is OrderState.PAID
    assert shop.stock("RARE-1") == 0


def test_a_bank_debit_under_way_never_expires(shop: Shop) -> None:
    payment = shop.started(skus=["RARE-1"])
    shop.stripe.process(payment.external_id or "")
    payments.refresh(payment.id, "test")

    shop.clock.advance(days=10)
    sweep()

    order = shop.placed(payment.order_id)
    assert (order.state, order.expires_at) == (OrderState.PENDING, None)
    assert shop.stock("RARE-1") == 0


def test_late_money_takes_stock_again_where_there_is_some(shop: Shop) -> None:
    payment = _expired(shop, "RARE-1")

    shop.stripe.take_late(payment.external_id or "")
    payments.refresh(payment.id, "webhook")

    order = shop.placed(payment.order_id)
    assert (order.state, order.stock_state) == (OrderState.PAID, StockState.SOLD)
    assert shop.stock("RARE-1") == 0
    assert shop.payment(payment.id).refunds == []
    assert (len(shop.owed("mail.receipt")), len(shop.owed("mail.late_refund"))) == (1, 0)


def test_late_money_with_nothing_left_to_sell_goes_back_and_the_customer_is_told(shop: Shop) -> None:
    payment = _expired(shop, "RARE-1")
    shop.order(["RARE-1"])

    shop.stripe.take_late(payment.external_id or "")
    for cause in ("webhook", "sweep"):
        payments.refresh(payment.id, cause)
    _send_refunds(shop)

    assert shop.placed(payment.order_id).state is OrderState.EXPIRED
    assert [(r.amount, r.reason) for r in shop.payment(payment.id).refunds] == [(payment.amount, "late_money")]
    assert sum(refund.amount.amount for refund in seen(shop, payment).refunds) == payment.amount
    assert (len(shop.owed("mail.receipt")), len(shop.owed("mail.late_refund"))) == (0, 1)
    assert "unearned" not in shop.balances()
    assert "sales" not in shop.balances()


@pytest.mark.parametrize("by_merchant", [500, 10390], ids=["a part", "all of it"])
def test_of_late_money_only_what_the_merchant_has_not_given_back_goes_back(shop: Shop, by_merchant: int) -> None:
    payment = _expired(shop, "RARE-1")
    shop.order(["RARE-1"])

    _comes_late(shop, payment, by_merchant)

    _assert_given_back_once(shop, payment, by_merchant)
    assert shop.alarms() == []


@pytest.mark.parametrize("by_merchant", [500, 1740], ids=["a part", "all of it"])
def test_of_a_second_payment_only_what_the_merchant_has_not_given_back_goes_back(shop: Shop, by_merchant: int) -> None:
    card = shop.started(STRIPE)
    wallet = shop.payment(payments.start(card.order_id, PAYPAL).payment_id)
    shop.approve(wallet)
    payments.refresh(wallet.id, "return page")

    _comes_late(shop, card, by_merchant)

    _assert_given_back_once(shop, card, by_merchant)
    assert shop.alarms() == ["paid_twice"]


def test_late_money_for_an_order_whose_buyer_was_erased_goes_back_be_there_stock_or_not(shop: Shop) -> None:
    payment = shop.started(skus=["RARE-1"])
    _delete_the_account_of_alice()

    shop.stripe.take_late(payment.external_id or "")
    for cause in ("webhook", "sweep"):
        payments.refresh(payment.id, cause)
    _send_refunds(shop)

    order = shop.placed(payment.order_id)
    assert (order.state, order.stock_state) == (OrderState.CANCELLED, StockState.RELEASED)
    assert shop.stock("RARE-1") == 1
    assert [(r.amount, r.reason) for r in shop.payment(payment.id).refunds] == [(payment.amount, "late_money")]
    assert sum(refund.amount.amount for refund in seen(shop, payment).refunds) == payment.amount
    assert shop.owed("mail.receipt") == shop.owed("mail.late_refund") == [], "there is nobody to tell"
    assert shop.rows(Document) == [], "nothing was sold"
    assert {"sales", "unearned"}.isdisjoint(shop.balances())


def test_of_two_payments_kept_for_one_order_the_second_goes_back_and_an_alarm_is_raised(shop: Shop) -> None:
    card = shop.started(STRIPE)
    wallet = shop.payment(payments.start(card.order_id, PAYPAL).payment_id)
    shop.approve(wallet)
    payments.refresh(wallet.id, "return page")

    shop.stripe.take_late(card.external_id or "")
    for cause in ("webhook", "sweep"):
        payments.refresh(card.id, cause)
    _send_refunds(shop)

    assert [(r.amount, r.reason) for r in shop.payment(card.id).refunds] == [(card.amount, "duplicate")]
    assert [r.capture_id for r in shop.payment(card.id).refunds] == [one.id for one in shop.payment(card.id).captures]
    assert shop.payment(wallet.id).refunds == []
    assert shop.alarms() == ["paid_twice"]
    assert len(shop.owed("mail.receipt")) == 1
    assert shop.balances()["sales"] == -1168, "revenue once"


@pytest.mark.parametrize(
    "wrong",
    [
        {"amount": eur(1)},
        {"amount": eur(1741)},
        {"mode": Mode.LIVE},
        {"reference": "an-order-of-bobs"},
        {"external_id": "pay_of_bob"},
        {"provider": PAYPAL},
    ],
    ids=["one cent", "one cent more", "live", "reference", "object", "provider"],
)
def test_money_that_is_not_what_was_agreed_never_fulfils_and_raises_an_alarm(
    shop: Shop, wrong: dict[str, object]
) -> None:
    payment = shop.started()
    shop.approve(payment)
    wrong_one = replace(seen(shop, payment), **wrong)  # type: ignore[arg-type]

    for _ in range(2):
        payments.apply(payment.id, wrong_one, payments.take_ticket(payment.id), "webhook")

    _assert_nothing_happened(shop, payment)
    assert shop.alarms() == ["mismatch"], "raised once, however often it comes"


def test_a_part_of_the_money_never_fulfils_the_whole_order(shop: Shop) -> None:
    payment = shop.started()
    shop.approve(payment)
    told = seen(shop, payment)
    part = replace(told, captures=(replace(told.captures[0], amount=eur(1)),))

    payments.apply(payment.id, part, payments.take_ticket(payment.id), "webhook")

    _assert_nothing_happened(shop, payment)
    assert shop.alarms() == ["mismatch"]


def test_approved_money_of_another_amount_is_not_even_taken(shop: Shop) -> None:
    payment = shop.started(PAYPAL)
    shop.approve(payment)
    _agree_on(payment, 1)

    payments.refresh(payment.id, "return page")

    assert seen(shop, payment).captures == ()
    assert shop.alarms() == ["mismatch"]
    assert shop.placed(payment.order_id).state is OrderState.PENDING


def test_a_slow_worker_does_not_overwrite_what_came_after_its_look(shop: Shop) -> None:
    payment = shop.started()
    ticket, stale = payments.take_ticket(payment.id), seen(shop, payment)

    shop.stripe.process(payment.external_id or "")
    payments.refresh(payment.id, "webhook")
    payments.apply(payment.id, stale, ticket, "slow worker")

    assert shop.payment(payment.id).state is PaymentState.PROCESSING


def test_a_look_that_began_earlier_is_older_even_if_it_was_answered_later(shop: Shop) -> None:
    payment = shop.started()
    first, second = payments.take_ticket(payment.id), payments.take_ticket(payment.id)
    before = seen(shop, payment)
    shop.approve(payment)
    after = seen(shop, payment)

    payments.apply(payment.id, after, second, "quick worker")
    payments.apply(payment.id, before, first, "slow worker")

    assert shop.payment(payment.id).state is PaymentState.CAPTURED
    assert shop.placed(payment.order_id).state is OrderState.PAID


def _expired(shop: Shop, sku: str) -> Payment:
    payment = shop.started(skus=[sku])
    shop.clock.advance(hours=1, seconds=1)
    sweep()
    assert shop.placed(payment.order_id).state is OrderState.EXPIRED
    return payment


def _delete_the_account_of_alice() -> None:
    hashed = accounts.hash_password("three grey herons")
    with unit_of_work(write=True) as session:
        alice = User(
            email="alice@example.com", name="Alice", password_hash=hashed, email_confirmed_at=context().clock.now()
        )
        session.add(alice)
    erasure.delete_account(alice.id, "three grey herons")


def _comes_late(shop: Shop, payment: Payment, by_merchant: int) -> None:
    """Let money come that nobody owes us, and Mara give a part back at the provider before the shop hears of either."""
    shop.stripe.take_late(payment.external_id or "")
    shop.stripe.refund(by_hand(shop, payment, by_merchant), key="mara-by-hand")
    for cause in ("webhook", "sweep"):
        payments.refresh(payment.id, cause)
    _send_refunds(shop)


def _assert_given_back_once(shop: Shop, payment: Payment, by_merchant: int) -> None:
    """Of money that nobody owed us the merchant has given a part back at the provider, and the shop the rest."""
    rest = payment.amount - by_merchant
    assert [r.amount for r in shop.payment(payment.id).refunds] == [amount for amount in (by_merchant, rest) if amount]
    assert sum(refund.amount.amount for refund in seen(shop, payment).refunds) == payment.amount
    assert "unearned" not in shop.balances()


def _send_refunds(shop: Shop) -> None:
    for message in shop.owed("refund.send"):
        refunds.handle_send(message)


def _assert_nothing_happened(shop: Shop, payment: Payment) -> None:
    order: Order = shop.placed(payment.order_id)
    assert order.state is OrderState.PENDING
    assert shop.payment(payment.id).captures == []
    assert shop.owed("mail.receipt") == []
    assert shop.balances() == {}


def _agree_on(payment: Payment, amount: int) -> None:
    """Let us have agreed on another amount than the provider believes."""
    with unit_of_work(write=True) as session:
        session.execute(update(Payment).where(Payment.id == payment.id).values(amount=amount))


def test_an_order_whose_bank_debit_was_called_off_at_the_provider_expires_in_the_end(shop: Shop) -> None:
    payment = shop.started(skus=["RARE-1"])
    shop.stripe.process(payment.external_id or "")
    payments.refresh(payment.id, "test")
    called_off = replace(seen(shop, payment), state=PaymentState.CANCELLED)

    payments.apply(payment.id, called_off, 100, "test")
    shop.clock.advance(hours=1, seconds=1)
    sweep()

    assert shop.placed(payment.order_id).state is OrderState.EXPIRED
    assert shop.stock("RARE-1") == 1
