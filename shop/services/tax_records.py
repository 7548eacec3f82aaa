"""The tax provider's record of what was sold: written when an order is paid, taken back as it is refunded.

Both are side effects of the outbox: owed in the transaction that causes them, done once, with a derived key. An
order whose tax came from the merchant's own table was never calculated there, and has no record.
"""

from __future__ import annotations

from sqlalchemy.orm import Session

from shop.errors import ProviderUnavailable
from shop.gateways.base import Provider, RefundState
from shop.models import Order, OutboxMessage, Payment, Refund
from shop.services import keys, ledger, outbox
from shop.services.providers import call_tax, context
from shop.services.unit_of_work import unit_of_work


def owe_commit(session: Session, order: Order) -> None:
    """Owe the record of a sale, once, where its tax was calculated by the provider."""
    if order.tax_calculation:
        outbox.owe(session, "tax.commit", f"tax.commit:{order.id}", order_id=order.id, order=order.id)


def owe_reversal(session: Session, payment: Payment, refund: Refund) -> None:
    """Owe the reversal for a refund, once; money that nobody owed us was no sale, and has no tax to take back."""
    if payment.order.tax_calculation and ledger.is_earned(session, payment):
        key = f"tax.reverse:{refund.id}"
        outbox.owe(session, "tax.reverse", key, order_id=payment.order_id, refund=refund.id)


def handle_commit(message: OutboxMessage) -> None:
    """Record a sale at the provider; the outbox calls this. A repeat finds it recorded."""
    with unit_of_work(write=True) as session:
        order = session.get_one(Order, int(message.payload["order"]))
        if order.tax_transaction:
            return
        parameters = {"calculation": order.tax_calculation, "reference": order.number}
        key = _key(session, "tax", order.public_id, parameters)
    made = call_tax(
        f"order:{order.id}", lambda gateway: gateway.commit(order.tax_calculation, order.number, key)
    )
    with unit_of_work(write=True) as session:
        session.get_one(Order, order.id, with_for_update={"of": Order}, populate_existing=True).tax_transaction = made


def handle_reverse(message: OutboxMessage) -> None:
    """Take back a refund's part of a recorded sale; the outbox calls this.

    Raises ProviderUnavailable while the sale itself is not recorded yet, so that it is tried again after it.
    """
    with unit_of_work(write=True) as session:
        refund = session.get_one(Refund, int(message.payload["refund"]))
        if refund.state is RefundState.FAILED:
            return  # nothing was given back after all
        order = session.get_one(Payment, refund.payment_id).order
        if not order.tax_transaction:
            raise ProviderUnavailable(f"the sale of order {order.number} is not recorded at the tax provider yet")
        amount = None if refund.amount == order.total else refund.money
        reference = f"{order.number}-{refund.public_id}"
        parameters = {"transaction": order.tax_transaction, "amount": str(amount)}
        key = _key(session, "tax_reverse", refund.public_id, parameters)
    call_tax(
        f"order:{order.id}", lambda gateway: gateway.reverse(order.tax_transaction, reference, amount, key)
    )


def _key(session: Session, operation: str, subject: str, parameters: dict[str, str]) -> str:
    """Return the derived key. It is sent even when it has expired: the provider takes a reference only once."""
    now = context().clock.now()
    return keys.reserve(session, Provider.STRIPE, operation, subject, 1, parameters, now).value
