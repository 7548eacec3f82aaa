"""Logs: one JSON object a line, without secrets, each with the ids of what it is about.

What is bound in this task of work (`bound`, `told_of`, and each request's id) stands in every line that is written
during it: request, job, event, message, order, payment. What counts as a secret is said here, for the API log too.
"""

from __future__ import annotations

import functools
import logging
import re
import sys
import uuid
from collections.abc import Callable, Iterator, MutableMapping
from contextlib import contextmanager
from typing import Any, ParamSpec, TypeVar

import structlog

P = ParamSpec("P")
R = TypeVar("R")

GONE = "[redacted]"
# Keys and secrets of both providers, client secrets, bearer and basic tokens.
_SECRETS = re.compile(
    r"\b(?:sk|rk|pk)_(?:test|live)_\w+|\bwhsec_\w+|\b\w+_secret_\w+|\b(?:Bearer|Basic)\s+[\w.~+/=-]+", re.IGNORECASE
)
# What lets somebody in by itself: the signed token of an order's or an account's link, or a session. Its signature is
# as long as a hash is; no name in a path or a trace is that long after a dot.
_SIGNED = re.compile(r"(?<![\w.-])[\w-]{6,}(?:\.[\w-]{5,8})?\.(?=[\w-]*\d)(?=[\w-]*[A-Z])[\w-]{27,88}(?![\w.-])")
# As many digits as a card has, on their own: not the decimals of a number or the middle of an id.
_DIGITS = re.compile(r"(?<!\w)(?<!\d\.)\d(?:[ \u00a0\u202f-]?\d){12,18}(?!\w|\.\d)")
# Anchored and bounded, so that a long word costs no more than its length; 64 is the longest local part there is.
_MAIL = re.compile(r"(?<![\w.+-])([\w.+-])[\w.+-]{0,63}@([\w-]{1,63}(?:\.[\w-]{1,63})+)")


def redact_secrets(text: str) -> str:
    """Blot out keys, client secrets and tokens wherever they stand in a text."""
    return _SECRETS.sub(GONE, text)


def redact(text: str) -> str:
    """Blot out keys, secrets, tokens, signed links and card numbers (by the Luhn check); mask mail addresses."""
    text = mask_mails(_SIGNED.sub(GONE, redact_secrets(text)))
    return _DIGITS.sub(lambda match: GONE if is_card(match.group()) else match.group(), text)


def mask_mails(text: str) -> str:
    """Return a text whose mail addresses name nobody: a***@example.com."""
    return _MAIL.sub(r"\1***@\2", text)


def is_card(digits: str) -> bool:
    """Tell whether the digits pass the Luhn check, as every card number does."""
    numbers = [int(digit) for digit in digits if digit.isdigit()][::-1]
    doubled = (sum(divmod(2 * number, 10)) for number in numbers[1::2])
    return (sum(numbers[::2]) + sum(doubled)) % 10 == 0


@contextmanager
def bound(**ids: object) -> Iterator[None]:
    """Write these ids into every line of the log until the end of the block."""
    with structlog.contextvars.bound_contextvars(**ids):
        yield


def told_of(job: Callable[P, R]) -> Callable[P, R]:
    """Have a job's name and a number of this run written into every line of its log."""

    @functools.wraps(job)
    def run(*args: P.args, **kwargs: P.kwargs) -> R:
        with bound(job=job.__name__, run=uuid.uuid4().hex[:12]):
            return job(*args, **kwargs)

    return run


def configure(level: str) -> None:
    """Send structlog and the standard library's loggers to stderr, redacted. A repeat changes nothing."""
    shared: list[Any] = [
        structlog.contextvars.merge_contextvars,
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.format_exc_info,
        _redact_event,
    ]
    structlog.configure(
        processors=[
            structlog.stdlib.filter_by_level,  # first: a line that nobody will read costs next to nothing
            *shared,
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=True,
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            processor=structlog.processors.JSONRenderer(), foreign_pre_chain=[structlog.stdlib.ExtraAdder(), *shared]
        )
    )
    root = logging.getLogger()
    root.handlers = [handler]
    root.setLevel(level)
    for chatty in ("alembic", "stripe"):
        logging.getLogger(chatty).setLevel(logging.WARNING)


def _redact_event(logger: Any, name: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    return {key: _redacted(value) for key, value in event.items()}


def _redacted(value: Any) -> Any:
    """Return a value of an event without secrets, whatever it is nested in; what is no text keeps its type."""
    if isinstance(value, str):
        return redact(value)
    if isinstance(value, dict):
        return {_redacted(key): _redacted(item) for key, item in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [_redacted(item) for item in value]
    if isinstance(value, int | float | bool) or value is None:
        return GONE if type(value) is int and 13 <= len(str(value)) <= 19 and is_card(str(value)) else value
    return redact(str(value))
