"""Work done by several processes that begin at the same moment, and what a plain transaction costs beside it."""

from __future__ import annotations

import multiprocessing
import time
from collections.abc import Callable

import psycopg

WORKERS = 2
Ready = Callable[[], object]
Work = Callable[..., int]


def together(work: Work, *arguments: object) -> tuple[float, int]:
    """Run the work in two processes; return the seconds that took, and the sum of what both returned.

    Each is called as work(*arguments, number, ready) and calls `ready` when it has prepared what is not measured.
    """
    start, counted = multiprocessing.Barrier(WORKERS + 1, timeout=120), multiprocessing.Queue()
    processes = [
        multiprocessing.Process(target=_count, args=(work, (*arguments, number, start.wait), counted))
        for number in range(WORKERS)
    ]
    for process in processes:
        process.start()
    start.wait()
    began = time.perf_counter()
    total = sum(counted.get(timeout=600) for _ in processes)
    seconds = time.perf_counter() - began
    for process in processes:
        process.join()
    return seconds, total


def _count(work: Work, arguments: tuple[object, ...], counted: multiprocessing.Queue[int]) -> None:
    counted.put(work(*arguments))


def make_floor(url: str) -> None:
    """Make the table that the floor's transactions write to."""
    with psycopg.connect(url.replace("+psycopg", "")) as connection:
        connection.execute("CREATE TABLE thing (id serial PRIMARY KEY, body text)")


def floor(url: str, transactions: int, number: int, ready: Ready) -> int:
    """Run so many transactions of twelve plain statements; return how many."""
    with psycopg.connect(url.replace("+psycopg", "")) as connection:
        ready()
        for _ in range(transactions):
            row = connection.execute("INSERT INTO thing (body) VALUES ('a') RETURNING id").fetchone()
            for _ in range(4):
                connection.execute("SELECT body FROM thing WHERE id = %s FOR UPDATE", row)
                connection.execute("UPDATE thing SET body = 'b' WHERE id = %s", row)
            for _ in range(3):
                connection.execute("INSERT INTO thing (body) VALUES ('c')")
            connection.commit()
    return transactions
