"""What a webhook about a customer leads to: a look at all that is kept for them."""

from __future__ import annotations

from sqlalchemy import select

from shop.gateways.base import Provider
from shop.models import CardSetup, ProviderCustomer
from shop.services import exchanged
from shop.services.providers import context
from shop.services.unit_of_work import unit_of_work
from shop.services.wallets.methods import refresh
from shop.services.wallets.setups import settle_one


def heed(provider: Provider, customer: str, cause: str) -> bool:
    """Look at a customer's savings under way and at their cards; False for a customer who is none of ours.

    What was told of such a one is not kept: it may be the news that the customer of a deleted account is gone.
    """
    with unit_of_work() as session:
        row = session.scalars(
            select(ProviderCustomer).where(
                ProviderCustomer.provider == provider, ProviderCustomer.external_id == customer
            )
        ).one_or_none()
        unfinished = select(CardSetup).where(CardSetup.provider == provider, CardSetup.customer == customer)
        setups = [setup.id for setup in session.scalars(unfinished) if setup.is_open and setup.external_id]
    if row is None or row.user_id is None or provider not in context().wallets:
        with unit_of_work(write=True) as session:
            exchanged.forget_notices(session, provider, [customer])
        return False
    for setup_id in setups:
        settle_one(setup_id, cause)
    refresh(row.id)
    return True
