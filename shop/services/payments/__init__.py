"""Payments: begin one, find out what became of it, call it back. All of it ends in one writer, `apply`."""

from shop.services.payments.apply import apply, locate, take_ticket
from shop.services.payments.call_back import call_back, handle_tidy
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
    told,
)
from shop.services.payments.start import Ready, handle_start, start
from shop.services.payments.take import (
    ask,
    ask_void,
    authorized,
    capture,
    end_later,
    handle_take,
    handle_void,
    let_go,
    take,
    void,
    watch_expiry,
)

__all__ = [
    "Outcome",
    "Ready",
    "Status",
    "allow_capture",
    "apply",
    "approved",
    "ask",
    "ask_void",
    "authorized",
    "call_back",
    "capture",
    "due",
    "end_later",
    "handle_settle",
    "handle_start",
    "handle_take",
    "handle_tidy",
    "handle_void",
    "let_go",
    "locate",
    "postpone",
    "refresh",
    "settle",
    "start",
    "status",
    "take",
    "take_ticket",
    "told",
    "void",
    "watch_expiry",
]
