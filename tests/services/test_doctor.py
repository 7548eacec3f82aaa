"""The doctor: it says what is well and what is not, as the shop itself would find it."""

from dataclasses import replace

from shop import doctor
from tests.shop_app import Shop
from tests.smtp_sink import SmtpSink


def test_the_mail_server_is_asked_as_a_mail_would_be_sent(shop: Shop) -> None:
    with SmtpSink() as sink:
        shop.change_context(settings=replace(shop.context.settings, smtp_url=sink.url))
        plain = doctor._mail()
        encrypted = sink.url.replace("smtp://", "smtp+starttls://mara:secret@")
        shop.change_context(settings=replace(shop.context.settings, smtp_url=encrypted))
        without_tls = doctor._mail()

    assert plain.cure == ""
    assert "SMTP_URL" in without_tls.cure, "it answers, but does not offer the encryption that is asked for"
    assert "secret" not in without_tls.found
