"""Payments: begin one, find out what became of it, call it back. All of it ends in one writer, `apply`."""

from shop.services.payments.apply import apply, locate, take_ticket
from shop.services.payments.call_back import call_back, handle_stop, handle_tidy
from shop.services.payments.settle import (
    Outcome,
    Status,
    allow_capture,
    approved,
    due,
    handle_settle,
    postpone,
    refresh,
    settle,
    status,
)
from shop.services.payments.start import Ready, handle_start, start

__all__ = [
    "Outcome",
    "Ready",
    "Status",
    "allow_capture",
    "apply",
    "approved",
    "call_back",
    "due",
    "handle_settle",
    "handle_start",
    "handle_stop",
    "handle_tidy",
    "locate",
    "postpone",
    "refresh",
    "settle",
    "start",
    "status",
    "take_ticket",
]
