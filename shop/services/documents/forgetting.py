"""Forgetting whom a document was for, once the law no longer asks for it."""

from __future__ import annotations

from typing import Any

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from shop.models import Document

NOBODY: dict[str, Any] = {"name": "", "company": "", "vat_id": "", "address": [], "email": ""}


def forget(session: Session, order_id: int) -> None:
    """Empty the buyer and the payer in an order's documents; numbers and figures stay, so that no series has a gap.

    The only change that an issued document ever sees, and past the guard of its model on purpose: call it when the
    time is over for which the law keeps documents as they are. A repeat changes nothing.
    """
    for document in session.scalars(select(Document).where(Document.order_id == order_id)):
        content = dict(document.snapshot)
        content["buyer"] = {**content["buyer"], **NOBODY}
        if content.get("payment"):
            content["payment"] = {**content["payment"], "payer": ""}
        session.execute(
            update(Document)
            .where(Document.id == document.id)
            .values(snapshot=content)
            .execution_options(synchronize_session=False)
        )
