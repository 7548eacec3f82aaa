"""What every part of the sandbox shares, and how it was set up."""

from dataclasses import dataclass, field
from pathlib import Path

from sandbox.agenda import Agenda
from sandbox.clock import Clock
from sandbox.dispatcher import RETRY_SECONDS, Dispatcher
from sandbox.faults import Faults
from sandbox.store import Store

ACCOUNT_ID = "acct_sandbox"


@dataclass(frozen=True)
class Settings:
    """The ports (0 takes any free one), the webhooks to register at the start, and where the state is kept."""

    stripe_port: int = 8001
    paypal_port: int = 8002
    console_port: int = 8003
    smtp_port: int = 8025
    stripe_webhook_urls: tuple[str, ...] = ()
    paypal_webhook_urls: tuple[str, ...] = ()
    stripe_webhook_secret: str = "whsec_sandbox"  # noqa: S105 - a made-up secret for a made-up provider
    paypal_webhook_id: str = "8PT597110X687430LKGECATA"
    state_file: Path | None = None
    retry_seconds: tuple[float, ...] = RETRY_SECONDS  # wall time between delivery attempts

    @property
    def stripe_api(self) -> str:
        """The address servers use for Stripe's API."""
        return f"http://127.0.0.1:{self.stripe_port}"

    @property
    def stripe_origin(self) -> str:
        """The origin browsers use for Stripe's scripts, frames and windows."""
        return f"http://localhost:{self.stripe_port}"

    @property
    def paypal_api(self) -> str:
        """The address servers use for PayPal's API."""
        return f"http://127.0.0.1:{self.paypal_port}"

    @property
    def paypal_origin(self) -> str:
        """The origin browsers use for PayPal's scripts and windows."""
        return f"http://localhost:{self.paypal_port}"

    @property
    def console(self) -> str:
        """The address of the console, the mailbox and the control plane."""
        return f"http://127.0.0.1:{self.console_port}"

    @property
    def console_origin(self) -> str:
        """The console's address by name."""
        return f"http://localhost:{self.console_port}"


@dataclass
class World:
    """The parts, built once by `build_world` and handed to every application; `settings` holds the real ports."""

    clock: Clock
    store: Store
    agenda: Agenda
    dispatcher: Dispatcher
    faults: Faults
    settings: Settings = field(default_factory=Settings)


def build_world(settings: Settings) -> World:
    """Put the parts together; nothing runs yet."""
    store = Store(settings.state_file)
    clock = Clock(store.table("sandbox.clock"))
    dispatcher = Dispatcher(store, clock, settings.retry_seconds)
    faults = Faults()
    clock.on_advance(store.changed)
    store.on_reset(faults.clear)
    store.on_reset(dispatcher.forget)
    return World(clock, store, Agenda(store, clock), dispatcher, faults, settings)
