"""`make live-check`, or `python -m e2e.livecheck`: try every flow with your test keys, write down what came.

It makes orders, payments, refunds, customers and (with a public PUBLIC_URL) a webhook endpoint in the test mode of your
own accounts. It refuses live keys. Exit status 0: everything was tried and came as expected. 1: something came
otherwise. 2: it did not begin. 3: nothing came otherwise, but not everything was tried; the record says what and why.
What differs from the sandbox is told and changes no status: real answers hold more than a sandbox's.
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
import warnings
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime
from pathlib import Path

from playwright.sync_api import Browser, sync_playwright

from e2e.livecheck import keys, record
from e2e.livecheck.exchanges import compare
from e2e.livecheck.flow import Flow, Result, Verdict, attempt, not_tried
from e2e.livecheck.flows import FLOWS
from e2e.livecheck.people import People
from e2e.livecheck.store import Store
from sandbox.running import Sandbox
from sandbox.world import Settings as SandboxSettings
from shop.config import LOOPBACK, host_of
from shop.errors import SettingsError
from shop.gateways.base import Provider
from tests import browser
from tests.processes import free_port

ROOT = Path(__file__).resolve().parents[2]
REFUSED = 2


def main(arguments: Sequence[str]) -> int:
    """Run the check; see the module's own words for what it returns."""
    options = _options(arguments)
    env = keys.given(ROOT, os.environ)
    chosen = [flow for flow in FLOWS if not options.only or any(flow.name.startswith(name) for name in options.only)]
    try:
        keys.refuse_live(env)
        with _browser(wanted=not options.no_browser) as driven:
            ask = _ask if options.person else None
            found = _check(env, chosen, People(driven, ask), options)
    except (keys.Refused, SettingsError) as exc:
        print(exc, file=sys.stderr)
        return REFUSED
    options.into.mkdir(parents=True, exist_ok=True)
    file = options.into / f"{found.at:%Y-%m-%dT%H%M%SZ}.md"
    file.write_text(found.text())
    print(f"\nWritten to {file}")
    return found.status


def _options(arguments: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="make live-check", description=__doc__)
    parser.add_argument("--only", nargs="*", metavar="NAME", help="only flows whose names begin like this")
    parser.add_argument("--person", action=argparse.BooleanOptionalAction, default=sys.stdin.isatty(),
                        help="somebody is here and approves at PayPal (default: if this is a terminal)")  # fmt: skip
    parser.add_argument("--no-browser", action="store_true", help="leave out what a browser would be driven for")
    parser.add_argument("--no-sandbox", action="store_true", help="do not run the same flows at the sandbox")
    parser.add_argument("--patience", type=float, default=300, help="seconds to wait for a bank, a person, a webhook")
    parser.add_argument("--into", type=Path, default=ROOT / "live-checks", help="the folder of the records")
    return parser.parse_args(arguments)


def _check(env: dict[str, str], chosen: Sequence[Flow], people: People, options: argparse.Namespace) -> record.Record:
    at = datetime.now(UTC)
    with tempfile.TemporaryDirectory(prefix="live-check-") as folder, ExitStack() as open_until_the_end:
        store = open_until_the_end.enter_context(Store("there", env, Path(folder), _port(env)))
        present = store.context.gateways
        flows = [flow for flow in chosen if flow.provider in present]
        hosts = {provider: _host(store, provider) for provider in present}
        for line in record.needing_somebody(flows):
            print(line)
        results = _run(flows, store, people, options.patience, str)
    if options.no_sandbox or any(result.reason.startswith("ended by") for result in results):
        return record.Record(at, hosts, results, [], [])
    tried = [result.flow for result in results if result.verdict is not Verdict.NOT_TRIED]
    twin = _at_the_sandbox(env, tried, people, options.patience)
    agreed = {one.flow.name for one in twin if one.verdict is Verdict.AS_EXPECTED and one.flow.is_compared}
    there = {one.flow.name: one.exchanges for one in results if one.flow.name in agreed}
    here = {one.flow.name: one.exchanges for one in twin}
    return record.Record(at, hosts, results, twin, compare(there, here))


def _at_the_sandbox(
    env: dict[str, str], flows: Sequence[Flow], people: People, patience: float
) -> Sequence[Result]:
    """Run the flows that were tried once more, in the same way, at a sandbox of this check's own."""
    with Sandbox(SandboxSettings(0, 0, 0, 0)) as sandbox, tempfile.TemporaryDirectory(prefix="live-check-") as folder:
        own = _sandbox_keys(sandbox)
        both = {name: value for name, value in own.items() if _provider_of(name) in env}
        with Store("sandbox", both, Path(folder), free_port()) as store:
            return _run(flows, store, people, patience, "the sandbox: {}".format)


def _sandbox_keys(sandbox: Sandbox) -> dict[str, str]:
    return {
        "STRIPE_SECRET_KEY": "sk_test_sandbox",
        "STRIPE_PUBLISHABLE_KEY": "pk_test_sandbox",
        "STRIPE_API_BASE": sandbox.stripe_api,
        "STRIPE_JS_URL": f"{sandbox.stripe_origin}/stripe.js",
        "PAYPAL_CLIENT_ID": "sandbox-client",
        "PAYPAL_CLIENT_SECRET": "sandbox-secret",  # pragma: allowlist secret
        "PAYPAL_API_BASE": sandbox.paypal_api,
        "PAYPAL_SDK_URL": f"{sandbox.paypal_origin}/web-sdk/v6/core",
    }


def _provider_of(variable: str) -> str:
    """Return the variable that says whether a provider is checked at all."""
    return "STRIPE_SECRET_KEY" if variable.startswith("STRIPE_") else "PAYPAL_CLIENT_ID"


def _run(
    flows: Sequence[Flow], store: Store, people: People, patience: float, words: Callable[[str], str]
) -> list[Result]:
    results: list[Result] = []
    is_over = False
    for flow in flows:
        try:
            result = not_tried(flow, "ended by Ctrl-C") if is_over else attempt(flow, store, people, patience)
        except KeyboardInterrupt:  # what was tried is worth writing down
            is_over, result = True, not_tried(flow, "ended by Ctrl-C in the middle of it")
        results.append(result)
        why = f" ({result.reason})" if result.reason else ""
        print(words(f"{result.verdict:<12} {result.seconds:6.1f} s  {flow.name}{why}"), flush=True)
    return results


def _port(env: dict[str, str]) -> int:
    """Return the port a public address leads to, or any free one where nobody comes in from outside."""
    if host_of(env.get("PUBLIC_URL", "")) in {"", *LOOPBACK}:
        env.pop("PUBLIC_URL", None)
        return free_port()
    return int(env.get("PORT", "8000"))


def _host(store: Store, provider: Provider) -> str:
    settings = store.context.settings
    door = settings.stripe if provider is Provider.STRIPE else settings.paypal
    assert door is not None, "its gateway was made from it"
    return door.api_base


def _ask(words: str) -> None:
    print(f"\n>>> {words}\n    It goes on by itself when that is done.\n", flush=True)


@contextmanager
def _browser(*, wanted: bool) -> Iterator[Browser | None]:
    path = browser.find() if wanted else None
    if path is None:
        yield None
        return
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=path, args=list(browser.ARGUMENTS))
        try:
            yield started
        finally:
            started.close()


if __name__ == "__main__":
    warnings.simplefilter("ignore")
    sys.exit(main(sys.argv[1:]))
