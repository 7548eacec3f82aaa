"""A wallet in memory: customers, saved cards, and savings whose outcome a test scripts."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime

from shop.errors import KeyReused, ObjectMissing, ShopError
from shop.gateways.base import BACKGROUND, Decline, Mode, Patience, Provider
from shop.gateways.wallets import (
    NewCustomer,
    SavedMethodSnapshot,
    SetupSnapshot,
    SetupState,
    StartedSetup,
    WalletSnapshot,
)


@dataclass
class Keeping:
    """What is kept for one customer; the newest method stands first."""

    reference: str
    email: str
    created: datetime
    default: str | None = None
    methods: list[SavedMethodSnapshot] = field(default_factory=list)


class FakeWallet:
    """Implements `shop.gateways.wallets.Wallet`. `challenged` lists the savings whose bank was told to ask."""

    def __init__(self, provider: Provider = Provider.STRIPE, mode: Mode = Mode.TEST) -> None:
        self.provider = provider
        self.mode = mode
        self.customers: dict[str, Keeping] = {}
        self.setups: dict[str, SetupSnapshot] = {}
        self.challenged: list[str] = []
        self._keys: dict[str, tuple[object, str]] = {}
        self._failures: list[tuple[str, ShopError, bool]] = []
        self._counts: Counter[str] = Counter()
        self._lock = threading.RLock()

    # What the shop calls.

    def create_customer(self, customer: NewCustomer, key: str, patience: Patience = BACKGROUND) -> str:
        """Make a customer."""

        def make() -> str:
            made = self._new_id("cus")
            self.customers[made] = Keeping(customer.reference, customer.email, datetime.now(UTC))
            return made

        with self._scripted("create_customer"):
            return self._once(key, customer, make)

    def find_customer(self, reference: str, since: datetime) -> str | None:
        """Look a customer up by our reference."""
        with self._scripted("find_customer"):
            found = (name for name, kept in self.customers.items() if kept.reference == reference)
            return next((name for name in found if self.customers[name].created >= since), None)

    def set_email(self, customer: str, email: str, patience: Patience = BACKGROUND) -> None:
        """Note a customer's new mail address."""
        with self._scripted("set_email"):
            self._kept(customer).email = email

    def delete_customer(self, customer: str, patience: Patience = BACKGROUND) -> None:
        """Forget a customer."""
        with self._scripted("delete_customer"):
            self.customers.pop(customer, None)

    def fetch(self, customer: str, patience: Patience = BACKGROUND) -> WalletSnapshot:
        """Return what is kept now."""
        with self._scripted("fetch"):
            kept = self._kept(customer)
            return WalletSnapshot(customer, kept.default, tuple(kept.methods))

    def open_session(self, customer: str, patience: Patience = BACKGROUND) -> str:
        """Return a secret that is of no use."""
        with self._scripted("open_session"):
            self._kept(customer)
            return f"cuss_secret_{customer}"

    def start_setup(
        self, customer: str, reference: str, key: str, *, challenge: bool = False, patience: Patience = BACKGROUND
    ) -> StartedSetup:
        """Begin to save a card."""

        def make() -> str:
            made = self._new_id("seti")
            self.setups[made] = SetupSnapshot(made, customer, SetupState.CREATED)
            if challenge:
                self.challenged.append(made)
            return made

        with self._scripted("start_setup"):
            self._kept(customer)
            return self._started(self._once(key, (customer, reference, challenge), make))

    def fetch_setup(self, external_id: str, patience: Patience = BACKGROUND) -> StartedSetup:
        """Return how far a saving is."""
        with self._scripted("fetch_setup"):
            return self._started(external_id)

    def cancel_setup(self, external_id: str, patience: Patience = BACKGROUND) -> None:
        """End a saving that has not ended."""
        with self._scripted("cancel_setup"):
            if self.setups[external_id].state is not SetupState.SUCCEEDED:
                self._change_setup(external_id, state=SetupState.CANCELLED)

    def offer(self, method: str, patience: Patience = BACKGROUND) -> None:
        """Let a method be offered."""
        with self._scripted("offer"):
            kept = self._kept(self._owner(method))
            kept.methods = [replace(m, is_offered=True) if m.external_id == method else m for m in kept.methods]

    def make_default(self, customer: str, method: str, patience: Patience = BACKGROUND) -> None:
        """Choose a method beforehand."""
        with self._scripted("make_default"):
            if self._owner(method) != customer:
                raise ObjectMissing(f"{customer} has no {method}")
            self._kept(customer).default = method

    def detach(self, method: str, patience: Patience = BACKGROUND) -> None:
        """Take a method away."""
        with self._scripted("detach"):
            for kept in self.customers.values():
                kept.methods = [each for each in kept.methods if each.external_id != method]
                kept.default = None if kept.default == method else kept.default

    # What a test makes happen.

    def save(
        self,
        customer: str,
        last4: str = "4242",
        *,
        brand: str = "visa",
        expires: tuple[int, int] = (12, 2034),
        is_offered: bool = True,
    ) -> str:
        """Let the customer save a card, as the pay page does when they tick the box."""
        with self._lock:
            made = self._new_id("pm")
            card = SavedMethodSnapshot(made, "card", brand, last4, *expires, is_offered)
            self._kept(customer).methods.insert(0, card)
            return made

    def finish_setup(self, external_id: str, last4: str = "4242") -> None:
        """Let the customer's bank agree to the saving."""
        with self._lock:
            method = self.save(self.setups[external_id].customer, last4, is_offered=False)
            self._change_setup(external_id, state=SetupState.SUCCEEDED, method=method, decline=None)

    def refuse_setup(self, external_id: str, code: str = "insufficient_funds") -> None:
        """Let the customer's bank refuse."""
        with self._lock:
            no = Decline(code, "The bank said no.", "other_method", hard=False)
            self._change_setup(external_id, state=SetupState.CREATED, decline=no, attempt=self._new_id("setatt"))

    def fail_next(self, error: ShopError, *, verb: str, after_doing: bool = False) -> None:
        """Let the next call of a verb raise: before its work, or after it, as when the answer is lost."""
        self._failures.append((verb, error, after_doing))

    # How it works.

    @contextmanager
    def _scripted(self, verb: str) -> Iterator[None]:
        """Do one call under the lock, with the failure a test has scripted: before its work, or after it."""
        with self._lock:
            found = next((failure for failure in self._failures if failure[0] == verb), None)
            if found is not None:
                self._failures.remove(found)
            if found is not None and not found[2]:
                raise found[1]
            yield
            if found is not None:
                raise found[1]

    def _once(self, key: str, parameters: object, work: Callable[[], str]) -> str:
        known = self._keys.get(key)
        if known is None:
            known = self._keys[key] = (parameters, work())
        if known[0] != parameters:
            raise KeyReused(f"key {key} was used with other parameters")
        return known[1]

    def _started(self, external_id: str) -> StartedSetup:
        if external_id not in self.setups:
            raise ObjectMissing(f"no setup {external_id}")
        return StartedSetup(self.setups[external_id], f"{external_id}_secret_fake")

    def _change_setup(self, external_id: str, **changes: object) -> None:
        self.setups[external_id] = replace(self.setups[external_id], **changes)  # type: ignore[arg-type]  # any field

    def _kept(self, customer: str) -> Keeping:
        if customer not in self.customers:
            raise ObjectMissing(f"no customer {customer}")
        return self.customers[customer]

    def _owner(self, method: str) -> str:
        for customer, kept in self.customers.items():
            if any(each.external_id == method for each in kept.methods):
                return customer
        raise ObjectMissing(f"no method {method}")

    def _new_id(self, prefix: str) -> str:
        self._counts[prefix] += 1
        return f"{prefix}_{self.provider}_{self._counts[prefix]}"
