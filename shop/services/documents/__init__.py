"""Documents: issued with what they are for, frozen, numbered without gaps, and set as PDF when asked for."""

from shop.services.documents.content import title
from shop.services.documents.forgetting import forget
from shop.services.documents.issue import credit, issue, issue_missing, reverse
from shop.services.documents.reading import as_pdf, has_failed, of_order, of_refund, one
from shop.services.documents.snapshot import taxes

__all__ = [
    "as_pdf",
    "credit",
    "forget",
    "has_failed",
    "issue",
    "issue_missing",
    "of_order",
    "of_refund",
    "one",
    "reverse",
    "taxes",
    "title",
]
