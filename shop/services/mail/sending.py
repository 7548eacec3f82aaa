"""The one place that sends mails: subject, text and HTML from the templates, headers, attachments, and a count."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from flask import render_template
from flask_babel import force_locale

from shop import mailer
from shop.models import OutboxMessage
from shop.services import legal, metrics
from shop.services.formats import seller
from shop.services.providers import context


@dataclass(frozen=True)
class Letter:
    """A mail before it is composed: whom it goes to, in which language, and what its templates are given.

    `template` names the three files mail/<template>.{subject.txt,txt,html}. `reference` becomes part of the
    Message-ID: the public id of what the mail is about.
    """

    template: str
    to: str
    locale: str
    reference: str
    values: Mapping[str, Any] = field(default_factory=dict)
    attachments: tuple[mailer.Attachment, ...] = ()


@dataclass(frozen=True)
class Composed:
    """A mail in words."""

    subject: str
    text: str
    html: str


def compose(letter: Letter) -> Composed:
    """Return subject, text and HTML of a letter, in its own language."""
    name, settings = f"mail/{letter.template}", context().settings
    with force_locale(letter.locale):
        pages = legal.pages()
        own = {"brand": settings.brand, "seller": seller(settings.seller), "pages": pages, "locale": letter.locale}
        values = {**own, **letter.values}
        return Composed(
            subject=render_template(f"{name}.subject.txt", **values).strip(),
            text="\n".join(
                [render_template(f"{name}.txt", **values).strip(), *(f"{page.name}: {page.url}" for page in pages), ""]
            ),
            html=render_template(f"{name}.html", **values),
        )


def send(message: OutboxMessage, letter: Letter) -> None:
    """Compose a letter and hand it to the mail server. Its Message-ID comes from the outbox row: a repeat is the same.

    Raises OSError when the server is away or refuses; the outbox tries again.
    """
    settings, composed = context().settings, compose(letter)
    host = settings.mail_from.rpartition("@")[2].rstrip(">")
    mail = mailer.Mail(
        message_id=f"{message.kind}.{message.id}.{letter.reference.lower()}@{host}",
        sender=settings.mail_from,
        to=letter.to,
        subject=composed.subject,
        text=composed.text,
        html=composed.html,
        language=letter.locale,
        attachments=letter.attachments,
    )
    kind = message.kind.removeprefix("mail.")
    try:
        mailer.send(mail, settings.smtp_url)
    except OSError:
        metrics.mails.labels(kind, "failed").inc()
        raise
    metrics.mails.labels(kind, "sent").inc()
