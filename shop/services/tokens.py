"""Signed tokens: what lets a guest back to their order, from any browser. They name one order and do not expire."""

from __future__ import annotations

from flask import current_app
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
        raise NotFound("There is no such order.") from exc
    return public_id
