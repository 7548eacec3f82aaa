"""Accounts: who signs in."""

from __future__ import annotations

from argon2 import PasswordHasher
from argon2.exceptions import VerificationError
from sqlalchemy import select

from shop.errors import InvalidInput
from shop.models import User
from shop.services.unit_of_work import unit_of_work

_hasher = PasswordHasher()
# Checked where there is no such account, so that the time an answer takes does not tell who has one.
_NOBODY = _hasher.hash("nobody")


def hash_password(password: str) -> str:
    """Return the argon2id hash to store."""
    return _hasher.hash(password)


def sign_in(email: str, password: str) -> User:
    """Return whose mail address and password these are; raise InvalidInput, the same for either being wrong."""
    with unit_of_work() as session:
        user = session.scalar(select(User).where(User.email == email.strip().lower()))
    try:
        _hasher.verify(user.password_hash if user else _NOBODY, password)
    except VerificationError as exc:
        raise InvalidInput("That mail address and password do not belong together.", "email") from exc
    if user is None:
        raise InvalidInput("That mail address and password do not belong together.", "email")
    return user


def load(user_id: str) -> User | None:
    """Return the account a session cookie names; None for one that is gone."""
    with unit_of_work() as session:
        return session.get(User, int(user_id)) if user_id.isdigit() else None
