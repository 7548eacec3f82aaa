"""The demo as the browser tests see it: every process real, on free ports, with data of its own."""

from __future__ import annotations

import os
import signal
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path
from types import TracebackType
from typing import Any

import requests

from sandbox.demo.environment import Ports
from tests.processes import die_with_tests, free_port, wait_until

ROOT = Path(__file__).resolve().parents[1]
READY = "Ctrl-C stops all of it"


class Demo:
    """`python -m sandbox.demo`, running until the end of the block; its control plane makes things go wrong."""

    def __init__(self, folder: Path) -> None:
        ports = {variable: str(free_port()) for variable in Ports.VARIABLES.values()}
        self.shop = f"http://127.0.0.1:{ports['PORT']}"
        self.stripe_api = f"http://127.0.0.1:{ports['SANDBOX_STRIPE_PORT']}"
        self.control = f"http://127.0.0.1:{ports['SANDBOX_CONSOLE_PORT']}/_sandbox"
        self._data = folder
        self._log = folder / "log"
        outside = {name: value for name, value in os.environ.items() if not name.startswith(("STRIPE_", "PAYPAL_"))}
        plenty = {"PAYMENT_STARTS": "1000 per minute", "REVIEW_ORDERS_PER_HOUR": "1000"}
        own = {"DEMO_DATA": str(folder), "SWEEP_EVERY": "3", **plenty}
        own["DECLINES_PER_NETWORK"] = "1000"  # all the customers of a run come from one address
        self._env = {**outside, **ports, **own}

    def __enter__(self) -> Demo:
        with self._log.open("wb") as log:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "sandbox.demo"],
                cwd=ROOT,
                env=self._env,
                stdout=log,
                stderr=log,
                preexec_fn=die_with_tests(signal.SIGTERM),
            )
        wait_until(lambda: READY in self.log() or self._process.poll() is not None, "the demo is open", 90)
        assert self._process.poll() is None, self.log()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._process.send_signal(signal.SIGTERM)
        self._process.wait(30)

    @property
    def environment(self) -> dict[str, str]:
        """Return the variables that the demo was started with."""
        return dict(self._env)

    def log(self) -> str:
        """Return what all the processes have said."""
        return self._log.read_text(errors="replace")

    def unexpected(self, since: int = 0) -> list[str]:
        """Return what the processes have told of their own mistakes, past so many characters of the log."""
        return [line.replace("\\n", "\n") for line in self.log()[since:].splitlines() if '"unexpected"' in line]

    def change_catalogue(self, statement: str, *values: object) -> None:
        """Change what is sold behind the shop's back, as a merchant's own import does; SQL with ? for values."""
        with closing(sqlite3.connect(self._data / "shop.db", timeout=10)) as connection:
            connection.execute(statement, values)
            connection.commit()

    def reset_trouble(self) -> None:
        """Take every fault and knob back; what was bought stays."""
        requests.delete(f"{self.control}/faults", timeout=10).raise_for_status()
        for provider in ("stripe", "paypal"):
            self.turn(provider, drop=False, delay_seconds=0, duplicate=False, reorder=False, bad_signature=False)

    def turn(self, provider: str, **knobs: Any) -> None:
        """Spoil a provider's webhooks: drop, delay_seconds, duplicate, reorder, bad_signature."""
        self._post("knobs", provider=provider, **knobs)

    def fault(self, provider: str, kind: str, **more: Any) -> None:
        """Make a provider's API fail: down, slow (seconds), answer_lost; `times`, `path_prefix`, `method` narrow it."""
        self._post("faults", provider=provider, kind=kind, **more)

    def mails_to(self, address: str) -> list[dict[str, Any]]:
        """Return the mails in the mailbox to an address, newest first."""
        found = requests.get(f"{self.control}/mailbox", timeout=10).json()["messages"]
        return [mail for mail in found if address in mail["to"]]

    def wait_for_mail(self, address: str, subject: str) -> dict[str, Any]:
        """Wait until a mail with these words in its subject has come, and return it."""

        def arrived() -> list[dict[str, Any]]:
            return [mail for mail in self.mails_to(address) if subject in mail["subject"]]

        wait_until(arrived, f"a mail to {address} about {subject!r}")
        return arrived()[0]

    def attachment(self, mail_id: str, index: int) -> bytes:
        """Return a file that came with a mail."""
        mailbox = self.control.replace("/_sandbox", "/mailbox")
        found = requests.get(f"{mailbox}/{mail_id}/attachments/{index}", timeout=10)
        found.raise_for_status()
        return found.content

    def executed(self, provider: str, method: str, path_part: str) -> list[dict[str, Any]]:
        """Return the API requests that were carried out (not replayed) and whose path has this part."""
        rows = requests.get(f"{self.control}/requests", params={"provider": provider}, timeout=10).json()["requests"]
        kept = [row for row in rows if row["method"] == method and path_part in row["path"]]
        return [row for row in kept if row["outcome"] == "executed"]

    def deliveries(self, **narrowed: str) -> list[dict[str, Any]]:
        """Return the webhook deliveries, newest first."""
        found: list[dict[str, Any]] = requests.get(
            f"{self.control}/deliveries", params=narrowed, timeout=10
        ).json()["deliveries"]
        return found

    def objects(self, table: str) -> list[dict[str, Any]]:
        """Return the sandbox's objects of one kind, newest first: "stripe.payment_intent", ..."""
        found: list[dict[str, Any]] = requests.get(f"{self.control}/objects/{table}", timeout=10).json()["objects"]
        return found

    def _post(self, what: str, **body: Any) -> None:
        requests.post(f"{self.control}/{what}", json=body, timeout=10).raise_for_status()
