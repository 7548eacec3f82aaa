"""Mails: one for each reason, in order, and the same mail again only if a worker dies in the very moment of sending."""

import re
from collections.abc import Iterator
from dataclasses import replace
from email.message import EmailMessage
from html import unescape
from pathlib import Path

import pytest

from shop import jobs
from shop.gateways.base import NoticeKind
from shop.models import Alarm, Document, Order, OutboxState, ReviewState
from shop.services import documents, mail, outbox, payments, refunds
from shop.services.documents import pdf
from shop.services.mail import orders as order_mails
from shop.services.mail import samples
from shop.services.mail.sending import compose
from shop.services.sweep import sweep
from shop.services.unit_of_work import unit_of_work
from tests.shop_app import STRIPE, Shop, eur
from tests.smtp_sink import SmtpSink


@pytest.fixture
def post(shop: Shop) -> Iterator[SmtpSink]:
    """A mail server that the shop sends to."""
    with SmtpSink() as sink:
        shop.change_context(settings=replace(shop.context.settings, smtp_url=sink.url))
        yield sink


def said(received: EmailMessage, part: str) -> str:
    """Return the words of a mail's text or HTML, with one space between them."""
    body = received.get_body((part,))
    assert body is not None
    words = str(body.get_content())
    if part == "html":
        words = unescape(re.sub(r"<[^>]+>", " ", words.split("</head>")[1]))
    return " ".join(words.replace("-" * 60, " ").split())


def test_a_receipt_goes_to_who_paid_once(shop: Shop, post: SmtpSink) -> None:
    payment = shop.paid()

    for _ in range(3):
        jobs.drain_outbox()

    [received] = post.mails
    number = shop.placed(payment.order_id).number
    assert received["To"] == "alice@example.com"
    assert number in received["Subject"] + received.get_body(("plain",)).get_content()  # type: ignore[union-attr]
    assert "17.40" in received.get_body(("html",)).get_content()  # type: ignore[union-attr]


def test_the_invoice_goes_with_the_receipt_and_the_credit_note_with_the_refund(shop: Shop, post: SmtpSink) -> None:
    payment = shop.paid()
    refunds.request(payment.id, eur(500), "other", "mara")

    jobs.drain_outbox()

    files = [file for received in post.mails for file in received.iter_attachments()]
    assert sorted((file.get_filename() or "")[:3] for file in files) == ["CN-", "INV"]
    assert all(file.get_content().startswith(b"%PDF-") for file in files)
    for received in post.mails:
        [file] = received.iter_attachments()
        number = (file.get_filename() or "").removesuffix(".pdf")
        for part in ("plain", "html"):
            assert re.search(rf"Attached as a PDF: (Invoice|Credit note) {number}\.", said(received, part))


def test_text_and_html_of_a_mail_say_the_same(shop: Shop, post: SmtpSink) -> None:
    order = shop.order(["SEN-100", "CUP-1"], name="Alice O'Brien & Söhne", line2="c/o <Bob>")
    started = payments.start(order.id, STRIPE)
    shop.stripe.process(started.external_id)
    payments.refresh(started.payment_id, "webhook")
    shop.stripe.settle(started.external_id, succeeded=True)
    payments.refresh(started.payment_id, "webhook")

    jobs.drain_outbox()

    assert len(post.mails) == 2  # that the bank is at work, and the receipt
    for received in post.mails:
        text, html = said(received, "plain"), said(received, "html")
        for words in (
            order.number,
            "1 × Sencha, one €12.50",
            "1 × Cup, one €18.90",
            "Shipping: Standard post €4.90",
            "Total €36.30",
            "19% tax on €20.00 €3.80",
            "7% tax on €11.68 €0.82",
            "It goes to: Alice O'Brien & Söhne Hafenstraße 12 c/o <Bob> 20457 Hamburg Germany",
            "Tidewater Tea GmbH, Am Sandtorkai 30, 20457 Hamburg, Germany",
        ):
            assert words in text
            assert words in html


def test_a_mail_can_be_read_in_the_dark(shop: Shop) -> None:
    html = compose(samples.letter("receipt", "en")).html

    assert '<meta name="color-scheme" content="light dark">' in html
    assert "@media (prefers-color-scheme:dark)" in html
    styled = set(re.findall(r"\.([a-z]+)[ {]", html.split("</style>")[0].split("<style>")[1])) - {"button"}
    assert styled <= set(" ".join(re.findall(r'class="([^"]+)"', html)).split())


@pytest.mark.parametrize("kind", samples.KINDS)
@pytest.mark.parametrize("locale", ["en", "de"])
def test_every_sample_is_whole_in_each_language(shop: Shop, kind: str, locale: str) -> None:
    letter = samples.letter(kind, locale)

    composed = compose(letter)

    assert letter.to.endswith(("@example.com", "@example.org"))
    for part in (composed.subject, composed.text, composed.html):
        assert part.strip()
        assert "None" not in part
        assert "{{" not in part
    assert "Tidewater Tea GmbH" in composed.text
    assert shop.rows(Document) == []


def test_a_receipt_whose_pdf_cannot_be_made_goes_all_the_same_and_an_alarm_stands_until_it_can(
    shop: Shop, post: SmtpSink, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    payment = shop.paid()
    monkeypatch.setattr(pdf, "FOLDER", tmp_path)  # the template is gone

    jobs.drain_outbox()

    [received] = post.mails
    [invoice] = documents.of_order(payment.order_id)
    assert list(received.iter_attachments()) == []
    for part in ("plain", "html"):
        assert f"The PDF of Invoice {invoice.number} is not ready yet" in said(received, part)
    assert shop.alarms() == ["pdf_failed"]
    assert documents.has_failed(invoice)
    monkeypatch.undo()
    assert documents.as_pdf(invoice) == documents.as_pdf(invoice)
    assert not documents.has_failed(invoice)


def test_a_mail_server_that_says_farewell_badly_is_not_sent_the_mail_again(shop: Shop, post: SmtpSink) -> None:
    shop.paid()
    post.farewell = "421 too busy"

    for _ in range(2):
        jobs.drain_outbox()
        shop.clock.advance(minutes=2)

    assert len(post.mails) == 1
    assert shop.owed("mail.receipt")[0].state is OutboxState.DONE


def test_every_kind_of_mail_can_be_sent(shop: Shop, post: SmtpSink) -> None:
    debit = shop.started()
    shop.stripe.process(debit.external_id or "")
    payments.refresh(debit.id, "webhook")
    shop.stripe.settle(debit.external_id or "", succeeded=False)
    payments.refresh(debit.id, "webhook")
    paid = shop.paid()
    refunds.request(paid.id, eur(100), "other", "mara")
    late = shop.started(skus=["RARE-1"])
    shop.clock.advance(hours=1, seconds=1)
    sweep()
    shop.order(["RARE-1"])
    shop.stripe.take_late(late.external_id or "")
    payments.refresh(late.id, "webhook")

    for end in (payments.void, payments.refresh):
        held = shop.order()
        with unit_of_work(write=True) as session:
            session.get_one(Order, held.id).review = ReviewState.HELD
        ready = payments.start(held.id, STRIPE)
        shop.stripe.approve(ready.external_id)
        payments.settle(held.id)
        if end is payments.refresh:
            shop.stripe.lapse(ready.external_id)
        end(ready.payment_id, "mara")

    jobs.drain_outbox()
    jobs.drain_outbox()  # the late refund sends a mail of its own

    kinds = {m["Message-ID"].split(".")[1] for m in post.mails}
    assert kinds == set(order_mails.KINDS)
    assert {m["To"] for m in post.mails} == {"alice@example.com"}
    assert all(m["Subject"].strip() and "None" not in m["Subject"] for m in post.mails)


def test_a_mail_server_that_is_away_is_tried_until_it_is_back(shop: Shop, post: SmtpSink) -> None:
    shop.paid()
    post.answer = "451 come back later"

    for _ in range(3):
        jobs.drain_outbox()
        shop.clock.advance(seconds=20)
    post.answer = "250 OK"
    jobs.drain_outbox()
    jobs.drain_outbox()

    assert len(post.mails) == 1


def test_a_refused_mail_is_given_up_without_writing_down_whom_it_was_for(shop: Shop, post: SmtpSink) -> None:
    shop.paid()
    post.welcome = "550 <alice@example.com>: nobody of that name here"

    for _ in range(outbox.PATIENT_TRIES):
        jobs.drain_outbox()
        shop.clock.advance(hours=1, seconds=1)

    [owed] = shop.owed("mail.receipt")
    [alarm] = shop.rows(Alarm)
    for words in (owed.error, alarm.message):
        assert "nobody of that name" in words
        assert "alice@example.com" not in words


def test_a_worker_that_dies_between_the_servers_yes_and_our_commit_sends_the_same_mail_again(
    shop: Shop, post: SmtpSink
) -> None:
    shop.paid()
    send = mail.handlers()["mail.receipt"]

    def send_and_die(message: outbox.OutboxMessage) -> None:
        send(message)
        raise SystemExit("killed")

    with pytest.raises(SystemExit):
        outbox.drain({"mail.receipt": send_and_die})
    shop.clock.advance(seconds=61)
    jobs.drain_outbox()
    jobs.drain_outbox()

    first, second = post.mails
    assert first["Message-ID"] == second["Message-ID"]
    assert [message.state for message in shop.owed("mail.receipt")] == [OutboxState.DONE]


def test_a_webhook_ends_in_a_receipt_by_the_jobs_alone(shop: Shop, post: SmtpSink) -> None:
    payment = shop.started()
    shop.approve(payment)
    shop.deliver(payment, kind=NoticeKind.PAYMENT)

    jobs.drain_inbox()
    jobs.drain_outbox()

    assert len(post.mails) == 1
