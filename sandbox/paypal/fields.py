"""What a request body may hold: small tables, and one function that reads a body against them.

Fields that no table names are ignored, as PayPal does [K]; null is a value of the wrong type, as the schemas say. A
finding is `(issue, JSON pointer, value)`; all of them are reported at once, in the order of the tables.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

Finding = tuple[str, str, Any]


@dataclass(frozen=True)
class Text:
    """A string: its length in characters, its pattern (whole), its choices."""

    least: int = 0
    most: int = 10_000
    pattern: str = ""
    choices: tuple[str, ...] = ()
    wrong_pattern: str = "INVALID_PARAMETER_SYNTAX"


@dataclass(frozen=True)
class Flag:
    """True or false."""


@dataclass(frozen=True)
class Anything:
    """Any JSON value; what it means is looked at elsewhere."""


@dataclass(frozen=True)
class Many:
    """An array of one kind."""

    of: "Kind"
    least: int = 0
    most: int = 32_767


@dataclass(frozen=True)
class Shape:
    """An object with the fields it must have and those it may have."""

    required: Mapping[str, "Kind"] = field(default_factory=dict)
    optional: Mapping[str, "Kind"] = field(default_factory=dict)


Kind = Text | Flag | Anything | Many | Shape


def check(kind: Kind, value: Any, pointer: str = "") -> Iterator[Finding]:
    """Yield everything wrong with `value`; `pointer` is where it stands in the body."""
    match kind:
        case Text():
            yield from _check_text(kind, value, pointer)
        case Flag() if not isinstance(value, bool):
            yield "INVALID_PARAMETER_SYNTAX", pointer, value
        case Many():
            yield from _check_many(kind, value, pointer)
        case Shape():
            yield from _check_shape(kind, value, pointer)
        case _:
            return


def _check_text(kind: Text, value: Any, pointer: str) -> Iterator[Finding]:
    if not isinstance(value, str):
        yield "INVALID_PARAMETER_SYNTAX", pointer, value
    elif kind.choices and value not in kind.choices:
        yield "INVALID_PARAMETER_VALUE", pointer, value
    elif not kind.least <= len(value) <= kind.most:
        yield "INVALID_STRING_LENGTH", pointer, value
    elif kind.pattern and not re.fullmatch(kind.pattern, value):
        yield kind.wrong_pattern, pointer, value


def _check_many(kind: Many, value: Any, pointer: str) -> Iterator[Finding]:
    if not isinstance(value, list):
        yield "INVALID_PARAMETER_SYNTAX", pointer, None
    elif len(value) < kind.least:
        yield "INVALID_ARRAY_MIN_ITEMS", pointer, None
    elif len(value) > kind.most:
        yield "INVALID_ARRAY_MAX_ITEMS", pointer, None
    else:
        for index, item in enumerate(value):
            yield from check(kind.of, item, f"{pointer}/{index}")


def _check_shape(kind: Shape, value: Any, pointer: str) -> Iterator[Finding]:
    if not isinstance(value, dict):
        yield "INVALID_PARAMETER_SYNTAX", pointer or "/", None
        return
    for name, inner in kind.required.items():
        if value.get(name) is None:
            yield "MISSING_REQUIRED_PARAMETER", f"{pointer}/{name}", None
        else:
            yield from check(inner, value[name], f"{pointer}/{name}")
    for name, inner in kind.optional.items():
        if name in value:
            yield from check(inner, value[name], f"{pointer}/{name}")


EMAIL = Text(3, 254, r"[^@\s]+@[^@\s]+")
URL = Text(1, 4_000, r"[a-zA-Z][a-zA-Z0-9+.-]*:.+")
MERCHANT_ID = Text(13, 13, r"[2-9A-HJ-NP-Z]{13}")
MONEY = Shape({"currency_code": Text(3, 3), "value": Text(0, 32, r"(-?[0-9]+)|(-?([0-9]+)?[.][0-9]+)")})
COUNTRY = Text(2, 2, r"[A-Z]{2}|C2", wrong_pattern="INVALID_COUNTRY_CODE")
ADDRESS = Shape(
    {"country_code": COUNTRY},
    {
        "address_line_1": Text(0, 300),
        "address_line_2": Text(0, 300),
        "admin_area_2": Text(0, 120),
        "admin_area_1": Text(0, 300),
        "postal_code": Text(0, 60),
    },
)
NAME = Shape(optional={"given_name": Text(0, 140), "surname": Text(0, 140), "full_name": Text(0, 300)})
BREAKDOWN = ("item_total", "shipping", "handling", "tax_total", "insurance", "shipping_discount", "discount")
AMOUNT = Shape(MONEY.required, {"breakdown": Shape(optional=dict.fromkeys(BREAKDOWN, MONEY))})
ITEM = Shape(
    {"name": Text(1, 127), "unit_amount": MONEY, "quantity": Text(0, 10, r"[1-9][0-9]{0,9}")},
    {
        "tax": MONEY,
        "description": Text(0, 127),
        "sku": Text(0, 127),
        "category": Text(choices=("DIGITAL_GOODS", "PHYSICAL_GOODS", "DONATION")),
    },
)
SHIPPING_TYPES = ("SHIPPING", "PICKUP_IN_PERSON", "PICKUP_IN_STORE", "PICKUP_FROM_PERSON")
SHIPPING_OPTION = Shape(
    {"id": Text(0, 127), "label": Text(0, 127), "selected": Flag()},
    {"type": Text(choices=("SHIPPING", "PICKUP", "PICKUP_IN_STORE", "PICKUP_FROM_PERSON")), "amount": MONEY},
)
SHIPPING = Shape(
    optional={
        "name": NAME,
        "type": Text(choices=SHIPPING_TYPES),
        "address": ADDRESS,
        "options": Many(SHIPPING_OPTION, most=10),
    }
)
PAYEE = Shape(optional={"email_address": EMAIL, "merchant_id": MERCHANT_ID})
PAYMENT_INSTRUCTION = Shape(optional={"disbursement_mode": Text(choices=("INSTANT", "DELAYED"))})
PURCHASE_UNIT = Shape(
    {"amount": AMOUNT},
    {
        "reference_id": Text(1, 256),
        "payee": PAYEE,
        "payment_instruction": PAYMENT_INSTRUCTION,
        "description": Text(1, 127),
        "custom_id": Text(1, 127),
        "invoice_id": Text(1, 127),
        "soft_descriptor": Text(1, 22),
        "items": Many(ITEM),
        "shipping": SHIPPING,
    },
)
CONTEXT = {
    "brand_name": Text(1, 127),
    "locale": Text(2, 10, r"[a-z]{2}(?:-[A-Z][a-z]{3})?(?:-(?:[A-Z]{2}|[0-9]{3}))?"),
    "shipping_preference": Text(choices=("GET_FROM_FILE", "NO_SHIPPING", "SET_PROVIDED_ADDRESS")),
    "user_action": Text(choices=("CONTINUE", "PAY_NOW")),
    "return_url": URL,
    "cancel_url": URL,
}
APPLICATION_CONTEXT = Shape(optional={**CONTEXT, "landing_page": Text(choices=("LOGIN", "BILLING", "NO_PREFERENCE"))})
PREFERENCES = ("UNRESTRICTED", "IMMEDIATE_PAYMENT_REQUIRED")
EXPERIENCE_CONTEXT = Shape(
    optional={
        **CONTEXT,
        "landing_page": Text(choices=("LOGIN", "GUEST_CHECKOUT", "NO_PREFERENCE")),
        "payment_method_preference": Text(choices=PREFERENCES),
    }
)
WALLET = Shape(
    optional={
        "email_address": EMAIL,
        "name": NAME,
        "address": ADDRESS,
        "experience_context": EXPERIENCE_CONTEXT,
        "vault_id": Text(1, 255, r"[0-9a-zA-Z_-]+"),
    }
)
PAYMENT_SOURCE = Shape(optional={"paypal": WALLET})
PAYER = Shape(optional={"name": NAME, "email_address": EMAIL, "payer_id": MERCHANT_ID, "address": ADDRESS})

ORDER = Shape(
    {"intent": Text(choices=("CAPTURE", "AUTHORIZE")), "purchase_units": Many(PURCHASE_UNIT, 1, 10)},
    {"payer": PAYER, "payment_source": PAYMENT_SOURCE, "application_context": APPLICATION_CONTEXT},
)
PATCH = Many(
    Shape(
        {"op": Text(choices=("add", "remove", "replace", "move", "copy", "test"))},
        {"path": Text(), "value": Anything(), "from": Text()},
    ),
    most=32_767,
)
ORDER_PAYMENT = Shape(optional={"payment_source": PAYMENT_SOURCE})
REAUTHORIZE = Shape(optional={"amount": MONEY})
CAPTURE = Shape(
    optional={
        "amount": MONEY,
        "invoice_id": Text(1, 127),
        "final_capture": Flag(),
        "payment_instruction": PAYMENT_INSTRUCTION,
        "note_to_payer": Text(1, 255),
        "soft_descriptor": Text(0, 22),
    }
)
REFUND = Shape(
    optional={
        "amount": MONEY,
        "custom_id": Text(1, 127),
        "invoice_id": Text(1, 127),
        "note_to_payer": Text(1, 255),
    }
)
EVENT_TYPE = Shape({"name": Text(1, 127)})
WEBHOOK = Shape({"url": Text(1, 2_048, URL.pattern), "event_types": Many(EVENT_TYPE, 1, 500)})
VERIFICATION = Shape(
    {
        "auth_algo": Text(1, 100),
        "cert_url": Text(1, 500),
        "transmission_id": Text(1, 50),
        "transmission_sig": Text(1, 500),
        "transmission_time": Text(1, 100),
        "webhook_id": Text(1, 50),
        "webhook_event": Shape(),
    }
)
SIMULATION = Shape({"event_type": Text(1, 50)}, {"webhook_id": Text(1, 50), "url": Text(1, 2_048, URL.pattern)})
RESEND = Shape(optional={"webhook_ids": Many(Text(), most=500)})
