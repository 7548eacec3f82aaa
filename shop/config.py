"""Settings: one frozen value read from the environment, which refuses nonsense loudly and all at once."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import parse_qs, urlsplit

from limits import parse_many
from stdnum.eu import vat

from shop.errors import SettingsError
from shop.money import exponent

STRIPE_API = "https://api.stripe.com"
PAYPAL_LIVE_API = "https://api-m.paypal.com"
PAYPAL_TEST_API = "https://api-m.sandbox.paypal.com"
PAYPAL_LIVE_SDK = "https://www.paypal.com/web-sdk/v6/core"
PAYPAL_TEST_SDK = "https://www.sandbox.paypal.com/web-sdk/v6/core"
# Each Stripe.js release train belongs to one API version; this one matches the version stripe-python pins.
STRIPE_JS = "https://js.stripe.com/endive/stripe.js"
LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})
ENVIRONMENTS = ("development", "production")
LOG_LEVELS = frozenset({"CRITICAL", "DEBUG", "ERROR", "INFO", "WARNING"})
PAYMENT_STARTS = "20 per 10 minutes"
# Variables that hold a whole number, each with the least that makes sense.
_WHOLE_NUMBERS = (
    ("CATALOGUE_SECONDS", 0),
    ("KEEP_CARTS", 1),
    ("ORDER_LIFETIME", 60),
    ("REVIEW_ORDERS_PER_HOUR", 1),
    ("SIGN_IN_IDLE", 300),
    ("SWEEP_EVERY", 1),
    ("PORT", 1),
    ("TRUSTED_PROXIES", 0),
)
TAX_COUNTRIES, NET_PRICES = "EU,GB,JP,US", "USD"
TAX_PROVIDERS = ("stripe", "table")
# The EU's member states, whose common VAT rules (Directive 2006/112/EC) know the reverse charge.
EU = frozenset("AT BE BG CY CZ DE DK EE ES FI FR GR HR HU IE IT LT LU LV MT NL PL PT RO SE SI SK".split())
REVIEW_ABOVE = "EUR=1000 GBP=1000 JPY=150000 USD=1000"
SELLER_ADDRESS = "Am Sandtorkai 30, 20457 Hamburg"


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


@dataclass(frozen=True)
class StripeSettings:
    """What it takes to talk to Stripe; `webhook_secrets` are several while one is being rolled."""

    secret_key: str
    publishable_key: str
    webhook_secrets: tuple[str, ...]
    api_base: str
    js_url: str

    @property
    def mode(self) -> str:
        """Return "live" or "test", as the key's own prefix says."""
        return "live" if "_live_" in self.secret_key else "test"


@dataclass(frozen=True)
class PayPalSettings:
    """What it takes to talk to PayPal; its keys carry no mode, so the host they are sent to decides."""

    client_id: str
    client_secret: str
    webhook_id: str
    api_base: str
    sdk_url: str

    @property
    def mode(self) -> str:
        """Return "live" only for PayPal's own live host."""
        return "live" if self.api_base.rstrip("/") == PAYPAL_LIVE_API else "test"


@dataclass(frozen=True)
class SellerSettings:
    """Who sells, as it stands on invoices: the lines of the address, the country and the VAT id of the business."""

    name: str
    address: tuple[str, ...]
    country: str
    vat_id: str


@dataclass(frozen=True)
class Settings:
    """Everything the shop is told from outside. Durations are in seconds.

    `keep_carts` is how many days the cart of somebody without an account is kept untouched. `payment_starts` is how
    many orders one address may place, and how many payments it may begin, in Flask-Limiter's words. The
    `declines_...` are declined tries within an hour by one visitor, after which the next ones wait, are challenged and
    are refused; one network address may have `declines_per_network` times as many, since many people may share it.
    An order above `review_above` (whole units, by currency) or one of more than `review_orders_per_hour` of one mail
    address waits for a person. `sign_in_idle` is how long somebody stays signed in without opening a page. `country` is
    where the shop sells from; in `tax_countries` it is registered and collects tax; `prices_without_tax` are the
    currencies whose price lists leave the tax out. `trusted_proxies` is how many reverse proxies stand in front of the
    shop: the address of a visitor is what the first of them says. Who holds
    `metrics_token` may read /metrics; empty lets this machine and its private network read it.
    """

    environment: str
    secret_key: str
    public_url: str
    database_url: str
    redis_url: str
    smtp_url: str
    mail_from: str
    currency: str
    brand: str
    seller: SellerSettings
    stripe: StripeSettings | None
    paypal: PayPalSettings | None
    catalogue_seconds: int
    order_lifetime: int
    keep_carts: int
    sweep_every: int
    payment_starts: str
    declines_slowed: int
    declines_challenged: int
    declines_refused: int
    declines_per_network: int
    review_above: Mapping[str, int]
    review_orders_per_hour: int
    trusted_proxies: int
    sign_in_idle: int
    log_level: str
    country: str
    tax_provider: str
    tax_countries: frozenset[str]
    prices_without_tax: frozenset[str]
    metrics_token: str

    @property
    def mode(self) -> str:
        """Return "live" or "test" for the installation as a whole; both providers agree, or it does not start."""
        providers = [settings for settings in (self.stripe, self.paypal) if settings is not None]
        return providers[0].mode if providers else "test"

    @property
    def is_secure(self) -> bool:
        """Tell whether people reach the shop over HTTPS."""
        return self.public_url.startswith("https://")

    @property
    def gaps(self) -> list[str]:
        """Return what the shop starts without but should not sell without: the proofs of webhooks, each with its cure.

        They cannot be demanded at the start: the command that fetches them is the shop's own.
        """
        cure = "every webhook is refused until then, and the sweep finishes orders late"
        found = []
        if self.stripe is not None and not self.stripe.webhook_secrets:
            found.append(f"STRIPE_WEBHOOK_SECRETS is empty; run `flask --app shop webhooks sync`; {cure}")
        if self.paypal is not None and not self.paypal.webhook_id:
            found.append(f"PAYPAL_WEBHOOK_ID is empty; run `flask --app shop webhooks sync`; {cure}")
        return found

    @classmethod
    def from_env(cls, env: Mapping[str, str]) -> Settings:
        """Read the environment; raise SettingsError with every problem found and its cure."""
        problems = cls.problems(env)
        if problems:
            raise SettingsError(problems)
        return cls(
            environment=env.get("SHOP_ENV", "development"),
            secret_key=env["SECRET_KEY"],
            public_url=_public_url(env),
            database_url=_database_url(env),
            redis_url=env.get("REDIS_URL", "redis://127.0.0.1:6379/0"),
            smtp_url=env.get("SMTP_URL", "smtp://127.0.0.1:25"),
            mail_from=env.get("MAIL_FROM", "Tidewater Tea <orders@tidewater.example>"),
            currency=env.get("SHOP_CURRENCY", "EUR"),
            brand=env.get("SHOP_BRAND", "Tidewater Tea"),
            seller=_seller(env),
            stripe=_stripe(env),
            paypal=_paypal(env),
            catalogue_seconds=int(env.get("CATALOGUE_SECONDS", "3")),
            order_lifetime=int(env.get("ORDER_LIFETIME", "3600")),
            keep_carts=int(env.get("KEEP_CARTS", "60")),
            sweep_every=int(env.get("SWEEP_EVERY", "30")),
            payment_starts=env.get("PAYMENT_STARTS", PAYMENT_STARTS),
            declines_slowed=int(env.get("DECLINES_SLOWED", "4")),
            declines_challenged=int(env.get("DECLINES_CHALLENGED", "6")),
            declines_refused=int(env.get("DECLINES_REFUSED", "10")),
            declines_per_network=int(env.get("DECLINES_PER_NETWORK", "3")),
            review_above=_amounts(env.get("REVIEW_ABOVE", REVIEW_ABOVE)),
            review_orders_per_hour=int(env.get("REVIEW_ORDERS_PER_HOUR", "20")),
            trusted_proxies=int(env.get("TRUSTED_PROXIES", "0")),
            sign_in_idle=int(env.get("SIGN_IN_IDLE", "86400")),
            log_level=env.get("LOG_LEVEL", "INFO"),
            country=env.get("SHOP_COUNTRY", "DE"),
            tax_provider=env.get("TAX_PROVIDER", "table"),
            tax_countries=_countries(env.get("TAX_COUNTRIES", TAX_COUNTRIES)),
            prices_without_tax=frozenset(_listed(env.get("PRICES_WITHOUT_TAX", NET_PRICES))),
            metrics_token=env.get("METRICS_TOKEN", ""),
        )

    @classmethod
    def problems(cls, env: Mapping[str, str]) -> list[str]:
        """Return everything wrong with the environment, each with its cure; nothing when all is well."""
        found = [*_required(env), *_numbers(env), *_words(env), *_tax_problems(env)]
        found += [*_stripe_problems(env), *_paypal_problems(env), *_mode_problems(env)]
        if env.get("SHOP_ENV") == "production":
            found += _production_problems(env)
        return found


def _public_url(env: Mapping[str, str]) -> str:
    return env.get("PUBLIC_URL", f"http://127.0.0.1:{env.get('PORT', '8000')}").rstrip("/")


def _database_url(env: Mapping[str, str]) -> str:
    """Return the address with the driver we install: psycopg 3 for any spelling of PostgreSQL."""
    url = env.get("DATABASE_URL", "sqlite:///shop.db")
    for prefix in ("postgres://", "postgresql://"):
        if url.startswith(prefix):
            return "postgresql+psycopg://" + url.removeprefix(prefix)
    return url


def _listed(text: str) -> list[str]:
    """Return the words between the commas; "none" stands for an empty list, since an empty value counts as absent."""
    return [word for word in map(str.strip, text.split(",")) if word and word != "none"]


def _countries(text: str) -> frozenset[str]:
    """Return the countries of a list in which EU stands for all its member states."""
    return frozenset().union(*(EU if code == "EU" else {code} for code in _listed(text)))


def _seller(env: Mapping[str, str]) -> SellerSettings:
    return SellerSettings(
        name=env.get("SELLER_NAME", "Tidewater Tea GmbH"),
        address=tuple(filter(None, map(str.strip, env.get("SELLER_ADDRESS", SELLER_ADDRESS).split(",")))),
        country=env.get("SHOP_COUNTRY", "DE"),
        vat_id=env.get("SELLER_VAT_ID", "DE123456788"),
    )


def _stripe(env: Mapping[str, str]) -> StripeSettings | None:
    if not env.get("STRIPE_SECRET_KEY"):
        return None
    return StripeSettings(
        secret_key=env["STRIPE_SECRET_KEY"],
        publishable_key=env["STRIPE_PUBLISHABLE_KEY"],
        webhook_secrets=tuple(filter(None, map(str.strip, env.get("STRIPE_WEBHOOK_SECRETS", "").split(",")))),
        api_base=env.get("STRIPE_API_BASE", STRIPE_API).rstrip("/"),
        js_url=env.get("STRIPE_JS_URL", STRIPE_JS),
    )


def _paypal(env: Mapping[str, str]) -> PayPalSettings | None:
    if not env.get("PAYPAL_CLIENT_ID"):
        return None
    api_base = env.get("PAYPAL_API_BASE", PAYPAL_LIVE_API).rstrip("/")
    sdk = PAYPAL_TEST_SDK if api_base == PAYPAL_TEST_API else PAYPAL_LIVE_SDK
    return PayPalSettings(
        client_id=env["PAYPAL_CLIENT_ID"],
        client_secret=env["PAYPAL_CLIENT_SECRET"],
        webhook_id=env.get("PAYPAL_WEBHOOK_ID", ""),
        api_base=api_base,
        sdk_url=env.get("PAYPAL_SDK_URL", sdk),
    )


def _required(env: Mapping[str, str]) -> list[str]:
    found = []
    if len(env.get("SECRET_KEY", "")) < 32:
        found.append(
            "SECRET_KEY must hold at least 32 characters; make one with "
            "`python -c 'import secrets; print(secrets.token_hex(32))'`"
        )
    if env.get("SHOP_ENV", "development") not in ENVIRONMENTS:
        found.append(f"SHOP_ENV is {env['SHOP_ENV']!r}; it is one of {', '.join(ENVIRONMENTS)}")
    if not _public_url(env).startswith(("http://", "https://")):
        found.append("PUBLIC_URL must begin with http:// or https://: it goes into mails and return addresses")
    if not env.get("STRIPE_SECRET_KEY") and not env.get("PAYPAL_CLIENT_ID"):
        found.append("no way to take money: set STRIPE_SECRET_KEY or PAYPAL_CLIENT_ID (see .env.example)")
    return found


def _numbers(env: Mapping[str, str]) -> list[str]:
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
        "DECLINES_CHALLENGED": env.get("DECLINES_CHALLENGED", "6"),
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
    if not slowed <= challenged <= refused:
        found.append("DECLINES_SLOWED, DECLINES_CHALLENGED and DECLINES_REFUSED must not fall from one to the next")
    return found


def _amounts(told: str) -> dict[str, int]:
    """Read "EUR=1000 JPY=150000" into whole units by currency; raise ValueError for anything else."""
    pairs = [pair.partition("=") for pair in told.split()]
    for currency, _, _ in pairs:
        exponent(currency)
    return {currency: int(amount) for currency, _, amount in pairs}


def _words(env: Mapping[str, str]) -> list[str]:
    """Return the settings in words that nobody understands; a limit that cannot be read would limit nothing."""
    found = []
    try:
        parse_many(env.get("PAYMENT_STARTS", PAYMENT_STARTS))
    except ValueError:
        found.append(f"PAYMENT_STARTS is {env['PAYMENT_STARTS']!r}; write it like {PAYMENT_STARTS!r}")
    try:
        _amounts(env.get("REVIEW_ABOVE", REVIEW_ABOVE))
    except ValueError:
        found.append(f"REVIEW_ABOVE is {env['REVIEW_ABOVE']!r}; write it like {REVIEW_ABOVE!r}")
    if 0 < len(env.get("METRICS_TOKEN", "")) < 16:
        found.append("METRICS_TOKEN must hold at least 16 characters, or be empty for the private network only")
    if env.get("LOG_LEVEL", "INFO") not in LOG_LEVELS:
        found.append(f"LOG_LEVEL is {env['LOG_LEVEL']!r}; it is one of {', '.join(sorted(LOG_LEVELS))}")
    country = env.get("SHOP_COUNTRY", "DE")
    vat_id = env.get("SELLER_VAT_ID", "")
    if vat_id and country.lower() in vat.MEMBER_STATES and not vat.is_valid(vat_id):
        found.append(f"SELLER_VAT_ID is {vat_id!r}; a VAT id of the EU begins with its country, as in DE123456788")
    return found


def _tax_problems(env: Mapping[str, str]) -> list[str]:
    found = []
    provider = env.get("TAX_PROVIDER", "table")
    if provider not in TAX_PROVIDERS:
        found.append(f"TAX_PROVIDER is {provider!r}; it is one of {', '.join(TAX_PROVIDERS)}")
    elif provider == "stripe" and not env.get("STRIPE_SECRET_KEY"):
        found.append("TAX_PROVIDER is stripe, but STRIPE_SECRET_KEY is missing; set it, or TAX_PROVIDER=table")
    codes = [("SHOP_COUNTRY", env.get("SHOP_COUNTRY", "DE"))]
    codes += [("TAX_COUNTRIES", code) for code in _listed(env.get("TAX_COUNTRIES", TAX_COUNTRIES))]
    for name, code in codes:
        if len(code) != 2 or not code.isascii() or not code.isupper():
            found.append(f"{name} names {code!r}; write two capital letters, as in DE (ISO 3166-1)")
    for code in _listed(env.get("PRICES_WITHOUT_TAX", NET_PRICES)):
        try:
            exponent(code)
        except ValueError as exc:
            found.append(f"PRICES_WITHOUT_TAX: {exc}")
    return found


def _stripe_problems(env: Mapping[str, str]) -> list[str]:
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


def _paypal_problems(env: Mapping[str, str]) -> list[str]:
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


def _mode_problems(env: Mapping[str, str]) -> list[str]:
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


def _production_problems(env: Mapping[str, str]) -> list[str]:
    """Return what would send money or people's data over an open wire."""
    found = []
    if not _public_url(env).startswith("https://"):
        found.append("PUBLIC_URL must be https:// in production")
    database = _database_url(env)
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
