"""Every error the shop raises on purpose, and what each one decides.

    ShopError
    ├── CustomerError            the customer can fix it: words for them, HTTP 400
    │   ├── InvalidInput         a field was wrong; names the field
    │   ├── NotFound             not there, or not theirs: HTTP 404 either way
    │   │   └── LinkOver         a link from a mail that was used, or is too old: its page leads to a new one
    │   ├── OutOfStock           fewer left than asked for: HTTP 409
    │   ├── OrderNotPayable      paid, cancelled or expired already: HTTP 409
    │   ├── PaymentInFlight      another payment is being confirmed: HTTP 409
    │   ├── NothingToRefund      the refund exceeds what is left: HTTP 409
    │   ├── RefundedMeanwhile    somebody else gave money back while the form was open: HTTP 409
    │   ├── StillNeeded          a saved card that something is still owed on: HTTP 409
    │   └── TooManyTries         too many declines from one visitor: HTTP 429, with how long to wait
    ├── TryLater                 nothing is wrong with the request: HTTP 503
    │   ├── DocumentNotReady     its PDF could not be made: an alarm was raised, the page offers another try
    │   ├── ProviderUnavailable  refused, down, or the breaker is open: nothing was done there
    │   └── OutcomeUnknown       the call may have been carried out: ask again with the same key
    │       ├── StillRunning     the same key is at work there right now
    │       └── RateLimited      refused by the provider's limiter: nothing was done there
    ├── Declined                 the bank or the provider said no; a result, not a fault
    └── OurBug                   the request should never have been made: HTTP 500, and an alert
        ├── ProviderRejected     the provider calls our request wrong
        │   └── ReferenceTaken   it has recorded something under our reference before, by a key it has forgotten
        ├── WrongCredentials     keys refused
        ├── ObjectMissing        the provider does not know the object
        │   └── CustomerMissing  it is the customer that was deleted there: the payment is begun for another one
        ├── KeyReused            an idempotency key came back with other parameters
        ├── IllegalTransition    a move that no table allows
        ├── LedgerUnbalanced     entries that do not sum to zero
        ├── TransactionOpen      a provider was about to be called inside a transaction
        └── Unreadable           what was sealed does not open: its key is gone, or it was changed
    DatabaseAway                 no connection to the database, or it broke: HTTP 503; a worker's job comes back
    NoticeRejected               a webhook that proves nothing: HTTP 400, no row
    SettingsError                the environment is wrong: names every problem and its cure

Each gateway translates its SDK's errors into these once; `shop.views.errors` maps them to HTTP once.
"""

from __future__ import annotations

from collections.abc import Sequence

from click import ClickException


class ShopError(Exception):
    """The root of everything raised on purpose."""


class CustomerError(ShopError):
    """Something the customer can put right; `str()` is fit to show."""


class InvalidInput(CustomerError):
    """A field was missing or wrong."""

    def __init__(self, message: str, field: str) -> None:
        super().__init__(message)
        self.field = field


class NotFound(CustomerError):
    """The thing is not there, or belongs to somebody else; the two look the same from outside."""


class LinkOver(NotFound):
    """A link from a mail does not work any more, or never did; `purpose` is what it was for: confirm, reset, change."""

    def __init__(self, message: str, purpose: str) -> None:
        super().__init__(message)
        self.purpose = purpose


class OutOfStock(CustomerError):
    """Fewer are left than were asked for."""

    def __init__(self, message: str, sku: str, available: int) -> None:
        super().__init__(message)
        self.sku = sku
        self.available = available


class OrderNotPayable(CustomerError):
    """The order is paid, cancelled or expired already."""


class PaymentInFlight(CustomerError):
    """Another payment of the same order is at a point where it cannot be called back."""


class NothingToRefund(CustomerError):
    """The refund would exceed what was captured and not yet refunded."""


class RefundedMeanwhile(CustomerError):
    """Money of the payment was given back after the asker had looked at it."""


class NothingToCapture(CustomerError):
    """There is no authorization to take money from, or to let go: it was taken, released, or has lapsed."""


class StillNeeded(CustomerError):
    """The last saved card cannot go while something is to be charged on it."""


class TooManyTries(CustomerError):
    """One visitor had too many cards declined: they wait `seconds`, or are refused at this provider for that long."""

    def __init__(self, message: str, seconds: int, *, is_refused: bool) -> None:
        super().__init__(message)
        self.seconds = seconds
        self.is_refused = is_refused


class TryLater(ShopError):
    """Nothing is wrong with the request; the same call may succeed later."""


class DocumentNotReady(TryLater):
    """The PDF of a document could not be made; what the typesetter said is the message, for our log."""


class ProviderUnavailable(TryLater):
    """The provider refused the connection, is down, or its breaker is open; nothing was done there."""


class OutcomeUnknown(TryLater):
    """The provider did not answer, or answered 5xx; only the same call with the same key can tell."""


class StillRunning(OutcomeUnknown):
    """The provider is working on the same key at this moment; it is up and well."""


class AnswerStored(OutcomeUnknown):
    """The provider failed once and now plays that failure back: this key never says anything else again."""


class RateLimited(OutcomeUnknown):
    """The provider's limiter refused the call before it was carried out."""


class Declined(ShopError):
    """The bank or the provider said no; see `shop.gateways.base.Decline` for why."""

    def __init__(self, message: str, code: str) -> None:
        super().__init__(message)
        self.code = code


class OurBug(ShopError):
    """A request that should never have been made; a person has to look."""


class ProviderRejected(OurBug):
    """The provider calls our request invalid; repeating it changes nothing."""

    def __init__(self, message: str, code: str = "", param: str = "") -> None:
        super().__init__(message)
        self.code = code
        self.param = param


class ReferenceTaken(ProviderRejected):
    """The provider has a record under our reference: an earlier call was carried out, and its answer never came."""


class WrongCredentials(OurBug):
    """The provider does not accept our keys."""


class ObjectMissing(OurBug):
    """The provider does not know the object we named."""


class CustomerMissing(ObjectMissing):
    """The customer we named was deleted at the provider, together with their saved cards."""


class KeyReused(OurBug):
    """An idempotency key was about to be used, or was used, with other parameters."""


class IllegalTransition(OurBug):
    """A move that the state table does not allow."""


class LedgerUnbalanced(OurBug):
    """A ledger transaction whose entries do not sum to zero in every currency."""


class TransactionOpen(OurBug):
    """A provider was about to be called while a database transaction was open."""


class Unreadable(OurBug):
    """Something sealed in the database does not open."""


class DatabaseAway(ShopError):
    """There is no connection to the database, or it broke: nothing of this transaction was stored.

    Unless it broke in the commit itself: then nobody knows, and a repeat finds out.
    """


class NoticeRejected(ShopError):
    """A webhook whose origin is not proven, or that belongs to the other mode; the reason is for our log."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class SettingsError(ShopError, ClickException):
    """The environment is wrong; the message lists every problem with its cure.

    It is Click's kind of error too, so that `flask` prints it without a traceback.
    """

    def __init__(self, problems: Sequence[str]) -> None:
        super().__init__("The shop cannot start:\n" + "\n".join(f"  - {problem}" for problem in problems))
        self.problems = tuple(problems)
