"""Saved methods: written by one writer from what the provider says, whoever asked it to look."""

from __future__ import annotations

from datetime import timedelta

from flask_babel import gettext as _
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from shop.errors import NotFound, ObjectMissing, StillNeeded, TryLater
from shop.gateways.base import BACKGROUND, INTERACTIVE, Patience, PaymentState, Provider
from shop.gateways.wallets import SavedMethodSnapshot, WalletSnapshot
from shop.models import CardSetup, Order, OutboxMessage, Payment, ProviderCustomer, SavedMethod
from shop.services import locks, outbox
from shop.services.providers import call_wallet, context
from shop.services.unit_of_work import unit_of_work
from shop.services.wallets import consent
from shop.services.wallets.customers import lost, row_of, subject

# The outbox waits this long for the page that asked for a removal to carry it out itself.
GRACE = timedelta(seconds=10)


def of_user(user_id: int) -> list[SavedMethod]:
    """Return the cards that an account has saved, the default first, then the newest; asks nobody."""
    with unit_of_work() as session:
        return list(session.scalars(_shown(user_id).order_by(SavedMethod.is_default.desc(), SavedMethod.id.desc())))


def one_of(user_id: int, public_id: str) -> SavedMethod:
    """Return one saved card of an account; raise NotFound for another's, as for one that is not there."""
    with unit_of_work() as session:
        return _one(session, user_id, public_id)


def refresh(customer_id: int, patience: Patience = BACKGROUND) -> None:
    """Ask the provider what it keeps for a customer, and apply it. Where none is the default, the newest becomes it."""
    with unit_of_work(write=True) as session:
        ticket = _next_ticket(session, customer_id)
        row = session.get_one(ProviderCustomer, customer_id)
    external_id = row.external_id
    if external_id is None:
        return
    try:
        snapshot = call_wallet(row.provider, subject(row), lambda wallet: wallet.fetch(external_id, patience))
    except ObjectMissing:
        lost(customer_id, external_id)
        return
    apply(customer_id, snapshot, ticket)
    first = next((method.external_id for method in snapshot.methods if method.is_offered), None)
    if snapshot.default is None and first is not None:
        _choose(row, first, patience)


def apply(customer_id: int, snapshot: WalletSnapshot, ticket: int) -> None:
    """Write down what a provider keeps: the one writer of saved methods. A look older than the last changes nothing."""
    with unit_of_work(write=True) as session:
        row = session.get(
            ProviderCustomer, customer_id, with_for_update=locks.kept(ProviderCustomer), populate_existing=True
        )
        if row is None or row.user_id is None or row.external_id != snapshot.customer or ticket <= row.applied_ticket:
            return
        row.applied_ticket = ticket
        query = select(SavedMethod).where(SavedMethod.provider == row.provider, SavedMethod.mode == row.mode)
        known = {each.external_id: each for each in session.scalars(query.where(SavedMethod.user_id == row.user_id))}
        for seen in reversed(snapshot.methods):
            method = known.pop(seen.external_id, None)
            if method is None:
                method = SavedMethod(user_id=row.user_id, provider=row.provider, mode=row.mode)
                session.add(method)
            _write(method, seen, is_default=seen.external_id == snapshot.default)
            if seen.is_offered and method.consent_at is None:
                _note_consent(session, method)
            session.flush()
        for gone in known.values():
            gone.is_default = False
            gone.removed_at = gone.removed_at or context().clock.now()


def make_default(user_id: int, public_id: str) -> SavedMethod:
    """Have a card chosen beforehand at the till; raises NotFound, and TryLater when the provider does not answer."""
    method = one_of(user_id, public_id)
    with unit_of_work() as session:
        row = row_of(session, user_id, method.provider)
    if row is None:
        raise NotFound(_("There is no such card."))
    _choose(row, method.external_id, INTERACTIVE)
    return method


def remove(user_id: int, public_id: str) -> SavedMethod:
    """Have the provider let go of a card. From now on it is not shown here, even if the provider is slow to answer.

    Raises NotFound for another's, and StillNeeded for the last one while something is to be charged on it.
    The removal is owed before it is tried, so a crash in between, and a repeat, do no harm.
    """
    with unit_of_work(write=True) as session:
        method = _one(session, user_id, public_id, lock=True)
        others = session.scalars(_shown(user_id).where(SavedMethod.id != method.id)).all()
        reason = why_needed(session, user_id)
        if reason and not others:
            raise StillNeeded(reason)
        now = context().clock.now()
        method.removal_asked_at = now
        key = f"wallet.detach:{method.id}"
        outbox.owe(session, "wallet.detach", key, not_before=now + GRACE, method=method.id)
    try:
        _detach(method, INTERACTIVE)
    except TryLater:
        return method  # the outbox goes on
    return method


def why_needed(session: Session, user_id: int) -> str:
    """Return why an account has to keep a card, or an empty text: an order under way that is still to be charged.

    Whatever is charged later without the customer (a pre-order, a subscription) adds its reason here.
    """
    query = select(Order.number).join(Payment).where(Order.user_id == user_id, Payment.state == PaymentState.AUTHORIZED)
    number = session.scalar(query.order_by(Order.id).limit(1))
    if number is None:
        return ""
    words: str = _(
        "Order %(number)s is still to be charged. Add another card first, then remove this one.", number=number
    )
    return words


def handle_sync(message: OutboxMessage) -> None:
    """Look at a customer's wallet after something may have been saved; the outbox calls this."""
    with unit_of_work() as session:
        query = select(ProviderCustomer.id).where(
            ProviderCustomer.provider == Provider(message.payload["provider"]),
            ProviderCustomer.external_id == message.payload["customer"],
        )
        customer_id = session.scalar(query)
    if customer_id is not None:
        refresh(customer_id)


def handle_detach(message: OutboxMessage) -> None:
    """Carry out a removal that was asked for; the outbox calls this, also after it was carried out."""
    with unit_of_work() as session:
        method = session.get(SavedMethod, int(message.payload["method"]))
    if method is not None and method.removed_at is None:
        _detach(method, BACKGROUND)


def _detach(method: SavedMethod, patience: Patience) -> None:
    where, external_id = method.provider, method.external_id
    call_wallet(where, f"method:{method.id}", lambda wallet: wallet.detach(external_id, patience))
    with unit_of_work(write=True) as session:
        session.execute(
            update(SavedMethod)
            .where(SavedMethod.id == method.id, SavedMethod.removed_at.is_(None))
            .values(removed_at=context().clock.now(), is_default=False)
        )
        row = row_of(session, method.user_id, where)
    if row is not None:
        refresh(row.id, patience)


def _choose(row: ProviderCustomer, method: str, patience: Patience) -> None:
    """Set the default at the provider and look again."""
    external_id = row.external_id or ""
    try:
        call_wallet(
            row.provider, subject(row), lambda wallet: wallet.make_default(external_id, method, patience)
        )
    except ObjectMissing:  # removed in the meantime: what is left is applied
        _refresh_once(row, patience)
        return
    _refresh_once(row, patience)


def _refresh_once(row: ProviderCustomer, patience: Patience) -> None:
    """Ask and apply, without choosing a default: what `refresh` does before that."""
    with unit_of_work(write=True) as session:
        ticket = _next_ticket(session, row.id)
    external_id = row.external_id or ""
    snapshot = call_wallet(row.provider, subject(row), lambda wallet: wallet.fetch(external_id, patience))
    apply(row.id, snapshot, ticket)


def _next_ticket(session: Session, customer_id: int) -> int:
    statement = update(ProviderCustomer).where(ProviderCustomer.id == customer_id)
    return session.scalars(
        statement.values(ticket=ProviderCustomer.ticket + 1).returning(ProviderCustomer.ticket)
    ).one()


def _shown(user_id: int):  # type: ignore[no-untyped-def]  # a select; its generic type says no more
    return select(SavedMethod).where(
        SavedMethod.user_id == user_id, SavedMethod.removed_at.is_(None), SavedMethod.removal_asked_at.is_(None)
    )


def _one(session: Session, user_id: int, public_id: str, *, lock: bool = False) -> SavedMethod:
    query = _shown(user_id).where(SavedMethod.public_id == public_id)
    if lock:
        query = query.with_for_update(**locks.kept(SavedMethod))
    method: SavedMethod | None = session.scalars(query).one_or_none()
    if method is None:
        raise NotFound(_("There is no such card."))
    return method


def _write(method: SavedMethod, seen: SavedMethodSnapshot, *, is_default: bool) -> None:
    """Write one method, no longer than its columns: PostgreSQL refuses what SQLite takes."""
    method.external_id = seen.external_id
    method.kind, method.brand, method.last4 = seen.kind[:30], seen.brand[:30], seen.last4[-4:]
    method.exp_month, method.exp_year = seen.exp_month, seen.exp_year
    method.is_default, method.removed_at = is_default, None


def _note_consent(session: Session, method: SavedMethod) -> None:
    """Write down when its owner agreed, and to which words: on the account page, or by the box on the pay page."""
    query = select(CardSetup).where(CardSetup.user_id == method.user_id, CardSetup.method == method.external_id)
    setup = session.scalars(query.limit(1)).one_or_none()
    method.consent_at = setup.consent_at if setup is not None else context().clock.now()
    method.consent_version = setup.consent_version if setup is not None else consent.VERSION
