"""Payment methods: cards and SEPA accounts, new, saved and from Stripe's test tokens."""

import hashlib
from typing import Any

from sandbox.stripe import banks, cards, errors, events, lists
from sandbox.stripe.cards import Decline, TestCard
from sandbox.stripe.models import Call, billing_details, merge_metadata, revised

RAW_CARD = (
    "Sending credit card numbers directly to the Stripe API is generally unsafe. To continue processing use Stripe.js, "
    "the Stripe mobile bindings, or Stripe Elements. For more information, see "
    "https://dashboard.stripe.com/account/integration/settings."
)


def create(call: Call) -> dict[str, Any]:
    """POST /v1/payment_methods."""
    return make(call, call.params, call.params.get("card"))


def make(call: Call, data: dict[str, Any], card: dict[str, Any] | None) -> dict[str, Any]:
    """Store a payment method from what a form sent; raises StripeError for details that are not well-formed."""
    kind = data.get("type")
    if kind == "card":
        details, private = card_details(call, card or {})
    elif kind == "sepa_debit":
        details, private = sepa_details(data.get("sepa_debit") or {}, data.get("billing_details") or {})
    elif kind is None:
        raise errors.missing("type")
    else:
        message = f'The payment method type "{kind}" is not simulated by this sandbox; use card or sepa_debit.'
        raise errors.refused(message, param="type", code="payment_method_invalid_parameter")
    return _store(call, data, kind, details, private)


def from_token(call: Call, token: str) -> dict[str, Any] | None:
    """Store a new payment method for a token such as `pm_card_visa`; None for anything else."""
    card = cards.BY_TOKEN.get(token) or cards.BY_TOKEN.get(token.replace("tok_", "pm_card_"))
    if card is None:
        return None
    expiry = {"exp_month": 12, "exp_year": call.world.clock.now().year + 1}
    return _store(call, {}, "card", describe(card, expiry, has_cvc=True), {"_number": card.number})


def resolve(call: Call, object_id: str, param: str = "payment_method") -> dict[str, Any]:
    """Return the payment method of an id or a test token."""
    return from_token(call, object_id) or call.find("payment_method", object_id, param)


def get(call: Call) -> dict[str, Any]:
    """GET /v1/payment_methods/{id}."""
    return resolve(call, call.ids[0], "id")


def update(call: Call) -> dict[str, Any]:
    """POST /v1/payment_methods/{id}: billing details, expiry, redisplay and metadata."""
    method = call.find("payment_method", call.ids[0])
    before = dict(method)
    with revised(method) as changed:
        _apply(call, changed)
    if method["customer"] is not None:
        events.emit(call, "payment_method.updated", method, events.changes(before, method))
    return method


def list_all(call: Call) -> dict[str, Any]:
    """GET /v1/payment_methods: those of a customer."""
    return _of_customer(call, call.params.get("customer"), "/v1/payment_methods")


def list_of_customer(call: Call) -> dict[str, Any]:
    """GET /v1/customers/{id}/payment_methods."""
    call.find("customer", call.ids[0])
    return _of_customer(call, call.ids[0], f"/v1/customers/{call.ids[0]}/payment_methods")


def get_of_customer(call: Call) -> dict[str, Any]:
    """GET /v1/customers/{id}/payment_methods/{id}."""
    method = call.find("payment_method", call.ids[1])
    if method["customer"] != call.ids[0]:
        raise errors.no_such("PaymentMethod", call.ids[1])
    return method


def attach(call: Call) -> dict[str, Any]:
    """POST /v1/payment_methods/{id}/attach: the bank is asked whether the card is good."""
    method = resolve(call, call.ids[0], "id")
    if not call.params.get("customer"):
        raise errors.missing("customer")
    customer = call.find("customer", call.params["customer"], "customer")
    if method["customer"] != customer["id"]:
        check_attachable(method)
    attach_to(call, method, customer["id"])
    return method


def check_attachable(method: dict[str, Any]) -> None:
    """Raise StripeError for a payment method that no customer can have any more, or that its bank declines."""
    if method["customer"] is not None:
        raise errors.refused("The payment method you provided has already been attached to a customer.")
    if method.get("_used"):
        raise errors.refused(USED, code="payment_method_unexpected_state")
    if method["type"] == "card" and (decline := card_of(method).attach) is not None:
        raise declined(decline)


def attach_to(call: Call, method: dict[str, Any], customer_id: str) -> None:
    """Give a payment method to a customer; a repeat does nothing."""
    if method["customer"] == customer_id:
        return
    if method.get("_used"):
        raise errors.refused(USED, code="payment_method_unexpected_state")
    method["customer"] = customer_id
    events.emit(call, "payment_method.attached", method)


USED = (
    "This PaymentMethod was previously used without being attached to a Customer or was detached from a Customer, and "
    "may not be used again."
)


def detach(call: Call) -> dict[str, Any]:
    """POST /v1/payment_methods/{id}/detach: it cannot be used again."""
    method = call.find("payment_method", call.ids[0])
    if method["customer"] is None:
        message = "The payment method you provided is not attached to a customer so detachment is impossible."
        raise errors.refused(message)
    detach_from_customer(call, method)
    return method


def detach_from_customer(call: Call, method: dict[str, Any]) -> None:
    """Take a saved payment method from its customer, who may have had it as the default one."""
    previous = {"customer": method["customer"]}
    customer = call.table("customer").get(method["customer"])
    if customer and customer["invoice_settings"]["default_payment_method"] == method["id"]:
        customer["invoice_settings"]["default_payment_method"] = None
    method.update({"customer": None, "_used": True})
    events.emit(call, "payment_method.detached", method, previous)


def _apply(call: Call, method: dict[str, Any]) -> None:
    given = call.params
    if "allow_redisplay" in given:
        method["allow_redisplay"] = given["allow_redisplay"]
    if "billing_details" in given:
        method["billing_details"] = billing_details({**method["billing_details"], **given["billing_details"]})
    if "metadata" in given:
        method["metadata"] = merge_metadata(method["metadata"], given["metadata"])
    if "card" in given and method["type"] == "card":
        expiry = {name: given["card"][name] for name in ("exp_month", "exp_year") if name in given["card"]}
        method["card"].update(expiry)


def card_of(method: dict[str, Any]) -> TestCard:
    """Return what a card payment method's number does."""
    return cards.card_of(method["_number"])


def declined(decline: Decline, **fields: Any) -> errors.StripeError:
    """Return the 402 for a decline."""
    return errors.card_error(
        decline.message,
        code=decline.code,
        decline_code=decline.decline_code,
        advice_code=decline.advice_code,
        param=decline.param,
        **fields,
    )


def card_details(call: Call, given: dict[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return a card's details and what is kept to itself; raises StripeError as Stripe's form checks do."""
    if token := given.get("token"):
        card = cards.BY_TOKEN.get(str(token).replace("tok_", "pm_card_"))
        if card is None:
            raise errors.no_such("token", str(token), "card[token]", 400)
        expiry = {"exp_month": 12, "exp_year": call.world.clock.now().year + 1}
        return describe(card, expiry, has_cvc=True), {"_number": card.number}
    if not call.public and "number" in given:
        raise errors.StripeError(402, RAW_CARD)
    for name in ("number", "exp_month", "exp_year"):
        if given.get(name) in (None, ""):
            raise errors.missing(f"card[{name}]")
    number = str(given["number"]).replace(" ", "").replace("-", "")
    if not cards.is_luhn(number):
        raise errors.card_error("Your card number is incorrect.", code="incorrect_number", param="number")
    card = cards.card_of(number)
    expiry = read_expiry(call, given["exp_month"], given["exp_year"])
    cvc = given.get("cvc")
    if cvc is not None and not (str(cvc).isdigit() and len(str(cvc)) == (4 if card.brand == "amex" else 3)):
        raise errors.card_error("Your card's security code is invalid.", code="invalid_cvc", param="cvc")
    return describe(card, expiry, has_cvc=cvc is not None), {"_number": number}


def read_expiry(call: Call, month: Any, year: Any) -> dict[str, int]:
    """Return the expiry as numbers; a year of two digits means this century; raises StripeError for a past one."""
    bad_month = errors.card_error(
        "Your card's expiration month is invalid.", code="invalid_expiry_month", param="exp_month"
    )
    bad_year = errors.card_error(
        "Your card's expiration year is invalid.", code="invalid_expiry_year", param="exp_year"
    )
    if not str(month).isdigit() or not 1 <= int(month) <= 12:
        raise bad_month
    if not str(year).isdigit():
        raise bad_year
    full = int(year) + 2000 if int(year) < 100 else int(year)
    now = call.world.clock.now()
    if full < now.year or full > now.year + 50:
        raise bad_year
    if full == now.year and int(month) < now.month:
        raise bad_month
    return {"exp_month": int(month), "exp_year": full}


def describe(card: TestCard, expiry: dict[str, int], *, has_cvc: bool) -> dict[str, Any]:
    """Return the `card` hash of a payment method."""
    checks = {
        "address_line1_check": None,
        "address_postal_code_check": None,
        "cvc_check": "pass" if has_cvc else None,
    }
    return {
        "brand": card.brand,
        "checks": {**checks, **card.checks},
        "country": card.country,
        "display_brand": {"amex": "american_express", "diners": "diners_club"}.get(card.brand, card.brand),
        **expiry,
        "fingerprint": _fingerprint(card.number),
        "funding": card.funding,
        "generated_from": None,
        "last4": card.number[-4:],
        "networks": {"available": [card.brand], "preferred": None},
        "regulated_status": "unregulated",
        "three_d_secure_usage": {"supported": card.three_ds != "never"},
        "wallet": None,
    }


def sepa_details(given: dict[str, Any], billing: dict[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return a SEPA account's details; raises StripeError for a bad IBAN or missing billing details.

    Name and e-mail are always needed; outside the EEA also line1, city, postal code and country (API 2026-09-30).
    """
    if not given.get("iban"):
        raise errors.missing("sepa_debit[iban]")
    iban = banks.clean(str(given["iban"]))
    if not banks.is_iban(iban):
        message = "The IBAN you entered is invalid."
        raise errors.refused(message, param="sepa_debit[iban]", code="payment_method_invalid_parameter")
    for name in ("name", "email"):
        if not billing.get(name):
            raise errors.missing(f"billing_details[{name}]")
    if iban[:2] in banks.OUTSIDE_EEA:
        for name in ("line1", "city", "postal_code", "country"):
            if not (billing.get("address") or {}).get(name):
                raise errors.missing(f"billing_details[address][{name}]")
    details = {
        "bank_code": iban[4:12] if iban.startswith("DE") else iban[4:9],
        "branch_code": None,
        "country": iban[:2],
        "fingerprint": _fingerprint(iban),
        "generated_from": {"charge": None, "setup_attempt": None},
        "last4": iban[-4:],
    }
    return details, {"_iban": iban}


def _store(
    call: Call, data: dict[str, Any], kind: str, details: dict[str, Any], private: dict[str, Any]
) -> dict[str, Any]:
    return call.insert(
        "payment_method",
        {
            "allow_redisplay": data.get("allow_redisplay") or "unspecified",
            "billing_details": billing_details(data.get("billing_details")),
            kind: details,
            "created": call.now(),
            "customer": None,
            "customer_account": None,
            "livemode": False,
            "metadata": merge_metadata({}, data.get("metadata") or {}),
            "type": kind,
            **private,
        },
    )


def _of_customer(call: Call, customer_id: str | None, url: str) -> dict[str, Any]:
    wanted = {"customer": customer_id, "type": call.params.get("type")}
    wanted["allow_redisplay"] = call.params.get("allow_redisplay")
    if customer_id is None:
        return lists.cut(call.params, [], url, "PaymentMethod")
    keep = lists.matches(wanted, "customer", "type", "allow_redisplay")
    return lists.page(call, "payment_method", url, keep=keep)


def _fingerprint(number: str) -> str:
    return hashlib.sha256(number.encode()).hexdigest()[:16]
