"""The SMTP server of the mailbox: takes every message handed in on loopback and delivers none.

It announces 8BITMIME, SMTPUTF8 and AUTH, needs no login and accepts any. Faults are set for the provider `smtp`:
`down` answers 451 to the sender, `refused` breaks the line before the message is kept, `slow` holds the answer back,
`answer_lost` keeps the message and then breaks the line, so that the sender cannot know it arrived.
"""

from __future__ import annotations

import asyncio
import logging
import socket
import threading
from typing import Any

from aiosmtpd.smtp import SMTP, AuthResult, Envelope, Session

from sandbox.mailbox import messages
from sandbox.world import World

LARGEST = 33_554_432  # bytes, what most providers accept


def start(world: World) -> SmtpServer:
    """Start listening on `settings.smtp_port` (0 takes a free one) and return the running server."""
    # aiosmtpd warns about its own use of an old attribute at every login.
    logging.getLogger("mail.log").setLevel(logging.ERROR)
    server = SmtpServer(world)
    server.start()
    return server


class SmtpServer:
    """A running SMTP server on a thread and an event loop of its own."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._sockets = _loopback_sockets(world.settings.smtp_port)
        self._loop = asyncio.new_event_loop()
        self._servers: list[asyncio.Server] = []
        self._connections: set[asyncio.BaseTransport] = set()
        self._thread = threading.Thread(target=self._run, name="smtp", daemon=True)
        self.port: int = self._sockets[0].getsockname()[1]

    def start(self) -> None:
        """Accept connections; returns once the port answers."""
        self._thread.start()
        asyncio.run_coroutine_threadsafe(self._listen(), self._loop).result(timeout=5)

    def stop(self) -> None:
        """Close the port and end the thread. A second call does nothing."""
        if not self._thread.is_alive():
            return
        asyncio.run_coroutine_threadsafe(self._close(), self._loop).result(timeout=5)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(timeout=5)

    def _run(self) -> None:
        asyncio.set_event_loop(self._loop)
        self._loop.run_forever()
        self._loop.close()

    async def _listen(self) -> None:
        for listening in self._sockets:
            self._servers.append(await self._loop.create_server(self._protocol, sock=listening))

    async def _close(self) -> None:
        for server in self._servers:
            server.close()
        for transport in list(self._connections):
            transport.close()
        rest = [task for task in asyncio.all_tasks() if task is not asyncio.current_task()]
        for task in rest:
            task.cancel()
        await asyncio.gather(*rest, return_exceptions=True)

    def _protocol(self) -> SMTP:
        return _Line(self._connections, _Intake(self._world), self._loop)


class _Line(SMTP):
    """One connection, remembered while it is open so that stopping the server closes it too."""

    def __init__(
        self, connections: set[asyncio.BaseTransport], intake: _Intake, loop: asyncio.AbstractEventLoop
    ) -> None:
        super().__init__(
            intake,
            loop=loop,
            hostname="mailbox.sandbox",
            ident="Sandbox mailbox",
            data_size_limit=LARGEST,
            enable_SMTPUTF8=True,
            auth_require_tls=False,
            authenticator=_accept_anyone,
        )
        self._connections = connections

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Remember the connection."""
        self._connections.add(transport)
        super().connection_made(transport)

    def connection_lost(self, error: Exception | None) -> None:
        """Forget the connection."""
        if self.transport is not None:
            self._connections.discard(self.transport)
        super().connection_lost(error)


class _Intake:
    """What happens to a message: a fault if one is set, else it is kept and answered with 250."""

    def __init__(self, world: World) -> None:
        self._world = world

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        faults = self._world.faults.take("smtp", path="", method="DATA")
        if "refused" in faults:
            _abort(server)
        if "down" in faults or "refused" in faults:
            return "451 4.3.0 The sandbox was asked to refuse this message; try again later"
        if "slow" in faults:
            await asyncio.sleep(faults["slow"].seconds)
        mail_id = messages.keep(self._world, envelope.mail_from or "", list(envelope.rcpt_tos), _as_bytes(envelope))
        if "answer_lost" in faults:
            _abort(server)
        return f"250 2.0.0 Kept as {mail_id}"


def _abort(server: SMTP) -> None:
    """Break the line without a word: the sender sees its connection reset."""
    if isinstance(server.transport, asyncio.Transport):
        server.transport.abort()


def _accept_anyone(server: Any, session: Any, envelope: Any, mechanism: str, data: Any) -> AuthResult:
    return AuthResult(success=True)


def _as_bytes(envelope: Envelope) -> bytes:
    content = envelope.original_content
    return content if content is not None else b""


def _loopback_sockets(port: int) -> list[socket.socket]:
    """Bind the same port on 127.0.0.1 and, where the machine has it, on ::1."""
    for _ in range(20):
        first = _bind(socket.AF_INET, "127.0.0.1", port)
        chosen = first.getsockname()[1]
        try:
            return [first, _bind(socket.AF_INET6, "::1", chosen)]
        except OSError as exc:
            if port or not _is_taken(exc):
                return [first]
            first.close()
    return [_bind(socket.AF_INET, "127.0.0.1", port)]


def _is_taken(error: OSError) -> bool:
    return error.errno == 98 or "in use" in str(error)


def _bind(family: socket.AddressFamily, host: str, port: int) -> socket.socket:
    bound = socket.socket(family, socket.SOCK_STREAM)
    bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        bound.bind((host, port))
    except OSError:
        bound.close()
        raise
    return bound
