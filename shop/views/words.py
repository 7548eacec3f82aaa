"""Declines in the shopper's words: what happened and what to do next, never the bank's code."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from flask_babel import gettext as _

# What a bank says of fraud is nobody's business at the till: such codes fall through to the general words.
_BY_CODE: Mapping[str, Callable[[], str]] = {
    "insufficient_funds": lambda: _("The card does not have enough money on it. Try another card, or PayPal."),
    "expired_card": lambda: _("This card has expired. Try another one."),
    "incorrect_cvc": lambda: _("The security code is not right. Check the digits on the back of the card."),
    "invalid_cvc": lambda: _("The security code is not right. Check the digits on the back of the card."),
    "incorrect_number": lambda: _("The card number is not right. Check it and try again."),
    "processing_error": lambda: _("The bank could not process the card just now. Try again in a minute."),
    "payment_intent_authentication_failure": lambda: _(
        "Your bank could not confirm that it is you. Try again, or pay in another way."
    ),
    "setup_intent_authentication_failure": lambda: _(
        "Your bank could not confirm that it is you. Try again, or use another card."
    ),
    "authentication_required": lambda: _("Your bank wants to confirm that it is you. Pay again to do so."),
    "INSTRUMENT_DECLINED": lambda: _("PayPal could not take the money from what you chose. Choose another one there."),
}
_BY_ADVICE: Mapping[str, Callable[[], str]] = {
    "try_again": lambda: _("The payment did not go through. Nothing was charged. Please try again."),
    "authenticate": lambda: _("Your bank wants to confirm that it is you. Pay again to do so."),
    "other_method": lambda: _("Your bank declined this payment. Nothing was charged. Please pay in another way."),
}


def decline_words(code: str, advice: str) -> str:
    """Return a sentence for the shopper; for codes we have no words for, by what is to be done about them."""
    words = _BY_CODE.get(code) or _BY_ADVICE.get(advice) or _BY_ADVICE["other_method"]
    return words()


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


def consent_words() -> str:
    """Return what somebody agrees to who saves a card; `shop.services.wallets.consent` numbers these words."""
    text: str = _(
        "Tidewater Tea may then charge the card for orders that you place, and for those that you agree to have "
        "charged later, such as a pre-order. The number stays with Stripe. You can remove the card at any time "
        "under Payment methods in your account."
    )
    return text
