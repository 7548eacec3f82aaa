"""The request log of an emulated API: what was asked, and whether it ran or was replayed."""

from typing import Any

from sandbox.store import Store

KEPT_REQUESTS = 2_000


def record(store: Store, provider: str, row: dict[str, Any]) -> None:
    """Append one request (at, method, path, idempotency_key, status, request_id, outcome) and drop the oldest.

    `outcome` is "executed", "replayed" or "refused" (the latter never reached the object).
    """
    with store.lock:
        table = store.table(f"{provider}.request_log")
        table[row["request_id"]] = row
        while len(table) > KEPT_REQUESTS:
            del table[next(iter(table))]
