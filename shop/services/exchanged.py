"""What was exchanged with the providers about somebody: its bodies are emptied, and that it took place stays."""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import update
from sqlalchemy.orm import Session

from shop.gateways.base import Provider
from shop.models import ApiCallRecord, InboxEvent


def forget_calls(session: Session, subjects: Iterable[str]) -> None:
    """Empty what was said in calls: `subjects` are what these were about, "order:7" or "customer:3"."""
    about = ApiCallRecord.subject.in_(list(subjects))
    session.execute(update(ApiCallRecord).where(about).values(request="", response=""))


def forget_notices(session: Session, provider: Provider, external_ids: Iterable[str | None]) -> None:
    """Empty the webhooks about these objects of a provider, and about what belongs to them."""
    ids = [external_id for external_id in external_ids if external_id]
    session.execute(update(InboxEvent).where(InboxEvent.about(provider, ids)).values(body=None))
