"""Declines in the shopper's words: what happened and what to do next, never the bank's code."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from flask_babel import gettext as _
from flask_babel import ngettext

from shop.services.providers import context

# By the code first, then by the provider's advice: the script of the pay page hears of both from the provider, and has
# to say what the return page says. What a bank says of fraud is nobody's business at the till: such codes, told as
# generic_decline, get the general words whatever the advice is.
_TABLE: tuple[tuple[str, Callable[[], str]], ...] = (
    (
        "insufficient_funds",
        lambda: _("The card does not have enough money on it. Try another card, or PayPal."),
    ),
    (
        "expired_card",
        lambda: _("This card has expired. Try another one."),
    ),
    (
        "incorrect_cvc invalid_cvc",
        lambda: _("The security code is not right. Check the digits on the back of the card."),
    ),
    (
        "incorrect_number invalid_number",
        lambda: _("The card number is not right. Check it and try again."),
    ),
    (
        "processing_error issuer_not_available reenter_transaction try_again_later",
        lambda: _("The bank could not process the card just now. Try again in a minute."),
    ),
    (
        "incorrect_zip incorrect_address invalid_expiry_month invalid_expiry_year approve_with_id no_action_taken"
        " payment_intent_payment_attempt_expired",
        lambda: _("The payment did not go through. Nothing was charged. Please try again."),
    ),
    (
        "payment_intent_authentication_failure",
        lambda: _("Your bank could not confirm that it is you. Try again, or pay in another way."),
    ),
    (
        "setup_intent_authentication_failure",
        lambda: _("Your bank could not confirm that it is you. Try again, or use another card."),
    ),
    (
        "authentication_required PAYER_ACTION_REQUIRED",
        lambda: _("Your bank wants to confirm that it is you. Pay again to do so."),
    ),
    (
        "INSTRUMENT_DECLINED",
        lambda: _("PayPal could not take the money from what you chose. Open PayPal again and choose another."),
    ),
)
_BY_CODE: Mapping[str, Callable[[], str]] = {code: words for codes, words in _TABLE for code in codes.split()}
# What a provider advises about a code that has no words of its own; "other_method" is what the general words say.
_BY_ADVICE: Mapping[str, Callable[[], str]] = {
    "try_again": lambda: _(
        "Your bank said no for now. The same card may work in a few minutes; another one may work at once."
    ),
    "check_details": lambda: _(
        "The bank did not recognise the card. Check its number, date and security code, and try again."
    ),
}
_UNTOLD = "generic_decline"


def decline_words(code: str, advice: str = "") -> str:
    """Return a sentence for the shopper whose payment was declined; general words for a code that has none."""
    words = _words(code, advice)
    if words is not None:
        return words()
    text: str = _("Your bank declined this payment. Nothing was charged. Please pay in another way.")
    return text


def saving_words(code: str, advice: str = "") -> str:
    """Return a sentence for somebody whose card was not saved; general words for a code that has none."""
    words = _words(code, advice)
    if words is not None:
        return words()
    text: str = _("Your bank did not agree to save this card. Try another one.")
    return text


def _words(code: str, advice: str) -> Callable[[], str] | None:
    return _BY_CODE.get(code) or (None if code == _UNTOLD else _BY_ADVICE.get(advice))


def known_advices() -> dict[str, str]:
    """Return what is told by a provider's advice, for the same scripts as `known_declines`."""
    return {advice: words() for advice, words in _BY_ADVICE.items()}


def known_declines() -> dict[str, str]:
    """Return every code that has words of its own, with them, for the scripts that hear of a decline before we do."""
    return {code: words() for code, words in _BY_CODE.items()}


def too_many_words(is_refused: bool) -> str:
    """Return what somebody is told who had many tries declined; that we may take them for a thief is not said."""
    text: str = _(
        "Several tries were declined in a short time. Wait a moment, check the details, then press Pay again."
    )
    if is_refused:
        text = _(
            "Too many tries were declined, so this way to pay is closed for you for an hour. Your order is kept for a "
            "while; you can pay it in another way."
        )
    return text


def too_often_words(seconds: int) -> str:
    """Return what somebody is told who did something too often, with how long to wait, in minutes where it is long."""
    if seconds < 90:
        short: str = ngettext(
            "That was a little too often. Try again in one second.",
            "That was a little too often. Try again in %(num)d seconds.",
            seconds,
        )
        return short
    long: str = _("That was a little too often. Try again in %(minutes)d minutes.", minutes=-(-seconds // 60))
    return long


def too_many_codes_words(seconds: int) -> str:
    """Return what stands beside the field of a promotion code after too many of them."""
    if seconds < 90:
        short: str = ngettext(
            "Those were many codes. You can try another one in one second; the cart stays as it is.",
            "Those were many codes. You can try another one in %(num)d seconds; the cart stays as it is.",
            seconds,
        )
        return short
    long: str = _(
        "Those were many codes. You can try another one in %(minutes)d minutes; the cart stays as it is.",
        minutes=-(-seconds // 60),
    )
    return long


def consent_words() -> str:
    """Return what somebody agrees to who saves a card; `shop.services.wallets.consent` numbers these words."""
    text: str = _(
        "%(brand)s may then charge the card for orders that you place, and for those that you agree to have "
        "charged later, such as a pre-order. The number stays with Stripe. You can remove the card at any time "
        "under Payment methods in your account.",
        brand=context().settings.brand,
    )
    return text
