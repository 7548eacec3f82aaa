"""`python -m shop.doctor`: what is wrong with this installation, item by item, with the cure.

It reads the settings, then asks the database, Redis, the mail server and both providers. It changes nothing.
Exit status 0 when all is well, 1 otherwise.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from urllib.parse import urlsplit

import requests
from sqlalchemy.exc import SQLAlchemyError

from shop import create_app, mailer
from shop.config import Settings, stripe_account
from shop.errors import DatabaseAway, SettingsError, ShopError
from shop.gateways.base import Provider
from shop.gateways.housekeeping import Housekeeping
from shop.queue import QUEUES
from shop.services import endpoints, health, inventory, rotation
from shop.services.providers import context

CLOCK_TOLERANCE = 60.0  # seconds; Stripe accepts signatures of up to five minutes' age


@dataclass(frozen=True)
class Finding:
    """One thing looked at; `cure` is empty when it is well."""

    what: str
    found: str
    cure: str = ""


def main() -> int:
    """Look at everything and print it; settings that are wrong end it there, since nothing else can be asked."""
    problems = Settings.problems(os.environ)
    if problems:
        for problem in problems:
            _print(Finding("settings", "wrong", problem))
        return 1
    try:
        app = create_app()
    except SettingsError as exc:
        for problem in exc.problems:
            _print(Finding("settings", "wrong", problem))
        return 1
    with app.app_context():
        findings = list(examine())
    for finding in findings:
        _print(finding)
    return 1 if any(finding.cure for finding in findings) else 0


def examine() -> Iterator[Finding]:
    """Yield what is found, in the order in which things depend on each other."""
    gaps = context().settings.gaps
    yield Finding("settings", "of one mode" if gaps else "complete and of one mode", "; ".join(gaps))
    yield from _infrastructure()
    yield _encryption()
    yield _mail()
    yield _pages()
    for keeper in context().keepers.values():
        yield from _provider(keeper)
    yield _clock()


def _infrastructure() -> Iterator[Finding]:
    report = health.report()
    yield _judge("database", report.database, "up", "start it, or correct DATABASE_URL")
    yield _judge("migrations", report.migrations, "up to date", "run `flask --app shop db upgrade`")
    yield _judge("redis", report.redis, "up", "start it, or correct REDIS_URL; the shop sells on, but mails wait")
    for queue in QUEUES:
        count = report.workers.get(queue, 0)
        cure = "" if count else f"start one with `python -m shop.worker {queue}`"
        yield Finding(f"worker {queue}", f"{count} at work", cure)


def _encryption() -> Finding:
    """Look at what seals the database; a key that is still being replaced is no fault."""
    what = "encryption keys"
    try:
        report = rotation.status()
    except (SQLAlchemyError, DatabaseAway):
        return Finding(what, "not known", "see what is said of the database and its migrations above")
    if report.lacking:
        cure = "add them at the end of ENCRYPTION_KEYS: what they sealed cannot be read"
        return Finding(what, f"{', '.join(report.lacking)} lacking", cure)
    if report.by_key[rotation.UNSEALED]:
        cure = "somebody wrote it past the shop, which cannot read it: write it through the shop"
        return Finding(what, f"values that stand unsealed: {report.by_key[rotation.UNSEALED]}", cure)
    if report.left:
        return Finding(what, f"{report.left} values need an old key until `flask --app shop keys rotate` has run")
    if report.idle:
        return Finding(what, f"everything is sealed with {report.first}; nothing is with {', '.join(report.idle)}")
    return Finding(what, f"everything is sealed with {report.first}")


def _mail() -> Finding:
    url = context().settings.smtp_url
    where = urlsplit(url).netloc.rpartition("@")[2]
    try:
        with mailer.connect(url, timeout=5):
            return Finding("mail server", f"{where} takes us in")
    except OSError as exc:
        return Finding("mail server", f"{where}: {exc}", "start it, or correct SMTP_URL; mails wait until then")


def _pages() -> Finding:
    """Look at what customers are handed: the scripts of the payment pages, and over HTTPS the headers of a page.

    PCI DSS v4.0.1, 11.6.1 wants this at least every seven days where it applies (docs/12_security.md).
    """
    what, url = "payment pages", context().settings.public_url
    try:
        served = {script.name: requests.get(url + script.path, timeout=5) for script in inventory.scripts()}
        page = requests.get(f"{url}/login", timeout=5)
    except requests.RequestException as exc:
        cure = "nobody can look at the shop at PUBLIC_URL; start the web process, or open the way to it"
        return Finding(what, f"{url}: {type(exc).__name__}", cure)
    changed = [script.name for script in inventory.scripts() if not script.is_whole(served[script.name].content)]
    changed += inventory.altered(page.headers) if context().settings.is_secure else []
    if not changed:
        return Finding(what, "scripts and headers are those of the inventory")
    cure = "stop the payments until it is known who changed them: see docs/runbook.md, Foreign script"
    return Finding(what, f"not as the inventory has them: {', '.join(changed)}", cure)


def _provider(keeper: Housekeeping) -> Iterator[Finding]:
    name = str(keeper.provider)
    account = _ask(f"{name} keys", lambda: _keys(keeper))
    yield account
    if account.cure:
        return
    yield _ask(f"{name} webhook", lambda: _endpoint(keeper))
    yield _reachable(keeper.provider)
    yield _rejections(keeper.provider)


def _ask(what: str, question: Callable[[], Finding]) -> Finding:
    """Put a question to a provider; its refusal is a finding too."""
    try:
        return question()
    except ShopError as exc:
        return Finding(what, f"{type(exc).__name__}: {exc}", "check the keys and the address in .env")


def _keys(keeper: Housekeeping) -> Finding:
    account = keeper.account()
    stripe = context().settings.stripe
    if keeper.provider is Provider.STRIPE and stripe is not None:
        secret, public = stripe_account(stripe.secret_key), stripe_account(stripe.publishable_key)
        if secret and public and secret != public:
            cure = "STRIPE_SECRET_KEY and STRIPE_PUBLISHABLE_KEY are of two accounts; take both from one page"
            return Finding("stripe keys", account.external_id, cure)
    return Finding(f"{keeper.provider} keys", f"accepted ({account.external_id or 'account not told'}, {account.mode})")


def _endpoint(keeper: Housekeeping) -> Finding:
    what, url = f"{keeper.provider} webhook", endpoints.address(keeper.provider)
    found = endpoints.find(keeper)
    if found is None:
        return Finding(what, f"{url} is not registered", "run `flask --app shop webhooks sync`")
    if found.misses or not found.is_enabled:
        return Finding(what, f"{url} is disabled or misses events", "run `flask --app shop webhooks sync`")
    paypal = context().settings.paypal
    if keeper.provider is Provider.PAYPAL and paypal is not None and found.external_id not in paypal.webhook_ids:
        return Finding(what, "registered under another id", f"set PAYPAL_WEBHOOK_ID={found.external_id}")
    return Finding(what, f"{url} is registered")


def _reachable(provider: Provider) -> Finding:
    """Knock at our own public door: an unsigned notice must come back as 400, which also proves that it is ours."""
    what, url = f"{provider} webhook from outside", endpoints.address(provider)
    try:
        status = requests.post(url, data=b"{}", timeout=5, allow_redirects=False).status_code
    except requests.RequestException as exc:
        cure = "the provider must be able to reach PUBLIC_URL; start the web process, or open the way to it"
        return Finding(what, f"{url}: {type(exc).__name__}", cure)
    return _judge(what, f"answers {status}", "answers 400", "PUBLIC_URL does not lead to this shop")


def _rejections(provider: Provider) -> Finding:
    """Look at the last hundred refusals for signatures that did not match: a wrong secret looks like that."""
    wrong = [line for line in context().queues.remembered(f"rejected:{provider}") if "match" in line]
    what = f"{provider} signatures"
    if not wrong:
        return Finding(what, "none refused lately")
    cure = f"check {endpoints.SETTING[provider]}; the newest was refused at {wrong[0]}"
    return Finding(what, f"{len(wrong)} refused lately", cure)


def _clock() -> Finding:
    if not context().clock.is_learnt:
        return Finding("clock", "not known: no provider has told its time", "see what is said of the providers above")
    offset = context().clock.offset.total_seconds()
    cure = "" if abs(offset) <= CLOCK_TOLERANCE else "set this machine's clock (NTP): signatures would be refused"
    return Finding("clock", f"{offset:+.0f} s from the provider's", cure)


def _judge(what: str, found: str, wanted: str, cure: str) -> Finding:
    return Finding(what, found, "" if found == wanted else cure)


def _print(finding: Finding) -> None:
    print(f"{'ok  ' if not finding.cure else 'CURE'}  {finding.what}: {finding.found}")
    if finding.cure:
        print(f"      {finding.cure}")


if __name__ == "__main__":
    sys.exit(main())
