"""The account behind the keys: https://docs.stripe.com/api/accounts/retrieve."""

from typing import Any

from sandbox.stripe import amounts
from sandbox.stripe.models import Call
from sandbox.world import ACCOUNT_ID


def get(call: Call) -> dict[str, Any]:
    """GET /v1/account."""
    return {
        "id": ACCOUNT_ID,
        "object": "account",
        "business_profile": {"name": "Sandbox", "url": None, "support_email": None},
        "business_type": "company",
        "capabilities": {"card_payments": "active", "sepa_debit_payments": "active", "transfers": "active"},
        "charges_enabled": True,
        "country": amounts.ACCOUNT_COUNTRY,
        "created": 1_700_000_000,
        "default_currency": amounts.ACCOUNT_CURRENCY,
        "details_submitted": True,
        "email": "sandbox@example.com",
        "metadata": {},
        "payouts_enabled": True,
        "settings": {
            "branding": {"icon": None, "logo": None, "primary_color": None, "secondary_color": None},
            "card_payments": {"statement_descriptor_prefix": None},
            "dashboard": {"display_name": "Sandbox", "timezone": "Etc/UTC"},
            "payments": {"statement_descriptor": "SANDBOX"},
        },
        "type": "standard",
    }
