"""What the mailbox keeps, and how a raw message becomes something a person can read."""

from __future__ import annotations

import base64
import re
import secrets
from dataclasses import dataclass
from email import message_from_bytes, policy
from email.message import EmailMessage, MIMEPart
from functools import lru_cache
from typing import Any

from sandbox.world import World

TABLE = "mailbox.messages"
KEPT = 1_000  # messages; the oldest go first


@dataclass(frozen=True)
class Attachment:
    """A part of a message that is a file, or an image its HTML refers to by `cid:`."""

    index: int  # position among the attachments, used in its address
    name: str
    content_type: str
    content_id: str  # without the angle brackets; empty when the part has none
    body: bytes

    @property
    def size(self) -> int:
        """Size of the decoded file in bytes."""
        return len(self.body)


@dataclass(frozen=True)
class Mail:
    """A stored message, parsed."""

    id: str
    at: int  # unix seconds on the simulated clock
    envelope_from: str
    envelope_to: tuple[str, ...]  # who it was handed in for; Bcc shows only here
    headers: tuple[tuple[str, str], ...]
    text: str
    html: str
    attachments: tuple[Attachment, ...]
    raw: bytes

    def header(self, name: str) -> str:
        """Return the first header of that name, or an empty string."""
        return next((value for key, value in self.headers if key.lower() == name.lower()), "")

    @property
    def subject(self) -> str:
        """The subject as a person reads it, encoded words decoded."""
        return self.header("Subject")

    @property
    def message_id(self) -> str:
        """The Message-ID with its angle brackets, as the sender wrote it."""
        return self.header("Message-ID")

    @property
    def preview(self) -> str:
        """The first words of the text part, on one line."""
        return " ".join(self.text.split())[:140]


def keep(world: World, mail_from: str, rcpt_tos: list[str], raw: bytes) -> str:
    """Store one message as it came over the wire and return its id.

    The same message handed in twice is kept twice: that a sender repeated itself is worth seeing.
    """
    entry = {
        "id": f"mail_{secrets.token_hex(10)}",
        "at": world.clock.unix(),
        "from": mail_from,
        "to": list(rcpt_tos),
        "raw": base64.b64encode(raw).decode("ascii"),
    }
    with world.store.lock:
        table = world.store.table(TABLE)
        table[str(entry["id"])] = entry
        for oldest in list(table)[: max(0, len(table) - KEPT)]:
            del table[oldest]
        world.store.changed()
    return str(entry["id"])


def newest_first(world: World, to: str = "", limit: int = KEPT) -> list[Mail]:
    """Return the newest messages, newest first; with `to`, only those handed in for that address."""
    with world.store.lock:
        entries = list(world.store.table(TABLE).values())
    wanted = to.lower()
    chosen = [e for e in entries if not wanted or wanted in (address.lower() for address in e["to"])]
    return [parse(entry) for entry in chosen[: -limit - 1 : -1]]


def find(world: World, mail_id: str) -> Mail | None:
    """Return one message, or None when it was never here or has been cleared away."""
    with world.store.lock:
        entry = world.store.table(TABLE).get(mail_id)
    return parse(entry) if entry else None


def count(world: World) -> int:
    """Return how many messages are kept."""
    return len(world.store.table(TABLE))


def clear(world: World) -> None:
    """Throw every message away."""
    with world.store.lock:
        world.store.table(TABLE).clear()
        world.store.changed()


def parse(entry: dict[str, Any]) -> Mail:
    """Read a stored entry; a malformed message still comes out, as far as it can be read."""
    return _parse(entry["id"], entry["at"], entry["from"], tuple(entry["to"]), entry["raw"])


@lru_cache(maxsize=256)  # pages ask for the list every two seconds, and a message never changes
def _parse(mail_id: str, at: int, sender: str, to: tuple[str, ...], encoded: str) -> Mail:
    raw = base64.b64decode(encoded)
    message = message_from_bytes(raw, policy=policy.default.clone(utf8=True))
    return Mail(
        id=mail_id,
        at=at,
        envelope_from=sender,
        envelope_to=to,
        headers=tuple((name, _header(message, name, value)) for name, value in message.raw_items()),
        text=_body(message, "plain"),
        html=_body(message, "html"),
        attachments=tuple(_attachments(message)),
        raw=raw,
    )


def html_for_frame(mail: Mail, cid_address: dict[str, str]) -> str:
    """Return the HTML part for the reading frame: links open a new tab, `cid:` images get an address.

    `cid_address` maps a content id to the address its attachment is served at.
    """

    def address(match: re.Match[str]) -> str:
        return cid_address.get(match.group(1), match.group(0))

    return '<base target="_blank">' + re.sub(r"cid:([^\"'\s)>]+)", address, mail.html)


def as_json(mail: Mail) -> dict[str, Any]:
    """Return the message as the JSON listing shows it; attachments come without their bytes."""
    return {
        "id": mail.id,
        "at": mail.at,
        "from": mail.header("From") or mail.envelope_from,
        "to": list(mail.envelope_to),
        "subject": mail.subject,
        "message_id": mail.message_id,
        "headers": [list(pair) for pair in mail.headers],
        "text": mail.text,
        "html": mail.html,
        "attachments": [
            {"index": a.index, "name": a.name, "content_type": a.content_type, "size": a.size} for a in mail.attachments
        ],
    }


def _header(message: EmailMessage, name: str, value: Any) -> str:
    """Decode a header; one that Python's parser chokes on is shown as it was sent."""
    try:
        return str(message.policy.header_fetch_parse(name, value))
    except (IndexError, ValueError, TypeError, AttributeError):
        return str(value)


def _body(message: MIMEPart, subtype: str) -> str:
    part = message.get_body(preferencelist=(subtype,))
    return _text(part) if part is not None else ""


def _text(part: MIMEPart) -> str:
    """Decode a text part; an unknown or wrong charset is read as UTF-8 rather than refused."""
    try:
        return str(part.get_content()).replace("\r\n", "\n")
    except (LookupError, KeyError, ValueError):
        payload = part.get_payload(decode=True)
        return payload.decode("utf-8", "replace") if isinstance(payload, bytes) else ""


def _attachments(message: EmailMessage) -> list[Attachment]:
    bodies = {message.get_body(preferencelist=(kind,)) for kind in ("plain", "html")}
    files = [part for part in message.walk() if not part.is_multipart() and part not in bodies]
    return [
        Attachment(
            index=index,
            name=part.get_filename() or f"part-{index + 1}",
            content_type=part.get_content_type(),
            content_id=str(part.get("Content-ID", "")).strip("<> "),
            body=_bytes(part),
        )
        for index, part in enumerate(files)
    ]


def _bytes(part: MIMEPart) -> bytes:
    payload = part.get_payload(decode=True)
    return payload if isinstance(payload, bytes) else b""
