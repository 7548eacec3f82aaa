"""Gunicorn's settings beside those of the Procfile; it reads this file by itself where it is started."""

from __future__ import annotations

import gc
import os
from typing import Any

# The shop writes one line for each request itself (shop/views/requests.py): with its route, without tokens or queries.
accesslog = None


def post_worker_init(worker: Any) -> None:
    """Tell the garbage collector that what is here at the start stays: the shop is large, and need not be searched."""
    gc.collect()
    gc.freeze()


def child_exit(server: Any, worker: Any) -> None:
    """Forget the gauges of a web process that has ended; its counters stay, so that sums never go back."""
    if os.environ.get("PROMETHEUS_MULTIPROC_DIR"):
        from prometheus_client import multiprocess

        multiprocess.mark_process_dead(worker.pid)
