"""Mail goes in over SMTP, as the standard library's client speaks it."""

from __future__ import annotations

import smtplib
from email.message import EmailMessage

import pytest

from sandbox.running import Sandbox


def test_the_server_announces_eight_bit_and_utf8_addresses_and_logins(mailbox):
    with mailbox.connect() as line:
        line.ehlo()

        assert line.has_extn("8BITMIME")
        assert line.has_extn("SMTPUTF8")
        assert line.has_extn("AUTH")


def test_any_login_is_accepted_and_none_is_needed(mailbox, receipt):
    with mailbox.connect() as line:
        line.login("anyone", "any password")
        line.send_message(receipt)
    mailbox.send(receipt)

    assert len(mailbox.all()) == 2


def test_an_address_beyond_ascii_arrives_as_it_was_written(mailbox):
    message = EmailMessage()
    message["Subject"] = "茶"
    message["From"] = "tea@tidewater.example"
    message["To"] = "åsa@exämple.com"
    message.set_content("Grüße")

    with mailbox.connect() as line:
        line.send_message(message, mail_options=["SMTPUTF8", "BODY=8BITMIME"])

    kept = mailbox.all()[0]
    assert kept["to"] == ["åsa@exämple.com"]
    assert kept["subject"] == "茶"
    assert kept["text"] == "Grüße\n"


def test_a_blind_copy_is_listed_for_whom_it_was_handed_in(mailbox, receipt):
    with mailbox.connect() as line:
        line.send_message(receipt, to_addrs=["alice@example.com", "mara@tidewater.example"])

    assert mailbox.all()[0]["to"] == ["alice@example.com", "mara@tidewater.example"]
    assert len(mailbox.all("?to=MARA@tidewater.example")) == 1
    assert mailbox.all("?to=bob@example.com") == []


def test_a_refusal_is_a_451_as_often_as_it_was_asked_for(sandbox: Sandbox, mailbox, receipt):
    sandbox.world.faults.set("smtp", "down", times=2)

    for _ in range(2):
        with pytest.raises(smtplib.SMTPDataError) as refused:
            mailbox.send(receipt)
        assert refused.value.smtp_code == 451
    mailbox.send(receipt)

    assert len(mailbox.all()) == 1


def test_a_lost_answer_keeps_the_mail_and_breaks_the_line(sandbox: Sandbox, mailbox, receipt):
    sandbox.world.faults.set("smtp", "answer_lost", times=1)

    with pytest.raises((smtplib.SMTPServerDisconnected, ConnectionError)):
        mailbox.send(receipt)
    mailbox.send(receipt)

    ids = [mail["message_id"] for mail in mailbox.all()]
    assert ids == ["<receipt-1@tidewater.example>"] * 2


def test_a_refused_line_breaks_before_the_mail_is_kept(sandbox: Sandbox, mailbox, receipt):
    sandbox.world.faults.set("smtp", "refused", times=1)

    with pytest.raises((smtplib.SMTPServerDisconnected, ConnectionError)):
        mailbox.send(receipt)

    assert mailbox.all() == []


def test_both_loopback_families_take_mail(mailbox, receipt):
    try:
        line = smtplib.SMTP("::1", mailbox.port, timeout=5)
    except OSError:
        pytest.skip("this machine has no IPv6 loopback")
    with line:
        line.send_message(receipt)

    assert len(mailbox.all()) == 1
