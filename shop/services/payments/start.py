"""Beginning a payment: the local row first, then the provider, with a key that was stored before."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from shop.errors import OrderNotPayable, OurBug, OutcomeUnknown, PaymentInFlight, ProviderUnavailable
from shop.gateways.base import (
    INTERACTIVE,
    Address,
    Line,
    Patience,
    PaymentSnapshot,
    PaymentState,
    Provider,
    Started,
    StartPayment,
)
from shop.models import Order, OutboxMessage, Payment
from shop.services import keys, metrics, orders, outbox, tokens
from shop.services.payments.apply import apply, next_ticket
from shop.services.payments.call_back import call_back
from shop.services.providers import call, context
from shop.services.unit_of_work import unit_of_work


@dataclass(frozen=True)
class Ready:
    """What the browser needs to go on. The client secret is passed through and never stored."""

    payment_id: int
    external_id: str
    client_secret: str | None
    approve_url: str | None


def start(order_id: int, provider: Provider, patience: Patience = INTERACTIVE) -> Ready:
    """Begin, or go on with, the payment of an order at a provider. A repeat goes on with the same one.

    An open payment at the other provider is called back there first. Raises OrderNotPayable, PaymentInFlight
    when the other payment cannot be called back any more or this one has ended, ProviderUnavailable when nothing
    was begun, and OutcomeUnknown when the provider did not say: a worker then finishes it and the same call
    answers later.
    """
    other = _open_elsewhere(order_id, provider)
    if other is not None:
        call_back(other, cause=f"customer chose {provider}", patience=patience)
    payment, request, key, ticket = _prepare(order_id, provider)
    try:
        started = _reach(payment, request, key, patience)
    except OutcomeUnknown:
        _finish_later(payment)
        raise
    except (ProviderUnavailable, OurBug):
        metrics.payments.labels(provider, "failed").inc()  # the provider's side or ours, never the customer's bank
        raise
    payment = apply(payment.id, started.snapshot, ticket, cause="payment started")
    if not payment.is_open:
        _overtaken(payment)
        raise PaymentInFlight("That payment has ended in the meantime. Please look at your order once more.")
    return Ready(payment.id, started.snapshot.external_id, started.client_secret, started.approve_url)


def handle_start(message: OutboxMessage) -> None:
    """Finish a start whose outcome was unknown; the outbox calls this. The customer's page then finds it ready."""
    payment_id = int(message.payload["payment"])
    with unit_of_work() as session:
        payment = session.get_one(Payment, payment_id)
    if payment.is_open and payment.external_id is None and payment.order.is_payable:
        start(payment.order_id, payment.provider, patience=Patience(connect=3, read=20))


def _open_elsewhere(order_id: int, provider: Provider) -> int | None:
    with unit_of_work() as session:
        payments = session.scalars(select(Payment).where(Payment.order_id == order_id)).unique()
        return next((p.id for p in payments if p.is_open and p.provider is not provider), None)


def _prepare(order_id: int, provider: Provider) -> tuple[Payment, StartPayment, keys.Reserved | None, int]:
    """Commit the payment and its key; under the order's lock, so that two tabs make one payment.

    One that is at the provider already needs no key: what would be sent may have changed since (another brand,
    another PUBLIC_URL), and nothing is sent.
    """
    with unit_of_work(write=True) as session:
        order = orders.lock(session, order_id)
        payment = _open_payment(session, order, provider)
        request = _request(order, payment)
        key = _key(session, payment, request) if payment.external_id is None else None
        return payment, request, key, next_ticket(session, payment.id)


def _open_payment(session: Session, order: Order, provider: Provider) -> Payment:
    """Return the order's open payment, or make one; raise OrderNotPayable where nothing more is to be paid."""
    if not order.is_payable:
        raise OrderNotPayable(f"Order {order.number} is {order.state} already.")
    now = context().clock.now()
    if order.expires_at is not None and order.expires_at < now:
        raise OrderNotPayable(f"Order {order.number} has waited too long and has expired.")
    payment = next((payment for payment in order.payments if payment.is_open), None)
    if payment is None:
        payment = Payment(
            order_id=order.id,
            provider=provider,
            mode=context().gateways[provider].mode,
            amount=order.total,
            currency=order.currency,
            next_check_at=now + timedelta(seconds=30),
        )
        order.payments.append(payment)
        session.flush()
    elif payment.provider is not provider:
        raise OrderNotPayable("Another payment of this order has just begun in another window.")
    return payment


def _key(session: Session, payment: Payment, request: StartPayment) -> keys.Reserved:
    return keys.reserve(
        session, payment.provider, "start", payment.public_id, 1, request, context().clock.now()
    )


def _reach(payment: Payment, request: StartPayment, key: keys.Reserved | None, patience: Patience) -> Started:
    """Make the payment at the provider, or find it again when it is there."""
    subject = f"payment:{payment.id}"
    if key is None:
        assert payment.external_id is not None, "without a key there is something to go on with"
        external_id = payment.external_id
        return call(payment.provider, subject, lambda gw: gw.reopen(external_id, patience))
    if key.is_expired:
        return _adopt(payment, request, patience)
    return call(payment.provider, subject, lambda gw: gw.start(request, key.value, patience))


def _adopt(payment: Payment, request: StartPayment, patience: Patience) -> Started:
    """Look for a payment whose key the provider may have forgotten; make it anew if it never came to be.

    Making it anew is safe: a creation moves no money, and the forgotten one's secret never left us.
    """
    subject = f"payment:{payment.id}"
    since = payment.created_at - timedelta(minutes=5)
    found: PaymentSnapshot | None = call(payment.provider, subject, lambda gw: gw.find(payment.public_id, since))
    if found is not None:
        external_id = found.external_id
        return call(payment.provider, subject, lambda gw: gw.reopen(external_id, patience))
    with unit_of_work(write=True) as session:
        again = keys.reserve(
            session, payment.provider, "start", payment.public_id, 2, request, context().clock.now()
        )
    if again.is_expired:
        raise OrderNotPayable("This payment was begun too long ago; please order again.")
    return call(payment.provider, subject, lambda gw: gw.start(request, again.value, patience))


def _finish_later(payment: Payment) -> None:
    """Owe the rest of a start that may have been carried out; a worker is woken by it."""
    key = f"payment.start:{payment.id}"
    with unit_of_work(write=True) as session:
        orders.lock_payment(session, payment.id)  # two tabs may be waiting for the same answer
        outbox.owe(session, "payment.start", key, order_id=payment.order_id, payment=payment.id)


def _overtaken(payment: Payment) -> None:
    """Owe the end of what a start left at the provider, when the payment was called back before it answered."""
    key = f"payment.tidy:{payment.id}:overtaken"
    if payment.state is not PaymentState.CANCELLED:
        return
    with unit_of_work(write=True) as session:
        outbox.owe(session, "payment.tidy", key, order_id=payment.order_id, payment=payment.id)


def _request(order: Order, payment: Payment) -> StartPayment:
    """Return what the provider is told: the same for every repeat, since order and payment do not change."""
    url = f"{context().settings.public_url}/pay/{tokens.for_order(order.public_id)}"
    return StartPayment(
        reference=payment.public_id,
        order_number=order.number,
        amount=payment.money,
        items=order.money(order.items),
        shipping=order.money(order.shipping),
        tax=order.money(0),  # prices include their tax
        discount=order.money(order.discount),
        lines=tuple(
            Line(f"{line.name}, {line.label}", line.sku, line.quantity, order.money(line.unit_amount))
            for line in order.lines
        ),
        email=order.email,
        ship_to=Address(
            order.name, order.line1, order.line2, order.city, order.region, order.postal_code, order.country
        ),
        capture_later=payment.capture_later,
        return_url=f"{url}/return",
        cancel_url=f"{url}?cancelled=1",
        locale=order.locale,
        brand=context().settings.brand,
    )


