"""PayPal's webhooks: whose certificate is believed, and what comes in."""

from __future__ import annotations

import base64
import json
import random
import socket
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from cryptography import x509

from sandbox.paypal import certificates
from sandbox.running import Sandbox
from shop.errors import NoticeRejected, ProviderUnavailable
from shop.gateways import paypal
from shop.gateways.base import Mode, NoticeKind
from shop.gateways.paypal.certificates import TrustRule
from tests.gateways import authority
from tests.gateways.cast import a_closed_port
from tests.gateways.waiting import until

WEBHOOK = "8PT597110X687430LKGECATA"
NOW = datetime.now(UTC).replace(microsecond=0)
LIVE, TEST = "https://api-m.paypal.com", "https://api-m.sandbox.paypal.com"
CAPTURED: dict[str, Any] = {
    "id": "WH-1",
    "event_type": "PAYMENT.CAPTURE.COMPLETED",
    "resource_type": "capture",
    "resource": {"id": "CAP1", "supplementary_data": {"related_ids": {"order_id": "ORDER1"}}},
}
BODY = json.dumps(CAPTURED).encode()


@pytest.fixture
def server() -> Iterator[authority.CertificateServer]:
    """A PayPal-like origin that serves a genuine chain."""
    with authority.CertificateServer(authority.chain()) as running:
        yield running


@pytest.fixture
def reader(server: authority.CertificateServer) -> paypal.PayPalNotices:
    """A reader whose API base is that origin."""
    return paypal.reader([WEBHOOK], server.base, Mode.TEST)


def headers(
    server: authority.CertificateServer, body: bytes = BODY, at: datetime = NOW, **changes: str
) -> dict[str, str]:
    """Return the headers of a genuine delivery, with some of them replaced."""
    signed = authority.sign(body, WEBHOOK, server.base + authority.PATH, at)
    return signed | {f"Paypal-{name.replace('_', '-')}": value for name, value in changes.items()}


def test_a_genuine_event_says_where_to_look(reader: paypal.PayPalNotices, server: authority.CertificateServer) -> None:
    notice = reader.read(headers(server), BODY, NOW)

    assert (notice.event_id, notice.type, notice.mode) == ("WH-1", "PAYMENT.CAPTURE.COMPLETED", Mode.TEST)
    assert (notice.kind, notice.external_id, notice.payment_external_id) == (NoticeKind.PAYMENT, "CAP1", "ORDER1")


def test_the_certificate_is_fetched_once(reader: paypal.PayPalNotices, server: authority.CertificateServer) -> None:
    for _ in range(5):
        reader.read(headers(server), BODY, NOW)

    assert server.asked == [authority.PATH]


def test_a_thousand_mutants_are_refused(reader: paypal.PayPalNotices, server: authority.CertificateServer) -> None:
    chance = random.Random(20261121)
    genuine = headers(server)
    reader.read(genuine, BODY, NOW)

    refused = 0
    for _ in range(1_000):
        mutated, body = mutant(genuine, chance)
        with pytest.raises(NoticeRejected):
            reader.read(mutated, body, NOW)
        refused += 1

    assert refused == 1_000
    assert server.asked == [authority.PATH]


def mutant(genuine: dict[str, str], chance: random.Random) -> tuple[dict[str, str], bytes]:
    """Return headers and a body that differ from the genuine ones in a way that matters."""
    kind = chance.randrange(6)
    if kind == 0:
        at = chance.randrange(len(BODY))
        return genuine, BODY[:at] + bytes([BODY[at] ^ (1 << chance.randrange(8))]) + BODY[at + 1 :]
    if kind == 1:
        return genuine, BODY[: chance.randrange(len(BODY))]
    if kind == 2:
        raw = bytearray(base64.b64decode(genuine["Paypal-Transmission-Sig"]))
        raw[chance.randrange(len(raw))] ^= 1 << chance.randrange(8)
        return genuine | {"Paypal-Transmission-Sig": base64.b64encode(bytes(raw)).decode()}, BODY
    if kind == 3:
        signature = genuine["Paypal-Transmission-Sig"]
        return genuine | {"Paypal-Transmission-Sig": signature[: chance.randrange(len(signature) - 4)]}, BODY
    if kind == 4:
        return genuine | {"Paypal-Transmission-Id": f"transmission-{chance.randrange(2, 999)}"}, BODY
    at = NOW - timedelta(seconds=chance.randrange(1, 10_000))
    return genuine | {"Paypal-Transmission-Time": at.strftime("%Y-%m-%dT%H:%M:%SZ")}, BODY


@pytest.mark.parametrize("name", ["Id", "Time", "Sig"])
def test_a_missing_header_is_refused_before_anything_is_fetched(
    reader: paypal.PayPalNotices, server: authority.CertificateServer, name: str
) -> None:
    sent = headers(server)
    del sent[f"Paypal-Transmission-{name}"]

    with pytest.raises(NoticeRejected):
        reader.read(sent, BODY, NOW)

    assert server.asked == []


@pytest.mark.parametrize(
    "changes",
    [
        {"Auth_Algo": "none"},
        {"Auth_Algo": "SHA1withRSA"},
        {"Transmission_Time": "yesterday"},
        {"Transmission_Sig": "not base64!"},
        {"Transmission_Id": "x" * 2_000},
    ],
)
def test_a_header_that_cannot_be_right_is_refused_before_anything_is_fetched(
    reader: paypal.PayPalNotices, server: authority.CertificateServer, changes: dict[str, str]
) -> None:
    with pytest.raises(NoticeRejected):
        reader.read(headers(server, **changes), BODY, NOW)

    assert server.asked == []


@pytest.mark.parametrize("age", [timedelta(days=4, seconds=1), timedelta(minutes=-6)])
def test_a_delivery_from_another_time_is_refused(
    reader: paypal.PayPalNotices, server: authority.CertificateServer, age: timedelta
) -> None:
    with pytest.raises(NoticeRejected, match="time"):
        reader.read(headers(server, at=NOW - age), BODY, NOW)


def test_a_repeat_of_three_days_later_is_accepted(
    reader: paypal.PayPalNotices, server: authority.CertificateServer
) -> None:
    notice = reader.read(headers(server, at=NOW - timedelta(days=3)), BODY, NOW)

    assert notice.event_id == "WH-1"


def test_an_event_signed_for_another_webhook_is_refused(server: authority.CertificateServer) -> None:
    other = paypal.reader(["WEBHOOK_ID"], server.base, Mode.TEST)

    with pytest.raises(NoticeRejected):
        other.read(headers(server), BODY, NOW)


def test_while_one_webhook_takes_over_from_another_events_of_both_are_taken(
    server: authority.CertificateServer,
) -> None:
    for both in (["NEW", WEBHOOK], [WEBHOOK, "NEW"]):
        notice = paypal.reader(both, server.base, Mode.TEST).read(headers(server), BODY, NOW)

        assert notice.event_id == "WH-1"


# Where a certificate may come from.

BAD_ADDRESSES = [
    "http://api.paypal.com/v1/notifications/certs/CERT-1",
    "https://api.paypal.com.evil.example/v1/notifications/certs/CERT-1",
    "https://evil.example/v1/notifications/certs/CERT-1",
    "https://evilapi.paypal.com/v1/notifications/certs/CERT-1",
    "https://www.paypal.com/v1/notifications/certs/CERT-1",
    "https://api.paypal.com:8443/v1/notifications/certs/CERT-1",
    "https://api.paypal.com:443/v1/notifications/certs/CERT-1",
    "https://user@api.paypal.com/v1/notifications/certs/CERT-1",
    "https://api.paypal.com@evil.example/v1/notifications/certs/CERT-1",
    "https://evil.example\\@api.paypal.com/v1/notifications/certs/CERT-1",
    "https://api.paypal.com\\.evil.example/v1/notifications/certs/CERT-1",
    "https://api.paypal.com/redirect?to=https://evil.example/CERT-1",
    "https://api.paypal.com/v1/notifications/certs/../../oauth2/token",
    "https://api.paypal.com/v1/notifications/certs/%2e%2e/CERT-1",
    "https://api.paypal.com/v1/notifications/certs/CERT-1?x=1",
    "https://api.paypal.com/v1/notifications/certs/CERT-1#x",
    "https://api.paypal.com/v1/notifications/certs/",
    "https://api.paypal.com./v1/notifications/certs/CERT-1",
    "https://[::1/v1/notifications/certs/CERT-1",
    "//api.paypal.com/v1/notifications/certs/CERT-1",
    "file:///etc/passwd",
    "https://аpi.paypal.com/v1/notifications/certs/CERT-1",
    " https://api.paypal.com/v1/notifications/certs/CERT-1",
    "https://api.paypal.com/v1/notifications/certs/CERT-1\r\nHost: evil.example",
    "http://127.0.0.1:8002/v1/notifications/certs/CERT-1",
    "https://localhost/v1/notifications/certs/CERT-1",
]


@pytest.mark.parametrize("base", [LIVE, TEST])
@pytest.mark.parametrize("address", BAD_ADDRESSES)
def test_nothing_is_sent_to_an_address_that_is_not_paypals(
    base: str, address: str, server: authority.CertificateServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    def no_network(*args: object) -> None:
        raise AssertionError("a socket was opened")

    monkeypatch.setattr(socket, "getaddrinfo", no_network)
    monkeypatch.setattr(socket.socket, "connect", no_network)

    with pytest.raises(NoticeRejected):
        paypal.reader([WEBHOOK], base, Mode.LIVE).read(headers(server, Cert_Url=address), BODY, NOW)


@pytest.mark.parametrize(
    ("base", "address"),
    [
        (LIVE, "https://api.paypal.com/v1/notifications/certs/CERT-360caa42-fca2a594-1d93a270"),
        (LIVE, "https://api-m.paypal.com/v1/notifications/certs/CERT-360caa42-fca2a594-1d93a270"),
        (TEST, "https://api.sandbox.paypal.com/v1/notifications/certs/CERT-360caa42-fca2a594-1d93a270"),
        (TEST, "https://api-m.sandbox.paypal.com/v1/notifications/certs/CERT-360caa42-fca2a594-1d93a270"),
    ],
)
def test_paypals_own_addresses_are_allowed(base: str, address: str) -> None:
    TrustRule.for_base(base).check_address(address)


@pytest.mark.parametrize(
    ("base", "address"),
    [
        (LIVE, "https://api.sandbox.paypal.com/v1/notifications/certs/CERT-1"),
        (TEST, "https://api.paypal.com/v1/notifications/certs/CERT-1"),
        ("http://127.0.0.1:8002", "http://127.0.0.1:8003/v1/notifications/certs/CERT-1"),
        ("http://127.0.0.1:8002", "http://localhost:8002/v1/notifications/certs/CERT-1"),
        ("http://127.0.0.1:8002", "https://api.paypal.com/v1/notifications/certs/CERT-1"),
        ("http://api-m.paypal.com", "https://api-m.paypal.com/v1/notifications/certs/CERT-1"),
    ],
)
def test_a_certificate_of_another_mode_or_origin_is_refused(base: str, address: str) -> None:
    with pytest.raises(NoticeRejected):
        TrustRule.for_base(base).check_address(address)


def test_a_redirect_is_not_followed(reader: paypal.PayPalNotices, server: authority.CertificateServer) -> None:
    with authority.CertificateServer(authority.chain()) as elsewhere:
        server.status, server.location = 302, elsewhere.base + authority.PATH

        with pytest.raises(NoticeRejected):
            reader.read(headers(server), BODY, NOW)

        assert elsewhere.asked == []


@pytest.mark.parametrize(
    "pem",
    [
        authority.chain(name="www.example.com"),
        authority.chain(name="evil.messageverificationcerts.example"),
        authority.chain(days=-1),
        authority.chain(signer=2),
        authority.chain().split(b"-----END CERTIFICATE-----")[0] + b"-----END CERTIFICATE-----\n",
        b"",
        b"<html>",
        b"x" * 70_000,
    ],
    ids=["other name", "suffix name", "out of date", "other authority", "no authority", "empty", "page", "too large"],
)
def test_a_certificate_that_is_not_what_it_should_be_is_refused(
    reader: paypal.PayPalNotices, server: authority.CertificateServer, pem: bytes
) -> None:
    server.body = pem

    with pytest.raises(NoticeRejected):
        reader.read(headers(server), BODY, NOW)


@pytest.mark.parametrize("base", [LIVE, TEST])
def test_a_certificate_of_ones_own_making_never_passes_for_paypals(base: str) -> None:
    name = "messageverificationcerts.sandbox.paypal.com" if base == TEST else "messageverificationcerts.paypal.com"
    chain = x509.load_pem_x509_certificates(authority.chain(name=name))

    with pytest.raises(NoticeRejected, match="authority"):
        TrustRule.for_base(base).check_chain(chain, NOW)


def test_a_certificate_that_cannot_be_fetched_now_asks_for_another_delivery(
    reader: paypal.PayPalNotices, server: authority.CertificateServer
) -> None:
    server.status = 503
    unreachable = f"http://127.0.0.1:{a_closed_port()}"

    with pytest.raises(ProviderUnavailable):
        reader.read(headers(server), BODY, NOW)
    with pytest.raises(ProviderUnavailable):
        paypal.reader([WEBHOOK], unreachable, Mode.TEST).read(
            headers(server, Cert_Url=unreachable + authority.PATH), BODY, NOW
        )


@pytest.mark.parametrize(("status", "answer"), [(404, NoticeRejected), (503, ProviderUnavailable)])
def test_an_address_that_gave_no_certificate_is_asked_again_after_a_minute_and_not_before(
    reader: paypal.PayPalNotices, server: authority.CertificateServer, status: int, answer: type[Exception]
) -> None:
    server.status = status

    for second in (0, 1, 59):
        with pytest.raises(answer):
            reader.read(headers(server), BODY, NOW + timedelta(seconds=second))

    assert server.asked == [authority.PATH]
    server.status = 200
    assert reader.read(headers(server), BODY, NOW + timedelta(seconds=60)).event_id == "WH-1"


def test_while_a_certificate_is_fetched_others_do_not_wait_for_it_and_what_is_known_passes(
    reader: paypal.PayPalNotices, server: authority.CertificateServer
) -> None:
    reader.read(headers(server), BODY, NOW)
    server.opened.clear()
    forged = [headers(server, Cert_Url=f"{server.base}{authority.PATH}-{number}") for number in range(3)]

    with ThreadPoolExecutor(1) as pool:
        first = pool.submit(reader.read, forged[0], BODY, NOW)
        until(lambda: len(server.asked) == 2)
        for other in forged[1:]:
            with pytest.raises(ProviderUnavailable, match="another"):
                reader.read(other, BODY, NOW)
        notice = reader.read(headers(server), BODY, NOW)
        server.opened.set()
        first.result(10)

    assert notice.event_id == "WH-1"
    assert server.asked == [authority.PATH, f"{authority.PATH}-0"]


def test_the_first_deliveries_that_come_at_once_share_one_fetch(
    reader: paypal.PayPalNotices, server: authority.CertificateServer
) -> None:
    with ThreadPoolExecutor(8) as pool:
        notices = list(pool.map(lambda _: reader.read(headers(server), BODY, NOW), range(16)))

    assert {notice.event_id for notice in notices} == {"WH-1"}
    assert server.asked == [authority.PATH]


def test_the_sandbox_signs_what_the_reader_believes(sandbox: Sandbox) -> None:
    signed = certificates.sign(sandbox.world, WEBHOOK, BODY)

    notice = paypal.reader([WEBHOOK], sandbox.paypal_api, Mode.TEST).read(signed, BODY, datetime.now(UTC))

    assert notice.event_id == "WH-1"


@pytest.mark.parametrize(
    ("told", "kind", "external_id", "order"),
    [
        ({"event_type": "CHECKOUT.ORDER.APPROVED", "resource": {"id": "O1"}}, NoticeKind.APPROVAL, "O1", "O1"),
        ({"event_type": "CHECKOUT.ORDER.COMPLETED", "resource": {"id": "O1"}}, NoticeKind.PAYMENT, "O1", "O1"),
        ({"event_type": "PAYMENT.CAPTURE.DENIED", "resource": {"id": "C1"}}, NoticeKind.OTHER, "C1", None),
        (
            {"event_type": "PAYMENT.CAPTURE.REFUNDED", "resource_type": "refund", "resource": {"id": "R1"}},
            NoticeKind.REFUND,
            "R1",
            None,
        ),
        ({"event_type": "PAYMENT.REFUND.PENDING", "resource": {"id": "R1"}}, NoticeKind.REFUND, "R1", None),
        ({"event_type": "PAYMENT.SALE.COMPLETED", "resource": {"id": "S1"}}, NoticeKind.OTHER, "S1", None),
        ({"event_type": "CUSTOMER.DISPUTE.CREATED", "resource": {}}, NoticeKind.OTHER, "", None),
    ],
)
def test_an_event_points_at_what_it_is_about(
    reader: paypal.PayPalNotices,
    server: authority.CertificateServer,
    told: dict[str, Any],
    kind: NoticeKind,
    external_id: str,
    order: str | None,
) -> None:
    body = json.dumps({"id": "WH-2", **told}).encode()

    notice = reader.read(headers(server, body), body, NOW)

    assert (notice.kind, notice.external_id, notice.payment_external_id) == (kind, external_id, order)


@pytest.mark.parametrize("body", [b"", b"[]", b"{", b'{"id": "WH-1"}', b"\xff"])
def test_a_signed_body_that_is_no_event_is_refused(
    reader: paypal.PayPalNotices, server: authority.CertificateServer, body: bytes
) -> None:
    with pytest.raises(NoticeRejected):
        reader.read(headers(server, body), body, NOW)
