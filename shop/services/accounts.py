"""Accounts: who signs in."""

from __future__ import annotations

from functools import cache

from argon2 import PasswordHasher
from argon2.exceptions import VerificationError
from sqlalchemy import select

from shop.errors import InvalidInput
from shop.models import User
from shop.services.unit_of_work import unit_of_work

_hasher = PasswordHasher()

def hash_password(password: str) -> str:
    """Return the argon2id hash to store."""
    return _hasher.hash(password)


@cache
def _nobody() -> str:
    """Return a hash to check where there is no such account: the time an answer takes must not tell who has one."""
    return _hasher.hash("nobody")


def sign_in(email: str, password: str) -> User:
    """Return whose mail address and password these are; raise InvalidInput, the same for either being wrong."""
    with unit_of_work() as session:
        user = session.scalar(select(User).where(User.email == email.strip().lower()))
    try:
        _hasher.verify(user.password_hash if user else _nobody(), password)
    except VerificationError as exc:
        raise InvalidInput("That mail address and password do not belong together.", "email") from exc
    if user is None:
        raise InvalidInput("That mail address and password do not belong together.", "email")
    return user


def load(user_id: str) -> User | None:
    """Return the account a session cookie names; None for one that is gone."""
    with unit_of_work() as session:
        return session.get(User, int(user_id)) if user_id.isdigit() else None
