"""A real mail server of the tests' own, which keeps what it takes."""

from email.message import EmailMessage
from email.parser import BytesParser
from email.policy import default
from types import TracebackType
from typing import Any, cast

from aiosmtpd.controller import Controller

from tests.processes import free_port


class SmtpSink:
    """Takes mails on a free port while entered; `answer` is what it says to each, 250 unless changed.

    `farewell` is what it says to a client that leaves, `welcome` what it says to whom a mail is for.
    """

    def __init__(self) -> None:
        self.mails: list[EmailMessage] = []
        self.answer = "250 OK"
        self.welcome = "250 OK"
        self.farewell = "221 Bye"
        self._controller = Controller(self, hostname="127.0.0.1", port=free_port())

    @property
    def url(self) -> str:
        """The address, as SMTP_URL takes it."""
        return f"smtp://127.0.0.1:{self._controller.port}"

    async def handle_RCPT(  # noqa: N802 - aiosmtpd's name
        self, server: Any, session: Any, envelope: Any, address: str, options: list[str]
    ) -> str:
        """Accept whom a mail is for, or refuse them."""
        if self.welcome.startswith("250"):
            envelope.rcpt_tos.append(address)
        return self.welcome

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:  # noqa: N802 - aiosmtpd's name
        """Keep a mail that is taken."""
        if self.answer.startswith("250"):
            parsed = BytesParser(policy=default).parsebytes(envelope.content)
            self.mails.append(cast(EmailMessage, parsed))
        return self.answer

    async def handle_QUIT(self, server: Any, session: Any, envelope: Any) -> str:  # noqa: N802 - aiosmtpd's name
        """Let a client go."""
        return self.farewell

    def __enter__(self) -> "SmtpSink":
        self._controller.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._controller.stop()
