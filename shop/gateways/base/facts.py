"""The frozen facts that go to a provider and come back. Money is always `shop.money.Money` (minor units)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from shop.gateways.base.states import AttemptState, Mode, PaymentState, Provider, RefundState
from shop.money import Money


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

    `code` is the provider's own; `advice` is what to do about it: "try_again" (later, with the same instrument),
    "check_details" (something was mistyped), "other_method", "authenticate".
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
    `external_id` is the booking's own: a balance transaction at Stripe, the capture or refund itself at PayPal.
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
