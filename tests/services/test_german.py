"""Whoever ordered in German is written to in German: the mails and what is attached to them."""

from collections.abc import Iterator
from dataclasses import replace
from email.message import EmailMessage
from io import BytesIO

import pytest
from flask_babel import force_locale
from pypdf import PdfReader

from shop import jobs
from shop.errors import OrderNotPayable
from shop.services import payments, refunds
from tests.shop_app import STRIPE, Shop, eur
from tests.smtp_sink import SmtpSink


@pytest.fixture
def post(shop: Shop) -> Iterator[SmtpSink]:
    """A mail server that the shop sends to."""
    with SmtpSink() as sink:
        shop.change_context(settings=replace(shop.context.settings, smtp_url=sink.url))
        yield sink


def _text(mail: EmailMessage) -> str:
    return str(mail.get_body(("plain",)).get_content())  # type: ignore[union-attr]  # each has a plain body


def _pdf(mail: EmailMessage) -> str:
    [file] = mail.iter_attachments()
    return " ".join(page.extract_text() for page in PdfReader(BytesIO(file.get_content())).pages)


def test_a_german_order_has_german_mails_and_documents(shop: Shop, post: SmtpSink) -> None:
    payment = shop.paid(locale="de")
    refunds.request(payment.id, eur(500), "other", "mara")
    jobs.drain_outbox()

    receipt, refund = sorted(post.mails, key=lambda mail: "Erstattung" in str(mail["Subject"]))
    number = shop.placed(payment.order_id).number
    assert receipt["Subject"] == f"Ihr Beleg für Bestellung {number}"
    assert "Vielen Dank, Alice" in _text(receipt)
    assert "17,40\xa0€" in _text(receipt)
    assert f"Bestellung:  {number}" in _text(receipt)
    assert "Rechnung" in _pdf(receipt)
    assert refund["Subject"] == f"Ihre Erstattung für Bestellung {number}"
    assert "5,00\xa0€" in _text(refund)
    assert "Rechnungskorrektur" in _pdf(refund)


def test_what_a_service_refuses_is_said_in_the_readers_language(shop: Shop) -> None:
    payment = shop.paid()
    number = shop.placed(payment.order_id).number

    with force_locale("de"), pytest.raises(OrderNotPayable, match=f"Bestellung {number} ist bereits bezahlt"):
        payments.start(payment.order_id, STRIPE)
