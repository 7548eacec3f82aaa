"""What the mailbox shows: JSON for tests, pages for people."""

from __future__ import annotations

from email.message import EmailMessage

import requests

from sandbox.mailbox import messages


def test_the_newest_mail_comes_first_with_everything_a_test_asks_for(mailbox, receipt):
    other = EmailMessage()
    other["Subject"] = "Earlier"
    other["From"], other["To"] = "a@example.com", "b@example.com"
    other.set_content("before")
    mailbox.send(other)
    mailbox.send(receipt)

    newest, earlier = mailbox.all()

    assert earlier["subject"] == "Earlier"
    assert newest["subject"] == "Deine Quittung für Früchtetee"
    assert newest["from"] == "Tidewater Tea <tea@tidewater.example>"
    assert newest["message_id"] == "<receipt-1@tidewater.example>"
    assert "Summe: 24,50 €" in newest["text"]
    assert "<h1>Danke, Alice.</h1>" in newest["html"]
    assert [(a["name"], a["content_type"]) for a in newest["attachments"]] == [
        ("part-1", "image/png"),
        ("Quittung 1.pdf", "application/pdf"),
    ]


def test_the_list_page_escapes_what_strangers_write(mailbox):
    message = EmailMessage()
    message["Subject"] = "<script>alert(1)</script>"
    message["From"], message["To"] = "a@example.com", "b@example.com"
    message.set_content("<img src=x onerror=alert(2)>")
    mailbox.send(message)

    page = mailbox.get("/mailbox/").text

    assert "<script>alert(1)" not in page
    assert "&lt;script&gt;alert(1)" in page
    assert "<img src=x" not in page


def test_the_html_part_is_framed_without_scripts_and_its_pictures_resolve(mailbox, receipt):
    mailbox.send(receipt)
    mail = mailbox.all()[0]

    page = mailbox.get(f"/mailbox/{mail['id']}")
    frame = mailbox.get(f"/mailbox/{mail['id']}/html")

    assert "sandbox=" in page.text
    policy = frame.headers["Content-Security-Policy"]
    assert policy.startswith("sandbox allow-popups")
    assert "allow-scripts" not in policy
    assert "default-src 'none'" in policy
    assert f"/mailbox/{mail['id']}/attachments/0" in frame.text
    picture = mailbox.get(f"/mailbox/{mail['id']}/attachments/0")
    assert picture.headers["Content-Type"] == "image/png"


def test_headers_text_and_source_each_have_a_view(mailbox, receipt):
    mailbox.send(receipt)
    mail_id = mailbox.all()[0]["id"]

    headers = mailbox.get(f"/mailbox/{mail_id}?tab=headers").text
    text = mailbox.get(f"/mailbox/{mail_id}?tab=text").text
    source = mailbox.get(f"/mailbox/{mail_id}/source")

    assert "receipt-1@tidewater.example" in headers
    assert "Summe: 24,50 €" in text
    assert source.content.startswith(b"Subject:")
    assert source.headers["Content-Disposition"].startswith("attachment")


def test_an_attachment_downloads_byte_for_byte_and_never_opens_in_the_console(mailbox, receipt):
    mailbox.send(receipt)
    mail_id = mailbox.all()[0]["id"]

    answer = mailbox.get(f"/mailbox/{mail_id}/attachments/1")

    assert answer.content == b"%PDF-1.7 receipt"
    assert answer.headers["Content-Disposition"].startswith("attachment")
    assert answer.headers["X-Content-Type-Options"] == "nosniff"


def test_an_unknown_mail_or_attachment_is_not_found(mailbox, receipt):
    mailbox.send(receipt)
    mail_id = mailbox.all()[0]["id"]

    assert mailbox.get("/mailbox/mail_unknown").status_code == 404
    assert mailbox.get("/_sandbox/mailbox/mail_unknown").status_code == 404
    assert mailbox.get(f"/mailbox/{mail_id}/attachments/9").status_code == 404


def test_the_mailbox_can_be_emptied_by_a_person_and_by_a_test(mailbox, receipt):
    mailbox.send(receipt)
    requests.post(f"{mailbox.address}/mailbox/clear", timeout=5)
    assert mailbox.all() == []

    mailbox.send(receipt)
    requests.delete(f"{mailbox.address}/_sandbox/mailbox", timeout=5)
    assert mailbox.all() == []
    assert "No mail yet" in mailbox.get("/mailbox/").text


def test_a_malformed_message_is_shown_as_far_as_it_can_be_read(mailbox):
    with mailbox.connect() as line:
        raw = b"Subject: odd\r\nContent-Type: text/plain; charset=no-such-charset\r\n\r\nstill \xc3\xa4 word\r\n"
        line.sendmail("a@example.com", ["b@example.com"], raw)

    mail = mailbox.all()[0]

    assert mail["subject"] == "odd"
    assert "still ä word" in mail["text"]
    assert mailbox.get(f"/mailbox/{mail['id']}").status_code == 200


def test_a_header_that_cannot_be_read_does_not_hide_the_other_mails(mailbox, receipt):
    with mailbox.connect() as line:
        raw = b'Subject: odd\r\nMessage-ID: <[\r\nFrom: =?utf-8?q?=ff?= <@\r\nTo: "\r\n\r\nbody\r\n'
        line.sendmail("a@example.com", ["b@example.com"], raw)
    mailbox.send(receipt)

    assert [mail["subject"] for mail in mailbox.all()] == ["Deine Quittung für Früchtetee", "odd"]
    assert mailbox.get("/mailbox/").status_code == 200


def test_only_the_newest_messages_are_kept(sandbox):
    for number in range(messages.KEPT + 3):
        messages.keep(sandbox.world, "a@example.com", ["b@example.com"], f"Subject: {number}\r\n\r\n".encode())

    kept = messages.newest_first(sandbox.world)

    assert len(kept) == messages.KEPT
    assert kept[-1].subject == "3"
