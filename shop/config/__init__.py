"""Settings: one frozen value read from the environment, which refuses nonsense loudly and all at once."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from shop.config import checks
from shop.config.reading import (
    EU,
    LEGAL_PAGES,
    LOOPBACK,
    NET_PRICES,
    PAYMENT_STARTS,
    PAYPAL_LIVE_API,
    PAYPAL_LIVE_SDK,
    PAYPAL_TEST_API,
    PAYPAL_TEST_SDK,
    REVIEW_ABOVE,
    SELLER_ADDRESS,
    STRIPE_API,
    STRIPE_JS,
    TAX_COUNTRIES,
    amounts,
    countries,
    database_url,
    host_of,
    legal_pages,
    listed,
    origin_of,
    public_url,
    several,
    stripe_account,
)
from shop.errors import SettingsError

__all__ = [
    "EU",
    "LOOPBACK",
    "PAYPAL_LIVE_API",
    "PAYPAL_TEST_API",
    "STRIPE_API",
    "PayPalSettings",
    "SellerSettings",
    "Settings",
    "StripeSettings",
    "host_of",
    "origin_of",
    "stripe_account",
]


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
    """What it takes to talk to PayPal; its keys carry no mode, so the host they are sent to decides.

    `webhook_ids` are several while one webhook takes over from another.
    """

    client_id: str
    client_secret: str
    webhook_ids: tuple[str, ...]
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
    An order above `review_above` (whole units, by currency) or one of more than `review_orders_per_hour` of one
    mail address waits for a person. `legal_pages` are addresses by name (imprint, terms, withdrawal, privacy), as
    far as the merchant has told; empty for one that is not due. `sign_in_idle` is how long somebody stays signed in
    without opening a page. `country` is where the shop sells from; in `tax_countries` it is registered and collects
    tax; `prices_without_tax` are the currencies whose price lists leave the tax out. `trusted_proxies` is how many
    reverse proxies stand in front of the shop: the address of a visitor is what the first of them says. Who holds
    one of `metrics_tokens` may read /metrics; none lets this machine and its private network read it. What
    `secret_key_fallbacks` have signed is still believed; the first of `encryption_keys` seals, and all of them
    open.
    """

    environment: str
    secret_key: str
    secret_key_fallbacks: tuple[str, ...]
    encryption_keys: tuple[str, ...]
    public_url: str
    database_url: str
    redis_url: str
    smtp_url: str
    mail_from: str
    currency: str
    brand: str
    seller: SellerSettings
    legal_pages: Mapping[str, str]
    stripe: StripeSettings | None
    paypal: PayPalSettings | None
    catalogue_seconds: int
    order_lifetime: int
    keep_carts: int
    sweep_every: int
    calls_per_second: int
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
    metrics_tokens: tuple[str, ...]

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
        """Return what the shop starts without but should not sell without, each with its cure.

        The proofs of webhooks cannot be demanded at the start: the command that fetches them is the shop's own. Which
        pages the law wants hangs on where the merchant is.
        """
        cure = "every webhook is refused until then, and the sweep finishes orders late"
        found = []
        if self.stripe is not None and not self.stripe.webhook_secrets:
            found.append(f"STRIPE_WEBHOOK_SECRETS is empty; run `flask --app shop webhooks sync`; {cure}")
        if self.paypal is not None and not self.paypal.webhook_ids:
            found.append(f"PAYPAL_WEBHOOK_ID is empty; run `flask --app shop webhooks sync`; {cure}")
        missing = [name for name, page in LEGAL_PAGES if page not in self.legal_pages]
        if self.environment == "production" and missing:
            found.append(f"{', '.join(missing)} empty; say where these pages are, or none where none is due")
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
            secret_key_fallbacks=several(env.get("SECRET_KEY_FALLBACKS", "")),
            encryption_keys=several(env["ENCRYPTION_KEYS"]),
            public_url=public_url(env),
            database_url=database_url(env),
            redis_url=env.get("REDIS_URL", "redis://127.0.0.1:6379/0"),
            smtp_url=env.get("SMTP_URL", "smtp://127.0.0.1:25"),
            mail_from=env.get("MAIL_FROM", "Tidewater Tea <orders@tidewater.example>"),
            currency=env.get("SHOP_CURRENCY", "EUR"),
            brand=env.get("SHOP_BRAND", "Tidewater Tea"),
            seller=_seller(env),
            legal_pages=legal_pages(env),
            stripe=_stripe(env),
            paypal=_paypal(env),
            catalogue_seconds=int(env.get("CATALOGUE_SECONDS", "3")),
            order_lifetime=int(env.get("ORDER_LIFETIME", "3600")),
            keep_carts=int(env.get("KEEP_CARTS", "60")),
            sweep_every=int(env.get("SWEEP_EVERY", "30")),
            calls_per_second=int(env.get("CALLS_PER_SECOND", "0")),
            payment_starts=env.get("PAYMENT_STARTS", PAYMENT_STARTS),
            declines_slowed=int(env.get("DECLINES_SLOWED", "4")),
            declines_challenged=int(env.get("DECLINES_CHALLENGED", "3")),
            declines_refused=int(env.get("DECLINES_REFUSED", "10")),
            declines_per_network=int(env.get("DECLINES_PER_NETWORK", "3")),
            review_above=amounts(env.get("REVIEW_ABOVE", REVIEW_ABOVE)),
            review_orders_per_hour=int(env.get("REVIEW_ORDERS_PER_HOUR", "20")),
            trusted_proxies=int(env.get("TRUSTED_PROXIES", "0")),
            sign_in_idle=int(env.get("SIGN_IN_IDLE", "86400")),
            log_level=env.get("LOG_LEVEL", "INFO"),
            country=env.get("SHOP_COUNTRY", "DE"),
            tax_provider=env.get("TAX_PROVIDER", "table"),
            tax_countries=countries(env.get("TAX_COUNTRIES", TAX_COUNTRIES)),
            prices_without_tax=frozenset(listed(env.get("PRICES_WITHOUT_TAX", NET_PRICES))),
            metrics_tokens=several(env.get("METRICS_TOKEN", "")),
        )

    @classmethod
    def problems(cls, env: Mapping[str, str]) -> list[str]:
        """Return everything wrong with the environment, each with its cure; nothing when all is well."""
        found = [*checks.required(env), *checks.keys(env), *checks.numbers(env), *checks.words(env), *checks.tax(env)]
        found += [*checks.stripe(env), *checks.paypal(env), *checks.mode(env)]
        if env.get("SHOP_ENV") == "production":
            found += checks.production(env)
        return found


def _seller(env: Mapping[str, str]) -> SellerSettings:
    return SellerSettings(
        name=env.get("SELLER_NAME", "Tidewater Tea GmbH"),
        address=several(env.get("SELLER_ADDRESS", SELLER_ADDRESS)),
        country=env.get("SHOP_COUNTRY", "DE"),
        vat_id=env.get("SELLER_VAT_ID", "DE123456788"),
    )


def _stripe(env: Mapping[str, str]) -> StripeSettings | None:
    if not env.get("STRIPE_SECRET_KEY"):
        return None
    return StripeSettings(
        secret_key=env["STRIPE_SECRET_KEY"],
        publishable_key=env["STRIPE_PUBLISHABLE_KEY"],
        webhook_secrets=several(env.get("STRIPE_WEBHOOK_SECRETS", "")),
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
        webhook_ids=several(env.get("PAYPAL_WEBHOOK_ID", "")),
        api_base=api_base,
        sdk_url=env.get("PAYPAL_SDK_URL", sdk),
    )
