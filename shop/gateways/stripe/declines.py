"""What a Stripe decline means for the customer, and whether the instrument may ever be charged again.

docs.stripe.com/declines/codes and docs.stripe.com/billing/revenue-recovery/smart-retries.
"""

from __future__ import annotations

from shop.gateways.base import Decline

# The issuer will not approve this instrument again: no further try without the customer.
HARD = frozenset(
    """incorrect_number lost_card pickup_card stolen_card revocation_of_authorization
    revocation_of_all_authorizations authentication_required highest_risk_level transaction_not_allowed
    fraudulent do_not_try_again expired_card invalid_account new_account_information_available security_violation
    restricted_card merchant_blacklist stop_payment_order card_not_supported currency_not_supported
    duplicate_transaction previously_declined_do_not_retry""".split()
)
# Whoever tests stolen cards must not learn which of them are known: these are told as any other decline.
TOLD_AS_GENERIC = frozenset(
    "fraudulent lost_card stolen_card pickup_card merchant_blacklist highest_risk_level".split()
)
GENERIC = "generic_decline"

AUTHENTICATE = frozenset("authentication_required payment_intent_authentication_failure".split())
# Something to retype, or a hiccup at the issuer: the same card may work.
TRY_AGAIN = frozenset(
    """incorrect_number invalid_number incorrect_cvc invalid_cvc incorrect_zip incorrect_address invalid_expiry_month
    invalid_expiry_year incorrect_pin invalid_pin processing_error reenter_transaction try_again_later
    issuer_not_available approve_with_id no_action_taken payment_intent_payment_attempt_expired""".split()
)


def decline(code: str, message: str, advice_code: str | None = None) -> Decline:
    """Return what to do about a decline.

    `code` is the issuer's decline code where there is one, else Stripe's error code. `advice_code` is
    Stripe's own verdict (do_not_try_again, try_again_later, confirm_card_data) and comes first.
    """
    hard = code in HARD or advice_code == "do_not_try_again"
    if code in TOLD_AS_GENERIC:
        return Decline(GENERIC, "The card was declined.", "other_method", hard=True)
    return Decline(code, message, _advice(code, advice_code), hard)


def _advice(code: str, advice_code: str | None) -> str:
    if code in AUTHENTICATE:
        return "authenticate"
    if advice_code == "do_not_try_again":
        return "other_method"
    if advice_code == "confirm_card_data":
        return "check_details"
    if code in TRY_AGAIN or advice_code == "try_again_later":
        return "try_again"
    return "other_method"
