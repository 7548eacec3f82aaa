"""Signed tokens. An order's lets a guest back to it from any browser, and does not expire; an account's does one
thing until a time, and stands in a mail."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from flask import current_app
from flask_babel import gettext as _
from itsdangerous import BadSignature, URLSafeSerializer

from shop.errors import NotFound


def _serializer() -> URLSafeSerializer:
    return URLSafeSerializer(current_app.secret_key or "", salt="order")


def for_order(order_public_id: str) -> str:
    """Return the token of an order: the same one each time."""
    token: str = _serializer().dumps(order_public_id)
    return token


def read_order(token: str) -> str:
    """Return the public id of the order a token names; raise NotFound for a forged or damaged one."""
    try:
        public_id: str = _serializer().loads(token)
    except BadSignature as exc:
        raise NotFound(_("There is no such order.")) from exc
    return public_id


@dataclass(frozen=True)
class Claim:
    """What a link from a mail proves: whose it is, and the state of the account (or the address) it was made for."""

    user_id: int
    stamp: str


def for_account(purpose: str, user_id: int, stamp: str, until: datetime) -> str:
    """Return the token of one thing that may be done with an account until a time; `stamp` ends it early."""
    token: str = _account(purpose).dumps([user_id, stamp, int(until.timestamp())])
    return token


def read_account(purpose: str, token: str, now: datetime) -> Claim:
    """Return what a token proves; raise NotFound for one that is forged, damaged, of another purpose or too old."""
    try:
        user_id, stamp, until = _account(purpose).loads(token)
    except BadSignature as exc:
        raise NotFound(_("There is no such link.")) from exc
    if until < now.timestamp():
        raise NotFound(_("This link is too old."))
    return Claim(user_id, stamp)


def _account(purpose: str) -> URLSafeSerializer:
    return URLSafeSerializer(current_app.secret_key or "", salt=f"account.{purpose}")
