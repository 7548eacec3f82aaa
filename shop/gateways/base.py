"""What a payment provider is to the shop: a few verbs, and the frozen facts that go in and come out.

A gateway knows no ORM and no Flask. It is given dataclasses and an idempotency key, and answers with a
*snapshot*: what the provider holds to be true at the moment of the call. It translates its SDK's errors
into `shop.errors` once. Money is always `shop.money.Money` (minor units).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Protocol

from shop.money import Money


class Provider(StrEnum):
    """Who moves the money."""

    STRIPE = "stripe"
    PAYPAL = "paypal"


class Mode(StrEnum):
    """Whether money is real. A test object never meets a live one."""

    TEST = "test"
    LIVE = "live"


class PaymentState(StrEnum):
    """Where a payment stands at its provider; `shop.models.payment` holds the legal moves."""

    CREATED = "created"
    REQUIRES_ACTION = "requires_action"
    PROCESSING = "processing"
    AUTHORIZED = "authorized"
    CAPTURED = "captured"
    CANCELLED = "cancelled"


class AttemptState(StrEnum):
    """How one try to pay ended, if it has."""

    PENDING = "pending"
    SUCCEEDED = "succeeded"
    DECLINED = "declined"
    ABANDONED = "abandoned"


class RefundState(StrEnum):
    """Where a refund stands; a provider may take one back days after it succeeded."""

    REQUESTED = "requested"
    PENDING = "pending"
    SUCCEEDED = "succeeded"
    FAILED = "failed"


class NoticeKind(StrEnum):
    """Which of our objects a webhook points at; OTHER is recorded as ignored.

    APPROVAL points at a payment too, and tells that its customer has just approved it at the provider; WALLET
    points at a customer of the provider, of whose saved methods something has changed.
    """

    PAYMENT = "payment"
    APPROVAL = "approval"
    REFUND = "refund"
    WALLET = "wallet"
    OTHER = "other"


@dataclass(frozen=True)
class Address:
    """Where somebody is; `country` is ISO 3166-1 alpha-2."""

    name: str
    line1: str
    line2: str
    city: str
    region: str
    postal_code: str
    country: str


@dataclass(frozen=True)
class Line:
    """One line of an order as the provider may show it; amounts are per unit and include what the total includes."""

    name: str
    sku: str
    quantity: int
    unit_amount: Money


@dataclass(frozen=True)
class StartPayment:
    """All that a provider is told when a payment begins.

    `reference` is our payment's public id: it is put where the object can be found by it (metadata, custom_id).
    The parts satisfy items + shipping + tax - discount == amount. `customer` is the provider's own id of somebody whose
    saved methods may pay; with `challenge` a card's bank is always to ask whether it is them.
    """

    reference: str
    order_number: str
    amount: Money
    items: Money
    shipping: Money
    tax: Money
    discount: Money
    lines: tuple[Line, ...]
    email: str
    ship_to: Address
    capture_later: bool
    return_url: str
    cancel_url: str
    locale: str
    brand: str
    customer: str | None = None
    challenge: bool = False


@dataclass(frozen=True)
class Decline:
    """Why a try failed.

    `code` is the provider's own; `advice` is what to do about it: "try_again", "other_method", "authenticate".
    `hard` means the issuer will never approve this instrument: it is not to be retried without the customer.
    """

    code: str
    message: str
    advice: str
    hard: bool


@dataclass(frozen=True)
class Method:
    """What was paid with, as far as a receipt may show it: `kind` is card, sepa_debit, paypal, ...

    `brand` and `last4` are a card's (or a bank account's last four); `payer` is a masked PayPal account.
    """

    kind: str
    brand: str = ""
    last4: str = ""
    payer: str = ""


@dataclass(frozen=True)
class AttemptSnapshot:
    """One try to pay, as the provider tells it; `external_id` is the charge or capture, unique per provider."""

    external_id: str
    state: AttemptState
    amount: Money
    decline: Decline | None = None
    method: Method | None = None


@dataclass(frozen=True)
class Settlement:
    """What the provider books for a charge or refund: in *its* currency, often later than the money itself.

    `gross` has the sign of the movement: positive in for a charge, negative for a refund. `net` = `gross` - `fee`.
    """

    external_id: str
    gross: Money
    fee: Money
    net: Money


@dataclass(frozen=True)
class Capture:
    """Money taken. `external_id` is what a refund is made against; `settlement` is None until the fee is known."""

    external_id: str
    amount: Money
    settlement: Settlement | None = None


@dataclass(frozen=True)
class RefundSnapshot:
    """A refund as the provider tells it; `reference` is ours, or None for one made elsewhere (its dashboard)."""

    external_id: str
    reference: str | None
    payment_external_id: str | None
    amount: Money
    state: RefundState
    failure: str = ""
    settlement: Settlement | None = None


@dataclass(frozen=True)
class PaymentSnapshot:
    """A payment as the provider holds it to be now.

    `needs_capture` is true where the customer has approved and the provider waits for us to take the money
    (a PayPal order in state APPROVED): nothing happens until we do. `captures` are what was taken in fact.
    """

    provider: Provider
    mode: Mode
    external_id: str
    reference: str | None
    state: PaymentState
    amount: Money
    attempts: tuple[AttemptSnapshot, ...] = ()
    captures: tuple[Capture, ...] = ()
    refunds: tuple[RefundSnapshot, ...] = ()
    method: Method | None = None
    needs_capture: bool = False
    expires_at: datetime | None = None

    @property
    def captured(self) -> Money:
        """What was taken in all, refunds not deducted."""
        return Money.total((capture.amount for capture in self.captures), self.amount.currency)


@dataclass(frozen=True)
class Started:
    """A payment that began: its snapshot, and what the browser needs to go on.

    `client_secret` (Stripe) is handed to the pay page and never stored; `approve_url` (PayPal) is where
    a browser without a popup goes.
    """

    snapshot: PaymentSnapshot
    client_secret: str | None = None
    approve_url: str | None = None


@dataclass(frozen=True)
class StartRefund:
    """A refund of `amount` (part or whole) of the capture `capture_id`; `reference` is our refund's public id."""

    reference: str
    order_number: str
    payment_external_id: str
    capture_id: str
    amount: Money
    reason: str


@dataclass(frozen=True)
class Notice:
    """A verified webhook: it says where to look, never what is true.

    `occurred_at` is when the provider says that it happened; None where we have no use for it.
    `payment_external_id` is the object to fetch for PAYMENT (and, where the notice tells it, for REFUND).
    `payload` is what came, its client secrets blotted out: it is stored.
    """

    provider: Provider
    mode: Mode
    event_id: str
    type: str
    kind: NoticeKind
    external_id: str
    payment_external_id: str | None
    payload: Mapping[str, object]
    occurred_at: datetime | None = None


@dataclass(frozen=True)
class ApiCall:
    """One HTTP exchange with a provider, for the API log; `request` and `response` are redacted already.

    `status` is 0 when no answer came; `duration` is in milliseconds; `provider_date` is the answer's Date header.
    """

    provider: Provider
    verb: str
    path: str
    idempotency_key: str
    request_id: str
    status: int
    duration: float
    request: str
    response: str
    error: str = ""
    provider_date: datetime | None = None


# Told of every exchange, answered or not, before the caller knows its outcome: it must not raise.
Recorder = Callable[[ApiCall], None]


@dataclass(frozen=True)
class Patience:
    """How long a call may take, in seconds: `connect` to be answered at all, `read` for each wait on the socket."""

    connect: float
    read: float


INTERACTIVE = Patience(connect=1.0, read=2.0)
BACKGROUND = Patience(connect=3.0, read=20.0)


# Who drops a payment that nobody approved: PayPal answers RESOURCE_NOT_FOUND for such an order after some hours.
# Where an object of theirs is missing, no money can come by it any more.
FORGETS_UNPAID = frozenset({Provider.PAYPAL})


class PaymentGateway(Protocol):
    """A provider of payments.

    Every verb may raise ProviderUnavailable, RateLimited, OutcomeUnknown, ProviderRejected, WrongCredentials,
    ObjectMissing or KeyReused. A verb with a `key` is safe to repeat with the same key and parameters while
    the provider keeps it (`key_lifetime`); the repeat answers as the first call did, or with the newer state.
    A decline is not raised but stands in the snapshot as an attempt.
    """

    provider: Provider
    mode: Mode

    def start(self, request: StartPayment, key: str, patience: Patience = BACKGROUND) -> Started:
        """Make the payment at the provider; money does not move yet."""

    def reopen(self, external_id: str, patience: Patience = BACKGROUND) -> Started:
        """Fetch a payment that began before, together with what the browser needs to go on."""

    def fetch(self, external_id: str, patience: Patience = BACKGROUND) -> PaymentSnapshot:
        """Return what the provider holds to be true now, with attempts, captures and refunds.

        ObjectMissing of a PayPal order that was begun means that nobody paid it in time: PayPal has dropped it.
        A try that PayPal declined is told by `capture` only; the order goes on saying that it was approved.
        """

    def find(self, reference: str, since: datetime) -> PaymentSnapshot | None:
        """Look a payment up by our reference among those made after `since`; None if there is none.

        PayPal has no search by custom_id for orders: its gateway answers None, and an order nobody approved
        costs nothing.
        """

    def capture(
        self, external_id: str, key: str, amount: Money | None = None, patience: Patience = BACKGROUND
    ) -> PaymentSnapshot:
        """Take the money that was approved or authorized: all of it, or `amount`.

        A PayPal order whose capture comes later takes two calls with two keys: the first, after the customer
        has approved, authorizes it; the second takes the money.
        """

    def cancel(self, external_id: str, key: str, patience: Patience = BACKGROUND) -> PaymentSnapshot:
        """Call the payment back; the snapshot says whether that came in time.

        A PayPal order cannot be cancelled at PayPal: as long as we do not capture it nothing is taken, so its
        gateway answers with state CANCELLED unless it was captured already.
        """

    def refund(self, request: StartRefund, key: str, patience: Patience = BACKGROUND) -> RefundSnapshot:
        """Give money back. A refund the provider refuses for good comes back in state FAILED with its reason."""

    def fetch_refund(self, external_id: str, patience: Patience = BACKGROUND) -> RefundSnapshot:
        """Return what the provider holds to be true of a refund now."""


class NoticeReader(Protocol):
    """The other door: webhooks. It verifies on the raw bytes before it parses anything."""

    provider: Provider

    def read(self, headers: Mapping[str, str], body: bytes, now: datetime) -> Notice:
        """Return the notice, or raise NoticeRejected with the reason; `now` is wall time in UTC.

        Raises ProviderUnavailable when the proof itself could not be fetched (PayPal's certificate), so
        that the view answers 5xx and the provider tries again.
        """


@dataclass(frozen=True)
class KeyLifetime:
    """For how many hours the provider keeps an idempotency key of each verb; past it nothing is sent again."""

    start: float
    capture: float
    refund: float
    cancel: float
    take: float  # the capture of an authorization
    wallet: float = 24


KEY_LIFETIME: Mapping[Provider, KeyLifetime] = {
    # docs.stripe.com/api/idempotent_requests: keys may be pruned after at least 24 hours.
    Provider.STRIPE: KeyLifetime(start=24, capture=24, refund=24, cancel=24, take=24),
    # developer.paypal.com, PayPal-Request-Id: 6 hours for orders, 45 days for payments.
    Provider.PAYPAL: KeyLifetime(start=6, capture=6, refund=45 * 24, cancel=45 * 24, take=45 * 24),
}
