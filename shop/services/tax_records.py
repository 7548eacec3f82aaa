"""The tax provider's record of what was sold: written when an order is paid, taken back as it is refunded.

    tax.commit     an order is paid                       the sale, as it was calculated at checkout
    tax.release    only a part of it was captured         the released part is taken back
    tax.reverse    a refund is on its way                 its part is taken back
    tax.restore    a refund failed after that             what was taken back is put back

All of these are side effects of the outbox: owed in the transaction that causes them, done once, with derived keys.

An order whose tax came from the merchant's table while the provider was away has no calculation. It is calculated
once more when it is paid: where the provider computes the very same figures the sale is recorded with them, and
where it does not an alarm asks the merchant to enter it by hand. What the customer agreed to never changes.

A record whose answer stays away for longer than the provider knows our key is sent once more all the same: its
reference is taken only once, so that is the way to find out. Where it was taken, the record is there, and only its id
is not known here: no provider tells it by our reference. What would need that id, an alarm asks the merchant to do.
"""

from __future__ import annotations

from collections.abc import Callable

import structlog
from sqlalchemy import select
from sqlalchemy.orm import Session

from shop.errors import ProviderRejected, ProviderUnavailable, ReferenceTaken
from shop.gateways.base import Address, Provider, RefundState
from shop.gateways.tax import TaxableLine, TaxCalculation, TaxGateway, TaxRequest
from shop.models import Alarm, Order, OrderLine, OutboxMessage, OutboxState, Payment, Refund, Variant
from shop.money import Money
from shop.services import keys, ledger, locks, outbox, record
from shop.services.providers import call_tax, context
from shop.services.tax import Note
from shop.services.unit_of_work import unit_of_work

log = structlog.get_logger(__name__)


def owe_commit(session: Session, order: Order) -> None:
    """Owe the record of a paid order's sale, once, and what has to be taken off it where only a part was captured."""
    if not _is_recorded(order):
        return
    outbox.owe(session, "tax.commit", f"tax.commit:{order.id}", order_id=order.id, order=order.id)
    paying = order.paying
    if paying is not None and paying.released:
        key = f"tax.release:{paying.id}"
        outbox.owe(session, "tax.release", key, order_id=order.id, payment=paying.id)


def owe_reversal(session: Session, payment: Payment, refund: Refund) -> None:
    """Owe the reversal for a refund, once; money that nobody owed us was no sale, and has no tax to take back."""
    if _is_recorded(payment.order) and ledger.is_earned(session, payment):
        key = f"tax.reverse:{refund.id}"
        outbox.owe(session, "tax.reverse", key, order_id=payment.order_id, refund=refund.id)


def owe_restoration(session: Session, payment: Payment, refund: Refund) -> None:
    """Owe that the reversal for a refund which failed is taken back; nothing where none was owed."""
    reversed_by = select(OutboxMessage.id).where(OutboxMessage.key == f"tax.reverse:{refund.id}")
    if session.scalar(reversed_by) is not None:
        key = f"tax.restore:{refund.id}"
        outbox.owe(session, "tax.restore", key, order_id=payment.order_id, refund=refund.id)


def _is_recorded(order: Order) -> bool:
    """Tell whether the sale belongs into the provider's record, be it that it did not answer at checkout."""
    return bool(order.tax_calculation) or (context().tax is not None and _was_left_to_the_table(order))


def _was_left_to_the_table(order: Order) -> bool:
    """Tell whether the provider should have calculated the tax: where we collect, or where the buyer owes it."""
    return not order.tax_calculation and (order.tax_is_estimated or order.tax_note == Note.REVERSE_CHARGE)


def handle_commit(message: OutboxMessage) -> None:
    """Record a sale at the provider; the outbox calls this. A repeat finds it recorded."""
    order_id = int(message.payload["order"])
    with unit_of_work() as session:
        order = session.get_one(Order, order_id)
        late = None if order.tax_calculation else _request(session, order)
    if order.tax_transaction:
        return
    if late is not None and not _calculated_late(order, late):
        return
    with unit_of_work(write=True) as session:
        order = session.get_one(Order, order_id)
        calculation, number = order.tax_calculation, order.number
        key = _key(session, "tax", order.public_id, {"calculation": calculation, "reference": number})
    made = _send(order, number, key, lambda gateway: gateway.commit(calculation, number, key.value))
    if made is None:
        return
    with unit_of_work(write=True) as session:
        session.get_one(
            Order, order_id, with_for_update=locks.kept(Order), populate_existing=True
        ).tax_transaction = made


def handle_release(message: OutboxMessage) -> None:
    """Take what was authorized and not captured off a recorded sale; the outbox calls this."""
    with unit_of_work(write=True) as session:
        payment = session.get_one(Payment, int(message.payload["payment"]))
        order, reference = payment.order, f"{payment.order.number}-released"
        released = Money(payment.released, payment.currency)
        if not _is_there(session, order, f"tax_unreleased:{payment.id}", released, reference):
            return
        key = _reversal_key(session, order, payment.public_id, released)
    _send(
        order,
        reference,
        key,
        lambda gateway: gateway.reverse(order.tax_transaction, reference, released, key.value),
    )


def handle_reverse(message: OutboxMessage) -> None:
    """Take back a refund's part of a recorded sale; the outbox calls this.

    Always as a part, be it all of the sale: Stripe lets only a partial reversal be undone if the refund should fail
    (docs.stripe.com/tax/off-stripe, "Undo a partial refund"). Raises ProviderUnavailable while the sale itself is not
    recorded yet, so that it is tried again after it.
    """
    with unit_of_work(write=True) as session:
        refund = session.get_one(Refund, int(message.payload["refund"]))
        order = session.get_one(Payment, refund.payment_id).order
        if refund.state is RefundState.FAILED and not keys.was_reserved(session, "tax_reverse", refund.public_id):
            return  # nothing was given back after all, and no try of ours can have been carried out
        reference, amount = _reference(order, refund), refund.money
        if refund.tax_reversal or not _is_there(session, order, _asked_for(refund), amount, reference):
            return
        key = _reversal_key(session, order, refund.public_id, amount)
    made = _send(
        order, reference, key, lambda gateway: gateway.reverse(order.tax_transaction, reference, amount, key.value)
    )
    if made is None:
        return
    with unit_of_work(write=True) as session:
        session.get_one(
            Refund, refund.id, with_for_update=locks.kept(Refund), populate_existing=True
        ).tax_reversal = made


def handle_restore(message: OutboxMessage) -> None:
    """Take the reversal for a failed refund back; the outbox calls this.

    Raises ProviderUnavailable while it is not known what became of the reversal, so that it is tried again after it.
    """
    with unit_of_work(write=True) as session:
        refund = session.get_one(Refund, int(message.payload["refund"]))
        order = session.get_one(Payment, refund.payment_id).order
        reversal = refund.tax_reversal
        if not reversal:
            state = session.scalar(
                select(OutboxMessage.state).where(OutboxMessage.key == f"tax.reverse:{refund.id}")
            )
            if state is OutboxState.DONE:
                _by_hand(session, order, refund)
                return
            raise ProviderUnavailable(f"the reversal for refund {refund.public_id} is not through yet")
        reference = f"{_reference(order, refund)}-undone"
        key = _key(session, "tax_restore", refund.public_id, {"transaction": reversal, "reference": reference})
    _send(order, reference, key, lambda gateway: gateway.reverse(reversal, reference, None, key.value))


def _send(
    order: Order, reference: str, key: keys.Reserved, action: Callable[[TaxGateway], str]
) -> str | None:
    """Have something recorded, and return the record's id; None where it is not to be had, and nothing is sent again.

    That is so where it was recorded before and its answer never came. And where the provider refuses it under a key
    that it may have forgotten: what it objects to may be our own first try, so a person is called to look.
    """
    try:
        return call_tax(f"order:{order.id}", action)
    except ReferenceTaken:
        log.warning("tax_recorded_before", order_id=order.id, reference=reference)
        return None
    except ProviderRejected as exc:
        if not key.is_expired:
            raise
        message = (
            f"The tax provider did not answer in time, and refuses now what it may have recorded then: {exc} "
            f"Look for the reference {reference} in its list of transactions. If it is there, all is well; if it is "
            f"not, enter it by hand, as order {order.number} and its refunds show it."
        )
        with unit_of_work(write=True) as session:
            record.alarm(session, f"tax_unsettled:{reference}", message, order.id, context().clock.now())
        return None


def _by_hand(session: Session, order: Order, refund: Refund) -> None:
    """Call a person for a reversal whose id is not known here: it cannot be taken back without it.

    Nobody is called where it was neither sent nor asked for, since nothing was taken off the record then.
    """
    asked = session.scalar(select(Alarm.id).where(Alarm.key == _asked_for(refund)))
    if asked is None and not keys.was_reserved(session, "tax_reverse", refund.public_id):
        return
    message = (
        f"Refund {refund.public_id} of order {order.number} failed after its {refund.money} had been taken off the "
        f"tax provider's record, or were to be, under the reference {_reference(order, refund)}, whose id is not "
        "known here. If that reference is in the provider's list of transactions, reverse it there in full, by hand; "
        "if it is not, leave the record as it is."
    )
    now = context().clock.now()
    record.settle(session, _asked_for(refund), now)
    record.alarm(session, f"tax_unrestored:{refund.id}", message, order.id, now)


def _is_there(session: Session, order: Order, alarm: str, amount: Money, reference: str) -> bool:
    """Tell whether something can be taken off the sale's record; False where a person has to do it.

    They are called by `alarm` where the sale was recorded and its id is not known here. Raises ProviderUnavailable
    while it is still to be recorded.
    """
    if order.tax_transaction:
        return True
    state = session.scalar(select(OutboxMessage.state).where(OutboxMessage.key == f"tax.commit:{order.id}"))
    if state is not OutboxState.DONE:
        raise ProviderUnavailable(f"the sale of order {order.number} is not recorded at the tax provider yet")
    if order.tax_calculation:  # else the alarm about the sale has called a person, who sees its refunds as well
        message = (
            f"The id under which the tax provider recorded the sale of order {order.number} never came here. Look "
            f"for the reference {order.number} in its list of transactions, and reverse {amount} of it, tax in it, "
            f"by hand, under the reference {reference}."
        )
        record.alarm(session, alarm, message, order.id, context().clock.now())
    return False


def _reference(order: Order, refund: Refund) -> str:
    """Return what a refund's part of the record is called at the provider."""
    return f"{order.number}-{refund.public_id}"


def _asked_for(refund: Refund) -> str:
    """Return the key of the alarm that asks a person to take a refund's part off the record."""
    return f"tax_unreversed:{refund.id}"


def _request(session: Session, order: Order) -> TaxRequest:
    """Return what checkout asked the provider, or would have: the order's own lines at its own prices."""
    kinds = {
        variant.id: str(variant.product.facts.get("tax", "standard"))
        for variant in session.scalars(
            select(Variant).where(Variant.id.in_([line.variant_id for line in order.lines]))
        ).unique()
    }

    def taxable(line: OrderLine) -> TaxableLine:
        kind = kinds.get(line.variant_id, "standard") if line.variant_id is not None else "standard"
        return TaxableLine(line.sku, kind, line.quantity, order.money(line.amount - line.discount))

    return TaxRequest(
        currency=order.currency,
        lines=tuple(taxable(line) for line in order.lines),
        shipping=order.money(order.shipping),
        ship_to=Address("", order.line1, order.line2, order.city, order.region, order.postal_code, order.country),
        inclusive=order.prices_include_tax,
        vat_id=order.vat_id,
        reverse_charge=order.tax_note == Note.REVERSE_CHARGE,
    )


def _calculated_late(order: Order, request: TaxRequest) -> bool:
    """Calculate an order that the table taxed, and keep that where it is the same; else call the merchant."""
    found = call_tax(f"order:{order.id}", lambda gateway: gateway.calculate(request))
    with unit_of_work(write=True) as session:
        locked = session.get_one(Order, order.id, with_for_update=locks.kept(Order), populate_existing=True)
        if _agrees(locked, found):
            locked.tax_calculation = found.external_id
            return True
        theirs = Money.total((part.amount for part in (*found.lines.values(), found.shipping)), locked.currency)
        message = (
            f"Order {locked.number} was taxed by our own table while the tax provider was away, with "
            f"{locked.money(locked.tax)}; the provider computes {theirs}. Enter the sale there by hand."
        )
        record.alarm(session, f"tax_unrecorded:{locked.id}", message, locked.id, context().clock.now())
        return False


def _agrees(order: Order, found: TaxCalculation) -> bool:
    """Tell whether the provider computes what the customer has paid, line by line."""
    lines = all(found.lines[line.sku].amount == order.money(line.tax) for line in order.lines)
    collects = found.collects or order.tax_note == Note.REVERSE_CHARGE
    return lines and collects and found.shipping.amount == order.money(order.shipping_tax)


def _reversal_key(session: Session, order: Order, subject: str, amount: Money) -> keys.Reserved:
    return _key(session, "tax_reverse", subject, {"transaction": order.tax_transaction, "amount": str(amount)})


def _key(session: Session, operation: str, subject: str, parameters: dict[str, str]) -> keys.Reserved:
    """Return the derived key. It is sent even when it has expired: the provider takes a reference only once."""
    now = context().clock.now()
    return keys.reserve(session, Provider.STRIPE, operation, subject, 1, parameters, now)
