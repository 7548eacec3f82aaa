"""The fake gateway keeps the contract, as both of its providers."""

from __future__ import annotations

import pytest

from shop.errors import OutcomeUnknown, ProviderUnavailable, WrongCredentials
from shop.gateways.base import ApiCall, PaymentGateway, Provider
from shop.gateways.fake import FakeGateway
from tests.gateways.backend import PendingBackend
from tests.gateways.contract import GatewayContract, PendingCaptureContract


class FakeBackend(PendingBackend):
    """The fake's own scripting does what a sandbox does for the others."""

    gateway: FakeGateway

    def __init__(self, provider: Provider) -> None:
        self.calls: list[ApiCall] = []
        self.gateway = FakeGateway(provider, recorder=self.calls.append)
        self.gateway.books_fees = False
        self.can_find = provider is Provider.STRIPE
        self.hears_the_way_back = self.waits_for_capture = provider is Provider.PAYPAL
        self._begun: list[str] = []

    def begin(self, request=None) -> str:  # type: ignore[no-untyped-def]
        """Remember what was begun, so that its fee can be booked."""
        self._begun.append(super().begin(request))
        return self._begun[-1]

    def pay(self, external_id: str) -> None:
        self.gateway.approve(external_id)

    def refuse(self, external_id: str) -> None:
        self.gateway.decline(external_id)

    def book_fees(self) -> None:
        for external_id in self._begun:
            self.gateway.book_fee(external_id)

    def lapse(self, external_id: str) -> None:
        self.gateway.lapse(external_id)

    def pay_slowly(self, external_id: str, *, succeeds: bool) -> None:
        self.gateway.approve_slowly(external_id, succeeds=succeeds)

    def wait_for_the_bank(self, external_id: str) -> None:
        self.gateway.settle_capture(external_id)

    def executed(self, key: str) -> int:
        return self.gateway.executed[key]

    def lose_next_answer(self, verb: str) -> None:
        self.gateway.fail_next(OutcomeUnknown("the answer was lost"), after_doing=True, verb=verb)

    def go_down(self) -> None:
        self.gateway.fail_next(OutcomeUnknown("503"))

    def slow_down(self, seconds: float) -> None:
        self.gateway.fail_next(OutcomeUnknown(f"no answer in {seconds} seconds"))

    def with_wrong_keys(self) -> PaymentGateway:
        self.gateway.fail_next(WrongCredentials("unknown key"))
        return self.gateway

    def unreachable(self) -> PaymentGateway:
        self.gateway.fail_next(ProviderUnavailable("refused"))
        return self.gateway


class TestFakeGateway(PendingCaptureContract, GatewayContract):
    """The contract, in memory."""

    @pytest.fixture(params=list(Provider))
    def backend(self, request: pytest.FixtureRequest) -> FakeBackend:
        """A fresh fake, as each provider."""
        return FakeBackend(request.param)
