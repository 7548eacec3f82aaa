"""Wallets: the customers that providers know, and the cards they keep for them. One writer, `apply`."""

from shop.services.wallets.customers import customer_of, ensure, handle_email, open_session, owe_email, replace
from shop.services.wallets.forgetting import forget, handle_forget
from shop.services.wallets.methods import (
    handle_detach,
    handle_sync,
    make_default,
    of_user,
    one_of,
    refresh,
    remove,
    why_needed,
)
from shop.services.wallets.notices import heed
from shop.services.wallets.setups import CONSENT_VERSION, handle_stop, look, newest, settle, start

__all__ = [
    "CONSENT_VERSION",
    "customer_of",
    "ensure",
    "forget",
    "handle_detach",
    "handle_email",
    "handle_forget",
    "handle_stop",
    "handle_sync",
    "heed",
    "look",
    "make_default",
    "newest",
    "of_user",
    "one_of",
    "open_session",
    "owe_email",
    "refresh",
    "remove",
    "replace",
    "settle",
    "start",
    "why_needed",
]
