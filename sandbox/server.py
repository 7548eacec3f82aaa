"""Loopback HTTP servers: both address families, HTTP/1.1 with keep-alive, a `Date` header that follows the clock."""

import io
import logging
import socket
import threading
from email.utils import format_datetime
from http.server import HTTPServer
from socketserver import TCPServer, ThreadingMixIn
from typing import Any

from werkzeug.exceptions import InternalServerError
from werkzeug.serving import WSGIRequestHandler
from werkzeug.test import run_wsgi_app

from sandbox.clock import Clock
from sandbox.faults import WsgiApp

log = logging.getLogger("sandbox.server")

IDLE_SECONDS = 75  # how long a kept-alive connection may be silent


class Handler(WSGIRequestHandler):
    """Answers requests one after the other on a connection.

    Werkzeug's own handler closes every connection after the answer and waits 10 ms for stray bytes; both SDKs reuse
    connections against the real services, so this one reads each body whole and keeps the connection. Answers are not
    streamed.
    """

    protocol_version = "HTTP/1.1"
    timeout = IDLE_SECONDS
    disable_nagle_algorithm = True
    wbufsize = -1

    server: "Server"  # type: ignore[assignment]

    def date_time_string(self, timestamp: float | None = None) -> str:
        """Return the simulated time for the `Date` header."""
        return format_datetime(self.server.clock.now(), usegmt=True)

    def run_wsgi(self) -> None:
        """Read the request, run the application, send the answer."""
        if self.headers.get("Expect", "").lower().strip() == "100-continue":
            self.wfile.write(b"HTTP/1.1 100 Continue\r\n\r\n")
            self.wfile.flush()
        self.environ = environ = self.make_environ()
        body = self._read_body(environ)
        environ["wsgi.input"] = io.BytesIO(body)
        environ["CONTENT_LENGTH"] = str(len(body))
        try:
            chunks, status, headers = run_wsgi_app(self.server.app, environ, buffered=True)
        except ConnectionError:
            self.close_connection = True
            return
        except Exception:
            log.exception("%s %s failed", environ["REQUEST_METHOD"], environ["PATH_INFO"])
            chunks, status, headers = run_wsgi_app(InternalServerError(), environ, buffered=True)
        code, _, reason = status.partition(" ")
        payload = b"".join(chunks)
        self.send_response(int(code), reason)
        for key, value in headers:
            if key.lower() not in ("content-length", "connection"):
                self.send_header(key, value)
        self.send_header("Content-Length", str(len(payload)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(payload)
        self.wfile.flush()

    def _read_body(self, environ: dict[str, Any]) -> bytes:
        if environ.get("wsgi.input_terminated"):
            return bytes(io.BufferedReader(environ["wsgi.input"]).read())
        return bytes(self.rfile.read(int(environ.get("CONTENT_LENGTH") or 0)))

    def version_string(self) -> str:
        """Name the server without its version, as the real ones do."""
        return "nginx"

    def log(self, type: str, message: str, *args: Any) -> None:
        """Stay silent: the request log in the store is the one people read."""


class Server(ThreadingMixIn, HTTPServer):
    """One listening socket with a thread per connection; knows its connections so that `stop` can end them."""

    daemon_threads = True
    allow_reuse_address = True
    request_queue_size = 128
    # What WSGIRequestHandler asks of its server:
    multithread = True
    multiprocess = False
    ssl_context = None
    _server_version = "sandbox"

    def __init__(self, family: socket.AddressFamily, host: str, port: int, app: WsgiApp, clock: Clock) -> None:
        self.address_family = family
        self.app = app
        self.clock = clock
        self._open: set[socket.socket] = set()
        self._open_lock = threading.Lock()
        super().__init__((host, port), Handler)

    def server_bind(self) -> None:
        """Bind without HTTPServer's reverse look-up of the host's name, which may ask the network."""
        TCPServer.server_bind(self)
        self.server_name, self.server_port = str(self.server_address[0]), int(self.server_address[1])

    def process_request(self, request: Any, client_address: Any) -> None:
        """Remember the connection and serve it on a thread."""
        with self._open_lock:
            self._open.add(request)
        super().process_request(request, client_address)

    def shutdown_request(self, request: Any) -> None:
        """Close the connection and forget it."""
        with self._open_lock:
            self._open.discard(request)
        super().shutdown_request(request)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Say nothing about clients that go away."""
        log.debug("A connection from %s broke", client_address, exc_info=True)

    def hang_up_all(self) -> None:
        """End the connections that clients keep alive."""
        with self._open_lock:
            for connection in self._open:
                try:
                    connection.shutdown(socket.SHUT_RDWR)
                except OSError:
                    log.debug("A connection was already gone")


class LoopbackServer:
    """Serves one WSGI application on 127.0.0.1 and, where the machine has it, on ::1, on the same port.

    The port is taken when the object is made (0 takes a free one) and `port` tells it, so an application can be built
    knowing its own address. Raises OSError when the port is taken.
    """

    def __init__(self, port: int, clock: Clock) -> None:
        self._servers = _bind_both(port, clock)
        self.port = self._servers[0].server_port
        self._threads: list[threading.Thread] = []

    def start(self, app: WsgiApp) -> None:
        """Begin to serve `app`."""
        for server in self._servers:
            server.app = app
            thread = threading.Thread(
                target=server.serve_forever, args=(0.05,), name=f"sandbox-http-{self.port}", daemon=True
            )
            thread.start()
            self._threads.append(thread)

    def stop(self) -> None:
        """End all connections and free the port."""
        for server in self._servers:
            if self._threads:
                server.shutdown()
            server.server_close()
            server.hang_up_all()
        for thread in self._threads:
            thread.join()
        self._threads = []


def _bind_both(port: int, clock: Clock) -> list[Server]:
    """Bind both families to one port; with port 0, try again when the second family finds it taken."""
    for _ in range(20):
        first = Server(socket.AF_INET, "127.0.0.1", port, InternalServerError(), clock)
        try:
            return [first, Server(socket.AF_INET6, "::1", first.server_port, InternalServerError(), clock)]
        except OSError as error:
            if error.errno in _NO_IPV6:
                return [first]
            first.server_close()
            if port != 0:
                raise
    raise OSError("No port is free on both 127.0.0.1 and ::1.")


_NO_IPV6 = {97, 99, 47, 49}  # EAFNOSUPPORT and EADDRNOTAVAIL on Linux and on BSD
