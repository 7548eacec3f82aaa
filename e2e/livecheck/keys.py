"""Whose keys these are, and what keeps the check from touching real money."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from pathlib import Path
from urllib.parse import urlsplit

from dotenv import dotenv_values

from shop.config import LOOPBACK, PAYPAL_LIVE_API, Settings

# What the check takes from the environment; everything else of the shop is at its default.
TAKEN = (
    "PORT",
    "PUBLIC_URL",
    "STRIPE_SECRET_KEY",
    "STRIPE_PUBLISHABLE_KEY",
    "STRIPE_WEBHOOK_SECRETS",
    "STRIPE_API_BASE",
    "STRIPE_JS_URL",
    "PAYPAL_CLIENT_ID",
    "PAYPAL_CLIENT_SECRET",
    "PAYPAL_WEBHOOK_ID",
    "PAYPAL_API_BASE",
    "PAYPAL_SDK_URL",
)


class Refused(Exception):
    """The check may not begin; the text says why, and the cure."""


def given(root: Path, machine: Mapping[str, str]) -> dict[str, str]:
    """Return what `.env` and the machine's environment say of the providers; the environment wins."""
    told = {name: value for name, value in dotenv_values(root / ".env").items() if value}
    told |= {name: value for name, value in machine.items() if value}
    return {name: told[name] for name in TAKEN if name in told}


def refuse_live(env: Mapping[str, str]) -> None:
    """Raise Refused for keys that move real money, and where there are none at all."""
    for name in ("STRIPE_SECRET_KEY", "STRIPE_PUBLISHABLE_KEY"):
        if "_live_" in env.get(name, ""):
            raise Refused(f"{name} is a live key. This check buys, refunds and saves cards: give it test keys only.")
    if env.get("PAYPAL_CLIENT_ID") and env.get("PAYPAL_API_BASE", PAYPAL_LIVE_API).rstrip("/") == PAYPAL_LIVE_API:
        raise Refused(
            "PAYPAL_API_BASE is PayPal's live host, which is also what an empty one means. For test keys set "
            "PAYPAL_API_BASE=https://api-m.sandbox.paypal.com"
        )
    if not env.get("STRIPE_SECRET_KEY") and not env.get("PAYPAL_CLIENT_ID"):
        raise Refused("There are no keys: put the test keys of Stripe, PayPal or both into .env (see .env.example).")


def settings(env: Mapping[str, str], database: Path) -> Settings:
    """Return the settings of a shop for this check, on a database of its own.

    Orders above 100 euros are held, so that manual capture can be tried with a few tins. Redis is
    nobody's: what workers do is done when a flow asks for it. Raises SettingsError.
    """
    own = {
        "SHOP_ENV": "development",
        "SECRET_KEY": secrets.token_hex(32),
        "ENCRYPTION_KEYS": secrets.token_urlsafe(32),
        "DATABASE_URL": f"sqlite:///{database}",
        "REDIS_URL": "redis://127.0.0.1:1/0",
        "TAX_PROVIDER": "stripe" if env.get("STRIPE_SECRET_KEY") else "table",
        "REVIEW_ABOVE": "EUR=100",
        "REVIEW_ORDERS_PER_HOUR": "1000",
        "PAYMENT_STARTS": "1000 per minute",
        "DECLINES_SLOWED": "1000",
        "DECLINES_CHALLENGED": "1000",
        "DECLINES_REFUSED": "1000",
        "LOG_LEVEL": "CRITICAL",
    }
    return Settings.from_env({**env, **own})


def is_reachable(public_url: str, api_base: str) -> bool:
    """Tell whether a provider can reach this address: it is public, or the provider is on this machine as well."""
    return urlsplit(public_url).hostname not in LOOPBACK or urlsplit(api_base).hostname in LOOPBACK
