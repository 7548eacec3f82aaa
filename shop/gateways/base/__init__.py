"""What a payment provider is to the shop: a few verbs, and the frozen facts that go in and come out.

    states   who, and where things stand          facts   what goes in and comes out
    calls    patience, keys, the record of a call  doors   the Protocols

A gateway knows no ORM and no Flask. It is given dataclasses and an idempotency key, and answers with a
*snapshot*: what the provider holds to be true at the moment of the call. It translates its SDK's errors
into `shop.errors` once.
"""

from shop.gateways.base.calls import (
    BACKGROUND,
    INTERACTIVE,
    KEY_LIFETIME,
    ApiCall,
    KeyLifetime,
    Patience,
    Recorder,
)
from shop.gateways.base.doors import (
    FORGETS_UNPAID,
    Notice,
    NoticeReader,
    PaymentGateway,
)
from shop.gateways.base.facts import (
    Address,
    AttemptSnapshot,
    Capture,
    Decline,
    Line,
    Method,
    PaymentSnapshot,
    RefundSnapshot,
    Settlement,
    Started,
    StartPayment,
    StartRefund,
)
from shop.gateways.base.states import (
    AttemptState,
    Mode,
    NoticeKind,
    PaymentState,
    Provider,
    RefundState,
)

__all__ = [
    "BACKGROUND",
    "FORGETS_UNPAID",
    "INTERACTIVE",
    "KEY_LIFETIME",
    "Address",
    "ApiCall",
    "AttemptSnapshot",
    "AttemptState",
    "Capture",
    "Decline",
    "KeyLifetime",
    "Line",
    "Method",
    "Mode",
    "Notice",
    "NoticeKind",
    "NoticeReader",
    "Patience",
    "PaymentGateway",
    "PaymentSnapshot",
    "PaymentState",
    "Provider",
    "Recorder",
    "RefundSnapshot",
    "RefundState",
    "Settlement",
    "StartPayment",
    "StartRefund",
    "Started",
]
