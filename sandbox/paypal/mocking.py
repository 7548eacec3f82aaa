"""Negative testing: `PayPal-Mock-Response: {"mock_application_codes": "INSTRUMENT_DECLINED"}`.

PayPal's sandbox answers Orders and Payments calls with the code asked for and runs nothing
(developer.paypal.com/api/rest/negative-testing). Here a code is any issue the call can answer, or the name of an error.
Two codes are ours: PENDING makes a capture or a refund wait for a bank, so that a test need not go through the window.
"""

import json

from sandbox.paypal import issues
from sandbox.paypal.errors import NAMES, refuse, refuse_issue

PENDING = "PENDING"
CAN_BE_PENDING = ("orders.capture", "authorizations.capture", "captures.refund")


def code(call: str, header: str) -> str:
    """Return PENDING or "" for a header that lets the call run; raises the error that the header asks for.

    A header that cannot be read, or a code that this call never answers, is refused with INVALID_REQUEST: a test that
    misspells it should not pass by accident.
    """
    if not header:
        return ""
    try:
        wanted = str(json.loads(header)["mock_application_codes"])
    except (ValueError, KeyError, TypeError):
        raise refuse_issue(call, "INVALID_PARAMETER_VALUE", "PayPal-Mock-Response", header) from None
    if wanted == PENDING and call in CAN_BE_PENDING:
        return PENDING
    if issues.find(call, wanted) is not None:
        raise refuse_issue(call, wanted)
    if wanted in NAMES:
        raise refuse(wanted)
    raise refuse_issue(call, "INVALID_PARAMETER_VALUE", "PayPal-Mock-Response", wanted)
