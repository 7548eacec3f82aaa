"""The customer that a provider knows for an account: made when it is first needed, and never twice."""

from __future__ import annotations

from datetime import timedelta

from flask_babel import gettext as _
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from shop.errors import AnswerStored, NotFound, ObjectMissing
from shop.gateways.base import INTERACTIVE, Patience, Provider
from shop.gateways.wallets import NewCustomer
from shop.models import OutboxMessage, ProviderCustomer, SavedMethod, User
from shop.services import keys, locks, outbox
from shop.services.providers import call_wallet, context
from shop.services.unit_of_work import unit_of_work

# How far before our row the provider's clock may put what we made there.
CLOCKS_DIFFER = timedelta(minutes=5)


def row_of(session: Session, user_id: int, provider: Provider) -> ProviderCustomer | None:
    """Return an account's row at a provider, in the mode of our keys."""
    query = select(ProviderCustomer).where(
        ProviderCustomer.user_id == user_id,
        ProviderCustomer.provider == provider,
        ProviderCustomer.mode == context().wallets[provider].mode,
    )
    return session.scalars(query).one_or_none()


def customer_of(session: Session, user_id: int | None, provider: Provider) -> str | None:
    """Return the provider's id of an account's customer; None for a guest, or one that the provider does not know."""
    if user_id is None or provider not in context().wallets:
        return None
    row = row_of(session, user_id, provider)
    return row.external_id if row is not None else None


def ensure(user_id: int, provider: Provider, patience: Patience = INTERACTIVE) -> ProviderCustomer:
    """Return an account's customer at a provider, which is made there if need be; a repeat finds the same one.

    Raises TryLater when the provider does not answer: the row and its key stand, and the next call goes on.
    """
    row, key = _prepare(user_id, provider)
    if row.external_id is not None:
        return row
    external_id = _reach(row, key, patience)
    with unit_of_work(write=True) as session:
        user = locks.account(session, user_id)  # whoever changes its address comes before this, or finds the customer
        kept = session.get_one(
            ProviderCustomer, row.id, with_for_update=locks.kept(ProviderCustomer), populate_existing=True
        )
        kept.external_id = kept.external_id or external_id
        if user is not None and user.email != kept.email:  # it has changed since the customer's making was begun
            _owe_email(session, kept, user)
        return kept


def open_session(user_id: int, provider: Provider) -> str:
    """Return the client secret by which the pay page shows an account's cards; it is passed on and never stored.

    A customer who was deleted at the provider is made anew, once. Raises TryLater.
    """
    row = ensure(user_id, provider)
    try:
        return _session(row)
    except ObjectMissing:
        lost(row.id, row.external_id or "")
    return _session(ensure(user_id, provider))


def replace(user_id: int, provider: Provider, external_id: str) -> str | None:
    """Make another customer for an account whose own the provider has deleted, and return its id there.

    None where that customer is not the account's any more; raises as `ensure` does.
    """
    with unit_of_work() as session:
        row = row_of(session, user_id, provider)
    if row is None:
        return None
    lost(row.id, external_id)
    return ensure(user_id, provider).external_id


def owe_email(session: Session, user: User) -> None:
    """Owe an account's new mail address to every provider that knows it, in the transaction that changes it.

    One whose customer is being made in this moment is told afterwards, by `ensure`.
    """
    for row in session.scalars(select(ProviderCustomer).where(ProviderCustomer.user_id == user.id)):
        if row.external_id is not None:
            _owe_email(session, row, user)


def _owe_email(session: Session, row: ProviderCustomer, user: User) -> None:
    key = f"wallet.email:{row.id}:{row.sequence}:{user.session_epoch}"  # which goes up with every change of address
    outbox.owe(session, "wallet.email", key, customer=row.id)


def handle_email(message: OutboxMessage) -> None:
    """Tell the provider the mail address that the account has now; the outbox calls this."""
    with unit_of_work() as session:
        row = session.get(ProviderCustomer, int(message.payload["customer"]))
        user = session.get(User, row.user_id) if row is not None and row.user_id is not None else None
    if row is None or user is None or row.external_id is None:
        return
    external_id, email = row.external_id, user.email
    try:
        call_wallet(row.provider, subject(row), lambda wallet: wallet.set_email(external_id, email))
    except ObjectMissing:
        lost(row.id, external_id)


def lost(customer_id: int, external_id: str) -> None:
    """Note that the provider has deleted a customer: their cards are gone, and the next need makes another one."""
    with unit_of_work(write=True) as session:
        row = session.get(
            ProviderCustomer, customer_id, with_for_update=locks.kept(ProviderCustomer), populate_existing=True
        )
        if row is None or row.external_id != external_id:
            return
        user = session.get(User, row.user_id) if row.user_id is not None else None
        row.email = user.email if user is not None else row.email
        row.external_id = None
        row.sequence += 1
        row.created_at = context().clock.now()
        session.execute(
            update(SavedMethod)
            .where(
                SavedMethod.user_id == row.user_id,
                SavedMethod.provider == row.provider,
                SavedMethod.mode == row.mode,
                SavedMethod.removed_at.is_(None),
            )
            .values(removed_at=row.created_at, is_default=False)
        )


def subject(row: ProviderCustomer) -> str:
    """Return whose calls these are, for the API log."""
    return f"customer:{row.id}"


def _prepare(user_id: int, provider: Provider) -> tuple[ProviderCustomer, keys.Reserved]:
    """Commit the row and its key, under the account's lock, so that two tabs make one customer."""
    now = context().clock.now()
    with unit_of_work(write=True) as session:
        user = locks.account(session, user_id)
        if user is None:
            raise NotFound(_("There is no such account."))
        row = row_of(session, user_id, provider)
        if row is None:
            mode = context().wallets[provider].mode
            row = ProviderCustomer(user_id=user_id, provider=provider, mode=mode, email=user.email, created_at=now)
            session.add(row)
            session.flush()
        return row, _key(session, row)


def _key(session: Session, row: ProviderCustomer) -> keys.Reserved:
    now = context().clock.now()
    return keys.reserve(session, row.provider, "wallet", f"customer-{row.public_id}", row.sequence, _told(row), now)


def _told(row: ProviderCustomer) -> NewCustomer:
    return NewCustomer(row.public_id, row.email)


def _reach(row: ProviderCustomer, key: keys.Reserved, patience: Patience) -> str:
    """Make the customer by its key; where that is too old, or plays back a failure for good, by another one."""
    if key.is_expired:
        return _adopt_or_make(row, patience)
    try:
        return _make(row, key.value, patience)
    except AnswerStored:
        return _adopt_or_make(row, patience)


def _make(row: ProviderCustomer, key: str, patience: Patience) -> str:
    told = _told(row)
    return call_wallet(row.provider, subject(row), lambda wallet: wallet.create_customer(told, key, patience))


def _adopt_or_make(row: ProviderCustomer, patience: Patience) -> str:
    """Look for a customer whose key the provider may have forgotten or spoilt; make one anew where none came to be.

    Two who come here at once go on with the same new key.
    """
    since = row.created_at - CLOCKS_DIFFER
    reference = row.public_id
    found: str | None = call_wallet(
        row.provider, subject(row), lambda wallet: wallet.find_customer(reference, since)
    )
    if found is not None:
        return found
    with unit_of_work(write=True) as session:
        again = session.get_one(
            ProviderCustomer, row.id, with_for_update=locks.kept(ProviderCustomer), populate_existing=True
        )
        if again.sequence == row.sequence:
            again.sequence += 1
        key = _key(session, again)
    return _make(again, key.value, patience)


def _session(row: ProviderCustomer) -> str:
    external_id = row.external_id or ""
    return call_wallet(
        row.provider, subject(row), lambda wallet: wallet.open_session(external_id, INTERACTIVE)
    )
