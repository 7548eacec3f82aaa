"""Signed tokens. An order's lets a guest back to it from any browser, and does not expire; an account's does one
thing until a time, and stands in a mail. SECRET_KEY signs them; what SECRET_KEY_FALLBACKS have signed is good, too."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime

from flask import current_app
from flask_babel import gettext as _
from itsdangerous import BadSignature, URLSafeSerializer

from shop import signing
from shop.errors import LinkOver, NotFound


def for_order(order_public_id: str) -> str:
    """Return the token of an order: the same one each time, until SECRET_KEY changes."""
    token: str = _serializer("order").dumps(order_public_id)
    return token


def each_for_order(order_public_id: str) -> list[str]:
    """Return every token that lets to an order, the newest key's first: one that was told before may be an older's."""
    newest_first = reversed(signing.keys(current_app))
    return [str(URLSafeSerializer(key, salt="order").dumps(order_public_id)) for key in newest_first]


def read_order(token: str) -> str:
    """Return the public id of the order a token names; raise NotFound for a forged or damaged one."""
    try:
        public_id: str = _serializer("order").loads(token)
    except BadSignature as exc:
        raise NotFound(_("There is no such order.")) from exc
    return public_id


@dataclass(frozen=True)
class Claim:
    """What a link from a mail proves: whose it is, the state of the account (or the address) it was made for, and until
    when."""

    user_id: int
    stamp: str
    until: datetime


def for_account(purpose: str, user_id: int, stamp: str, until: datetime) -> str:
    """Return the token of one thing that may be done with an account until a time; `stamp` ends it early."""
    token: str = _serializer(f"account.{purpose}").dumps([user_id, stamp, int(until.timestamp())])
    return token


def read_account(purpose: str, token: str, now: datetime) -> Claim:
    """Return what a token proves; raise LinkOver for one that is forged, damaged, of another purpose or too old."""
    try:
        user_id, stamp, until = _serializer(f"account.{purpose}").loads(token)
    except BadSignature as exc:
        raise LinkOver(_("There is no such link."), purpose) from exc
    if until < now.timestamp():
        raise LinkOver(_("This link is too old."), purpose)
    return Claim(user_id, stamp, datetime.fromtimestamp(until, UTC))


def _serializer(salt: str) -> URLSafeSerializer:
    return URLSafeSerializer(signing.keys(current_app), salt=salt)
