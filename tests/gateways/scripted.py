"""A provider that answers whatever a test tells it to, over real HTTP."""

from __future__ import annotations

import json
import ssl
import threading
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

TOKEN = {"access_token": "A21AA-token", "token_type": "Bearer", "expires_in": 32_400}


@dataclass
class Answer:
    """One answer: its status, JSON body (or raw text) and headers."""

    status: int
    body: Any = None
    headers: Mapping[str, str] = field(default_factory=dict)

    @property
    def raw(self) -> bytes:
        """Return the body as bytes."""
        return self.body.encode() if isinstance(self.body, str) else json.dumps(self.body).encode()


@dataclass
class ScriptedProvider:
    """Answers every request with `answer`, but always grants PayPal's token; `seen` keeps the requests."""

    answer: Answer
    seen: list[tuple[str, str, dict[str, str]]] = field(default_factory=list)
    base: str = ""
    tls: ssl.SSLContext | None = None

    def __enter__(self) -> ScriptedProvider:
        outer = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self) -> None:
                self.rfile.read(int(self.headers.get("Content-Length") or 0))
                outer.seen.append((self.command, self.path, dict(self.headers)))
                answer = Answer(200, TOKEN) if self.path == "/v1/oauth2/token" else outer.answer
                self.send_response(answer.status)
                for name, value in {"Content-Type": "application/json", **answer.headers}.items():
                    self.send_header(name, value)
                self.send_header("Content-Length", str(len(answer.raw)))
                self.end_headers()
                self.wfile.write(answer.raw)

            do_POST = do_GET  # noqa: N815  # the base class wants this name

            def handle(self) -> None:
                with suppress(ssl.SSLError, ConnectionError):
                    super().handle()

            def log_message(self, *args: object) -> None:
                """Say nothing."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        if self.tls is not None:
            self._server.socket = self.tls.wrap_socket(self._server.socket, server_side=True)
        self.base = f"http{'s' if self.tls else ''}://127.0.0.1:{self._server.server_port}"
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.01,), daemon=True)
        self._thread.start()
        return self

    def __exit__(self, *args: object) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()
