"""`make live-check` at the sandbox's addresses: all it does at the real ones, but for the people it asks there."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from e2e.livecheck import keys
from e2e.livecheck.flows import FLOWS
from sandbox.running import Sandbox
from sandbox.world import Settings
from tests import browser

ROOT = Path(__file__).resolve().parents[2]
# Long words that look like a secret of a provider's, or of its customers.
SECRETS = re.compile(r"\b(?:sk|rk|whsec)_\w+|_secret_\w+|Bearer |\b4242 ?4242")
pytestmark = pytest.mark.timeout(540)  # forty flows, one after the other, on a machine that is busy with other tests


@pytest.fixture
def providers() -> Iterator[Sandbox]:
    """Where the keys of the test lead."""
    with Sandbox(Settings(0, 0, 0, 0)) as running:
        yield running


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Where records are written."""
    return tmp_path / "records"


def live_check(providers: Sandbox, folder: Path, *arguments: str, **env: str) -> subprocess.CompletedProcess[str]:
    outside = {name: value for name, value in os.environ.items() if not name.startswith(("STRIPE_", "PAYPAL_"))}
    own = {
        "STRIPE_SECRET_KEY": "sk_test_mara",
        "STRIPE_PUBLISHABLE_KEY": "pk_test_mara",
        "STRIPE_API_BASE": providers.stripe_api,
        "STRIPE_JS_URL": f"{providers.stripe_origin}/stripe.js",
        "PAYPAL_CLIENT_ID": "mara",
        "PAYPAL_CLIENT_SECRET": "of the test",  # pragma: allowlist secret
        "PAYPAL_API_BASE": providers.paypal_api,
        "PAYPAL_SDK_URL": f"{providers.paypal_origin}/web-sdk/v6/core",
    }
    return subprocess.run(
        [sys.executable, "-m", "e2e.livecheck", "--into", str(folder), "--no-person", "--patience", "30", *arguments],
        cwd=ROOT, env={**outside, **own, **env}, capture_output=True, text=True, timeout=500, check=False,
    )  # fmt: skip


def record_in(folder: Path) -> str:
    (file,) = folder.iterdir()
    return file.read_text()


def test_every_flow_comes_as_expected(providers: Sandbox, folder: Path) -> None:
    browser.launch_arguments()  # skips, or fails in CI, where there is no browser

    done = live_check(providers, folder, "--no-sandbox")

    assert done.returncode == 0, done.stdout + done.stderr
    record = record_in(folder)
    assert [flow.name for flow in FLOWS if f"| {flow.name} |" not in record] == []
    assert f"{len(FLOWS)} as expected, 0 otherwise, 0 not tried" in record
    assert SECRETS.search(record) is None


def test_two_sandboxes_do_not_differ(providers: Sandbox, folder: Path) -> None:
    some = ("stripe", "paypal-keys", "paypal-repeats", "paypal-cancelled", "card-paid", "card-declined", "held", "tax")

    done = live_check(providers, folder, "--no-browser", "--only", *some, "card-refunded", "card-saved")

    assert done.returncode == 0, done.stdout + done.stderr
    told = record_in(folder).partition("## Where the answers differed")[2].partition("\n## ")[0]
    assert "Nowhere: the same statuses, codes, fields and types" in told, told


def test_what_needs_somebody_who_is_not_there_is_told_as_not_tried(providers: Sandbox, folder: Path) -> None:
    only = ("--only", "card-3ds", "paypal-paid", "card-paid")

    done = live_check(providers, folder, *only, "--no-browser", "--no-sandbox")

    assert done.returncode == 3, done.stdout + done.stderr
    assert "2 as expected, 0 otherwise, 4 not tried" in record_in(folder)


def test_what_a_provider_does_otherwise_is_told_with_its_own_words(providers: Sandbox, folder: Path) -> None:
    providers.world.faults.set("stripe", "down", path_prefix="/v1/refunds", method="POST")

    done = live_check(providers, folder, "--only", "card-refunded", "--no-browser")

    assert done.returncode == 1, done.stdout + done.stderr
    record = record_in(folder)
    assert "0 as expected, 1 otherwise" in record
    assert "refused: shop's POST /v1/refunds: 5" in record
    assert "`stripe POST /v1/refunds` statuses" in record


def test_an_address_that_providers_cannot_reach_waits_for_no_webhook(providers: Sandbox, folder: Path) -> None:
    assert keys.is_reachable("https://shop.example", "https://api.stripe.com")
    assert keys.is_reachable("http://127.0.0.1:8000", providers.stripe_api)
    assert not keys.is_reachable("http://127.0.0.1:8000", "https://api.stripe.com")


@pytest.mark.parametrize(
    ("env", "named"),
    [
        ({"STRIPE_SECRET_KEY": "sk_live_1"}, "STRIPE_SECRET_KEY"),  # pragma: allowlist secret
        ({"STRIPE_SECRET_KEY": "rk_live_1"}, "STRIPE_SECRET_KEY"),  # pragma: allowlist secret
        ({"STRIPE_PUBLISHABLE_KEY": "pk_live_1"}, "STRIPE_PUBLISHABLE_KEY"),
        ({"PAYPAL_CLIENT_ID": "mara"}, "PAYPAL_API_BASE"),
        ({"PAYPAL_CLIENT_ID": "mara", "PAYPAL_API_BASE": "https://api-m.paypal.com/"}, "PAYPAL_API_BASE"),
        ({}, "no keys"),
    ],
)
def test_keys_that_move_real_money_are_refused(env: dict[str, str], named: str) -> None:
    with pytest.raises(keys.Refused, match=named):
        keys.refuse_live(env)


def test_the_command_refuses_live_keys_before_anything_is_asked(providers: Sandbox, folder: Path) -> None:
    done = live_check(providers, folder, STRIPE_SECRET_KEY="sk_live_mara", SHOP_ENV="production")

    assert done.returncode == 2
    assert "STRIPE_SECRET_KEY is a live key" in done.stderr
    assert not folder.exists()
    assert providers.world.store.table("stripe.request_log") == {}
