"""A load that costs the machine little: requests made beforehand, sent over kept connections by one thread.

Sender and server share this machine's cores, so whatever the sender takes is missing in what it measures. Only ratios
between servers that were measured in the same run mean anything.
"""

from __future__ import annotations

import selectors
import socket
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

PATIENCE = 120.0  # seconds without any answer after which the load gives up


@dataclass(frozen=True)
class Result:
    """What came back: `times` in milliseconds, ascending; `statuses` by code, 0 for a connection that broke."""

    seconds: float
    times: tuple[float, ...]
    statuses: Counter[int]

    @property
    def rate(self) -> float:
        """Answers per second."""
        return len(self.times) / self.seconds

    def percentile(self, share: float) -> float:
        """Return the time, in milliseconds, within which this share of the answers came."""
        return self.times[min(len(self.times) - 1, int(len(self.times) * share))]

    def wrong(self, expected: int) -> int:
        """Return how many answers had another status."""
        return sum(count for status, count in self.statuses.items() if status != expected)


@dataclass
class _Connection:
    """One kept connection with the request that is under way on it."""

    socket: socket.socket
    began: float = 0.0
    received: bytearray = field(default_factory=bytearray)


def request(method: str, path: str, headers: dict[str, str], body: bytes = b"") -> bytes:
    """Return a request as it goes over the wire."""
    lines = [f"{method} {path} HTTP/1.1", "Host: 127.0.0.1", f"Content-Length: {len(body)}"]
    lines += [f"{name}: {value}" for name, value in headers.items()]
    return "\r\n".join([*lines, "", ""]).encode() + body


def fire(port: int, requests: Sequence[bytes], connections: int) -> Result:
    """Send every request once, so many at a time, and wait for all answers."""
    waiting, times, statuses = iter(requests), list[float](), Counter[int]()
    selector = selectors.DefaultSelector()
    began = time.perf_counter()
    under_way = sum(_next(selector, _open(port), waiting) for _ in range(connections))
    while under_way:
        ready = selector.select(PATIENCE)
        if not ready:
            raise TimeoutError(f"no answer for {PATIENCE:g} s")
        for key, _ in ready:
            connection: _Connection = key.data
            status = _read(connection)
            if status is None:
                continue
            times.append((time.perf_counter() - connection.began) * 1000)
            statuses[status] += 1
            selector.unregister(connection.socket)
            if status == 0:
                connection.socket.close()
                connection = _open(port)
            under_way += _next(selector, connection, waiting) - 1
    selector.close()
    return Result(time.perf_counter() - began, tuple(sorted(times)), statuses)


def _open(port: int) -> _Connection:
    opened = socket.create_connection(("127.0.0.1", port), timeout=PATIENCE)
    opened.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return _Connection(opened)


def _next(selector: selectors.BaseSelector, connection: _Connection, waiting: Iterator[bytes]) -> int:
    """Send the next request over a connection; 0 when none is left, and the connection is closed."""
    following = next(waiting, None)
    if following is None:
        connection.socket.close()
        return 0
    connection.received.clear()
    connection.began = time.perf_counter()
    connection.socket.sendall(following)
    selector.register(connection.socket, selectors.EVENT_READ, connection)
    return 1


def _read(connection: _Connection) -> int | None:
    """Read what has come; return the status once the answer is whole, 0 when the other side hung up, else None."""
    try:
        part = connection.socket.recv(65536)
    except ConnectionError:
        part = b""
    if not part:
        return 0
    connection.received += part
    head, separator, body = bytes(connection.received).partition(b"\r\n\r\n")
    if not separator or len(body) < _length(head):
        return None
    return int(head[9:12])


def _length(head: bytes) -> int:
    for line in head.split(b"\r\n")[1:]:
        name, _, value = line.partition(b":")
        if name.lower() == b"content-length":
            return int(value)
    return 0
