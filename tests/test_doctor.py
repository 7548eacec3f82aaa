"""The doctor: each thing that can be wrong is found, and comes with its cure."""

from __future__ import annotations

import threading
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask_migrate import upgrade
from werkzeug.serving import make_server

from sandbox.running import Sandbox
from sandbox.world import Settings as SandboxSettings
from shop import create_app, doctor
from shop.config import Settings
from shop.services import endpoints
from tests.processes import free_port

NOWHERE = "127.0.0.1:1"  # nobody listens there


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    """Both providers, whose webhooks lead nowhere."""
    ports = {"stripe_port": 0, "paypal_port": 0, "console_port": 0, "smtp_port": 0}
    with Sandbox(SandboxSettings(**ports)) as running:
        yield running


def environment(sandbox: Sandbox, folder: Path, **changes: str) -> dict[str, str]:
    return {
        "SECRET_KEY": "a secret of the tests, long enough",
        "ENCRYPTION_KEYS": "dGhlIGtleSBvZiB0aGUgdGVzdHMsIDMyIGJ5dGVzLi4=",  # pragma: allowlist secret
        "DATABASE_URL": f"sqlite:///{folder / 'shop.db'}",
        "REDIS_URL": f"redis://{NOWHERE}/0",
        "SMTP_URL": f"smtp://127.0.0.1:{sandbox.settings.smtp_port}",
        "PUBLIC_URL": f"http://{NOWHERE}",
        "STRIPE_SECRET_KEY": "sk_test_mara",
        "STRIPE_PUBLISHABLE_KEY": "pk_test_mara",
        "STRIPE_WEBHOOK_SECRETS": "whsec_mara",
        "STRIPE_API_BASE": sandbox.stripe_api,
        "PAYPAL_CLIENT_ID": "mara",
        "PAYPAL_CLIENT_SECRET": "secret",
        "PAYPAL_WEBHOOK_ID": "8PT",
        "PAYPAL_API_BASE": sandbox.paypal_api,
        "LOG_LEVEL": "CRITICAL",
        **changes,
    }


def shop(sandbox: Sandbox, folder: Path, *, migrated: bool = True, **changes: str) -> Flask:
    app = create_app(Settings.from_env(environment(sandbox, folder, **changes)))
    if migrated:
        with app.app_context():
            upgrade()
    return app


def cures(app: Flask) -> dict[str, str]:
    """Return what is wrong, by its name, with the cure."""
    with app.app_context():
        return {finding.what: finding.cure for finding in doctor.examine() if finding.cure}


@contextmanager
def served(app: Any, port: int) -> Iterator[None]:
    """Let the shop be reached at PUBLIC_URL."""
    server = make_server("127.0.0.1", port, app, threaded=True)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def test_payment_pages_as_the_inventory_has_them_are_well(sandbox: Sandbox, tmp_path: Path) -> None:
    port = free_port()
    app = shop(sandbox, tmp_path, PUBLIC_URL=f"http://127.0.0.1:{port}")

    with served(app, port):
        assert "payment pages" not in cures(app)


def test_a_script_that_was_changed_on_its_way_to_the_customers_is_named(sandbox: Sandbox, tmp_path: Path) -> None:
    port = free_port()
    app = shop(sandbox, tmp_path, PUBLIC_URL=f"http://127.0.0.1:{port}")

    def skimming(environ: dict[str, Any], start: Any) -> Iterable[bytes]:
        if environ["PATH_INFO"] == "/static/js/card.js":
            start("200 OK", [("Content-Type", "text/javascript")])
            return [b"steal()"]
        return app.wsgi_app(environ, start)

    with served(skimming, port), app.app_context():
        told = next(finding for finding in doctor.examine() if finding.what == "payment pages")

    assert told.found == "not as the inventory has them: card.js"
    assert "Foreign script" in told.cure


def test_what_is_down_is_named_with_its_cure(sandbox: Sandbox, tmp_path: Path) -> None:
    found = cures(shop(sandbox, tmp_path, SMTP_URL=f"smtp://{NOWHERE}"))

    assert "REDIS_URL" in found["redis"]
    assert "shop.worker inbox" in found["worker inbox"]
    assert "SMTP_URL" in found["mail server"]
    assert "PUBLIC_URL" in found["stripe webhook from outside"]
    assert "database" not in found
    assert "stripe keys" not in found


def test_a_database_behind_its_migrations_is_named(sandbox: Sandbox, tmp_path: Path) -> None:
    app = shop(sandbox, tmp_path, migrated=False)

    assert "db upgrade" in cures(app)["migrations"]
    with app.app_context():
        assert [one.found for one in doctor.examine() if one.what == "encryption keys"] == ["not known"]


def test_keys_that_the_provider_refuses_are_named(sandbox: Sandbox, tmp_path: Path) -> None:
    app = shop(sandbox, tmp_path, PAYPAL_CLIENT_ID="live-mara")

    assert "keys" in cures(app)["paypal keys"]


def test_keys_of_two_stripe_accounts_are_named(sandbox: Sandbox, tmp_path: Path) -> None:
    filler = "x" * 60
    keys = {
        "STRIPE_SECRET_KEY": f"sk_test_51MaraMaraMaraMara{filler}",
        "STRIPE_PUBLISHABLE_KEY": f"pk_test_51BobBobBobBobBob{filler}",
    }

    assert "two accounts" in cures(shop(sandbox, tmp_path, **keys))["stripe keys"]


def test_syncing_registers_the_endpoints_once_and_tells_what_to_put_into_env(sandbox: Sandbox, tmp_path: Path) -> None:
    app = shop(sandbox, tmp_path, STRIPE_WEBHOOK_SECRETS="", PAYPAL_WEBHOOK_ID="", PUBLIC_URL=f"http://{NOWHERE}/tea")
    assert "webhooks sync" in cures(app)["stripe webhook"]

    with app.app_context():
        first, second = endpoints.sync(), endpoints.sync()

    assert any("STRIPE_WEBHOOK_SECRETS=whsec_" in line for line in first)
    assert any("PAYPAL_WEBHOOK_ID=" in line for line in first)
    assert all("is registered and listens" in line for line in second)
    assert "stripe webhook" not in cures(app)
    assert "PAYPAL_WEBHOOK_ID=" in cures(app)["paypal webhook"]


def test_wrong_settings_are_all_told_and_end_it(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("SECRET_KEY", "ENCRYPTION_KEYS", "STRIPE_SECRET_KEY", "PAYPAL_CLIENT_ID"):
        monkeypatch.delenv(name, raising=False)

    status = doctor.main()

    told = capsys.readouterr().out
    assert status == 1
    assert "SECRET_KEY" in told
    assert "no way to take money" in told
