"""Handing a mail to a mail server. What is in it is composed elsewhere."""

from __future__ import annotations

import smtplib
import ssl
from contextlib import suppress
from dataclasses import dataclass
from email.message import EmailMessage
from email.utils import formatdate
from urllib.parse import unquote, urlsplit

TIMEOUT = 10.0  # seconds for each answer of the mail server


@dataclass(frozen=True)
class Attachment:
    """A file that goes with a mail; `media_type` is "application/pdf" and its like."""

    name: str
    content: bytes
    media_type: str


@dataclass(frozen=True)
class Mail:
    """A mail ready to go. `message_id` (without angle brackets) is the same for every try to send it."""

    message_id: str
    sender: str
    to: str
    subject: str
    text: str
    html: str
    language: str
    attachments: tuple[Attachment, ...] = ()


def send(mail: Mail, smtp_url: str) -> None:
    """Hand the mail over; returns only when the server has taken it (250).

    `smtp_url` is smtp://, smtp+starttls:// or smtps:// with optional user, password, host and port. Raises
    OSError (smtplib's errors are OSErrors) when the server is away or refuses.
    """
    connection = connect(smtp_url, TIMEOUT)
    try:
        connection.send_message(_message(mail))
    finally:
        # The mail is with the server or it is not: how it takes our farewell must not send it a second time.
        with suppress(OSError):
            connection.quit()


def connect(smtp_url: str, timeout: float) -> smtplib.SMTP:
    """Return a connection that is encrypted and signed in as the address says; raises OSError as `send` does."""
    parts = urlsplit(smtp_url)
    host = parts.hostname or "127.0.0.1"
    tls = ssl.create_default_context()
    if parts.scheme == "smtps":
        connection: smtplib.SMTP = smtplib.SMTP_SSL(host, parts.port or 465, timeout=timeout, context=tls)
    else:
        connection = smtplib.SMTP(host, parts.port or 25, timeout=timeout)
    try:
        if parts.scheme == "smtp+starttls":
            connection.starttls(context=tls)
        if parts.username:
            connection.login(unquote(parts.username), unquote(parts.password or ""))
    except BaseException:
        connection.close()
        raise
    return connection


def _message(mail: Mail) -> EmailMessage:
    message = EmailMessage()
    message["Message-ID"] = f"<{mail.message_id}>"
    message["Date"] = formatdate(usegmt=True)
    message["From"] = mail.sender
    message["To"] = mail.to
    message["Subject"] = " ".join(mail.subject.split())
    message["Content-Language"] = mail.language
    message["Auto-Submitted"] = "auto-generated"
    message.set_content(mail.text)
    message.add_alternative(mail.html, subtype="html")
    for file in mail.attachments:
        kind, _, subtype = file.media_type.partition("/")
        message.add_attachment(file.content, maintype=kind, subtype=subtype, filename=file.name)
    return message
