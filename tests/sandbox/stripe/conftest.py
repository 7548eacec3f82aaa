"""Clients of the sandbox's Stripe, and a receiver for its webhooks."""

from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest
import stripe

from sandbox.running import Sandbox
from tests.sandbox.receiver import Receiver, RunningReceiver
from tests.sandbox.stripe import clients
from tests.sandbox.stripe.clients import CheckedClient
from tests.sandbox.waiting import eventually

RETURN_URL = "http://127.0.0.1:9/return"


@pytest.fixture
def connection(sandbox: Sandbox) -> Iterator[tuple[stripe.StripeClient, CheckedClient]]:
    """A client with a secret key, and its HTTP client."""
    client, http = clients.make(sandbox.stripe_api)
    yield client, http
    http.close()


@pytest.fixture
def server(connection: tuple[stripe.StripeClient, CheckedClient]) -> Any:
    """What a merchant's server calls: the SDK's v1 services with a secret key."""
    return connection[0].v1


@pytest.fixture
def http(connection: tuple[stripe.StripeClient, CheckedClient]) -> CheckedClient:
    """The HTTP client under `server`, which knows statuses and headers."""
    return connection[1]


@pytest.fixture
def public(sandbox: Sandbox) -> Iterator[Any]:
    """What a browser calls: the SDK's v1 services with a publishable key."""
    client, http = clients.make(sandbox.stripe_api, "pk_test_sandbox")
    yield client.v1
    http.close()


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    """A webhook receiver on a free port."""
    with RunningReceiver() as receiver:
        yield receiver


@pytest.fixture
def pay(server: Any) -> Callable[..., Any]:
    """Create and confirm a PaymentIntent over 20.00 euros; options replace or add parameters."""

    def pay(method: str = "pm_card_visa", **options: Any) -> Any:
        amount = {"amount": 2000, "currency": "eur"}
        return server.payment_intents.create(
            {**amount, "payment_method": method, "confirm": True, "return_url": RETURN_URL, **options}
        )

    return pay


@pytest.fixture
def card(public: Any) -> Callable[..., str]:
    """Make a payment method from a raw card number, as a browser does, and return its id."""

    def card(number: str, **details: Any) -> str:
        given = {"number": number, "exp_month": 12, "exp_year": 2034, "cvc": "123", **details}
        return str(public.payment_methods.create({"type": "card", "card": given}).id)

    return card


@pytest.fixture
def iban(public: Any) -> Callable[[str], str]:
    """Make a SEPA payment method and return its id."""

    def iban(number: str) -> str:
        billing = {"name": "Alice Anders", "email": "alice@example.com"}
        given = {"type": "sepa_debit", "sepa_debit": {"iban": number}, "billing_details": billing}
        return str(public.payment_methods.create(given).id)

    return iban


@pytest.fixture
def later(sandbox: Sandbox) -> Callable[[float], None]:
    """Move the clock and wait until everything that is due has been done."""

    def later(seconds: float) -> None:
        world = sandbox.world
        world.clock.advance(timedelta(seconds=seconds))

        def idle() -> bool:
            with world.store.lock:
                planned = world.store.table("sandbox.agenda").values()
                return all(entry["at"] > world.clock.timestamp() for entry in planned)

        eventually(idle)

    return later


@pytest.fixture
def event_types(server: Any) -> Callable[[], list[str]]:
    """Return the types of all events, oldest first."""
    return lambda: [event.type for event in server.events.list({"limit": 100}).data][::-1]
