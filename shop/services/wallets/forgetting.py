"""Deleting an account: its cards are forgotten here at once, and at the providers soon after."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from shop.gateways.base import Provider
from shop.models import CardSetup, OutboxMessage, ProviderCustomer, SavedMethod
from shop.services import exchanged, locks, outbox
from shop.services.providers import call_wallet
from shop.services.unit_of_work import unit_of_work
from shop.services.wallets.customers import subject


def forget(session: Session, user_id: int) -> None:
    """Forget an account's cards inside the transaction that deletes it, and owe their end at each provider.

    Call it before the account's row goes; a repeat finds nothing left. Payments keep what their receipts show.
    """
    customers = select(ProviderCustomer).where(ProviderCustomer.user_id == user_id).order_by(ProviderCustomer.id)
    rows = session.scalars(customers.with_for_update(**locks.kept(ProviderCustomer))).all()
    _forget_exchanged(session, user_id, rows)
    session.execute(delete(SavedMethod).where(SavedMethod.user_id == user_id))
    session.execute(delete(CardSetup).where(CardSetup.user_id == user_id))
    for row in rows:
        row.user_id, row.email = None, ""
        outbox.owe(session, "wallet.forget", f"wallet.forget:{row.id}", customer=row.id)
    session.flush()


def _forget_exchanged(session: Session, user_id: int, customers: Sequence[ProviderCustomer]) -> None:
    """Empty what was said about an account's customers, and about each card and saving of theirs."""
    methods = session.scalars(select(SavedMethod).where(SavedMethod.user_id == user_id)).all()
    setups = session.scalars(select(CardSetup).where(CardSetup.user_id == user_id)).all()
    exchanged.forget_calls(session, [subject(customer) for customer in customers])
    exchanged.forget_calls(session, [f"method:{method.id}" for method in methods])
    exchanged.forget_calls(session, [f"setup:{setup.id}" for setup in setups])
    known = {(row.provider, row.external_id) for row in customers}
    known |= {(row.provider, row.external_id) for row in methods}
    known |= {(row.provider, row.external_id) for row in setups}
    known |= {(row.provider, row.customer) for row in setups}  # an earlier customer, it may be
    for provider in {provider for provider, _external_id in known}:
        exchanged.forget_notices(session, provider, [told for where, told in known if where is provider])


def handle_forget(message: OutboxMessage) -> None:
    """Delete the customer at the provider, with all its cards; the outbox calls this. A repeat does no harm."""
    with unit_of_work() as session:
        row = session.get(ProviderCustomer, int(message.payload["customer"]))
    if row is None:
        return
    where: Provider = row.provider
    external_id, reference = row.external_id, row.public_id
    about = subject(row)
    if external_id is None:  # its making may have been under way, and its answer lost
        since = row.created_at - timedelta(minutes=5)
        external_id = call_wallet(where, about, lambda wallet: wallet.find_customer(reference, since))
    if external_id is not None:
        customer = external_id
        call_wallet(where, about, lambda wallet: wallet.delete_customer(customer))
    with unit_of_work(write=True) as session:
        exchanged.forget_calls(session, [about])
        session.execute(delete(ProviderCustomer).where(ProviderCustomer.id == row.id))
