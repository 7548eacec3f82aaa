"""A payment provider in memory, with every state the real ones have and outcomes that a test scripts."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import TypeVar

from shop.errors import CustomerMissing, KeyReused, ObjectMissing, ProviderRejected, ShopError
from shop.gateways.base import (
    BACKGROUND,
    ApiCall,
    AttemptState,
    Decline,
    Mode,
    Patience,
    PaymentSnapshot,
    PaymentState,
    Provider,
    Recorder,
    RefundSnapshot,
    RefundState,
    Started,
    StartPayment,
    StartRefund,
)
from shop.gateways.fake.books import Book, given_back
from shop.money import Money

T = TypeVar("T")
HONOURED_FOR = {Provider.STRIPE: timedelta(days=7), Provider.PAYPAL: timedelta(days=29)}
OPEN = (PaymentState.CREATED, PaymentState.REQUIRES_ACTION)


@dataclass(frozen=True)
class Failure:
    """An error that a coming call of `verb` ("" is any) raises: before its work, or after it, as a lost answer does."""

    error: ShopError
    after_doing: bool
    verb: str


class FakeGateway:
    """Implements `shop.gateways.base.PaymentGateway`.

    As PayPal it waits for our `capture` after the customer has approved; as Stripe it takes the money by
    itself unless capture comes later. Ids count up from 1. `executed` counts the work really done per key.
    `books_fees` set to False makes fees, and what is booked of refunds, come late, with `book_fee`.
    """

    def __init__(
        self, provider: Provider = Provider.STRIPE, mode: Mode = Mode.TEST, recorder: Recorder | None = None
    ) -> None:
        self.provider = provider
        self.mode = mode
        self.books_fees = True
        self.refunds_are_pending = False
        self.deleted_customers: set[str] = set()
        self.executed: Counter[str] = Counter()
        self._recorder = recorder
        self._books: dict[str, Book] = {}
        self._keys: dict[str, tuple[str, object, str]] = {}  # key -> verb, parameters, id of what it made
        self._failures: list[Failure] = []
        self._counts: Counter[str] = Counter()
        self._lock = threading.RLock()

    # What the shop calls.

    def start(self, request: StartPayment, key: str, patience: Patience = BACKGROUND) -> Started:
        """Make a payment that waits for the customer. Only PayPal is told where they come back to."""

        def make() -> str:
            if request.customer in self.deleted_customers:
                raise CustomerMissing(f"no customer {request.customer}")
            book = Book(self._new_id("pay"), request, datetime.now(UTC))
            self._books[book.external_id] = book
            return book.external_id

        told = request if self.provider is Provider.PAYPAL else replace(request, return_url="", cancel_url="")
        return self._call("start", key, lambda: self._started(self._once("start", key, told, make)))

    def reopen(self, external_id: str, patience: Patience = BACKGROUND) -> Started:
        """Return a payment with what the browser needs."""
        return self._call("reopen", "", lambda: self._started(external_id))

    def fetch(self, external_id: str, patience: Patience = BACKGROUND) -> PaymentSnapshot:
        """Return a payment as it is now."""
        return self._call("fetch", "", lambda: self._snapshot(external_id))

    def find(self, reference: str, since: datetime) -> PaymentSnapshot | None:
        """Look a payment up by our reference; as PayPal, which cannot, always None."""
        if self.provider is Provider.PAYPAL:
            return None

        def look() -> PaymentSnapshot | None:
            made = [book for book in self._books.values() if book.request.reference == reference]
            return next((self._snapshot(book.external_id) for book in made if book.created >= since), None)

        return self._call("find", "", look)

    def capture(
        self, external_id: str, key: str, amount: Money | None = None, patience: Patience = BACKGROUND
    ) -> PaymentSnapshot:
        """Take what was approved or authorized; in any other state the answer is that state."""

        def act() -> str:
            book = self._book(external_id)
            if book.state is PaymentState.AUTHORIZED:
                book.capture(self._new_id("cap"), amount or book.request.amount, self.books_fees)
            elif book.approved:
                self._finish_approval(book)
            return external_id

        def ask() -> PaymentSnapshot:
            book = self._book(external_id)
            if book.approved and book.refusal is not None:
                return self._refused(book, key)
            return self._snapshot(self._once("capture", key, (external_id, amount), act))

        return self._call("capture", key, ask)

    def cancel(self, external_id: str, key: str, patience: Patience = BACKGROUND) -> PaymentSnapshot:
        """Cancel a payment that has not taken money; one that has is answered as it is."""

        def act() -> str:
            book = self._book(external_id)
            if book.state in (*OPEN, PaymentState.AUTHORIZED):
                book.state, book.approved = PaymentState.CANCELLED, False
            return external_id

        return self._call("cancel", key, lambda: self._snapshot(self._once("cancel", key, external_id, act)))

    def refund(self, request: StartRefund, key: str, patience: Patience = BACKGROUND) -> RefundSnapshot:
        """Give money back; more than is left comes back as FAILED."""

        def act() -> str:
            book = self._book(request.payment_external_id)
            made = self._new_refund(book, request)
            book.refunds.append(made)
            return made.external_id

        return self._call("refund", key, lambda: self._refund(self._once("refund", key, request, act)))

    def fetch_refund(self, external_id: str, patience: Patience = BACKGROUND) -> RefundSnapshot:
        """Return a refund as it is now."""
        return self._call("fetch_refund", "", lambda: self._refund(external_id))

    # What a test makes happen.

    def approve(self, external_id: str) -> None:
        """Let the customer pay; as PayPal the money then waits for `capture`."""
        with self._lock:
            book = self._open(external_id)
            book.refusal, book.approved = None, True
            if self.provider is Provider.PAYPAL:
                book.state = PaymentState.REQUIRES_ACTION
            else:
                self._finish_approval(book)

    def approve_slowly(self, external_id: str, *, succeeds: bool) -> None:
        """Let the customer pay so that a capture of what is set aside takes days, until `settle_capture`."""
        with self._lock:
            self._open(external_id).slow = succeeds
            self.approve(external_id)

    def settle_capture(self, external_id: str) -> None:
        """Let a capture end that takes days."""
        with self._lock:
            self._book(external_id).settle_capture(self.books_fees)

    def decline(
        self,
        external_id: str,
        code: str = "insufficient_funds",
        hard: bool = False,
        advice: str = "other_method",
        *,
        for_good: bool = False,
    ) -> None:
        """Let the customer try and be refused: at once, or as PayPal when the money is taken; there also `for_good`."""
        with self._lock:
            book = self._open(external_id)
            book.refused_for_good = for_good
            book.refusal, book.approved = Decline(code, "The bank said no.", advice, hard), True
            if self.provider is Provider.PAYPAL:
                book.state = PaymentState.REQUIRES_ACTION
            else:
                self._finish_approval(book)

    def require_action(self, external_id: str) -> None:
        """Let the bank ask the customer to authenticate."""
        with self._lock:
            self._open(external_id).state = PaymentState.REQUIRES_ACTION

    def process(self, external_id: str) -> None:
        """Let the money be on its way, as a bank debit is for days."""
        with self._lock:
            book = self._open(external_id)
            book.attempt(self._new_id("try"), AttemptState.PENDING)
            book.state, book.approved = PaymentState.PROCESSING, False

    def settle(self, external_id: str, *, succeeded: bool) -> None:
        """Let a payment that is processing end."""
        with self._lock:
            book = self._book(external_id)
            last = book.attempts.pop()
            if succeeded:
                book.attempt(last.external_id, AttemptState.SUCCEEDED)
                book.take(self._new_id("cap"), book.request.amount, self.books_fees)
            else:
                refusal = Decline("debit_not_authorized", "The bank sent the debit back.", "other_method", hard=False)
                book.attempt(last.external_id, AttemptState.DECLINED, refusal)
                book.state = PaymentState.CREATED

    def lapse(self, external_id: str) -> None:
        """Let an authorization run out: the provider gives the customer's money free, and says so when asked."""
        with self._lock:
            book = self._book(external_id)
            if book.state is PaymentState.AUTHORIZED:
                book.state = PaymentState.CANCELLED

    def take_late(self, external_id: str) -> None:
        """Let the money come although the payment was called back, as when both crossed on their way."""
        with self._lock:
            book = self._book(external_id)
            book.attempt(self._new_id("try"), AttemptState.SUCCEEDED)
            book.take(self._new_id("cap"), book.request.amount, self.books_fees)

    def reserve_late(self, external_id: str) -> None:
        """Let the money be set aside although the payment was called back, as PayPal's authorize that was under way."""
        with self._lock:
            self._set_aside(self._book(external_id))

    def books(self) -> list[Book]:
        """Return every payment there is, the oldest first."""
        with self._lock:
            return list(self._books.values())

    def book_fee(self, external_id: str) -> None:
        """Let it become known what was booked of a payment and its refunds."""
        with self._lock:
            self._book(external_id).book_fee()

    def finish_refund(self, external_id: str, state: RefundState, failure: str = "") -> None:
        """Let a refund end, or be taken back days later."""
        with self._lock:
            for book in self._books.values():
                book.refunds = [
                    replace(made, state=state, failure=failure) if made.external_id == external_id else made
                    for made in book.refunds
                ]

    def fail_next(self, error: ShopError, *, after_doing: bool = False, verb: str = "") -> None:
        """Let the next call (of `verb`) raise: before its work, or after it, as when the answer is lost."""
        with self._lock:
            self._failures.append(Failure(error, after_doing, verb))

    # How it works.

    def _call(self, verb: str, key: str, work: Callable[[], T]) -> T:
        """Do one call under the lock, with the failure a test has scripted, and record it."""
        error = ""
        try:
            with self._lock:
                failure = self._scripted(verb)
                if failure is not None and not failure.after_doing:
                    raise failure.error
                answer = work()
                if failure is not None:
                    raise failure.error
                return answer
        except ShopError as exc:
            error = str(exc) or type(exc).__name__
            raise
        finally:
            self._record(verb, key, error)

    def _record(self, verb: str, key: str, error: str) -> None:
        if self._recorder is not None:
            status = 0 if error else 200
            self._recorder(ApiCall(self.provider, "POST", f"/{verb}", key, "", status, 0.0, "", "", error))

    def _scripted(self, verb: str) -> Failure | None:
        found = next((failure for failure in self._failures if failure.verb in ("", verb)), None)
        if found is not None:
            self._failures.remove(found)
        return found

    def _once(self, verb: str, key: str, parameters: object, work: Callable[[], str]) -> str:
        """Do the work once per key and return the id of what it made; raise KeyReused for other parameters."""
        known = self._keys.get(key)
        if known is not None:
            if known[:2] != (verb, parameters):
                raise KeyReused(f"key {key} was used with other parameters")
            return known[2]
        made = work()
        self.executed[key] += 1
        self._keys[key] = (verb, parameters, made)
        return made

    def _finish_approval(self, book: Book) -> None:
        """Ask the bank, which has made up its mind in `refusal`."""
        if book.refusal is not None:
            self._decline(book)
            return
        book.approved = False
        if book.request.capture_later:
            self._set_aside(book)
        else:
            book.attempt(self._new_id("try"), AttemptState.SUCCEEDED)
            book.take(self._new_id("cap"), book.request.amount, self.books_fees)

    def _decline(self, book: Book) -> None:
        book.attempt(self._new_id("try"), AttemptState.DECLINED, book.refusal)
        book.state, book.approved = PaymentState.CREATED, False

    def _set_aside(self, book: Book) -> None:
        book.attempt(self._new_id("try"), AttemptState.SUCCEEDED)
        book.state = PaymentState.AUTHORIZED
        book.expires_at = datetime.now(UTC) + HONOURED_FOR[self.provider]

    def _refused(self, book: Book, key: str) -> PaymentSnapshot:
        """Refuse as PayPal does: the answer tells the attempt, the order forgets it and still says approved.

        A refusal for good is a capture of the order, which keeps it and is over.
        """
        if book.refused_for_good:
            self._decline(book)
            book.state = PaymentState.CANCELLED
            return book.snapshot(self.provider, self.mode)
        told = replace(book, attempts=list(book.attempts), state=PaymentState.CREATED, approved=False)
        told.attempt(f"{book.external_id}:{key}", AttemptState.DECLINED, book.refusal)
        return told.snapshot(self.provider, self.mode)

    def _new_refund(self, book: Book, request: StartRefund) -> RefundSnapshot:
        made = RefundSnapshot(
            external_id=self._new_id("ref"),
            reference=request.reference,
            payment_external_id=book.external_id,
            amount=request.amount,
            state=RefundState.PENDING if self.refunds_are_pending else RefundState.SUCCEEDED,
        )
        if request.amount > book.refundable(request.capture_id):
            return replace(made, state=RefundState.FAILED, failure="more than is left of the capture")
        return replace(made, settlement=given_back(made.external_id, made.amount)) if self.books_fees else made

    def _started(self, external_id: str) -> Started:
        snapshot = self._snapshot(external_id)
        if self.provider is Provider.PAYPAL:
            return Started(snapshot, approve_url=f"https://fake.invalid/approve/{external_id}")
        return Started(snapshot, client_secret=f"{external_id}_secret_fake")

    def _snapshot(self, external_id: str) -> PaymentSnapshot:
        return self._book(external_id).snapshot(self.provider, self.mode)

    def _refund(self, external_id: str) -> RefundSnapshot:
        for book in self._books.values():
            for made in book.refunds:
                if made.external_id == external_id:
                    return made
        raise ObjectMissing(f"no refund {external_id}")

    def _book(self, external_id: str) -> Book:
        if external_id not in self._books:
            raise ObjectMissing(f"no payment {external_id}")
        return self._books[external_id]

    def _open(self, external_id: str) -> Book:
        book = self._book(external_id)
        if book.state not in OPEN:
            raise ProviderRejected(f"{external_id} is {book.state} and cannot be paid", code="unexpected_state")
        return book

    def _new_id(self, prefix: str) -> str:
        self._counts[prefix] += 1
        return f"{prefix}_{self.provider}_{self._counts[prefix]}"
