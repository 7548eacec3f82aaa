"""The fake wallet keeps the contract."""

from __future__ import annotations

import pytest

from shop.errors import OutcomeUnknown
from shop.gateways.fake import FakeWallet
from tests.gateways.wallet_contract import WalletBackend, WalletContract


class FakeBackend(WalletBackend):
    """The fake's own scripting does what a sandbox does for the other."""

    wallet: FakeWallet

    def __init__(self) -> None:
        self.wallet = FakeWallet()

    def save(self, customer: str) -> str:
        return self.wallet.save(customer)

    def confirm(self, setup: str, client_secret: str, *, good: bool) -> None:
        if good:
            self.wallet.finish_setup(setup)
        else:
            self.wallet.refuse_setup(setup)

    def email_of(self, customer: str) -> str:
        return self.wallet.customers[customer].email

    def lose_next_answer(self) -> None:
        self.wallet.fail_next(OutcomeUnknown("lost"), verb="create_customer", after_doing=True)


class TestFakeWallet(WalletContract):
    """The contract, in memory."""

    @pytest.fixture
    def backend(self) -> FakeBackend:
        """A fresh fake."""
        return FakeBackend()
