"""What may be kept of an exchange with a provider: enough to trace it, never a secret, a card or a full person."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qsl

from shop.logs import GONE, mask_mails, redact, redact_secrets

LIMIT = 8_000  # characters of one body in the API log

SECRET_FIELDS = frozenset(
    """client_secret access_token refresh_token id_token authorization api_key secret nonce cvc cvv cvv2
    security_code number card_number iban account_number routing_number tax_id""".split()
)
PERSONAL_FIELDS = frozenset(
    """email email_address receipt_email full_name given_name surname phone national_number line1 line2
    address_line_1 address_line_2 city admin_area_1 admin_area_2 postal_code birth_date payer_id account_id""".split()
)
# "state" is a region only in here; elsewhere it is how far something has come.
HOLDER_OF_A_REGION = "address"
# "name" is a person's only inside these; elsewhere it is an article's or an error's.
HOLDERS_OF_A_NAME = frozenset(
    {"shipping", "billing_details", "owner", "customer", "payer", "card", "paypal", "sepa_debit"}
)


def body(text: str | bytes | None, content_type: str = "") -> str:
    """Return a request's or answer's body fit for the API log, cut at LIMIT characters.

    JSON stays JSON and a form stays readable; what is neither is only searched for patterns.
    """
    if not text:
        return ""
    plain = text.decode("utf-8", "replace") if isinstance(text, bytes) else text
    if "form-urlencoded" in content_type:
        return query(plain)
    try:
        parsed = json.loads(plain)
    except ValueError:
        return scrub(plain)[:LIMIT]
    return json.dumps(_walk(parsed, "", _clean), ensure_ascii=False)[:LIMIT]


def query(text: str) -> str:
    """Return a form body or query string, decoded and redacted: `a[b]=c&d=e`."""
    pairs = []
    for name, value in parse_qsl(text, keep_blank_values=True):
        parts = [part for part in re.split(r"[\[\]]+", name) if part]
        parent = next((part for part in reversed(parts[:-1]) if not part.isdigit()), "")
        pairs.append(f"{name}={_clean(parts[-1] if parts else '', parent, value)}")
    return "&".join(pairs)[:LIMIT]


def without_secrets(payload: Any) -> Any:
    """Return a copy of parsed JSON in which every client secret and key is blotted out; the rest is kept.

    Every webhook passes here within its request, so only values that could hold one are searched.
    """
    return _walk(payload, "", _without_secret)


def scrub(text: str) -> str:
    """Blot out keys, client secrets, card numbers and mail addresses wherever they stand in a text, as in the log."""
    return redact(text)


def mask_mail(address: str) -> str:
    """Return an address as a receipt may show it: a***@example.com; empty stays empty."""
    return mask_mails(address)


def _walk(node: Any, parent: str, clean: Callable[[str, str, str], str], name: str = "") -> Any:
    if isinstance(node, dict):
        return {key: _walk(value, name or parent, clean, str(key)) for key, value in node.items()}
    if isinstance(node, list):
        return [_walk(value, parent, clean, name) for value in node]
    if isinstance(node, str):
        return clean(name, parent, node)
    return GONE if name in SECRET_FIELDS and node is not None else node


def _without_secret(name: str, parent: str, value: str) -> str:
    if name in SECRET_FIELDS:
        return GONE
    return redact_secrets(value) if "_" in value or " " in value else value


def _clean(name: str, parent: str, value: str) -> str:
    if name in SECRET_FIELDS:
        return GONE if value else value
    is_region = name == "state" and parent == HOLDER_OF_A_REGION
    if name in PERSONAL_FIELDS or is_region or (name == "name" and parent in HOLDERS_OF_A_NAME):
        return mask_mail(value) if "@" in value else f"{value[:1]}***" if value else ""
    return scrub(value)
