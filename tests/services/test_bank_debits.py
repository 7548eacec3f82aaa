"""Bank debits take days; one that was sent back may be followed by another, and each is confirmed by its own mail."""

from shop.gateways.base import PaymentState
from shop.models import OrderState, Payment
from shop.services import payments
from shop.services.sweep import sweep
from tests.shop_app import STRIPE, Shop


def debited(shop: Shop, payment: Payment) -> None:
    """Let Alice agree to a debit of her account, and everybody hear of it, twice."""
    shop.stripe.process(payment.external_id or "")
    payments.settle(payment.order_id)
    payments.refresh(payment.id, "webhook")


def sent_back(shop: Shop, payment: Payment) -> None:
    """Let the bank send the debit back days later."""
    shop.clock.advance(days=6)
    shop.stripe.settle(payment.external_id or "", succeeded=False)
    payments.refresh(payment.id, "webhook")


def test_a_second_debit_by_the_same_payment_is_confirmed_as_the_first_was(shop: Shop) -> None:
    payment = shop.started()
    debited(shop, payment)
    sent_back(shop, payment)

    debited(shop, payment)

    assert len(shop.owed("mail.processing")) == 2
    assert len(shop.owed("mail.payment_failed")) == 1


def test_a_debit_by_another_payment_of_the_order_is_confirmed_as_well(shop: Shop) -> None:
    payment = shop.started()
    debited(shop, payment)
    sent_back(shop, payment)
    payments.call_back(payment.id, cause="begun anew")
    another = shop.payment(payments.start(payment.order_id, STRIPE).payment_id)

    debited(shop, another)

    assert another.id != payment.id
    assert len(shop.owed("mail.processing")) == 2


def test_an_order_whose_debit_failed_while_its_customer_is_at_the_banks_question_has_an_end_again(shop: Shop) -> None:
    payment = shop.started(skus=["RARE-1"])
    debited(shop, payment)
    shop.stripe.settle(payment.external_id or "", succeeded=False)
    shop.stripe.require_action(payment.external_id or "")  # tried once more before anybody here has looked
    payments.refresh(payment.id, "webhook")
    asked = shop.payment(payment.id)

    shop.clock.advance(hours=1, seconds=1)
    sweep()

    assert asked.state is PaymentState.REQUIRES_ACTION
    assert shop.owed("mail.payment_failed") == [], "the customer was there to see it"
    assert shop.placed(payment.order_id).state is OrderState.EXPIRED
    assert shop.stock("RARE-1") == 1
