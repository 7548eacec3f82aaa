"""What the timeline says: things, their states, mails and accounts in the merchant's words.

What is not known here is shown as it is written on record: a new kind is never hidden.
"""

from __future__ import annotations

import re

from flask import g
from flask_babel import gettext as _

from shop.services import staff

MERCHANT = re.compile(r"\bmerchant (\d+)\b")


def who(cause: str) -> str:
    """Return who or what caused something; a merchant is named, "rejected by merchant 3" says whom that was."""
    return MERCHANT.sub(lambda found: _name(int(found[1])) or found[0], cause)


def _name(user_id: int) -> str:
    """Return the name of who works or worked at the desk; asked for once in a request."""
    if "merchants" not in g:
        g.merchants = {}
    if user_id not in g.merchants:
        g.merchants[user_id] = staff.name_of(user_id)
    name: str = g.merchants[user_id]
    return name


def cause_words(cause: str) -> str:
    """Return who or what caused something, as a part of a sentence."""
    done, by, whom = cause.partition(" by merchant ")
    if by:
        who_did = who(f"merchant {whom}")
        deeds: dict[str, str] = {
            "captured": _("captured by %(who)s", who=who_did),
            "let go": _("let go by %(who)s", who=who_did),
            "rejected": _("rejected by %(who)s", who=who_did),
        }
        return deeds.get(done, f"{done}: {who_did}")
    words: dict[str, str] = {
        "checkout": _("at the checkout"),
        "customer": _("by the customer"),
        "customer's return": _("when the customer came back"),
        "its customer was deleted at the provider": _("its customer was deleted at the provider"),
        "its key can no longer be used": _("its key can no longer be used"),
        "ledger": _("in the ledger"),
        "outbox": _("by a worker"),
        "payment started": _("when the payment began"),
        "paypal": _("by %(cause)s", cause="PayPal"),
        "provider's dashboard": _("found at the provider"),
        "refund call": _("by the provider's answer"),
        "replaced by a new order": _("replaced by a new order"),
        "shop": _("by the shop itself"),
        "stripe": _("by %(cause)s", cause="Stripe"),
        "sweep": _("by the sweep"),
        "the account is deleted": _("the account is deleted"),
        "tidied up": _("tidied up"),
        "too many declines": _("too many declines"),
    }
    return words.get(cause) or str(_("by %(cause)s", cause=who(cause)))


def fact_words(name: str) -> str:
    """Return what a fact beside an entry is called."""
    words: dict[str, str] = {
        "attempts": _("attempts"),
        "backfilled": _("asked for afterwards"),
        "event": _("event"),
        "failure": _("failure"),
        "idempotency key": _("idempotency key"),
        "job": _("job"),
        "milliseconds": _("milliseconds"),
        "number": _("number"),
        "reason": _("reason"),
        "request id": _("request id"),
        "seen to by": _("seen to by"),
        "status": _("status"),
    }
    return words.get(name, name)


def thing_words(subject: str) -> str:
    """Return what moved, in words: "payment stripe 4BEQG7" keeps what it is called."""
    kind, _space, name = subject.partition(" ")
    words: dict[str, str] = {
        "order": _("order"),
        "review": _("review"),
        "payment": _("payment"),
        "attempt": _("attempt"),
        "refund": _("refund"),
        "redemption": _("promotion code"),
    }
    return f"{words.get(kind, kind)} {name}".strip()


def state_words(state: str) -> str:
    """Return a state in words."""
    words: dict[str, str] = {
        "none": _("none"),
        "pending": _("pending"),
        "paid": _("paid"),
        "fulfilled": _("sent"),
        "cancelled": _("cancelled"),
        "expired": _("expired"),
        "held": _("held"),
        "approved": _("approved"),
        "rejected": _("rejected"),
        "created": _("begun"),
        "requires_action": _("waiting for the customer"),
        "processing": _("processing"),
        "authorized": _("authorised"),
        "captured": _("captured"),
        "succeeded": _("succeeded"),
        "declined": _("declined"),
        "abandoned": _("abandoned"),
        "requested": _("asked for"),
        "failed": _("failed"),
        "used": _("used"),
        "released": _("free again"),
        "received": _("received"),
        "processed": _("processed"),
        "retrying": _("to be tried again"),
        "ignored": _("ignored"),
        "parked": _("given up"),
        "done": _("done"),
    }
    return words.get(state, state)


def message_words(kind: str, state: str) -> str:
    """Return what became of a side effect; of a mail, which one it is."""
    family, _dot, name = kind.partition(".")
    if family != "mail":
        return str(_("Follow-up work: %(state)s.", state=state_words(state)))
    became = {"done": _("sent"), "pending": _("waits to be sent")}.get(state, state_words(state))
    return str(_("Mail to the customer, %(name)s: %(state)s.", name=_mail_words(name), state=became))


def _mail_words(name: str) -> str:
    words: dict[str, str] = {
        "receipt": _("the receipt"),
        "authorized": _("money is reserved"),
        "authorization_lapsed": _("the reservation has lapsed"),
        "cancelled": _("the order is cancelled"),
        "late_refund": _("money came too late and goes back"),
        "processing": _("the bank is at work"),
        "payment_failed": _("the payment failed"),
        "refund": _("money was given back"),
    }
    return words.get(name, name)


def booking_words(kind: str) -> str:
    """Return what was booked."""
    words: dict[str, str] = {
        "capture": _("A capture was booked."),
        "settlement": _("A settlement was booked."),
        "refund": _("A refund was booked."),
        "refund_failed": _("A refund that failed was booked back."),
    }
    return words.get(kind, kind)


def account_words(account: str) -> str:
    """Return what an account of the ledger is called."""
    words: dict[str, str] = {
        "stripe.pending": _("Stripe, before its fee"),
        "stripe.balance": _("Stripe balance"),
        "paypal.pending": _("PayPal, before its fee"),
        "paypal.balance": _("PayPal balance"),
        "sales": _("sales"),
        "shipping": _("shipping"),
        "tax": _("tax"),
        "fees": _("fees"),
        "refunds": _("refunds"),
        "exchange": _("exchange"),
        "unearned": _("money that nobody owed us"),
    }
    return words.get(account, account)


def alarm_words(key: str) -> str:
    """Return what kind of alarm it is; the first part of its key says so."""
    kind = key.partition(":")[0]
    words: dict[str, str] = {
        "authorization_lapses": _("a reservation lapses soon"),
        "capture_refused": _("money could not be taken"),
        "card_testing": _("many declined cards"),
        "mismatch": _("another sum than agreed"),
        "no_credit_note": _("a credit note is missing"),
        "paid_twice": _("paid twice"),
        "paid_without_order": _("money without an order"),
        "not_repaired": _("the books differ"),
        "outbox_parked": _("work was given up"),
        "payment_missing": _("money that the provider does not know"),
        "pdf_failed": _("a PDF could not be made"),
        "refund_failed": _("a refund failed"),
        "refund_without_order": _("a refund without an order"),
        "tax_unrecorded": _("tax is not on record"),
        "tax_unrestored": _("tax is not on record"),
    }
    return words.get(kind, kind.replace("_", " "))
