"""How a value of the environment is read: what stands where nothing is said, and the small readers."""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import urlsplit

from shop.money import exponent

STRIPE_API = "https://api.stripe.com"
PAYPAL_LIVE_API = "https://api-m.paypal.com"
PAYPAL_TEST_API = "https://api-m.sandbox.paypal.com"
PAYPAL_LIVE_SDK = "https://www.paypal.com/web-sdk/v6/core"
PAYPAL_TEST_SDK = "https://www.sandbox.paypal.com/web-sdk/v6/core"
# Each Stripe.js release train belongs to one API version; this one matches the version stripe-python pins.
STRIPE_JS = "https://js.stripe.com/endive/stripe.js"
LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})
PAYMENT_STARTS = "20 per 10 minutes"
TAX_COUNTRIES, NET_PRICES = "EU,GB,JP,US", "USD"
# The EU's member states, whose common VAT rules (Directive 2006/112/EC) know the reverse charge.
EU = frozenset("AT BE BG CY CZ DE DK EE ES FI FR GR HR HU IE IT LT LU LV MT NL PL PT RO SE SI SK".split())
REVIEW_ABOVE = "EUR=1000 GBP=1000 JPY=150000 USD=1000"
SELLER_ADDRESS = "Am Sandtorkai 30, 20457 Hamburg"
# The pages that the law wants a shop to lead to, each after the variable that says where it is.
LEGAL_PAGES = (
    ("IMPRINT_URL", "imprint"),
    ("TERMS_URL", "terms"),
    ("WITHDRAWAL_URL", "withdrawal"),
    ("PRIVACY_URL", "privacy"),
)


def host_of(url: str) -> str:
    """Return the host of an address, without port; empty when there is none."""
    return urlsplit(url).hostname or ""


def origin_of(url: str) -> str:
    """Return scheme://host[:port] of an address, as a content security policy wants it."""
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}"


def stripe_account(key: str) -> str:
    """Return the id of the account that a Stripe key belongs to; empty for a key whose shape does not tell.

    A standard key reads sk_test_51<sixteen characters><random>; the account is acct_1 and those sixteen. Rolled
    keys keep them.
    """
    body = key.split("_", 2)[-1]
    return f"acct_1{body[2:18]}" if body.startswith("51") and len(body) > 40 else ""


def public_url(env: Mapping[str, str]) -> str:
    """Return where people reach the shop, without a slash at the end."""
    return env.get("PUBLIC_URL", f"http://127.0.0.1:{env.get('PORT', '8000')}").rstrip("/")


def legal_pages(env: Mapping[str, str]) -> dict[str, str]:
    """Return where the pages are that the law wants, by name; "none" says that one is not due, and gives ""."""
    told = [(page, env.get(name, "")) for name, page in LEGAL_PAGES]
    return {page: "" if url == "none" else url for page, url in told if url}


def database_url(env: Mapping[str, str]) -> str:
    """Return the address with the driver we install: psycopg 3 for any spelling of PostgreSQL."""
    url = env.get("DATABASE_URL", "sqlite:///shop.db")
    for prefix in ("postgres://", "postgresql://"):
        if url.startswith(prefix):
            return "postgresql+psycopg://" + url.removeprefix(prefix)
    return url


def listed(text: str) -> list[str]:
    """Return the words between the commas; "none" stands for an empty list, since an empty value counts as absent."""
    return [word for word in map(str.strip, text.split(",")) if word and word != "none"]


def several(text: str) -> tuple[str, ...]:
    """Return what stands between the commas, in its order, without the spaces around it."""
    return tuple(filter(None, map(str.strip, text.split(","))))


def countries(text: str) -> frozenset[str]:
    """Return the countries of a list in which EU stands for all its member states."""
    return frozenset().union(*(EU if code == "EU" else {code} for code in listed(text)))


def amounts(told: str) -> dict[str, int]:
    """Read "EUR=1000 JPY=150000" into whole units by currency; raise ValueError for anything else."""
    pairs = [pair.partition("=") for pair in told.split()]
    for currency, _, _ in pairs:
        exponent(currency)
    return {currency: int(amount) for currency, _, amount in pairs}
