"""Payments v2, refunds: show."""

from sandbox.paypal.calls import Answer, Call
from sandbox.paypal.responses.shared import shown


def show(call: Call, refund_id: str) -> Answer:
    """Show a refund whole."""
    return shown(call, "refund", refund_id)
