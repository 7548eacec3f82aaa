"""A shop that is stopped and started again with other secrets, while its database, providers and visitors stay."""

from shop import connect, recorder
from tests.shop_app import PAYPAL, STRIPE, Shop
from tests.views.visitor import Visitor

FAKES = ("gateways", "wallets", "histories", "breakers")


class Running:
    """`start` is a deployment: from then on every browser speaks to the process that was started last."""

    def __init__(self, database_url: str) -> None:
        self._url = database_url
        self._shops: list[Shop] = []
        self._browsers: list[Visitor] = []

    @property
    def shop(self) -> Shop:
        """The shop as it was started last."""
        return self._shops[-1]

    def start(self, **environment: str) -> Shop:
        """Start it with these secrets; the first start makes the database."""
        started = Shop(self._url, empty=not self._shops, **environment)
        if self._shops:
            before = self.shop
            started.clock, started.stripe, started.paypal = before.clock, before.stripe, before.paypal
            started.events, started.bobs = before.events, before.bobs
            started.change_context(
                clock=before.clock, **{name: getattr(before.context, name) for name in FAKES}
            )
            before.close()
        self._shops.append(started)
        for browser in self._browsers:
            browser.client.application = started.app
        return started

    def browser(self) -> Visitor:
        """Return a new visitor, who keeps their cookies over every start to come."""
        self._browsers.append(Visitor(self.shop.app))
        return self._browsers[-1]

    def believe_genuine_webhooks(self) -> None:
        """Read webhooks as the shop itself does with its settings, and not as the fakes do."""
        context = self.shop.context
        doors = connect(context.settings, recorder(self.shop.app, context.clock))
        self.shop.change_context(readers=doors.readers)

    def speak_to_the_providers(self) -> None:
        """Speak to the providers that the settings name, in place of the fakes."""
        context = self.shop.context
        doors = connect(context.settings, recorder(self.shop.app, context.clock))
        self.shop.change_context(gateways={one: doors.gateways[one] for one in (STRIPE, PAYPAL)}, wallets=doors.wallets)

    def close(self) -> None:
        """Close the connections of every process that there was."""
        for shop in self._shops:
            shop.close()
