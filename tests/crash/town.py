"""A whole town of real processes: the sandbox, web, workers, scheduler, Valkey; any of them can be killed.

Alice buys by HTTP and pays at the sandbox as a browser would. What became of it is read from the database.
"""

import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any, TypeVar

import requests
from flask_migrate import upgrade
from sqlalchemy import inspect, select

from sandbox.mailbox import messages
from sandbox.paypal.responses import approvals
from sandbox.running import Sandbox
from shop import create_app
from shop.config import Settings
from shop.extensions import db
from shop.gateways.base import Provider
from shop.models import InboxEvent, Lease, LedgerEntry, Order, OrderState, OutboxMessage, Payment, Refund
from shop.models.base import UtcDateTime
from shop.services import carts, checkout, installation, seed, tokens
from shop.services.unit_of_work import unit_of_work
from tests.processes import die_with_tests, wait_until
from tests.shop_app import details
from tests.valkey import ValkeyServer

T = TypeVar("T")
ROOT = Path(__file__).resolve().parents[2]
BIN = Path(sys.executable).parent
CARD = {
    "payment_method_data[type]": "card",
    "payment_method_data[card][number]": "4242424242424242",
    "payment_method_data[card][exp_month]": "12",
    "payment_method_data[card][exp_year]": "2040",
    "payment_method_data[card][cvc]": "123",
    "return_url": "https://tidewater.example/return",
}
COMMANDS = {
    "web": [
        f"{BIN / 'gunicorn'}", "--worker-class", "gthread", "--workers", "1", "--threads", "8",
        "--timeout", "60", "--no-control-socket", "shop:create_app()",
    ],
    **{
        name: [sys.executable, "-m", "shop.worker", name]
        for name in ("inbox", "outbox", "sweep", "batch", "scheduler")
    },
}  # fmt: skip
# The columns that say when something is due: moving them back is what waiting does.
DUE = {
    InboxEvent: ("claimed_at", "next_try_at"),
    OutboxMessage: ("claimed_at", "next_try_at"),
    Payment: ("next_check_at", "busy_since"),
    Refund: ("next_check_at",),
    Lease: ("until",),
}


class Town:
    """Processes that live for a whole test module; `close` ends them all."""

    def __init__(self, database_url: str, valkey: ValkeyServer, sandbox: Sandbox, web_port: int, log: Path) -> None:
        self.valkey, self.sandbox, self.world = valkey, sandbox, sandbox.world
        self.web = f"http://127.0.0.1:{web_port}"
        self._port, self._log = web_port, log
        self._env = {
            "SECRET_KEY": "a secret of the crash tests, long enough",
            "ENCRYPTION_KEYS": "dGhlIGtleSBvZiB0aGUgdGVzdHMsIDMyIGJ5dGVzLi4=",  # pragma: allowlist secret
            "DATABASE_URL": database_url,
            "REDIS_URL": valkey.url,
            "PUBLIC_URL": self.web,
            "SMTP_URL": f"smtp://127.0.0.1:{sandbox.settings.smtp_port}",
            "STRIPE_SECRET_KEY": "sk_test_sandbox",
            "STRIPE_PUBLISHABLE_KEY": "pk_test_sandbox",
            "STRIPE_WEBHOOK_SECRETS": sandbox.settings.stripe_webhook_secret,
            "STRIPE_API_BASE": sandbox.stripe_api,
            "STRIPE_JS_URL": f"{sandbox.stripe_origin}/stripe.js",
            "PAYPAL_CLIENT_ID": "sandbox-client",
            "PAYPAL_CLIENT_SECRET": "sandbox-secret",
            "PAYPAL_WEBHOOK_ID": sandbox.settings.paypal_webhook_id,
            "PAYPAL_API_BASE": sandbox.paypal_api,
            "PAYPAL_SDK_URL": f"{sandbox.paypal_origin}/web-sdk/v6/core",
            "PAYMENT_STARTS": "1000 per minute",
            "CALLS_PER_SECOND": "100",
            "REVIEW_ORDERS_PER_HOUR": "100000",
            "SWEEP_EVERY": "1",
        }
        self._processes: dict[str, subprocess.Popen[bytes]] = {}
        self.app = create_app(Settings.from_env(self._env))
        with self.app.app_context():
            upgrade()
            installation.ensure(self.app.extensions["shop"].settings)  # now that there is a table to write it in
            seed.seed()

    # Processes.

    def start(self, *names: str, **env: str) -> None:
        """Start processes (all of them, if none is named) with these changes to their environment."""
        chosen = names or tuple(COMMANDS)
        for name in chosen:
            with self._log.open("ab") as output:
                self._processes[name] = subprocess.Popen(
                    [*COMMANDS[name], *(["--bind", f"127.0.0.1:{self._port}"] if name == "web" else [])],
                    cwd=ROOT,
                    env={"PATH": os.environ["PATH"], "PYTHONUNBUFFERED": "1", **self._env, **env},
                    stdout=output,
                    stderr=output,
                    start_new_session=True,
                    preexec_fn=die_with_tests(),
                )
        if "web" in chosen:
            wait_until(self._web_answers, "web answers")

    def kill(self, name: str) -> None:
        """End a process, and those it has started, as a power cut does."""
        process = self._processes.pop(name)
        os.killpg(process.pid, signal.SIGKILL)
        process.wait(30)

    def close(self) -> None:
        """End everything."""
        for name in list(self._processes):
            self.kill(name)
        with self.app.app_context():
            db.engine.dispose()

    def _web_answers(self) -> bool:
        assert self._processes["web"].poll() is None, self._log.read_text()[-4000:]
        try:
            return requests.get(f"{self.web}/healthz", timeout=5).status_code == 200
        except requests.RequestException:
            return False

    # Alice.

    def order(self) -> Order:
        """Place an order, to a mail address of its own."""
        with self.app.app_context():
            token = carts.add(None, _first_sku(), 1, "EUR")
            return checkout.place_order(token, details(f"alice-{token.lower()}@example.com"), user_id=None)

    def begin(self, order: Order, provider: Provider) -> requests.Response:
        """Press "Pay": what the pay page's script asks of the server."""
        with self.app.app_context(), self.app.test_request_context():
            page = f"{self.web}/pay/{tokens.for_order(order.public_id)}"
        with requests.Session() as browser:
            csrf = re.search(r'data-csrf="([^"]+)"', browser.get(page, timeout=30).text)
            assert csrf is not None
            headers = {"X-CSRFToken": csrf[1], "Referer": page}
            return browser.post(f"{page}/{provider}", json={}, headers=headers, timeout=30)

    def pay(self, order: Order, provider: Provider = Provider.STRIPE) -> None:
        """Begin a payment and pay it at the provider; the browser does not come back."""
        answer = self.begin(order, provider)
        assert answer.status_code == 200, answer.text
        if provider is Provider.PAYPAL:
            self.approve(answer.json()["orderId"])
        else:
            self.confirm(answer.json()["client_secret"])

    def approve(self, paypal_id: str) -> None:
        """Approve a PayPal order in PayPal's window."""
        approvals.approve(self.world, paypal_id, "balance")

    def confirm(self, client_secret: str) -> None:
        """Pay a PaymentIntent by card, as stripe.js does."""
        intent = client_secret.split("_secret_")[0]
        answer = requests.post(
            f"{self.sandbox.stripe_api}/v1/payment_intents/{intent}/confirm",
            data={"key": "pk_test_sandbox", "client_secret": client_secret, **CARD},
            timeout=30,
        )
        assert answer.status_code == 200, answer.text

    # What became of it.

    def rows(self, model: type[T], *conditions: Any) -> list[T]:
        """Return the rows of a table that meet the conditions."""
        with self.app.app_context(), unit_of_work() as session:
            return list(session.scalars(select(model).where(*conditions)).unique())

    def payments(self, order: Order) -> list[Payment]:
        """Return an order's payments as they are now."""
        return self.rows(Payment, Payment.order_id == order.id)

    def is_paid(self, order: Order) -> bool:
        """Tell whether an order is paid now."""
        return self.rows(Order, Order.id == order.id)[0].state is OrderState.PAID

    def mails(self, order: Order) -> list[str]:
        """Return the Message-IDs of the mails that were sent to an order's address."""
        return [mail.message_id for mail in messages.newest_first(self.world, order.email)]

    def time_passes(self, seconds: float) -> None:
        """Bring everything that is due within so many seconds forward, as waiting does; what is being written stays."""
        for model, columns in DUE.items():
            assert all(isinstance(inspect(model).columns[name].type, UtcDateTime) for name in columns)
            with self.app.app_context(), unit_of_work(write=True) as session:
                for row in session.scalars(select(model).with_for_update(of=model, skip_locked=True)).unique():
                    for name in columns:
                        if getattr(row, name) is not None:
                            setattr(row, name, getattr(row, name) - timedelta(seconds=seconds))

    def executed(self, verb: str, subject: Payment | Refund) -> int:
        """Return how often a provider carried out a verb of ours for an object; replays and refusals not counted."""
        with self.world.store.lock:
            log = list(self.world.store.table(f"{subject.provider}.request_log").values())
        wanted = f"-{verb}-{subject.public_id}-"
        return len([row for row in log if wanted in (row["idempotency_key"] or "") and row["outcome"] == "executed"])

    def assert_nothing_lost_or_doubled(self, order: Order) -> None:
        """The order is paid once, by one payment with one capture; one receipt; the books sum to zero.

        A mail may come twice, as the same mail, only where a worker was killed while it was being sent.
        """
        assert [len(payment.captures) for payment in self.payments(order)] == [1]
        assert not [refund for payment in self.payments(order) for refund in payment.refunds]
        wait_until(lambda: self.mails(order), "the receipt is in the mailbox")
        kinds = [row.kind for row in self.rows(OutboxMessage, OutboxMessage.order_id == order.id)]
        assert kinds.count("mail.receipt") == 1
        assert len(set(self.mails(order))) == 1
        sums: dict[tuple[int, str], int] = {}
        for entry in self.rows(LedgerEntry):
            key = entry.transaction_id, entry.currency
            sums[key] = sums.get(key, 0) + entry.amount
        assert not any(sums.values())

    # Trouble.

    def slow(self, provider: str, method: str, path: str, seconds: float) -> None:
        """Let the provider take its time over the next such call, and then do it all the same."""
        self.world.faults.set(provider, "slow", times=1, seconds=seconds, path_prefix=path, method=method)

    def wait_for_the_call(self) -> None:
        """Wait until the slow call has arrived at the provider."""
        wait_until(lambda: not self.world.faults.active(), "the slow call arrived")

    @contextmanager
    def webhooks(self, **knobs: bool) -> Iterator[None]:
        """Spoil every webhook of both providers: drop, duplicate, reorder."""
        for provider in ("stripe", "paypal"):
            self.world.dispatcher.turn(provider, **knobs)
        try:
            yield
        finally:
            for provider in ("stripe", "paypal"):
                self.world.dispatcher.turn(provider, **dict.fromkeys(knobs, False))


def _first_sku() -> str:
    return seed.ENTRIES[0].items[0].sku
