"""Accounts: who signs in, and what they may change about it.

Nothing here tells whether somebody has an account: the same words, in the same time, and a mail to who owns the
address. Nobody signs in before the address is confirmed, with the password, by a link that was mailed to it: so
nobody can register another's address and wait for them.
"""

from __future__ import annotations

import secrets
from datetime import datetime, timedelta
from functools import cache

from argon2 import PasswordHasher
from argon2.exceptions import VerificationError
from flask_babel import gettext as _
from sqlalchemy import func, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session
from stdnum.eu import vat

from shop.errors import InvalidInput, LinkOver, NotFound
from shop.models import AccountEvent, Order, User
from shop.services import account_mail, locks, passwords, tokens, wallets
from shop.services.providers import context
from shop.services.unit_of_work import unit_of_work

_hasher = PasswordHasher()
RESET_LINK = timedelta(hours=1)
CONFIRM_LINK = timedelta(days=3)


def hash_password(password: str) -> str:
    """Return the argon2id hash to store."""
    return _hasher.hash(password)


@cache
def _nobody() -> str:
    """Return a hash to check where there is no such account: the time an answer takes must not tell who has one."""
    return _hasher.hash("nobody")


def normal(email: str) -> str:
    """Return a mail address as accounts keep it."""
    return email.strip().lower()


def sign_in(email: str, password: str) -> User:
    """Return whose mail address and password these are; raise InvalidInput, the same for either being wrong.

    An account whose address is not confirmed is answered the same, and mailed a new link. A hash made with older
    parameters is made anew; orders placed as a guest with the address meanwhile come to the account.
    """
    with unit_of_work() as session:
        user = _of(session, email)
    if not _matches(user, password) or user is None:
        raise _wrong()
    if user.email_confirmed_at is None:
        with unit_of_work(write=True) as session:
            account_mail.owe(session, "confirm_address", user, until=_now() + CONFIRM_LINK)
        raise _wrong()
    return _arrived(user, password)


def load(session_id: str) -> User | None:
    """Return the account a session cookie names; None for one that is gone, or whose sessions were ended."""
    user_id, _dot, epoch = session_id.partition(".")
    if not user_id.isdigit() or not epoch.isdigit():
        return None
    with unit_of_work() as session:
        user = session.get(User, int(user_id))
    return user if user is not None and user.session_epoch == int(epoch) else None


def register(email: str, name: str, password: str, locale: str = "en") -> None:
    """Make an account that waits for its address to be confirmed; raise InvalidInput for a poor password.

    A known address is told so by mail, and the caller learns nothing. Registering again before confirming replaces
    the name and the password: whoever owns the address wins.
    """
    email = normal(email)
    passwords.check(password, email)
    hashed = hash_password(password)  # before anything is looked up: it is what takes the time
    try:
        _register(email, name, hashed, locale)
    except IntegrityError:  # another registration of the same address was faster
        _register(email, name, hashed, locale)


def _register(email: str, name: str, hashed: str, locale: str) -> None:
    with unit_of_work(write=True) as session:
        known = _of(session, email)
        # Locked, since whoever confirms the address at this moment is to keep the password they confirmed it with.
        user = locks.account(session, known.id) if known is not None else None
        if user is not None and user.email_confirmed_at is not None:
            account_mail.owe(session, "address_known", user)
            return
        if user is None:
            user = User(email=email, session_epoch=secrets.randbelow(1_000_000_000))
            session.add(user)
        user.name, user.password_hash, user.locale = name, hashed, locale
        session.flush()
        account_mail.owe(session, "confirm_address", user, until=_now() + CONFIRM_LINK)


def confirm_address(token: str, password: str) -> User:
    """Confirm the address of a new account by the link and its password, and return who may sign in now.

    A repeat does the same again. Raises LinkOver for a link that does not work, and InvalidInput for a wrong
    password: the link alone proves who reads the mail, and not who registered.
    """
    user = _linked("confirm", token)
    if not _matches(user, password):
        raise _not_registered_with()
    with unit_of_work(write=True) as session:
        row = _lock(session, user.id)
        if not _is_still(row, user, password):  # somebody has registered the address once more
            raise _not_registered_with()
        row.email_confirmed_at = row.email_confirmed_at or _now()
    return _arrived(user, password)


def of_link(purpose: str, token: str) -> User:
    """Return whose link from a mail ("confirm", "reset", "change") this is; raise LinkOver unless it works now."""
    return _linked(purpose, token)


def was_followed(purpose: str, token: str) -> bool:
    """Tell whether a link to an address ("confirm", "change") has done what it is for: the address is the account's.

    People follow a link twice, and programs that look into mails follow it before them. Raises LinkOver for a link
    that proves nothing.
    """
    claim = tokens.read_account(purpose, token, _now())
    with unit_of_work() as session:
        user = session.get(User, claim.user_id)
    return user is not None and user.email_confirmed_at is not None and user.email == claim.stamp


def request_reset(email: str) -> None:
    """Mail a link that sets a new password; nothing happens, and nobody is told, where there is no such account."""
    with unit_of_work(write=True) as session:
        user = _of(session, email)
        if user is not None:
            account_mail.owe(session, "password_reset", user, until=_now() + RESET_LINK)


def reset_password(token: str, password: str) -> User:
    """Set a new password by the mailed link, end every session, and return who may sign in now.

    The link works once: it carries the epoch, which goes up here and at every change of the password. It proves
    who reads the mail, so it confirms the address too. Raises LinkOver and InvalidInput.
    """
    user = _linked("reset", token)
    passwords.check(password, user.email)
    hashed = hash_password(password)
    with unit_of_work(write=True) as session:
        row = _lock(session, user.id)
        if row.session_epoch != user.session_epoch:
            raise _over("reset")
        row.email_confirmed_at = row.email_confirmed_at or _now()
        _set_password(session, row, hashed)
        attach_orders(session, row)
        return row


def change_password(user_id: int, old: str, new: str) -> User:
    """Set a new password, end every other session, and return the account; raises InvalidInput for either field."""
    user = verify(user_id, old, "old_password")
    passwords.check(new, user.email, "new_password")
    hashed = hash_password(new)
    with unit_of_work(write=True) as session:
        row = _lock(session, user_id)
        if not _is_still(row, user, old):
            raise _not_yours("old_password")
        _set_password(session, row, hashed)
        return row


def end_sessions(user_id: int) -> None:
    """End every session of an account, this one too, and every link that would set its password."""
    with unit_of_work(write=True) as session:
        user = _lock(session, user_id)
        user.session_epoch += 1
        session.add(AccountEvent(user_id=user.id, kind="sessions_ended", at=_now()))


def request_new_address(user_id: int, email: str, password: str) -> None:
    """Mail a link to a new address; the account keeps the old one until that is followed.

    An address that another account has is told so by mail; whoever asks learns nothing.
    """
    owner, email = verify(user_id, password), normal(email)
    if email == owner.email:
        raise InvalidInput(_("This is your address already."), "email")
    with unit_of_work(write=True) as session:
        user, other = _lock(session, user_id), _of(session, email)
        if other is not None:
            account_mail.owe(session, "address_known", other)
            return
        user.pending_email = email
        account_mail.owe(session, "new_address", user, to=email, until=_now() + CONFIRM_LINK)


def confirm_new_address(token: str, user_id: int) -> User:
    """Take the new address, by the link that was mailed to it and signed in as its owner; a repeat changes nothing.

    Both addresses are told. Raises LinkOver for a link that does not work, is another's, or whose address was
    taken meanwhile.
    """
    claim = tokens.read_account("change", token, _now())
    with unit_of_work(write=True) as session:
        user = locks.account(session, user_id)
        if user is None or claim.user_id != user_id:
            raise LinkOver(_("This link does not work for your account."), "change")
        if user.email == claim.stamp:
            return user
        if user.pending_email != claim.stamp or _of(session, claim.stamp) is not None:
            raise _over("change")
        attach_orders(session, user, claim.stamp)
        old, user.email, user.pending_email = user.email, claim.stamp, ""
        user.email_confirmed_at = _now()
        user.session_epoch += 1  # a link that was mailed to the old address sets no password any more
        wallets.owe_email(session, user)
        for address in (old, user.email):
            account_mail.owe(session, "address_changed", user, to=address)
        return user


def verify(user_id: int, password: str, field: str = "password") -> User:
    """Return the account if this is its password; raise InvalidInput that names the field otherwise."""
    with unit_of_work() as session:
        user = session.get(User, user_id)
    if user is None or not _matches(user, password):
        raise _not_yours(field)
    return user


def attach_orders(session: Session, user: User, confirmed: str = "") -> None:
    """Write the orders placed as a guest to the account that has confirmed their mail address: its own, or this one."""
    email = confirmed or (user.email if user.email_confirmed_at is not None else "")
    if not email:
        return
    theirs = locks.order_ids(session, Order.user_id.is_(None), func.lower(Order.email) == email)
    session.execute(
        update(Order)
        .where(Order.id.in_(theirs))
        .values(user_id=user.id)
        .execution_options(synchronize_session=False)
    )


def set_details(user_id: int, name: str, company: str, vat_id: str) -> User:
    """Change the name, the company and the VAT id; raises InvalidInput for a VAT id that no country gives out."""
    number = vat.compact(vat_id)
    if number and not vat.is_valid(number):
        words = _("This VAT id is not complete, or two digits are swapped. It begins with letters, like DE.")
        raise InvalidInput(words, "vat_id")
    with unit_of_work(write=True) as session:
        user = _lock(session, user_id)
        user.name, user.company, user.vat_id = name, company, number
        return user


def _arrived(proved: User, password: str) -> User:
    """Return who has just proved the password: with a hash of today's parameters, and the orders that are theirs.

    Raises InvalidInput where the password was changed since it was checked.
    """
    hashed = hash_password(password) if _hasher.check_needs_rehash(proved.password_hash) else ""
    with unit_of_work(write=True) as session:
        user = _lock(session, proved.id)
        if not _is_still(user, proved, password):
            raise _wrong()
        if hashed:
            user.password_hash = hashed
        attach_orders(session, user)
        return user


def _is_still(row: User, checked: User, password: str) -> bool:
    """Tell, under the account's lock, whether a password that was checked without it is the account's now.

    Checking takes long, and meanwhile it may have been changed; only then is it checked once more.
    """
    return row.password_hash == checked.password_hash or _matches(row, password)


def _set_password(session: Session, user: User, hashed: str) -> None:
    user.password_hash = hashed
    user.session_epoch += 1
    session.flush()
    account_mail.owe(session, "password_changed", user)


def _linked(purpose: str, token: str) -> User:
    """Return whose link this is, if the account is still as it was when the link was made; raise LinkOver otherwise."""
    claim = tokens.read_account(purpose, token, _now())
    with unit_of_work() as session:
        user = session.get(User, claim.user_id)
    stamps = {} if user is None else account_mail.stamps(user)
    if user is None or stamps[purpose] != claim.stamp:
        raise _over(purpose)
    return user


def _over(purpose: str) -> LinkOver:
    return LinkOver(_("This link does not work any more."), purpose)


def _matches(user: User | None, password: str) -> bool:
    """Tell whether this is the password; it takes as long where there is no account."""
    try:
        _hasher.verify(user.password_hash if user else _nobody(), password)
    except VerificationError:
        return False
    return user is not None


def _not_registered_with() -> InvalidInput:
    return InvalidInput(_("That is not the password you registered with."), "password")


def _not_yours(field: str) -> InvalidInput:
    return InvalidInput(_("That is not your password."), field)


def _wrong() -> InvalidInput:
    words = _(
        "That mail address and password do not belong together, or the address is not confirmed yet: "
        "then look for our mail."
    )
    return InvalidInput(words, "email")


def _of(session: Session, email: str) -> User | None:
    return session.scalar(select(User).where(User.email == normal(email)))


def _lock(session: Session, user_id: int) -> User:
    user = locks.account(session, user_id)
    if user is None:
        raise NotFound(_("There is no such account."))
    return user


def _now() -> datetime:
    return context().clock.now()
