"""Faults that people switch on to see how a shop bears them: down, refused, slow, answer lost."""

import socket
import threading
import time
from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass
from typing import Any

from werkzeug.wrappers import Response

PROVIDERS = ("stripe", "paypal", "smtp")
KINDS = ("down", "refused", "slow", "answer_lost")

WsgiApp = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]


@dataclass
class Fault:
    """One fault: `down` answers 503, `refused` closes the connection before any work, `slow` waits `seconds` first,
    `answer_lost` does the work and then closes the connection without an answer.

    `times` counts down with every request it hits (None: until cleared); `path_prefix` and `method` narrow it
    ("" is any).
    """

    provider: str
    kind: str
    times: int | None = None
    seconds: float = 0.0
    path_prefix: str = ""
    method: str = ""


class Faults:
    """Holds the faults and puts them in front of an API; a reset clears them."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._faults: list[Fault] = []

    def set(
        self,
        provider: str,
        kind: str,
        *,
        times: int | None = None,
        seconds: float = 0.0,
        path_prefix: str = "",
        method: str = "",
    ) -> None:
        """Add a fault to a provider; raises ValueError for an unknown provider or kind, and for less than one time."""
        if provider not in PROVIDERS:
            raise ValueError(f"Unknown provider {provider!r}; choose one of {', '.join(PROVIDERS)}.")
        if kind not in KINDS:
            raise ValueError(f"Unknown fault {kind!r}; choose one of {', '.join(KINDS)}.")
        if times is not None and times < 1:
            raise ValueError("A fault happens at least once; leave `times` out for as long as it is on.")
        with self._lock:
            self._faults.append(Fault(provider, kind, times, seconds, path_prefix, method.upper()))

    def clear(self, provider: str | None = None) -> None:
        """Remove the faults of one provider, or all of them."""
        with self._lock:
            self._faults = [f for f in self._faults if provider is not None and f.provider != provider]

    def active(self) -> list[dict[str, Any]]:
        """Return the faults that wait for requests, as plain dicts."""
        with self._lock:
            return [asdict(fault) for fault in self._faults]

    def wrap(self, provider: str, app: WsgiApp) -> WsgiApp:
        """Return a WSGI application that suffers this provider's faults."""

        def faulty(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
            hits = self.take(provider, environ["PATH_INFO"], environ["REQUEST_METHOD"])
            if "refused" in hits:
                return hang_up(environ)
            if "down" in hits:
                answer = Response("Service unavailable", status=503, content_type="text/plain")
                return answer(environ, start_response)
            if "slow" in hits:
                time.sleep(hits["slow"].seconds)
            body = app(environ, start_response)
            if "answer_lost" in hits:
                for _ in body:
                    pass
                return hang_up(environ)
            return body

        return faulty

    def take(self, provider: str, path: str, method: str) -> dict[str, Fault]:
        """Return the faults that a request meets, by kind, each counted as used."""
        with self._lock:
            hits = [
                fault
                for fault in self._faults
                if fault.provider == provider and path.startswith(fault.path_prefix) and fault.method in ("", method)
            ]
            for fault in hits:
                if fault.times is not None:
                    fault.times -= 1
            self._faults = [f for f in self._faults if f.times is None or f.times > 0]
        return {fault.kind: fault for fault in hits}


def hang_up(environ: dict[str, Any]) -> Iterable[bytes]:
    """Close the client's connection without an answer; raises ConnectionError, which the server expects."""
    connection: socket.socket | None = environ.get("werkzeug.socket")
    if connection is not None:
        connection.shutdown(socket.SHUT_RDWR)
    raise ConnectionAbortedError("A fault closed this connection on purpose.")
