"""What a test moves: the time, and what happens while a provider is at work."""

from collections.abc import Callable
from datetime import datetime, timedelta

from shop.clock import Clock
from shop.gateways.base import BACKGROUND, Patience, PaymentSnapshot, Started, StartPayment
from shop.gateways.fake import FakeGateway
from shop.money import Money


class MovableClock(Clock):
    """The shop's clock, which a test can move on."""

    def __init__(self) -> None:
        super().__init__()
        self._ahead = timedelta(0)

    def now(self) -> datetime:
        """Return wall time and what was added to it."""
        return super().now() + self._ahead

    def advance(self, **by: float) -> None:
        """Move on by days, hours, seconds ..."""
        self._ahead += timedelta(**by)


class Interruptible(FakeGateway):
    """A fake provider that lets something happen, once: before it starts a payment, or after it has taken money."""

    meanwhile: Callable[[], object] | None = None
    afterwards: Callable[[], object] | None = None

    def start(self, request: StartPayment, key: str, patience: Patience = BACKGROUND) -> Started:
        """Let it happen, then make the payment."""
        happens, self.meanwhile = self.meanwhile, None
        if happens is not None:
            happens()
        return super().start(request, key, patience)

    def capture(
        self, external_id: str, key: str, amount: Money | None = None, patience: Patience = BACKGROUND
    ) -> PaymentSnapshot:
        """Take the money, then let it happen; the shop has not heard of the money yet."""
        taken = super().capture(external_id, key, amount, patience)
        happens, self.afterwards = self.afterwards, None
        if happens is not None:
            happens()
        return taken
