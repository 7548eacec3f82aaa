"""What a refusal by PayPal means for the customer.

The issues are those that orders.capture and orders.authorize of PayPal's Orders v2 schema answer with a
422 and that concern the payer, not our request; the reasons are those of a capture's `status_details`.
"""

from __future__ import annotations

from shop.gateways.base import Decline

# issue or reason -> (advice, whether this instrument is worth no further try)
TABLE: dict[str, tuple[str, bool]] = {
    "INSTRUMENT_DECLINED": ("other_method", False),
    "PAYER_ACTION_REQUIRED": ("authenticate", False),
    "REDIRECT_PAYER_FOR_ALTERNATE_FUNDING": ("other_method", False),
    "PAYMENT_SOURCE_DECLINED_BY_PROCESSOR": ("other_method", False),
    "CARD_EXPIRED": ("other_method", True),
    "CARD_CLOSED": ("other_method", True),
    "PAYER_CANNOT_PAY": ("other_method", False),
    "PAYER_ACCOUNT_RESTRICTED": ("other_method", True),
    "PAYER_ACCOUNT_LOCKED_OR_CLOSED": ("other_method", True),
    "PAYER_COUNTRY_NOT_SUPPORTED": ("other_method", True),
    "TRANSACTION_REFUSED": ("other_method", False),
    "TRANSACTION_BLOCKED_BY_PAYEE": ("other_method", True),
    "COMPLIANCE_VIOLATION": ("other_method", True),
    "TRANSACTION_AMOUNT_EXCEEDS_MONTHLY_MAX_LIMIT": ("other_method", False),
    "MAX_NUMBER_OF_PAYMENT_ATTEMPTS_EXCEEDED": ("other_method", True),
    "DECLINED_BY_RISK_FRAUD_FILTERS": ("other_method", True),
    "BUYER_COMPLAINT": ("other_method", True),
    "CHARGEBACK": ("other_method", True),
    "DECLINED_BY_POLICY": ("other_method", True),
}
# Told as any other refusal: whoever tries stolen accounts must not learn what the filters know.
TOLD_AS_GENERIC = frozenset({"DECLINED_BY_RISK_FRAUD_FILTERS", "COMPLIANCE_VIOLATION", "TRANSACTION_BLOCKED_BY_PAYEE"})
GENERIC = "INSTRUMENT_DECLINED"


def decline(code: str, message: str = "") -> Decline:
    """Return what to do about a refusal; one that is not in the table is told as a soft one."""
    advice, hard = TABLE.get(code, ("other_method", False))
    if code in TOLD_AS_GENERIC:
        return Decline(GENERIC, "The payment was declined.", advice, hard)
    return Decline(code, message, advice, hard)
