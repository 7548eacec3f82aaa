"""The words for where things stand at a provider, and for who it is. The models store them, so they never change."""

from __future__ import annotations

from enum import StrEnum


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
