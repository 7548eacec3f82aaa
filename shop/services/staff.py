"""Who runs the shop: an account is let to the desk, or no longer, on the command line alone."""

from __future__ import annotations

from sqlalchemy import select

from shop.errors import InvalidInput, NotFound
from shop.models import AccountEvent, User
from shop.services import accounts, locks
from shop.services.providers import context
from shop.services.unit_of_work import unit_of_work


def appoint(email: str, *, is_merchant: bool) -> User:
    """Let an account to the desk, or take that back, from its next page on; a repeat changes nothing.

    Raises NotFound where there is no such account, and InvalidInput while its address is not confirmed: whoever
    registered it may not be who reads its mail.
    """
    with unit_of_work(write=True) as session:
        theirs = select(User).where(User.email == accounts.normal(email))
        user = session.scalar(theirs.with_for_update(**locks.kept(User)))
        if user is None:
            raise NotFound(f"There is no account of {email}. Register it in the shop first.")
        if is_merchant and user.email_confirmed_at is None:
            raise InvalidInput(f"{email} is not confirmed yet. Follow the link in the mail first.", "email")
        if user.is_merchant is not is_merchant:
            user.is_merchant = is_merchant
            kind = "made_merchant" if is_merchant else "merchant_no_more"
            session.add(AccountEvent(user_id=user.id, kind=kind, at=context().clock.now()))
        return user


def name_of(user_id: int) -> str:
    """Return what to call an account that works or worked at the desk; empty where it is gone."""
    with unit_of_work() as session:
        user = session.get(User, user_id)
        return (user.name or user.email) if user else ""


def merchants() -> list[User]:
    """Return who may work at the desk, by mail address."""
    with unit_of_work() as session:
        return list(session.scalars(select(User).where(User.is_merchant).order_by(User.email)))
