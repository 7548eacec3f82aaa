"""What may be wrong with the environment: each check returns what it found, with the cure."""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import parse_qs, urlsplit

from limits import parse_many
from stdnum.eu import vat

from shop.config.reading import (
    LEGAL_PAGES,
    LOOPBACK,
    NET_PRICES,
    PAYMENT_STARTS,
    PAYPAL_LIVE_API,
    PAYPAL_TEST_API,
    REVIEW_ABOVE,
    STRIPE_API,
    TAX_COUNTRIES,
    amounts,
    database_url,
    host_of,
    legal_pages,
    listed,
    public_url,
    several,
)
from shop.crypto import read_key
from shop.money import exponent

MAKE_KEY = "`python -c 'import secrets; print(secrets.token_urlsafe(32))'`"
ENVIRONMENTS = ("development", "production")
LOG_LEVELS = frozenset({"CRITICAL", "DEBUG", "ERROR", "INFO", "WARNING"})
TAX_PROVIDERS = ("stripe", "table")
# Variables that hold a whole number, each with the least that makes sense.
_WHOLE_NUMBERS = (
    ("CATALOGUE_SECONDS", 0),
    ("KEEP_CARTS", 1),
    ("ORDER_LIFETIME", 60),
    ("REVIEW_ORDERS_PER_HOUR", 1),
    ("SIGN_IN_IDLE", 300),
    ("SWEEP_EVERY", 1),
    ("CALLS_PER_SECOND", 0),
    ("PORT", 1),
    ("TRUSTED_PROXIES", 0),
)


def required(env: Mapping[str, str]) -> list[str]:
    """Return what the shop cannot start without."""
    found = []
    if len(env.get("SECRET_KEY", "")) < 32:
        found.append(
            "SECRET_KEY must hold at least 32 characters; make one with "
            "`python -c 'import secrets; print(secrets.token_hex(32))'`"
        )
    if env.get("SHOP_ENV", "development") not in ENVIRONMENTS:
        found.append(f"SHOP_ENV is {env['SHOP_ENV']!r}; it is one of {', '.join(ENVIRONMENTS)}")
    if not public_url(env).startswith(("http://", "https://")):
        found.append("PUBLIC_URL must begin with http:// or https://: it goes into mails and return addresses")
    if not env.get("STRIPE_SECRET_KEY") and not env.get("PAYPAL_CLIENT_ID"):
        found.append("no way to take money: set STRIPE_SECRET_KEY or PAYPAL_CLIENT_ID (see .env.example)")
    return found


def keys(env: Mapping[str, str]) -> list[str]:
    """Return what is wrong with the keys that seal and the old keys that signed; none of them is ever shown."""
    found = []
    signing, sealing = several(env.get("SECRET_KEY_FALLBACKS", "")), several(env.get("ENCRYPTION_KEYS", ""))
    if any(len(key) < 32 for key in signing):
        found.append(
            "SECRET_KEY_FALLBACKS must hold whole values of SECRET_KEY, with commas between them; "
            "one that has a comma itself cannot stand there"
        )
    if env.get("SECRET_KEY", "") in signing:
        found.append("SECRET_KEY stands among SECRET_KEY_FALLBACKS as well; take it out there")
    if not sealing:
        found.append(f"ENCRYPTION_KEYS is empty; make a key with {MAKE_KEY}, and keep it apart from the backups")
    for place, key in enumerate(sealing, start=1):
        try:
            read_key(key)
        except ValueError:
            found.append(f"ENCRYPTION_KEYS: number {place} is no key of 32 bytes; make one with {MAKE_KEY}")
    if len(set(sealing)) < len(sealing):
        found.append("ENCRYPTION_KEYS holds the same key twice; each stands there once, the one that seals first")
    if {env.get("SECRET_KEY", ""), *signing} & set(sealing):
        found.append(f"ENCRYPTION_KEYS holds a SECRET_KEY; it needs a key of its own: make one with {MAKE_KEY}")
    return found


def numbers(env: Mapping[str, str]) -> list[str]:
    """Return the settings that must be numbers and are not, or are out of range."""
    found = []
    for name, least in _WHOLE_NUMBERS:
        value = env.get(name, str(least))
        if not value.isdigit() or int(value) < least:
            found.append(f"{name} is {value!r}; it must be a whole number of at least {least}")
    found += _decline_problems(env)
    try:
        exponent(env.get("SHOP_CURRENCY", "EUR"))
    except ValueError as exc:
        found.append(f"SHOP_CURRENCY: {exc}")
    return found


def _decline_problems(env: Mapping[str, str]) -> list[str]:
    """Return what is wrong with the steps against card testing; whoever has three cards declined is no thief."""
    steps = {
        "DECLINES_SLOWED": env.get("DECLINES_SLOWED", "4"),
        "DECLINES_CHALLENGED": env.get("DECLINES_CHALLENGED", "3"),
        "DECLINES_REFUSED": env.get("DECLINES_REFUSED", "10"),
    }
    found = [f"{name} is {value!r}; it must be a whole number" for name, value in steps.items() if not value.isdigit()]
    factor = env.get("DECLINES_PER_NETWORK", "3")
    if not factor.isdigit() or int(factor) < 1:
        found.append(f"DECLINES_PER_NETWORK is {factor!r}; it must be a whole number of at least 1")
    if found:
        return found
    slowed, challenged, refused = map(int, steps.values())
    if slowed < 4:
        found.append(f"DECLINES_SLOWED is {slowed}; an honest customer may have three cards declined, so at least 4")
    if refused < max(slowed, challenged):
        found.append("DECLINES_REFUSED must not be below DECLINES_SLOWED or DECLINES_CHALLENGED: it is the last step")
    return found


def words(env: Mapping[str, str]) -> list[str]:
    """Return the settings in words that nobody understands; a limit that cannot be read would limit nothing."""
    found = []
    try:
        parse_many(env.get("PAYMENT_STARTS", PAYMENT_STARTS))
    except ValueError:
        found.append(f"PAYMENT_STARTS is {env['PAYMENT_STARTS']!r}; write it like {PAYMENT_STARTS!r}")
    try:
        amounts(env.get("REVIEW_ABOVE", REVIEW_ABOVE))
    except ValueError:
        found.append(f"REVIEW_ABOVE is {env['REVIEW_ABOVE']!r}; write it like {REVIEW_ABOVE!r}")
    if any(len(token) < 16 for token in several(env.get("METRICS_TOKEN", ""))):
        found.append("METRICS_TOKEN must hold at least 16 characters, or be empty for the private network only")
    if env.get("LOG_LEVEL", "INFO") not in LOG_LEVELS:
        found.append(f"LOG_LEVEL is {env['LOG_LEVEL']!r}; it is one of {', '.join(sorted(LOG_LEVELS))}")
    pages = legal_pages(env)
    for name, page in LEGAL_PAGES:
        url = pages.get(page)
        if url and not url.startswith("https://") and host_of(url) not in LOOPBACK:
            found.append(f"{name} is {url!r}; it is a whole address and begins with https://, or none")
    country = env.get("SHOP_COUNTRY", "DE")
    vat_id = env.get("SELLER_VAT_ID", "")
    if vat_id and country.lower() in vat.MEMBER_STATES and not vat.is_valid(vat_id):
        found.append(f"SELLER_VAT_ID is {vat_id!r}; a VAT id of the EU begins with its country, as in DE123456788")
    return found


def tax(env: Mapping[str, str]) -> list[str]:
    """Return what is wrong with how tax is computed and where it is collected."""
    found = []
    provider = env.get("TAX_PROVIDER", "table")
    if provider not in TAX_PROVIDERS:
        found.append(f"TAX_PROVIDER is {provider!r}; it is one of {', '.join(TAX_PROVIDERS)}")
    elif provider == "stripe" and not env.get("STRIPE_SECRET_KEY"):
        found.append("TAX_PROVIDER is stripe, but STRIPE_SECRET_KEY is missing; set it, or TAX_PROVIDER=table")
    codes = [("SHOP_COUNTRY", env.get("SHOP_COUNTRY", "DE"))]
    codes += [("TAX_COUNTRIES", code) for code in listed(env.get("TAX_COUNTRIES", TAX_COUNTRIES))]
    for name, code in codes:
        if len(code) != 2 or not code.isascii() or not code.isupper():
            found.append(f"{name} names {code!r}; write two capital letters, as in DE (ISO 3166-1)")
    for code in listed(env.get("PRICES_WITHOUT_TAX", NET_PRICES)):
        try:
            exponent(code)
        except ValueError as exc:
            found.append(f"PRICES_WITHOUT_TAX: {exc}")
    return found


def stripe(env: Mapping[str, str]) -> list[str]:
    """Return what is wrong with Stripe's keys and host; nothing for a shop without Stripe."""
    secret, public = env.get("STRIPE_SECRET_KEY", ""), env.get("STRIPE_PUBLISHABLE_KEY", "")
    if not secret:
        return []
    found = []
    if not secret.startswith(("sk_test_", "sk_live_", "rk_test_", "rk_live_")):
        found.append("STRIPE_SECRET_KEY must begin with sk_test_, sk_live_, rk_test_ or rk_live_")
    if not public.startswith(("pk_test_", "pk_live_")):
        found.append("STRIPE_PUBLISHABLE_KEY must begin with pk_test_ or pk_live_; it stands beside the secret key")
    elif ("_live_" in secret) != ("_live_" in public):
        found.append("STRIPE_SECRET_KEY and STRIPE_PUBLISHABLE_KEY are of different modes; take both from one page")
    return found + _foreign_host(env, "STRIPE_API_BASE", STRIPE_API, live="_live_" in secret)


def paypal(env: Mapping[str, str]) -> list[str]:
    """Return what is wrong with PayPal's keys and host; nothing for a shop without PayPal."""
    if not env.get("PAYPAL_CLIENT_ID"):
        return []
    found = []
    if not env.get("PAYPAL_CLIENT_SECRET"):
        found.append("PAYPAL_CLIENT_SECRET is missing; it stands beside the client id")
    base = env.get("PAYPAL_API_BASE", PAYPAL_LIVE_API).rstrip("/")
    if base not in (PAYPAL_LIVE_API, PAYPAL_TEST_API) and host_of(base) not in LOOPBACK:
        found.append(f"PAYPAL_API_BASE is {base}; it must be {PAYPAL_LIVE_API}, {PAYPAL_TEST_API} or on loopback")
    return found


def _foreign_host(env: Mapping[str, str], name: str, official: str, *, live: bool) -> list[str]:
    base = env.get(name, official).rstrip("/")
    if base == official:
        return []
    if live:
        return [f"{name} is {base}, but the keys are live: live keys are sent to {official} only; unset it"]
    return [] if host_of(base) in LOOPBACK else [f"{name} is {base}; it must be {official} or on loopback"]


def mode(env: Mapping[str, str]) -> list[str]:
    """Return where test and live are mixed: at most one thing, since it explains the others."""
    secret = env.get("STRIPE_SECRET_KEY", "")
    paypal_base = env.get("PAYPAL_API_BASE", PAYPAL_LIVE_API).rstrip("/") if env.get("PAYPAL_CLIENT_ID") else None
    modes = {"live" if "_live_" in secret else "test"} if secret else set()
    if paypal_base is not None:
        modes.add("live" if paypal_base == PAYPAL_LIVE_API else "test")
    if len(modes) > 1:
        return [
            "STRIPE_SECRET_KEY and PAYPAL_API_BASE are of different modes, test and live; "
            f"for test keys set PAYPAL_API_BASE={PAYPAL_TEST_API}"
        ]
    production = env.get("SHOP_ENV", "development") == "production"
    if production and modes == {"test"}:
        return ["SHOP_ENV is production, but the keys are test keys: nobody would be charged; use live keys"]
    if not production and modes == {"live"}:
        return ["the keys are live, but SHOP_ENV is not production: real cards would be charged; use test keys"]
    return []


def production(env: Mapping[str, str]) -> list[str]:
    """Return what would send money or people's data over an open wire."""
    found = []
    if not public_url(env).startswith("https://"):
        found.append("PUBLIC_URL must be https:// in production")
    database = database_url(env)
    if not database.startswith("postgresql"):
        found.append("DATABASE_URL must name PostgreSQL in production; SQLite serves one machine only")
    elif parse_qs(urlsplit(database).query).get("sslmode", [""])[0] not in {"require", "verify-ca", "verify-full"}:
        found.append("DATABASE_URL must carry ?sslmode=verify-full (or require) in production")
    if not env.get("REDIS_URL", "").startswith("rediss://"):
        found.append("REDIS_URL must begin with rediss:// in production")
    if not env.get("SMTP_URL", "").startswith(("smtps://", "smtp+starttls://")):
        found.append("SMTP_URL must begin with smtp+starttls:// or smtps:// in production")
    unnamed = [name for name in ("SELLER_NAME", "SELLER_ADDRESS", "SELLER_VAT_ID") if not env.get(name)]
    found += [f"{name} must be set in production: it stands on every invoice" for name in unnamed]
    return found
