"""The doctor: it says what is well and what is not, as the shop itself would find it."""

from dataclasses import replace

from sqlalchemy import text

from shop import crypto, doctor
from shop.crypto import KeyRing
from shop.services import rotation
from shop.services.unit_of_work import unit_of_work
from tests.shop_app import Shop
from tests.smtp_sink import SmtpSink
from tests.test_crypto import made


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


def test_it_tells_how_far_a_change_of_the_encryption_key_has_come(shop: Shop) -> None:
    old, new = shop.context.settings.encryption_keys[0], made("n")
    found = [doctor._encryption()]

    crypto.init_app(shop.app, [new, old])
    found.append(doctor._encryption())
    rotation.rotate()
    found.append(doctor._encryption())
    crypto.init_app(shop.app, [new])
    found.append(doctor._encryption())

    names = [KeyRing([key]).ids[0] for key in (old, new)]
    assert [one.cure for one in found] == [""] * 4, "none of it is a fault"
    assert "everything is sealed with" in found[0].found
    assert "keys rotate" in found[1].found
    assert found[2].found == f"everything is sealed with {names[1]}; nothing is with {names[0]}"
    assert found[3].found == f"everything is sealed with {names[1]}"


def test_a_key_that_is_lacking_and_an_address_written_past_the_shop_are_faults(shop: Shop) -> None:
    order, ids = shop.order(), shop.app.extensions["key_ring"].ids
    crypto.init_app(shop.app, [made("n")])
    lacking = doctor._encryption()
    crypto.init_app(shop.app, shop.context.settings.encryption_keys)
    with unit_of_work(write=True) as session:
        session.execute(text("UPDATE orders SET city = 'Kiel' WHERE id = :id"), {"id": order.id})
    unsealed = doctor._encryption()

    assert (lacking.found, "ENCRYPTION_KEYS" in lacking.cure) == (f"{ids[0]} lacking", True)
    assert (unsealed.found, "through the shop" in unsealed.cure) == ("values that stand unsealed: 1", True)
