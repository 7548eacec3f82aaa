"""What browsers tell of pages that tried to load what they may not: a fault of ours, an extension, an attack."""

from __future__ import annotations

from dataclasses import dataclass

import structlog

from shop.services import metrics

log = structlog.get_logger(__name__)

DIRECTIVES = frozenset(
    """base-uri connect-src default-src font-src form-action frame-ancestors frame-src img-src manifest-src media-src
    object-src script-src script-src-attr script-src-elem style-src style-src-attr style-src-elem worker-src""".split()
)


@dataclass(frozen=True)
class Violation:
    """One report: the route of the page, the directive, and the origin (or kind) of what was not loaded."""

    route: str
    directive: str
    blocked: str
    is_payment_page: bool


def note(violation: Violation) -> None:
    """Log and count one report. Anybody can send one, so nothing else hangs on it, and its words are few and known."""
    directive = violation.directive if violation.directive in DIRECTIVES else "other"
    page = "payment" if violation.is_payment_page else "other"
    metrics.policy_violations.labels(page, directive).inc()
    log.warning(
        "policy_violation", page=page, page_route=violation.route, directive=directive, blocked=violation.blocked
    )
