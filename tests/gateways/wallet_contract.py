"""What every wallet must do, said once. Each provider's test module brings its `backend` fixture."""

from __future__ import annotations

import secrets
from abc import ABC, abstractmethod
from datetime import UTC, datetime, timedelta

import pytest

from shop.errors import KeyReused, ObjectMissing, OutcomeUnknown
from shop.gateways.wallets import NewCustomer, SetupState, Wallet
from tests.gateways.cast import a_key


class WalletBackend(ABC):
    """A wallet under test, and the customer's browser at the other end."""

    wallet: Wallet

    @abstractmethod
    def save(self, customer: str) -> str:
        """Let a customer save a card with the box ticked; return its id."""

    @abstractmethod
    def confirm(self, setup: str, client_secret: str, *, good: bool) -> None:
        """Let the customer's browser confirm a saving with a card that its bank accepts, or declines."""

    @abstractmethod
    def lose_next_answer(self) -> None:
        """Let the provider make the next customer and lose its answer."""

    def email_of(self, customer: str) -> str:
        """Return the mail address that the provider has of a customer."""
        raise NotImplementedError

    def customer(self) -> str:
        """Return a new customer."""
        return self.wallet.create_customer(alice(), a_key())


def alice() -> NewCustomer:
    """Return Alice with a reference that was never used before."""
    return NewCustomer(secrets.token_hex(8), "alice@example.com")


class WalletContract:
    """The tests."""

    def test_a_repeat_with_the_same_key_makes_one_customer(self, backend: WalletBackend) -> None:
        who, key = alice(), a_key()

        assert backend.wallet.create_customer(who, key) == backend.wallet.create_customer(who, key)

    def test_a_key_is_not_used_for_somebody_else(self, backend: WalletBackend) -> None:
        key = a_key()
        backend.wallet.create_customer(alice(), key)

        with pytest.raises(KeyReused):
            backend.wallet.create_customer(alice(), key)

    def test_a_customer_whose_answer_was_lost_is_found_by_our_reference(self, backend: WalletBackend) -> None:
        who, before = alice(), datetime.now(UTC) - timedelta(minutes=5)
        backend.customer()
        backend.lose_next_answer()

        with pytest.raises(OutcomeUnknown):
            backend.wallet.create_customer(who, a_key())

        assert backend.wallet.find_customer(who.reference, before)
        assert backend.wallet.find_customer("nobody", before) is None

    def test_a_saved_card_is_told_by_what_it_looks_like(self, backend: WalletBackend) -> None:
        customer = backend.customer()
        backend.save(backend.customer())

        saved = backend.save(customer)

        (card,) = backend.wallet.fetch(customer).methods
        assert (card.external_id, card.kind, card.brand, card.last4) == (saved, "card", "visa", "4242")
        assert card.exp_month is not None
        assert card.exp_year is not None
        assert card.exp_year > 2000
        assert card.is_offered

    def test_the_newest_card_stands_first(self, backend: WalletBackend) -> None:
        customer = backend.customer()
        saved = [backend.save(customer), backend.save(customer)]

        assert [card.external_id for card in backend.wallet.fetch(customer).methods] == saved[::-1]

    def test_a_card_is_made_the_default_and_is_it_no_more_once_detached(self, backend: WalletBackend) -> None:
        customer = backend.customer()
        card = backend.save(customer)

        backend.wallet.make_default(customer, card)
        chosen = backend.wallet.fetch(customer).default
        backend.wallet.detach(card)
        backend.wallet.detach(card)

        assert chosen == card
        assert backend.wallet.fetch(customer).methods == ()
        assert backend.wallet.fetch(customer).default is None

    def test_another_customers_card_does_not_become_the_default(self, backend: WalletBackend) -> None:
        customer, bobs = backend.customer(), backend.save(backend.customer())

        with pytest.raises(ObjectMissing):
            backend.wallet.make_default(customer, bobs)

    def test_a_mail_address_can_be_changed_and_not_that_of_somebody_who_is_gone(self, backend: WalletBackend) -> None:
        customer, gone = backend.customer(), backend.customer()
        backend.wallet.delete_customer(gone)

        for _ in range(2):
            backend.wallet.set_email(customer, "alice@new.example")

        assert backend.email_of(customer) == "alice@new.example"
        with pytest.raises(ObjectMissing):
            backend.wallet.set_email(gone, "alice@new.example")

    def test_a_deleted_customer_is_gone_and_may_be_deleted_again(self, backend: WalletBackend) -> None:
        customer = backend.customer()

        backend.wallet.delete_customer(customer)
        backend.wallet.delete_customer(customer)

        with pytest.raises(ObjectMissing):
            backend.wallet.fetch(customer)
        with pytest.raises(ObjectMissing):
            backend.wallet.open_session(customer)

    def test_a_session_has_a_secret_of_its_own(self, backend: WalletBackend) -> None:
        assert "_secret_" in backend.wallet.open_session(backend.customer())

    def test_a_card_that_is_set_up_is_offered_only_once_its_owner_agreed(self, backend: WalletBackend) -> None:
        customer = backend.customer()
        begun = backend.wallet.start_setup(customer, "setup-1", a_key())
        backend.confirm(begun.snapshot.external_id, begun.client_secret, good=True)

        done = backend.wallet.fetch_setup(begun.snapshot.external_id).snapshot
        before = backend.wallet.fetch(customer).methods[0]
        backend.wallet.offer(done.method or "")

        assert begun.snapshot.state is SetupState.CREATED
        assert (done.state, done.customer) == (SetupState.SUCCEEDED, customer)
        assert not before.is_offered
        assert backend.wallet.fetch(customer).methods[0].is_offered

    def test_a_declined_setup_says_why_and_can_be_tried_again(self, backend: WalletBackend) -> None:
        customer = backend.customer()
        begun = backend.wallet.start_setup(customer, "setup-1", a_key())

        attempts = []
        for _ in range(2):
            backend.confirm(begun.snapshot.external_id, begun.client_secret, good=False)
            refused = backend.wallet.fetch_setup(begun.snapshot.external_id).snapshot
            attempts.append(refused.attempt)
        backend.confirm(begun.snapshot.external_id, begun.client_secret, good=True)

        assert refused.state is SetupState.CREATED
        assert refused.decline is not None
        assert len(set(attempts)) == 2
        assert "" not in attempts
        assert backend.wallet.fetch_setup(begun.snapshot.external_id).snapshot.state is SetupState.SUCCEEDED

    def test_a_setup_that_has_ended_is_cancelled_without_complaint(self, backend: WalletBackend) -> None:
        begun = backend.wallet.start_setup(backend.customer(), "setup-1", a_key(), challenge=True)

        backend.wallet.cancel_setup(begun.snapshot.external_id)
        backend.wallet.cancel_setup(begun.snapshot.external_id)

        assert backend.wallet.fetch_setup(begun.snapshot.external_id).snapshot.state is SetupState.CANCELLED
