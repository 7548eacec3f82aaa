"""Stripe's test cards and what each does, as one table: https://docs.stripe.com/testing.

A number that is not here but is well-formed behaves like 4242 4242 4242 4242, as it does in Stripe's test mode.
"""

from dataclasses import dataclass, field
from typing import Literal

# When a bank asks for 3-D Secure:
#   never       the card is not enrolled
#   optional    only when the merchant asks (`request_three_d_secure`)
#   required    on every payment and setup that a person makes; a saved card may then be charged without them
#   until_setup on payments, until the card has been set up for off-session use
#   always      on every payment, so that an off-session payment is refused
#   on_session  set up already: off-session payments pass, those with a person ask
ThreeDS = Literal["never", "optional", "required", "until_setup", "always", "on_session"]


@dataclass(frozen=True)
class Decline:
    """How a bank says no; `message` is what Stripe puts into the error."""

    code: str
    decline_code: str | None = None
    message: str = "Your card was declined."
    advice_code: str | None = "try_again_later"
    param: str | None = None


GENERIC = Decline("card_declined", "generic_decline")
INSUFFICIENT_FUNDS = Decline("card_declined", "insufficient_funds", "Your card has insufficient funds.")
LOST = Decline("card_declined", "lost_card", advice_code="do_not_try_again")
STOLEN = Decline("card_declined", "stolen_card", advice_code="do_not_try_again")
VELOCITY = Decline(
    "card_declined",
    "card_velocity_exceeded",
    "Your card was declined for making repeated attempts too frequently or exceeding its amount limit.",
)
EXPIRED = Decline(
    "expired_card", "expired_card", "Your card has expired.", advice_code="do_not_try_again", param="exp_month"
)
INCORRECT_CVC = Decline(
    "incorrect_cvc", "incorrect_cvc", "Your card's security code is incorrect.", "confirm_card_data", "cvc"
)
PROCESSING_ERROR = Decline(
    "processing_error",
    "processing_error",
    "An error occurred while processing your card. Try again in a little bit.",
)
FRAUDULENT = Decline("card_declined", "fraudulent", advice_code="do_not_try_again")
AUTHENTICATION_REQUIRED = Decline(
    "authentication_required",
    "authentication_required",
    "Your card was declined. This transaction requires authentication.",
    advice_code=None,
)


@dataclass(frozen=True)
class TestCard:
    """One card: what it is, and what happens when it is saved, charged, authenticated and refunded."""

    __test__ = False  # for pytest, which collects classes by this name

    number: str
    does: str  # one line for people; the console shows it
    tokens: tuple[str, ...] = ()
    brand: str = "visa"
    country: str = "US"
    funding: str = "credit"
    attach: Decline | None = None  # saving it, or a setup, fails so
    charge: Decline | None = None  # charging it fails so, also after 3-D Secure
    three_ds: ThreeDS = "optional"
    blocked: bool = False  # by Radar, before the bank is asked
    risk_level: str = "normal"
    refund: Literal["succeeds", "pending", "fails"] = "succeeds"
    checks: dict[str, str] = field(default_factory=dict)


def _declined(number: str, decline: Decline, *tokens: str) -> TestCard:
    reason = decline.decline_code or decline.code
    return TestCard(number, f"declined: {reason}", tokens, attach=decline, charge=decline)


def _from(country: str, number: str) -> TestCard:
    return TestCard(number, f"succeeds; issued in {country}", (f"pm_card_{country.lower()}",), country=country)


ROWS = (
    TestCard("4242424242424242", "succeeds", ("pm_card_visa",)),
    TestCard("4000056655665556", "succeeds", ("pm_card_visa_debit",), funding="debit"),
    TestCard("5555555555554444", "succeeds", ("pm_card_mastercard",), "mastercard"),
    TestCard("2223003122003222", "succeeds", (), "mastercard"),
    TestCard("5200828282828210", "succeeds", ("pm_card_mastercard_debit",), "mastercard", funding="debit"),
    TestCard("5105105105105100", "succeeds", ("pm_card_mastercard_prepaid",), "mastercard", funding="prepaid"),
    TestCard("378282246310005", "succeeds", ("pm_card_amex",), "amex", three_ds="never"),
    TestCard("371449635398431", "succeeds", (), "amex", three_ds="never"),
    TestCard("6011111111111117", "succeeds", ("pm_card_discover",), "discover"),
    TestCard("6011000990139424", "succeeds", (), "discover"),
    TestCard("3056930009020004", "succeeds", ("pm_card_diners",), "diners"),
    TestCard("36227206271667", "succeeds", (), "diners"),
    TestCard("3566002020360505", "succeeds", ("pm_card_jcb",), "jcb", "JP"),
    TestCard("6200000000000005", "succeeds", ("pm_card_unionpay",), "unionpay", "CN"),
    _from("AT", "4000000400000008"),
    _from("DE", "4000002760000016"),
    _from("FR", "4000002500000003"),
    _from("GB", "4000008260000000"),
    _from("JP", "4000003920000003"),
    _declined("4000000000000002", GENERIC, "pm_card_visa_chargeDeclined", "pm_card_chargeDeclined"),
    _declined(
        "4000000000009995",
        INSUFFICIENT_FUNDS,
        "pm_card_visa_chargeDeclinedInsufficientFunds",
        "pm_card_chargeDeclinedInsufficientFunds",
    ),
    _declined("4000000000009987", LOST, "pm_card_visa_chargeDeclinedLostCard"),
    _declined("4000000000009979", STOLEN, "pm_card_visa_chargeDeclinedStolenCard"),
    _declined(
        "4000000000006975",
        VELOCITY,
        "pm_card_visa_chargeDeclinedVelocityLimitExceeded",
        "pm_card_chargeDeclinedVelocityLimitExceeded",
    ),
    _declined("4000000000000069", EXPIRED, "pm_card_chargeDeclinedExpiredCard"),
    _declined("4000000000000127", INCORRECT_CVC, "pm_card_chargeDeclinedIncorrectCvc"),
    _declined("4000000000000119", PROCESSING_ERROR, "pm_card_chargeDeclinedProcessingError"),
    TestCard(
        "4000000000000341",
        "saves well, then every charge is declined",
        ("pm_card_chargeCustomerFail", "pm_card_visa_chargeCustomerFail"),
        charge=GENERIC,
    ),
    TestCard(
        "4000002500003155",
        "3-D Secure until it has been set up for off-session use",
        ("pm_card_authenticationRequiredOnSetup",),
        three_ds="until_setup",
    ),
    TestCard(
        "4000003800000446",
        "already set up: off-session payments pass, others ask for 3-D Secure",
        ("pm_card_authenticationRequiredSetupForOffSession",),
        three_ds="on_session",
    ),
    TestCard(
        "4000002760003184",
        "3-D Secure on every payment; refused off-session",
        ("pm_card_authenticationRequired",),
        three_ds="always",
    ),
    TestCard(
        "4000008260003178",
        "3-D Secure on every payment, then insufficient funds",
        ("pm_card_authenticationRequiredChargeDeclinedInsufficientFunds",),
        charge=INSUFFICIENT_FUNDS,
        three_ds="always",
    ),
    TestCard("4000000000003220", "3-D Secure required", ("pm_card_threeDSecure2Required",), three_ds="required"),
    TestCard("4000000000003055", "3-D Secure possible, not required", ("pm_card_threeDSecureOptional",)),
    TestCard(
        "4000008400001629",
        "3-D Secure required, then declined",
        ("pm_card_threeDSecureRequiredChargeDeclined",),
        attach=GENERIC,
        charge=GENERIC,
        three_ds="required",
    ),
    TestCard("4000000000000259", "succeeds; the dispute it stands for is not simulated", ("pm_card_createDispute",)),
    TestCard(
        "4000000000002685",
        "succeeds; the dispute it stands for is not simulated",
        ("pm_card_createDisputeProductNotReceived",),
    ),
    TestCard(
        "4000000000001976", "succeeds; the inquiry it stands for is not simulated", ("pm_card_createDisputeInquiry",)
    ),
    TestCard(
        "4000000000005423",
        "succeeds; the early fraud warning it stands for is not simulated",
        ("pm_card_createIssuerFraudRecord",),
    ),
    TestCard(
        "4100000000000019",
        "blocked by Radar: highest risk",
        ("pm_card_radarBlock",),
        attach=FRAUDULENT,
        charge=FRAUDULENT,
        blocked=True,
        risk_level="highest",
    ),
    TestCard(
        "4000000000004954",
        "saves well, then Radar blocks the charge: highest risk",
        ("pm_card_riskLevelHighest",),
        charge=FRAUDULENT,
        blocked=True,
        risk_level="highest",
    ),
    TestCard(
        "4000000000009235", "succeeds with an elevated risk", ("pm_card_riskLevelElevated",), risk_level="elevated"
    ),
    TestCard(
        "4000000000000101",
        "succeeds, but the security code did not match",
        ("pm_card_cvcCheckFail",),
        checks={"cvc_check": "fail"},
    ),
    TestCard(
        "4000000000000036",
        "succeeds, but the postal code did not match",
        ("pm_card_avsZipFail",),
        checks={"address_postal_code_check": "fail"},
    ),
    TestCard("4000000000007726", "its refund is pending, then succeeds", ("pm_card_pendingRefund",), refund="pending"),
    TestCard("4000000000005126", "its refund succeeds, then fails", ("pm_card_refundFail",), refund="fails"),
)

BY_NUMBER = {card.number: card for card in ROWS}
BY_TOKEN = {token: card for card in ROWS for token in card.tokens}

_BRANDS = (
    ("34", "amex"), ("37", "amex"), ("36", "diners"), ("38", "diners"), ("30", "diners"), ("35", "jcb"),
    ("62", "unionpay"), ("60", "discover"), ("64", "discover"), ("65", "discover"),
    ("4", "visa"), ("5", "mastercard"), ("2", "mastercard"),
)  # fmt: skip


def card_of(number: str) -> TestCard:
    """Return what a number does; one that is not in the table succeeds."""
    known = BY_NUMBER.get(number)
    if known is not None:
        return known
    brand = next((name for prefix, name in _BRANDS if number.startswith(prefix)), "unknown")
    return TestCard(number, "succeeds", brand=brand)


def is_luhn(number: str) -> bool:
    """Tell whether a number's check digit is right."""
    if not number.isascii() or not number.isdigit() or not 12 <= len(number) <= 19:
        return False
    total = 0
    for at, digit in enumerate(reversed(number)):
        value = int(digit) * (1 + at % 2)
        total += value - 9 if value > 9 else value
    return total % 10 == 0
