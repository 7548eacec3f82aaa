"""The whole sandbox as one object that starts and stops."""

from dataclasses import replace
from types import TracebackType

from sandbox import console, paypal, stripe
from sandbox.mailbox import smtp
from sandbox.server import LoopbackServer
from sandbox.world import Settings, build_world


class Sandbox:
    """Runs the three HTTP servers, the SMTP server, the agenda and the dispatcher.

    Use it as a context manager; `world` and the addresses are known as soon as it has started. Raises OSError when a
    port is taken.
    """

    def __init__(self, settings: Settings | None = None) -> None:
        self.world = build_world(settings or Settings())
        self._servers: list[LoopbackServer] = []
        self._smtp: smtp.SmtpServer | None = None

    @property
    def settings(self) -> Settings:
        """The settings with the real ports."""
        return self.world.settings

    @property
    def stripe_api(self) -> str:
        """Stripe's API for servers."""
        return self.settings.stripe_api

    @property
    def stripe_origin(self) -> str:
        """Stripe's origin for browsers."""
        return self.settings.stripe_origin

    @property
    def paypal_api(self) -> str:
        """PayPal's API for servers."""
        return self.settings.paypal_api

    @property
    def paypal_origin(self) -> str:
        """PayPal's origin for browsers."""
        return self.settings.paypal_origin

    @property
    def console(self) -> str:
        """The console, the mailbox and the control plane."""
        return self.settings.console

    def start(self) -> "Sandbox":
        """Take the ports, build the applications on the real addresses, and serve."""
        world = self.world
        wanted = (world.settings.stripe_port, world.settings.paypal_port, world.settings.console_port)
        try:
            for port in wanted:
                self._servers.append(LoopbackServer(port, world.clock))
            stripe_server, paypal_server, console_server = self._servers
            world.settings = replace(
                world.settings,
                stripe_port=stripe_server.port,
                paypal_port=paypal_server.port,
                console_port=console_server.port,
            )
            self._smtp = smtp.start(world)
            world.settings = replace(world.settings, smtp_port=self._smtp.port)
            stripe_server.start(world.faults.wrap("stripe", stripe.create_app(world)))
            paypal_server.start(world.faults.wrap("paypal", paypal.create_app(world)))
            console_server.start(console.create_app(world))
            world.store.start()
            world.agenda.start()
            world.dispatcher.start()
        except BaseException:
            self.stop()
            raise
        return self

    def stop(self) -> None:
        """End everything and write the state file; a second call does nothing."""
        for server in self._servers:
            server.stop()
        self._servers = []
        if self._smtp is not None:
            self._smtp.stop()
            self._smtp = None
        self.world.agenda.stop()
        self.world.dispatcher.stop()
        self.world.store.stop()

    def reset(self) -> None:
        """Forget every object, event, mail, fault and clock step, as the control plane's reset does."""
        self.world.store.reset()

    def __enter__(self) -> "Sandbox":
        return self.start()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()
