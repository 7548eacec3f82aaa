"""Which variables the demo gives the shop: the sandbox's only where nothing else was said."""

import stat
from pathlib import Path

import pytest

from sandbox.demo import banner, environment
from shop.config import Settings


def test_without_any_keys_every_provider_is_the_sandbox(tmp_path: Path) -> None:
    env = environment.read(tmp_path, {"PATH": "/bin"})

    assert env.variables["STRIPE_SECRET_KEY"] == "sk_test_sandbox"
    assert env.variables["STRIPE_JS_URL"] == "http://localhost:8001/stripe.js"
    assert env.variables["PAYPAL_API_BASE"] == "http://127.0.0.1:8002"
    assert env.variables["SMTP_URL"] == "smtp://127.0.0.1:8025"
    assert env.variables["REDIS_URL"] == "redis://127.0.0.1:8026/0"
    assert env.variables["DATABASE_URL"] == f"sqlite:///{tmp_path}/var/shop.db"
    assert (env.stripe_is_sandbox, env.paypal_is_sandbox, env.mail_is_sandbox, env.redis_is_ours) == (True,) * 4


def test_real_stripe_keys_leave_stripe_alone_and_paypal_to_the_sandbox(tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("STRIPE_SECRET_KEY=sk_test_real\nSTRIPE_PUBLISHABLE_KEY=pk_test_real\n")

    env = environment.read(tmp_path, {"PATH": "/bin"})

    assert env.variables["STRIPE_SECRET_KEY"] == "sk_test_real"
    assert "STRIPE_API_BASE" not in env.variables
    assert "STRIPE_WEBHOOK_SECRETS" not in env.variables
    assert env.variables["PAYPAL_CLIENT_ID"] == "sandbox-client"
    assert "Stripe           the real one" in banner.text(env)


def test_an_empty_value_counts_as_absent(tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("STRIPE_SECRET_KEY=\nSMTP_URL=\n")

    env = environment.read(tmp_path, {"PATH": "/bin", "PAYPAL_CLIENT_ID": ""})

    assert (env.stripe_is_sandbox, env.paypal_is_sandbox, env.mail_is_sandbox) == (True, True, True)


def test_the_machine_s_environment_wins_over_the_file(tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("PORT=9000\nREDIS_URL=redis://elsewhere/0\n")

    env = environment.read(tmp_path, {"PATH": "/bin", "PORT": "9100"})

    assert env.variables["PUBLIC_URL"] == "http://127.0.0.1:9100"
    assert env.variables["REDIS_URL"] == "redis://elsewhere/0"
    assert not env.redis_is_ours


def test_moved_ports_move_every_address(tmp_path: Path) -> None:
    env = environment.read(tmp_path, {"SANDBOX_STRIPE_PORT": "9001", "SANDBOX_SMTP_PORT": "9025"})

    assert env.variables["STRIPE_API_BASE"] == "http://127.0.0.1:9001"
    assert env.variables["SMTP_URL"] == "smtp://127.0.0.1:9025"


@pytest.mark.parametrize("port", ["eighty", "0", "70000", "-1"])
def test_a_port_that_is_none_is_named_with_its_variable(port: str, tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=r"^SANDBOX_PAYPAL_PORT is .*: a port is a number from 1 to 65535"):
        environment.read(tmp_path, {"SANDBOX_PAYPAL_PORT": port})


@pytest.mark.parametrize(
    ("variable", "file"), [("SECRET_KEY", "secret_key"), ("ENCRYPTION_KEYS", "encryption_key")]
)
def test_each_key_is_made_once_and_readable_by_its_owner_alone(variable: str, file: str, tmp_path: Path) -> None:
    first = environment.read(tmp_path, {}).variables[variable]
    second = environment.read(tmp_path, {}).variables[variable]

    assert first == second
    assert len(first) >= 32
    assert stat.S_IMODE((tmp_path / "var" / file).stat().st_mode) == 0o600


def test_what_is_made_up_is_enough_for_the_shop_to_start(tmp_path: Path) -> None:
    made_up = environment.read(tmp_path, {}).variables

    assert Settings.problems(made_up) == []


def test_the_banner_names_what_a_person_needs_first(tmp_path: Path) -> None:
    text = banner.text(environment.read(tmp_path, {"PORT": "9000"}))

    for needed in ("http://127.0.0.1:9000", "http://127.0.0.1:8003", "alice@example.com", "4242 4242 4242 4242"):
        assert needed in text
