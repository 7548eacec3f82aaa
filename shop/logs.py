"""Logs: one JSON object a line, without secrets."""

from __future__ import annotations

import logging
import re
import sys
from collections.abc import MutableMapping
from typing import Any

import structlog

# Keys and secrets of both providers, client secrets, bearer tokens; and whatever looks like a card number.
_SECRETS = re.compile(
    r"(?:sk|rk)_(?:test|live)_\w+|whsec_\w+|\w+_secret_\w+|Bearer\s+[\w.~+/-]+=*|Basic\s+[\w+/]+=*", re.IGNORECASE
)
_CARD = re.compile(r"\b\d(?:[ -]?\d){12,18}\b")
GONE = "[redacted]"


def redact(text: str) -> str:
    """Return the text without keys, secrets, tokens and card numbers (digits that pass the Luhn check)."""
    return _CARD.sub(_card, _SECRETS.sub(GONE, text))


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
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
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
    return {key: redact(value) if isinstance(value, str) else value for key, value in event.items()}


def _card(match: re.Match[str]) -> str:
    digits = [int(char) for char in match.group() if char.isdigit()]
    doubled = [sum(divmod(2 * digit, 10)) if index % 2 else digit for index, digit in enumerate(reversed(digits))]
    return GONE if sum(doubled) % 10 == 0 else match.group()
