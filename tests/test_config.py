"""Settings: everything wrong is told at once, each with its cure, and .env.example names all that is read."""

import re
from pathlib import Path

import pytest

from shop.config import PAYPAL_LIVE_API, PAYPAL_TEST_API, STRIPE_API, Settings
from shop.errors import SettingsError

ROOT = Path(__file__).resolve().parents[1]
SECRET = "0123456789abcdef" * 2
NEW_KEY, OLD_KEY = "n" * 43, "o" * 42 + "w"
GOOD = {
    "SECRET_KEY": SECRET,
    "ENCRYPTION_KEYS": f"{NEW_KEY}, {OLD_KEY}",
    "STRIPE_SECRET_KEY": "sk_test_mara",
    "STRIPE_PUBLISHABLE_KEY": "pk_test_mara",
    "STRIPE_WEBHOOK_SECRETS": "whsec_new, whsec_old",
    "PAYPAL_CLIENT_ID": "mara",
    "PAYPAL_CLIENT_SECRET": "secret",
    "PAYPAL_WEBHOOK_ID": "8PT",
    "PAYPAL_API_BASE": PAYPAL_TEST_API,
}
LIVE = GOOD | {
    "SHOP_ENV": "production",
    "STRIPE_SECRET_KEY": "sk_live_mara",
    "STRIPE_PUBLISHABLE_KEY": "pk_live_mara",
    "PAYPAL_API_BASE": PAYPAL_LIVE_API,
    "PUBLIC_URL": "https://tidewater.example",
    "DATABASE_URL": "postgresql://mara@db.example/shop?sslmode=verify-full",
    "REDIS_URL": "rediss://redis.example/0",
    "SMTP_URL": "smtp+starttls://mail.example:587",
    "SELLER_NAME": "Mara's Teas",
    "SELLER_ADDRESS": "Hafenstraße 1, 20457 Hamburg",
    "SELLER_VAT_ID": "DE123456788",
}
# What is changed in an environment that is right, the variable the problem must name, and a word of its cure.
WRONG = [
    (GOOD, {"SECRET_KEY": "short"}, "SECRET_KEY", "token_hex"),
    (GOOD, {"SECRET_KEY": ""}, "SECRET_KEY", "token_hex"),
    (GOOD, {"SECRET_KEY_FALLBACKS": f"{NEW_KEY},cut in two,{OLD_KEY}"}, "SECRET_KEY_FALLBACKS", "whole"),
    (GOOD, {"SECRET_KEY_FALLBACKS": SECRET}, "SECRET_KEY_FALLBACKS", "take it out"),
    (GOOD, {"ENCRYPTION_KEYS": ""}, "ENCRYPTION_KEYS", "token_urlsafe(32)"),
    (GOOD, {"ENCRYPTION_KEYS": f"{NEW_KEY},too-short"}, "ENCRYPTION_KEYS: number 2", "token_urlsafe(32)"),
    (GOOD, {"ENCRYPTION_KEYS": f"{NEW_KEY},{NEW_KEY}"}, "ENCRYPTION_KEYS", "twice"),
    (GOOD, {"SECRET_KEY": NEW_KEY}, "ENCRYPTION_KEYS", "a key of its own"),
    (GOOD, {"METRICS_TOKEN": "a token that is long enough,short"}, "METRICS_TOKEN", "16 characters"),
    (GOOD, {"SHOP_ENV": "staging"}, "SHOP_ENV", "development, production"),
    (GOOD, {"PUBLIC_URL": "tidewater.example"}, "PUBLIC_URL", "http://"),
    (GOOD, {"ORDER_LIFETIME": "soon"}, "ORDER_LIFETIME", "at least 60"),
    (GOOD, {"ORDER_LIFETIME": "59"}, "ORDER_LIFETIME", "at least 60"),
    (GOOD, {"SWEEP_EVERY": "0"}, "SWEEP_EVERY", "at least 1"),
    (GOOD, {"CALLS_PER_SECOND": "many"}, "CALLS_PER_SECOND", "at least 0"),
    (GOOD, {"PORT": "-1"}, "PORT", "at least 1"),
    (GOOD, {"SHOP_CURRENCY": "EURO"}, "SHOP_CURRENCY", "ISO 4217"),
    (GOOD, {"PAYMENT_STARTS": "lots"}, "PAYMENT_STARTS", "20 per 10 minutes"),
    (GOOD, {"DECLINES_REFUSED": "3"}, "DECLINES_REFUSED", "last step"),
    (GOOD, {"TERMS_URL": "/terms"}, "TERMS_URL", "https://"),
    (GOOD, {"PRIVACY_URL": "javascript:alert(1)"}, "PRIVACY_URL", "https://"),
    (GOOD, {"LOG_LEVEL": "loud"}, "LOG_LEVEL", "WARNING"),
    (GOOD, {"METRICS_TOKEN": "short"}, "METRICS_TOKEN", "at least 16"),
    (GOOD, {"SELLER_VAT_ID": "DE123456789"}, "SELLER_VAT_ID", "VAT id"),
    (LIVE, {"SELLER_VAT_ID": ""}, "SELLER_VAT_ID", "every invoice"),
    (LIVE, {"SELLER_ADDRESS": ""}, "SELLER_ADDRESS", "every invoice"),
    (GOOD, {"STRIPE_SECRET_KEY": "pk_test_mara"}, "STRIPE_SECRET_KEY", "sk_test_"),
    (GOOD, {"STRIPE_PUBLISHABLE_KEY": ""}, "STRIPE_PUBLISHABLE_KEY", "pk_test_"),
    (GOOD, {"STRIPE_PUBLISHABLE_KEY": "pk_live_mara"}, "STRIPE_PUBLISHABLE_KEY", "different modes"),
    (GOOD, {"STRIPE_API_BASE": "https://stripe.evil.example"}, "STRIPE_API_BASE", "loopback"),
    (GOOD, {"PAYPAL_CLIENT_SECRET": ""}, "PAYPAL_CLIENT_SECRET", "client id"),
    (GOOD, {"PAYPAL_API_BASE": "https://api-m.paypal.com.evil.example"}, "PAYPAL_API_BASE", "loopback"),
    (GOOD, {"PAYPAL_API_BASE": PAYPAL_LIVE_API}, "PAYPAL_API_BASE", PAYPAL_TEST_API),
    (GOOD, {"STRIPE_SECRET_KEY": "", "PAYPAL_CLIENT_ID": ""}, "STRIPE_SECRET_KEY", ".env.example"),
    (LIVE, {"SHOP_ENV": "development"}, "SHOP_ENV", "test keys"),
    (LIVE, {"PAYPAL_CLIENT_ID": "", "STRIPE_SECRET_KEY": "sk_test_mara", "STRIPE_PUBLISHABLE_KEY": "pk_test_mara"},
     "SHOP_ENV", "live keys"),
    (LIVE, {"STRIPE_API_BASE": "http://127.0.0.1:8001"}, "STRIPE_API_BASE", STRIPE_API),
    (LIVE, {"PUBLIC_URL": "http://tidewater.example"}, "PUBLIC_URL", "https://"),
    (LIVE, {"DATABASE_URL": "sqlite:///shop.db"}, "DATABASE_URL", "PostgreSQL"),
    (LIVE, {"DATABASE_URL": "postgres://mara@db.example/shop"}, "DATABASE_URL", "sslmode"),
    (LIVE, {"DATABASE_URL": "postgres://mara@db.example/shop?sslmode=disable"}, "DATABASE_URL", "sslmode"),
    (LIVE, {"REDIS_URL": "redis://redis.example/0"}, "REDIS_URL", "rediss://"),
    (LIVE, {"SMTP_URL": "smtp://mail.example"}, "SMTP_URL", "smtps://"),
]  # fmt: skip


@pytest.mark.parametrize("env", [GOOD, LIVE], ids=["test", "live"])
def test_an_environment_that_is_right_has_no_problems(env: dict[str, str]) -> None:
    assert Settings.problems(env) == []


@pytest.mark.parametrize(("env", "changes", "name", "cure"), WRONG, ids=[f"{w[2]}-{w[3]}" for w in WRONG])
def test_each_wrong_variable_is_named_with_its_cure(
    env: dict[str, str], changes: dict[str, str], name: str, cure: str
) -> None:
    problems = Settings.problems(env | changes)

    assert any(name in problem and cure in problem for problem in problems), problems


def test_everything_wrong_is_told_at_once() -> None:
    env = {
        "SECRET_KEY": "short",
        "SHOP_CURRENCY": "EURO",
        "SWEEP_EVERY": "0",
        "STRIPE_SECRET_KEY": "sk_test_mara",
        "PAYPAL_CLIENT_ID": "mara",
        "PAYPAL_API_BASE": PAYPAL_TEST_API,
    }

    with pytest.raises(SettingsError) as caught:
        Settings.from_env(env)

    wrong = {"SECRET_KEY", "ENCRYPTION_KEYS", "SHOP_CURRENCY", "SWEEP_EVERY", "STRIPE_PUBLISHABLE_KEY",
             "PAYPAL_CLIENT_SECRET"}  # fmt: skip
    assert len(caught.value.problems) == len(wrong)
    assert {name for name in wrong if name in str(caught.value)} == wrong


def test_no_problem_shows_a_secret() -> None:
    secrets = {"STRIPE_SECRET_KEY": "sk_lost_4815162342", "STRIPE_PUBLISHABLE_KEY": "pk_lost_4815162342"}

    told = "\n".join(Settings.problems(GOOD | secrets | {"SECRET_KEY": "4815162342", "ENCRYPTION_KEYS": "4815162342"}))

    assert told
    assert "4815162342" not in told


def test_an_environment_that_is_right_is_read_as_it_stands() -> None:
    settings = Settings.from_env(GOOD | {"DATABASE_URL": "postgres://mara@db.example/shop", "PORT": "8123"})

    assert settings.stripe is not None
    assert settings.stripe.webhook_secrets == ("whsec_new", "whsec_old")
    assert settings.encryption_keys == (NEW_KEY, OLD_KEY)
    assert settings.database_url == "postgresql+psycopg://mara@db.example/shop"
    assert settings.public_url == "http://127.0.0.1:8123"
    assert settings.mode == "test"


def test_the_providers_own_hosts_are_the_defaults() -> None:
    settings = Settings.from_env({name: value for name, value in LIVE.items() if name != "PAYPAL_API_BASE"})

    assert settings.stripe is not None
    assert settings.paypal is not None
    assert settings.stripe.api_base == STRIPE_API
    assert settings.paypal.api_base == PAYPAL_LIVE_API
    assert settings.mode == "live"


class Watched(dict[str, str]):
    """An environment that remembers which of its variables were asked for."""

    def __init__(self, values: dict[str, str]) -> None:
        super().__init__(values)
        self.asked: set[str] = set()

    def get(self, name: str, default: str = "") -> str:  # type: ignore[override]
        self.asked.add(name)
        return super().get(name, default)

    def __getitem__(self, name: str) -> str:
        self.asked.add(name)
        return super().__getitem__(name)


def test_the_example_lists_every_variable_that_the_settings_ask_for() -> None:
    example = (ROOT / ".env.example").read_text()
    listed = set(re.findall(r"^([A-Z][A-Z0-9_]+)=", example, re.MULTILINE))

    asked = set()
    for env in (GOOD, LIVE):
        watched = Watched(env)
        Settings.from_env(watched)
        asked |= watched.asked

    assert asked
    assert asked - listed == set()


def test_the_shop_starts_without_proofs_of_webhooks_and_names_them_as_gaps() -> None:
    settings = Settings.from_env(GOOD | {"STRIPE_WEBHOOK_SECRETS": " ", "PAYPAL_WEBHOOK_ID": ""})

    assert [gap.split()[0] for gap in settings.gaps] == ["STRIPE_WEBHOOK_SECRETS", "PAYPAL_WEBHOOK_ID"]
    assert all("webhooks sync" in gap for gap in settings.gaps)
    assert Settings.from_env(GOOD).gaps == []


def test_production_names_the_pages_of_the_law_that_nobody_told_of_and_takes_none_for_an_answer() -> None:
    told = {"IMPRINT_URL": "https://tidewater.example/imprint", "TERMS_URL": "none"}

    [gap] = Settings.from_env(LIVE | told).gaps
    answered = Settings.from_env(LIVE | told | {"WITHDRAWAL_URL": "none", "PRIVACY_URL": "none"})

    assert gap.startswith("WITHDRAWAL_URL, PRIVACY_URL empty")
    assert answered.gaps == []
    assert answered.legal_pages["imprint"] == "https://tidewater.example/imprint"
