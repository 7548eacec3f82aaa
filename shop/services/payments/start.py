"""Beginning a payment: the local row first, then the provider, with a key that was stored before."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta

from flask_babel import gettext as _
from sqlalchemy import select
from sqlalchemy.orm import Session

from shop.errors import (
    AnswerStored,
    CustomerMissing,
    KeyReused,
    ObjectMissing,
    OrderNotPayable,
    OurBug,
    OutcomeUnknown,
    PaymentInFlight,
    ProviderUnavailable,
)
from shop.gateways.base import (
    FORGETS_UNPAID,
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
from shop.models import Order, OrderState, OutboxMessage, Payment
from shop.models.payment import OPEN_STATES
from shop.services import guard, keys, metrics, orders, outbox, preorders, review, tokens, wallets
from shop.services.guard import Visitor
from shop.services.payments.apply import apply, next_ticket
from shop.services.payments.call_back import call_back, forgotten
from shop.services.providers import call, context
from shop.services.unit_of_work import unit_of_work

NO_CUSTOMER = "its customer was deleted at the provider"
MOST_KEYS = 5  # of one start: each failure that the provider has stored costs one


@dataclass(frozen=True)
class Ready:
    """What the browser needs to go on. The client secret is passed through and never stored."""

    payment_id: int
    external_id: str
    client_secret: str | None
    approve_url: str | None


@dataclass(frozen=True)
class Wish:
    """How a visitor is to pay: `customer` is the provider's id of whose saved cards may be used."""

    who: Visitor
    customer: str | None
    challenge: bool

    def fits(self, payment: Payment) -> bool:
        """Tell whether a payment that was begun before may be gone on with."""
        return payment.customer == self.customer and (payment.challenge or not self.challenge)


@dataclass(frozen=True)
class Prepared:
    """A payment that is committed, and what is sent for it; `key` is None for one that is at the provider already."""

    payment: Payment
    request: StartPayment
    key: keys.Reserved | None
    ticket: int


def start(
    order_id: int, provider: Provider, patience: Patience = INTERACTIVE, who: Visitor | None = None
) -> Ready:
    """Begin, or go on with, the payment of an order at a provider. A repeat goes on with the same one.

    An open payment at the other provider, or one that another person's cards may pay, is called back there first. One
    that the provider has dropped, or whose customer was deleted there, is begun anew, once. `who` is None where a
    worker goes on with what was begun. Raises TooManyTries after many declines, OrderNotPayable, PaymentInFlight when
    the other payment cannot be called back any more or this one has ended, ProviderUnavailable when nothing was begun,
    and OutcomeUnknown when the provider did not say: a worker then finishes it and the same call answers later.
    """
    prepared = _prepare(order_id, provider, who, patience)
    try:
        return _begin(prepared, patience)
    except CustomerMissing:
        _replace_customer(prepared.payment, patience)
    except ObjectMissing as exc:
        if prepared.payment.external_id is None or provider not in FORGETS_UNPAID:
            metrics.payments.labels(provider, "failed").inc()
            raise
        forgotten(prepared.payment.id, exc)
    prepared = _prepare(order_id, provider, who, patience)
    try:
        return _begin(prepared, patience)
    except CustomerMissing as exc:
        call_back(prepared.payment.id, cause=NO_CUSTOMER, patience=patience)
        metrics.payments.labels(provider, "failed").inc()
        raise ProviderUnavailable(f"{provider} does not know the customer that was just made there") from exc


def _begin(prepared: Prepared, patience: Patience) -> Ready:
    """Make the payment at the provider and write down what it says; raises as `start`, and CustomerMissing."""
    payment, provider = prepared.payment, prepared.payment.provider
    try:
        started = _reach(payment, prepared.request, prepared.key, patience)
    except ObjectMissing:  # what it was to go on with, or whose cards were to pay: `start` begins anew
        raise
    except OutcomeUnknown:
        _finish_later(payment)
        raise
    except (ProviderUnavailable, OurBug):
        metrics.payments.labels(provider, "failed").inc()  # the provider's side or ours, never the customer's bank
        raise
    payment = apply(payment.id, started.snapshot, prepared.ticket, cause="payment started")
    if not payment.is_open:
        _overtaken(payment)
        raise PaymentInFlight(_("That payment has ended in the meantime. Please look at your order once more."))
    return Ready(payment.id, started.snapshot.external_id, started.client_secret, started.approve_url)


def handle_start(message: OutboxMessage) -> None:
    """Finish a start whose outcome was unknown; the outbox calls this. The customer's page then finds it ready."""
    payment_id = int(message.payload["payment"])
    with unit_of_work() as session:
        payment = session.get_one(Payment, payment_id)
    if payment.is_open and payment.external_id is None and payment.order.is_payable:
        start(payment.order_id, payment.provider, patience=Patience(connect=3, read=20))


def _wish(session: Session, order_id: int, provider: Provider, who: Visitor) -> Wish:
    """Ask the guard, and say whose cards may be used: those of the account that placed the order, if they ask."""
    challenge = guard.admit(session, who, provider)
    owner = session.scalar(select(Order.user_id).where(Order.id == order_id))
    is_theirs = owner is not None and owner == who.user_id
    customer = wallets.customer_of(session, owner, provider) if is_theirs else None
    return Wish(who, customer, challenge)


def _in_the_way(session: Session, order_id: int, provider: Provider, wish: Wish | None) -> int | None:
    """Return the open payment that has to be called back first, if there is one."""
    # What is reserved is not called back by opening another window.
    states = [state for state in OPEN_STATES if state is not PaymentState.AUTHORIZED]
    query = select(Payment).where(Payment.order_id == order_id, Payment.state.in_(states))
    for payment in session.scalars(query).unique():  # none, as a rule: then nothing of it is loaded
        if payment.provider is not provider or (wish and not wish.fits(payment)):
            return payment.id
    return None


def _prepare(order_id: int, provider: Provider, who: Visitor | None, patience: Patience) -> Prepared:
    """Call back what is in the way, then commit the payment and its key.

    That is done under the order's lock, so that two tabs make one payment. One that is at the provider already needs
    no key, since nothing is sent.
    """
    with unit_of_work() as session:
        wish = _wish(session, order_id, provider, who) if who is not None else None
        other = _in_the_way(session, order_id, provider, wish)
    if other is not None:
        call_back(other, cause=f"begun anew at {provider}", patience=patience)
    with unit_of_work(write=True) as session:
        order = orders.lock(session, order_id)
        payment = _open_payment(session, order, provider, wish)
        if wish is not None:
            guard.begun(session, f"payment:{payment.id}", provider, wish.who)
        request = _request(order, payment)
        key = _key(session, payment, request) if payment.external_id is None else None
        return Prepared(payment, request, key, next_ticket(session, payment.id))


def _over(order: Order) -> str:
    """Return why an order is not to be paid any more, for whoever tries."""
    number = order.number
    if order.replaced_by_id is not None and order.state not in (OrderState.PAID, OrderState.FULFILLED):
        return str(_("Another order has taken the place of order %(number)s.", number=number))
    words: dict[OrderState, str] = {
        OrderState.PAID: _("Order %(number)s is paid already.", number=number),
        OrderState.FULFILLED: _("Order %(number)s is paid already, and sent.", number=number),
        OrderState.CANCELLED: _("Order %(number)s is cancelled.", number=number),
        OrderState.EXPIRED: _("Order %(number)s has waited too long and has expired.", number=number),
    }
    return words[order.state]


def _open_payment(session: Session, order: Order, provider: Provider, wish: Wish | None) -> Payment:
    """Return the order's open payment, or make one; raise OrderNotPayable where nothing more is to be paid."""
    if not order.is_payable or order.replaced_by_id is not None:
        raise OrderNotPayable(_over(order))
    now = context().clock.now()
    if order.expires_at is not None and order.expires_at < now:
        raise OrderNotPayable(_("Order %(number)s has waited too long and has expired.", number=order.number))
    payment = next((payment for payment in order.payments if payment.is_open), None)
    if payment is not None and payment.state is PaymentState.AUTHORIZED:
        raise OrderNotPayable(_("The money for order %(number)s is reserved already.", number=order.number))
    if payment is None:
        payment = Payment(
            order_id=order.id,
            provider=provider,
            mode=context().gateways[provider].mode,
            amount=order.total,
            currency=order.currency,
            customer=wish.customer if wish else None,
            challenge=wish.challenge if wish else False,
            capture_later=reserves(order, provider),
            next_check_at=now + timedelta(seconds=30),
        )
        order.payments.append(payment)
        session.flush()
    elif payment.provider is not provider or (wish and not wish.fits(payment)):
        raise OrderNotPayable(_("Another payment of this order has just begun in another window."))
    return payment


def reserves(order: Order, provider: Provider) -> bool:
    """Tell whether paying this way only sets the money aside: a person looks first, or the tea is sent soon."""
    return review.holds(order) or preorders.charged_when_sent(order, provider)


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
    try:
        return _make(payment, request, key.value, patience)
    except (AnswerStored, KeyReused):
        return _adopt(payment, request, patience)


def _make(payment: Payment, request: StartPayment, key: str, patience: Patience) -> Started:
    """Make it, in the words it was asked for first: a key that comes back with others is refused.

    SECRET_KEY, and with it the token in the addresses, may have changed since then: each that is still believed is
    tried, the newest first. Raises KeyReused where none of them is it, or the shop's name or address has changed.
    """
    wordings = [_worded(request, token) for token in tokens.each_for_order(payment.order.public_id)]
    for wording in wordings[:-1]:
        try:
            return _send(payment, wording, key, patience)
        except KeyReused:
            continue
    return _send(payment, wordings[-1], key, patience)


def _send(payment: Payment, request: StartPayment, key: str, patience: Patience) -> Started:
    return call(payment.provider, f"payment:{payment.id}", lambda gw: gw.start(request, key, patience))


def _adopt(payment: Payment, request: StartPayment, patience: Patience) -> Started:
    """Look for a payment whose key is forgotten, spoilt or known for other words; make it anew if it never came to be.

    Making it anew is safe: a creation moves no money, and the forgotten one's secret never left us. Nobody waits for
    it: the search goes through everything since then, so a person's page is answered and a worker goes on.
    """
    if patience == INTERACTIVE:
        raise OutcomeUnknown(f"payment {payment.public_id} has to be looked for at {payment.provider}")
    subject = f"payment:{payment.id}"
    since = payment.created_at - timedelta(minutes=5)
    found: PaymentSnapshot | None = call(payment.provider, subject, lambda gw: gw.find(payment.public_id, since))
    if found is not None:
        external_id = found.external_id
        return call(payment.provider, subject, lambda gw: gw.reopen(external_id, patience))
    for sequence in range(2, MOST_KEYS + 1):
        with unit_of_work(write=True) as session:
            again = keys.reserve(
                session, payment.provider, "start", payment.public_id, sequence, request, context().clock.now()
            )
        if again.is_expired:
            continue
        try:
            return _make(payment, request, again.value, patience)
        except (AnswerStored, KeyReused):
            continue  # spoilt as well; had anything been made under it, it would have been found
    raise OrderNotPayable(_("This payment could not be begun; please order again."))


def _replace_customer(payment: Payment, patience: Patience) -> None:
    """End a payment whose customer was deleted at the provider before it began, and have another customer made."""
    call_back(payment.id, cause=NO_CUSTOMER, patience=patience)
    owner = payment.order.user_id
    if owner is not None:
        wallets.replace(owner, payment.provider, payment.customer or "")


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
    """Return what order and payment say, which do not change: the same for every repeat, and for its key's hash.

    What a new SECRET_KEY or other settings change meanwhile is left out, and stands in `_worded`.
    """
    return StartPayment(
        reference=payment.public_id,
        order_number=order.number,
        amount=payment.money,
        items=order.money(order.items),
        shipping=order.money(order.shipping),
        tax=order.money(order.tax_added),  # zero where the prices include it
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
        return_url="",
        cancel_url="",
        locale=order.locale,
        brand="",
        customer=payment.customer,
        challenge=payment.challenge,
    )


def _worded(request: StartPayment, token: str) -> StartPayment:
    """Add what the shop is called, and where the customer comes back to with the order's token."""
    settings = context().settings
    url = f"{settings.public_url}/pay/{token}"
    return replace(request, return_url=f"{url}/return", cancel_url=f"{url}?cancelled=1", brand=settings.brand)
