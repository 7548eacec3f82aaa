"""How the mailbox's tests hand mail in and look at what came of it."""

from __future__ import annotations

import smtplib
from email.message import EmailMessage
from typing import Any

import pytest
import requests

from sandbox.running import Sandbox


class Mailbox:
    """The mailbox of a running sandbox, as a mail program and a browser see it."""

    def __init__(self, sandbox: Sandbox) -> None:
        self.address = sandbox.console
        self.port = sandbox.settings.smtp_port
        self._session = requests.Session()
        self._session.trust_env = False

    def connect(self) -> smtplib.SMTP:
        """Open an SMTP connection."""
        return smtplib.SMTP("127.0.0.1", self.port, timeout=5)

    def send(self, message: EmailMessage) -> None:
        """Hand one message in."""
        with self.connect() as line:
            line.send_message(message)

    def get(self, path: str) -> requests.Response:
        """Ask for a page or a JSON document."""
        return self._session.get(self.address + path, timeout=5)

    def all(self, query: str = "") -> list[dict[str, Any]]:
        """Return the JSON listing."""
        listed: list[dict[str, Any]] = self.get(f"/_sandbox/mailbox{query}").json()["messages"]
        return listed


@pytest.fixture
def mailbox(sandbox: Sandbox) -> Mailbox:
    """An empty mailbox."""
    return Mailbox(sandbox)


@pytest.fixture
def receipt() -> EmailMessage:
    """A receipt as a shop sends it: text, HTML with an inline picture, a PDF, and letters beyond ASCII."""
    message = EmailMessage()
    message["Subject"] = "Deine Quittung für Früchtetee"
    message["From"] = "Tidewater Tea <tea@tidewater.example>"
    message["To"] = "Alice <alice@example.com>"
    message["Message-ID"] = "<receipt-1@tidewater.example>"
    message.set_content("Danke, Alice.\nSumme: 24,50 €\n")
    message.add_alternative(
        '<h1>Danke, Alice.</h1><img src="cid:tin@tea"><a href="http://127.0.0.1:8000/r">Receipt</a>', subtype="html"
    )
    html = message.get_payload()[1]
    assert isinstance(html, EmailMessage)
    html.add_related(b"\x89PNG\r\n\x1a\n", maintype="image", subtype="png", cid="<tin@tea>")
    message.add_attachment(b"%PDF-1.7 receipt", maintype="application", subtype="pdf", filename="Quittung 1.pdf")
    return message
