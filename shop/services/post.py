"""Handing a composed mail over, and counting it: what every kind of mail shares."""

from __future__ import annotations

from shop import mailer
from shop.services import metrics
from shop.services.providers import context


def hand_over(kind: str, reference: str, to: str, locale: str, content: tuple[str, str, str]) -> None:
    """Send subject, text and HTML to somebody; `reference` makes the Message-ID, the same for every try.

    Raises OSError when the mail server is away.
    """
    settings = context().settings
    subject, text, html = content
    host = settings.mail_from.rpartition("@")[2].rstrip(">")
    mail = mailer.Mail(
        message_id=f"{reference}@{host}",
        sender=settings.mail_from,
        to=to,
        subject=subject,
        text=text,
        html=html,
        language=locale,
    )
    try:
        mailer.send(mail, settings.smtp_url)
    except OSError:
        metrics.mails.labels(kind, "failed").inc()
        raise
    metrics.mails.labels(kind, "sent").inc()
