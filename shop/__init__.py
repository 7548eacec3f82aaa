"""The store: everything a developer copies. `create_app` below is where all of it is put together."""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from pathlib import Path

import structlog
from flask import Flask
from sqlalchemy.exc import SQLAlchemyError
from werkzeug.middleware.proxy_fix import ProxyFix

from shop import cli, crypto, logs, signing, views
from shop.clock import Clock
from shop.config import Settings
from shop.errors import DatabaseAway
from shop.extensions import babel, csrf, db, limiter, login_manager, migrate, prepare_postgresql, prepare_sqlite
from shop.gateways import paypal, stripe
from shop.gateways.base import ApiCall, Mode, NoticeReader, PaymentGateway, Provider, Recorder
from shop.gateways.history import History
from shop.gateways.housekeeping import Housekeeping
from shop.gateways.tax import TaxGateway
from shop.gateways.wallets import Wallet
from shop.queue import Queues
from shop.services import installation, record
from shop.services.breaker import Breaker
from shop.services.providers import Context, Pace
from shop.services.shelf import Shelves
from shop.views import languages

log = structlog.get_logger(__name__)

ROOT = Path(__file__).resolve().parent.parent
# What one process may call in the background, unless the setting of that name says otherwise. Stripe allows an account
# 100 calls a second, and 25 in its sandboxes (docs.stripe.com/rate-limits): four workers (Procfile) and the people who
# wait share that.
CALLS_PER_SECOND = {"live": 20.0, "test": 5.0}
MOST_BYTES = 64 * 1024  # of a request: the largest form is a fiftieth of it; webhooks say their own


def create_app(settings: Settings | None = None) -> Flask:
    """Return the shop, ready to serve. Without `settings` they are read from the environment.

    Raises SettingsError with everything that is wrong, each with its cure.
    """
    settings = settings or Settings.from_env(os.environ)
    logs.configure(settings.log_level)
    for gap in settings.gaps:
        log.warning("settings_gap", gap=gap)

    app = Flask("shop", template_folder=str(ROOT / "templates"), static_folder=str(ROOT / "static"))
    app.config.from_mapping(
        SECRET_KEY=settings.secret_key,
        SECRET_KEY_FALLBACKS=list(settings.secret_key_fallbacks),
        SQLALCHEMY_DATABASE_URI=settings.database_url,
        SQLALCHEMY_ENGINE_OPTIONS=engine_options(settings.database_url),
        # A browser takes the name of the second kind from this host alone, over HTTPS, for all paths (RFC 6265bis).
        SESSION_COOKIE_NAME="__Host-tidewater" if settings.is_secure else "tidewater",
        SESSION_COOKIE_SECURE=settings.is_secure,
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        MAX_CONTENT_LENGTH=MOST_BYTES,
        RATELIMIT_STORAGE_URI=settings.redis_url,
        RATELIMIT_STORAGE_OPTIONS={"socket_connect_timeout": 0.25, "socket_timeout": 0.5},
        RATELIMIT_IN_MEMORY_FALLBACK_ENABLED=True,
        BABEL_DEFAULT_LOCALE="en",
        BABEL_TRANSLATION_DIRECTORIES=str(ROOT / "shop" / "translations"),
        BABEL_DEFAULT_TIMEZONE="UTC",
        WTF_CSRF_TIME_LIMIT=None,
    )

    signing.init_app(app)
    crypto.init_app(app, settings.encryption_keys)
    db.init_app(app)
    with app.app_context():
        prepare_sqlite(db.engine)
        prepare_postgresql(db.engine)
    migrate.init_app(app, db, directory=str(ROOT / "migrations"))
    csrf.init_app(app)
    login_manager.init_app(app)
    limiter.init_app(app)
    babel.init_app(app, locale_selector=languages.chosen)

    if settings.trusted_proxies:
        hops = settings.trusted_proxies
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=hops, x_proto=hops, x_host=hops)  # type: ignore[method-assign]

    app.extensions["shop"] = build_context(app, settings)
    with app.app_context():
        installation.ensure(settings)
    views.register(app)
    cli.register(app)
    return app


def build_context(app: Flask, settings: Settings) -> Context:
    """Return what the services work with: the providers that are configured, the clock, the queues."""
    clock = Clock()
    queues = Queues(settings.redis_url)
    doors = connect(settings, recorder(app, clock))
    return Context(
        settings=settings,
        clock=clock,
        gateways=doors.gateways,
        readers=doors.readers,
        keepers=doors.keepers,
        histories=doors.histories,
        wallets=doors.wallets,
        breakers={provider: Breaker(provider, queues.redis) for provider in doors.gateways},
        queues=queues,
        pace=Pace(settings.calls_per_second or CALLS_PER_SECOND[settings.mode]),
        shelves=Shelves(settings.catalogue_seconds),
        tax=doors.tax,
        tax_breaker=Breaker("tax", queues.redis),
    )


@dataclass
class Doors:
    """The ways to the providers that have keys."""

    gateways: dict[Provider, PaymentGateway] = field(default_factory=dict)
    readers: dict[Provider, NoticeReader] = field(default_factory=dict)
    keepers: dict[Provider, Housekeeping] = field(default_factory=dict)
    histories: dict[Provider, History] = field(default_factory=dict)
    tax: TaxGateway | None = None
    wallets: dict[Provider, Wallet] = field(default_factory=dict)


def connect(settings: Settings, record_call: Recorder) -> Doors:
    """Return the ways to the providers that have keys; nothing is sent yet."""
    doors = Doors()
    if settings.stripe is not None:
        mode = Mode(settings.stripe.mode)
        keys = (settings.stripe.secret_key, settings.stripe.api_base, mode, record_call)
        doors.gateways[Provider.STRIPE] = stripe.connect(*keys)
        doors.keepers[Provider.STRIPE] = stripe.keeper(*keys)
        if settings.tax_provider == "stripe":
            doors.tax = stripe.tax(settings.stripe.secret_key, settings.stripe.api_base, record_call)
        doors.wallets[Provider.STRIPE] = stripe.wallet(*keys)
        doors.histories[Provider.STRIPE] = stripe.history(*keys)
        if settings.stripe.webhook_secrets:
            doors.readers[Provider.STRIPE] = stripe.reader(settings.stripe.webhook_secrets, mode)
    if settings.paypal is not None:
        own, mode = settings.paypal, Mode(settings.paypal.mode)
        doors.gateways[Provider.PAYPAL] = paypal.connect(
            own.client_id, own.client_secret, own.api_base, mode, record_call
        )
        doors.keepers[Provider.PAYPAL] = paypal.keeper(
            own.client_id, own.client_secret, own.api_base, mode, record_call
        )
        doors.histories[Provider.PAYPAL] = paypal.history(
            own.client_id, own.client_secret, own.api_base, mode, record_call
        )
        if own.webhook_ids:
            doors.readers[Provider.PAYPAL] = paypal.reader(own.webhook_ids, own.api_base, mode)
    return doors


def recorder(app: Flask, clock: Clock) -> Recorder:
    """Return what is told of every exchange with a provider: it is counted and kept, and its date moves our clock."""

    def record_call(call: ApiCall) -> None:
        app.extensions["shop"].pace.count()
        if call.provider_date is not None:
            clock.learn(call.provider_date)
        try:
            with app.app_context():
                record.api_call(call)
        except (SQLAlchemyError, DatabaseAway) as exc:
            # The answer of the provider is worth more than its record: the payment goes on.
            log.error("api_call_not_recorded", path=call.path, request_id=call.request_id, error=str(exc.__cause__))

    return record_call


def engine_options(database_url: str) -> dict[str, object]:
    """Return how connections are pooled; `prepare_postgresql` tries them after a rest.

    The values of a statement stay out of its error, which is logged: people's addresses are among them.
    """
    quiet: dict[str, object] = {"hide_parameters": True}
    if database_url.startswith("sqlite"):
        return quiet
    return quiet | {"pool_size": 10, "max_overflow": 10, "connect_args": {"connect_timeout": 5}}


