"""The console as a person's browser and a foreign page reach it, and a sandbox with something in it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import requests

from sandbox.running import Sandbox
from tests.sandbox.receiver import Receiver, RunningReceiver


class Console:
    """Asks for pages and sends forms as a browser does: with the Origin of the page it is on."""

    def __init__(self, sandbox: Sandbox) -> None:
        self.address = sandbox.console
        self.session = requests.Session()
        self.session.trust_env = False

    def get(self, path: str, **headers: str) -> requests.Response:
        """Open a page."""
        return self.session.get(self.address + path, headers=headers, timeout=5)

    def post(self, path: str, form: dict[str, str] | None = None, origin: str | None = "") -> requests.Response:
        """Send a form and follow to the page after it; `origin` None sends none, "" the console's own."""
        headers = {} if origin is None else {"Origin": origin or self.address}
        return self.session.post(self.address + path, data=form or {}, headers=headers, timeout=5)


@pytest.fixture
def console(sandbox: Sandbox) -> Console:
    """The console of an empty sandbox."""
    return Console(sandbox)


@pytest.fixture
def shop() -> Iterator[Receiver]:
    """A shop's endpoint for webhooks."""
    with RunningReceiver() as receiver:
        yield receiver


@pytest.fixture
def payment(sandbox: Sandbox, shop: Receiver) -> str:
    """A paid PaymentIntent's id; its events go to the shop."""
    headers = {"Authorization": "Bearer sk_test_sandbox", "Idempotency-Key": "console-1"}
    api = f"{sandbox.stripe_api}/v1"
    requests.post(
        f"{api}/webhook_endpoints", headers=headers, data={"url": shop.url, "enabled_events[0]": "*"}, timeout=5
    ).raise_for_status()
    form = {
        "amount": "2450",
        "currency": "eur",
        "confirm": "true",
        "payment_method": "pm_card_visa",
        "automatic_payment_methods[enabled]": "true",
        "automatic_payment_methods[allow_redirects]": "never",
        "description": "Keemun <b>100 g</b>",
    }
    headers["Idempotency-Key"] = "console-2"
    answer = requests.post(f"{api}/payment_intents", headers=headers, data=form, timeout=5)
    answer.raise_for_status()
    return str(answer.json()["id"])
