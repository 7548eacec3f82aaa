"""A gateway under test and the other end of it: what each provider's module of tests brings to the contract."""

from __future__ import annotations

from abc import ABC, abstractmethod

from shop.gateways.base import ApiCall, PaymentGateway, PaymentSnapshot, StartPayment
from tests.gateways.cast import a_key, alices_order

CARD = "4242424242424242"


class Backend(ABC):
    """A gateway under test, the customer at the other end, and what can go wrong in between."""

    gateway: PaymentGateway
    calls: list[ApiCall]
    can_find = True
    hears_the_way_back = False  # where the customer comes back to is told when a payment starts
    waits_for_capture = False  # the money waits for our capture though it is not to be taken later
    secrets: tuple[str, ...] = ()  # what must never stand in a recorded call

    @abstractmethod
    def pay(self, external_id: str) -> None:
        """Let the customer pay with something that works."""

    @abstractmethod
    def refuse(self, external_id: str) -> None:
        """Let the customer try something that is declined."""

    @abstractmethod
    def book_fees(self) -> None:
        """Let the time pass after which fees are known."""

    @abstractmethod
    def lapse(self, external_id: str) -> None:
        """Let the time pass until which an authorization holds."""

    @abstractmethod
    def executed(self, key: str) -> int:
        """Return how often the provider did the work of a key."""

    @abstractmethod
    def lose_next_answer(self, verb: str) -> None:
        """Let the provider do the next "start", "capture" or "refund" and lose its answer."""

    @abstractmethod
    def go_down(self) -> None:
        """Let the provider answer the next call with a 503, or as if."""

    @abstractmethod
    def slow_down(self, seconds: float) -> None:
        """Let the provider take that long over the next call."""

    @abstractmethod
    def with_wrong_keys(self) -> PaymentGateway:
        """Return a gateway whose keys nobody knows."""

    @abstractmethod
    def unreachable(self) -> PaymentGateway:
        """Return a gateway at an address where nobody listens."""

    def begin(self, request: StartPayment | None = None) -> str:
        """Start a payment and return its external id."""
        return self.gateway.start(request or alices_order(), a_key()).snapshot.external_id

    def finish(self, external_id: str) -> PaymentSnapshot:
        """Do what the return page does: fetch, and capture where the provider waits for it."""
        snapshot = self.gateway.fetch(external_id)
        return self.gateway.capture(external_id, a_key()) if snapshot.needs_capture else snapshot

    def captured(self, request: StartPayment | None = None) -> PaymentSnapshot:
        """Return a payment that a customer has paid."""
        external_id = self.begin(request)
        self.pay(external_id)
        return self.finish(external_id)


class PendingBackend(Backend):
    """A backend whose provider may take days over the capture of an authorization, as PayPal's banks do."""

    @abstractmethod
    def pay_slowly(self, external_id: str, *, succeeds: bool) -> None:
        """Let the customer pay from an account whose money comes days after its capture, or does not."""

    @abstractmethod
    def wait_for_the_bank(self, external_id: str) -> None:
        """Let those days pass."""
