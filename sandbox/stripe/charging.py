"""Charges and what they leave in the balance: made, captured, settled late, failed."""

import zlib
from typing import Any

from sandbox.stripe import amounts, cards, events
from sandbox.stripe.cards import Decline
from sandbox.stripe.models import Call, shown
from sandbox.world import World

FEE_SECONDS = 3  # Stripe says within an hour: https://docs.stripe.com/payments/payment-intents/asynchronous-capture
SETTLE = "stripe.settle_charge"
AVAILABLE_SECONDS = 2 * 86_400
RISK_SCORES = {"normal": 12, "elevated": 68, "highest": 92}
APPROVED = {"network_status": "approved_by_network", "reason": None, "type": "authorized"}
BLOCKED = {"network_status": "not_sent_to_network", "reason": "highest_risk_level", "type": "blocked"}


def register(world: World) -> None:
    """Tell the agenda how a charge is settled."""

    def settle_later(charge_id: str) -> None:
        call = Call(world)
        charge = call.table("charge").get(charge_id)
        if charge is not None and charge["balance_transaction"] is None and charge["captured"]:
            settle(call, charge)
            events.emit(call, "charge.updated", charge, {"balance_transaction": None})

    world.agenda.register(SETTLE, settle_later)


def make(
    call: Call,
    intent: dict[str, Any],
    method: dict[str, Any],
    *,
    status: str = "succeeded",
    captured: bool = True,
    decline: Decline | None = None,
    authenticated: bool = False,
    mandate: str | None = None,
) -> dict[str, Any]:
    """Store a charge for an intent: succeeded, pending (bank debits) or failed (with its decline)."""
    captured = captured and status != "failed"
    details = _card_details(intent, method, authenticated) if method["type"] == "card" else _sepa(method, mandate)
    return call.insert(
        "charge",
        {
            "amount": intent["amount"],
            "amount_captured": intent["amount"] if captured and status == "succeeded" else 0,
            "amount_refunded": 0,
            "application": None,
            "application_fee": None,
            "application_fee_amount": None,
            "balance_transaction": None,
            "billing_details": shown(method["billing_details"]),
            "calculated_statement_descriptor": intent["statement_descriptor"] or "SANDBOX",
            "captured": captured,
            "created": call.now(),
            "currency": intent["currency"],
            "customer": intent["customer"],
            "description": intent["description"],
            "disputed": False,
            "failure_balance_transaction": None,
            "failure_code": decline.code if decline else None,
            "failure_message": decline.message if decline else None,
            "fraud_details": {},
            "livemode": False,
            "metadata": dict(intent["metadata"]),
            "on_behalf_of": None,
            "outcome": _outcome(method, decline),
            "paid": status == "succeeded",
            "payment_intent": intent["id"],
            "payment_method": method["id"],
            "payment_method_details": {"type": method["type"], method["type"]: details},
            "radar_options": {},
            "receipt_email": intent["receipt_email"],
            "receipt_number": None,
            "receipt_url": None,
            "refunded": False,
            "review": None,
            "shipping": intent["shipping"],
            "source": None,
            "source_transfer": None,
            "statement_descriptor": intent["statement_descriptor"],
            "statement_descriptor_suffix": intent["statement_descriptor_suffix"],
            "status": status,
            "transfer_data": None,
            "transfer_group": intent["transfer_group"],
        },
        prefix="ch_" if method["type"] == "card" else "py_",
    )


def settle(call: Call, charge: dict[str, Any]) -> None:
    """Put a captured charge into the balance: gross, fee and net, in the account's currency."""
    kind = charge["payment_method_details"]["type"]
    country = charge["payment_method_details"][kind]["country"]
    gross, currency, _ = amounts.settle(charge["amount_captured"], charge["currency"])
    fee = amounts.fee(gross, kind, country)
    noun = "charge" if kind == "card" else "payment"
    entry = book(call, noun, charge["amount_captured"], charge["currency"], charge["id"], fee=fee)
    entry["description"] = charge["description"]
    if fee:
        entry["fee_details"] = [
            {
                "amount": fee,
                "application": None,
                "currency": currency,
                "description": "Stripe processing fees",
                "type": "stripe_fee",
            }
        ]
    charge["balance_transaction"] = entry["id"]


def book(call: Call, kind: str, amount: int, currency: str, source: str, *, fee: int = 0) -> dict[str, Any]:
    """Store a balance transaction; `amount` is in the charge's currency and signed as the balance sees it."""
    settled, settled_currency, rate = amounts.settle(amount, currency)
    return call.insert(
        "balance_transaction",
        {
            "amount": settled,
            "available_on": call.now() + AVAILABLE_SECONDS,
            "balance_type": "payments",
            "created": call.now(),
            "currency": settled_currency,
            "description": None,
            "exchange_rate": rate,
            "fee": fee,
            "fee_details": [],
            "net": settled - fee,
            "reporting_category": {"payment": "charge", "payment_refund": "refund"}.get(kind, kind),
            "source": source,
            "status": "pending",
            "type": kind,
        },
    )


def capture(call: Call, charge: dict[str, Any], amount: int, *, late: bool) -> None:
    """Take an amount from an authorized charge; what is left is released. `late` settles it some seconds afterwards."""
    charge.update({"captured": True, "amount_captured": amount})
    settle_soon(call, charge, late=late)


def settle_soon(call: Call, charge: dict[str, Any], *, late: bool) -> None:
    """Settle now, or as asynchronous capture does: the fee follows in a `charge.updated`."""
    if late:
        call.world.agenda.after(FEE_SECONDS, SETTLE, charge_id=charge["id"])
    else:
        settle(call, charge)


def _outcome(method: dict[str, Any], decline: Decline | None) -> dict[str, Any]:
    card = cards.card_of(method["_number"]) if method["type"] == "card" else None
    level = card.risk_level if card else "not_assessed"
    if decline is None:
        said: dict[str, Any] = {**APPROVED, "seller_message": "Payment complete."}
    elif card is not None and card.blocked:
        said = {**BLOCKED, "seller_message": "Stripe blocked this payment as too risky."}
    else:
        said = {
            "network_status": "declined_by_network",
            "reason": decline.decline_code or decline.code,
            "seller_message": f"The bank returned the decline code `{decline.decline_code or decline.code}`.",
            "type": "issuer_declined",
        }
    advice = decline.advice_code if decline else None
    risk = {"risk_level": level, **({"risk_score": RISK_SCORES[level]} if level in RISK_SCORES else {})}
    return {"advice_code": advice, "network_advice_code": None, "network_decline_code": None, **risk, **said}


def _card_details(intent: dict[str, Any], method: dict[str, Any], authenticated: bool) -> dict[str, Any]:
    card = method["card"]
    shared = ("brand", "checks", "country", "exp_month", "exp_year", "fingerprint", "funding", "last4", "wallet")
    number = zlib.crc32(intent["id"].encode())
    return {
        **{name: card[name] for name in shared},
        "amount_authorized": intent["amount"],
        "authorization_code": f"{number % 1_000_000:06d}",
        "extended_authorization": {"status": "disabled"},
        "incremental_authorization": {"status": "unavailable"},
        "installments": None,
        "mandate": None,
        "multicapture": {"status": "unavailable"},
        "network": card["brand"],
        "network_token": {"used": False},
        "network_transaction_id": f"{number:015d}",
        "overcapture": {"maximum_amount_capturable": intent["amount"], "status": "unavailable"},
        "regulated_status": card["regulated_status"],
        "three_d_secure": _three_d_secure() if authenticated else None,
    }


def _three_d_secure() -> dict[str, Any]:
    return {
        "authentication_flow": "challenge",
        "electronic_commerce_indicator": "05",
        "exemption_indicator": None,
        "result": "authenticated",
        "result_reason": None,
        "transaction_id": None,
        "version": "2.2.0",
    }


def _sepa(method: dict[str, Any], mandate: str | None) -> dict[str, Any]:
    shared = ("bank_code", "branch_code", "country", "fingerprint", "last4")
    return {**{name: method["sepa_debit"][name] for name in shared}, "mandate": mandate}
