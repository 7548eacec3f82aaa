"""Stripe's webhooks: nothing unproven comes in, whatever it looks like."""

from __future__ import annotations

import hashlib
import hmac
import json
import random
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import stripe

from shop.errors import NoticeRejected
from shop.gateways import stripe as gateway
from shop.gateways.base import Mode, NoticeKind

NOW = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)
OLD, NEW = "whsec_old", "whsec_new"
PAID: dict[str, Any] = {
    "id": "evt_1",
    "object": "event",
    "type": "payment_intent.succeeded",
    "livemode": False,
    "data": {"object": {"id": "pi_1", "object": "payment_intent", "client_secret": "pi_1_secret_2"}},
}


def signature(body: bytes, secret: str = NEW, at: datetime = NOW, scheme: str = "v1") -> str:
    """Sign as docs.stripe.com/webhooks/signatures says."""
    stamp = int(at.timestamp())
    return f"t={stamp},{scheme}={hmac.new(secret.encode(), b'%d.' % stamp + body, hashlib.sha256).hexdigest()}"


def body_of(event: dict[str, Any]) -> bytes:
    """Return an event as Stripe sends it."""
    return json.dumps(event, indent=2).encode()


def event(event_type: str, **about: Any) -> dict[str, Any]:
    """Return an event of a type about an object."""
    return {**PAID, "type": event_type, "data": {"object": about}}


@pytest.fixture
def reader() -> gateway.StripeNotices:
    """Reads what the newest secret signed."""
    return gateway.reader([NEW], Mode.TEST)


def test_a_signed_event_says_where_to_look(reader: gateway.StripeNotices) -> None:
    body = body_of(PAID)

    notice = reader.read({"Stripe-Signature": signature(body)}, body, NOW)

    assert (notice.event_id, notice.type, notice.mode) == ("evt_1", "payment_intent.succeeded", Mode.TEST)
    assert (notice.kind, notice.external_id, notice.payment_external_id) == (NoticeKind.PAYMENT, "pi_1", "pi_1")


def test_the_sdks_own_signature_is_accepted(reader: gateway.StripeNotices) -> None:
    body = body_of(PAID)
    header = stripe.WebhookSignature.generate_signature_header(body.decode(), NEW, int(NOW.timestamp()))

    notice = reader.read({"stripe-signature": header}, body, NOW)

    assert notice.event_id == "evt_1"


def test_the_client_secret_does_not_get_past_the_reader(reader: gateway.StripeNotices) -> None:
    body = body_of(PAID)

    notice = reader.read({"Stripe-Signature": signature(body)}, body, NOW)

    assert "pi_1_secret_2" not in json.dumps(notice.payload)


@pytest.mark.parametrize(
    ("secrets", "header"),
    [
        ([OLD], lambda body: f"{signature(body, OLD)},v1={'0' * 64}"),
        ([OLD, NEW], lambda body: signature(body, OLD)),
        ([OLD, NEW], lambda body: signature(body, NEW)),
        ([NEW], lambda body: f"{signature(body, OLD)},{signature(body, NEW).split(',')[1]}"),
        ([OLD], lambda body: f"{signature(body, OLD)},{signature(body, NEW).split(',')[1]}"),
    ],
)
def test_no_step_of_a_rotation_refuses_an_event(secrets: list[str], header: Any) -> None:
    body = body_of(PAID)

    notice = gateway.reader(secrets, Mode.TEST).read({"Stripe-Signature": header(body)}, body, NOW)

    assert notice.event_id == "evt_1"


@pytest.mark.parametrize("age", [timedelta(seconds=301), timedelta(days=1), timedelta(seconds=-301)])
def test_a_signature_from_another_time_is_refused(reader: gateway.StripeNotices, age: timedelta) -> None:
    body = body_of(PAID)

    with pytest.raises(NoticeRejected, match="seconds ago"):
        reader.read({"Stripe-Signature": signature(body, at=NOW - age)}, body, NOW)


@pytest.mark.parametrize("age", [timedelta(seconds=300), timedelta(seconds=-300)])
def test_a_signature_within_tolerance_is_accepted(reader: gateway.StripeNotices, age: timedelta) -> None:
    body = body_of(PAID)

    notice = reader.read({"Stripe-Signature": signature(body, at=NOW - age)}, body, NOW)

    assert notice.event_id == "evt_1"


@pytest.mark.parametrize(
    "header",
    [
        "",
        "t=,v1=",
        "t=1",
        "v1=abc",
        "t=x,v1=abc",
        "t=-5,v1=abc",
        "t=²,v1=abc",
        "t=1,t=2,v1=a",
        "t=99999999999999999999,v1=a",
        "é",
        signature(body_of(PAID), scheme="v0"),
        signature(body_of(PAID), secret=""),
        signature(body_of(PAID), secret="whsec_of_somebody"),
    ],
)
def test_a_header_that_proves_nothing_is_refused(reader: gateway.StripeNotices, header: str) -> None:
    with pytest.raises(NoticeRejected):
        reader.read({"Stripe-Signature": header}, body_of(PAID), NOW)


def test_without_a_header_or_a_secret_nothing_comes_in(reader: gateway.StripeNotices) -> None:
    body = body_of(PAID)

    with pytest.raises(NoticeRejected):
        reader.read({}, body, NOW)
    with pytest.raises(NoticeRejected):
        gateway.reader(["", " "], Mode.TEST).read({"Stripe-Signature": signature(body, "")}, body, NOW)


def test_a_thousand_mutants_are_refused(reader: gateway.StripeNotices) -> None:
    chance = random.Random(20261121)
    body = body_of(PAID)
    header = signature(body)

    refused = 0
    for _ in range(1_000):
        mutated_header, mutated_body = mutant(header, body, chance)
        with pytest.raises(NoticeRejected):
            reader.read({"Stripe-Signature": mutated_header}, mutated_body, NOW)
        refused += 1

    assert refused == 1_000


def mutant(header: str, body: bytes, chance: random.Random) -> tuple[str, bytes]:
    """Return a header and body of which one differs from the genuine pair in a way that matters."""
    kind = chance.randrange(5)
    if kind == 0:  # a bit of the body is flipped
        at = chance.randrange(len(body))
        return header, body[:at] + bytes([body[at] ^ (1 << chance.randrange(8))]) + body[at + 1 :]
    if kind == 1:  # the body is cut short or grown
        return header, body[: chance.randrange(len(body))] if chance.random() < 0.5 else body + b" "
    if kind == 2:  # a hex digit of the signature changes
        start = header.index("v1=") + 3
        at = start + chance.randrange(64)
        return header[:at] + chance.choice([d for d in "0123456789abcdef" if d != header[at]]) + header[at + 1 :], body
    if kind == 3:  # the signature is cut short
        return header[: -chance.randrange(1, 64)], body
    stamp = int(NOW.timestamp()) + chance.choice([-1, 1]) * chance.randrange(1, 200)  # another time, still in tolerance
    return f"t={stamp},{header.split(',')[1]}", body


@pytest.mark.parametrize(("mode", "livemode"), [(Mode.TEST, True), (Mode.LIVE, False), (Mode.TEST, None)])
def test_an_event_of_the_other_mode_is_refused(mode: Mode, livemode: bool | None) -> None:
    body = body_of({**PAID, "livemode": livemode})

    with pytest.raises(NoticeRejected, match="mode"):
        gateway.reader([NEW], mode).read({"Stripe-Signature": signature(body)}, body, NOW)


@pytest.mark.parametrize("body", [b"", b"[]", b"{", b"null", b'{"id": 1, "type": "x"}', b'{"type": "x"}', b"\xff\xfe"])
def test_a_signed_body_that_is_no_event_is_refused(reader: gateway.StripeNotices, body: bytes) -> None:
    with pytest.raises(NoticeRejected):
        reader.read({"Stripe-Signature": signature(body)}, body, NOW)


@pytest.mark.parametrize(
    ("told", "kind", "payment"),
    [
        (event("payment_intent.payment_failed", id="pi_1"), NoticeKind.PAYMENT, "pi_1"),
        (event("charge.updated", id="ch_1", payment_intent="pi_1"), NoticeKind.PAYMENT, "pi_1"),
        (event("charge.refunded", id="ch_1", payment_intent={"id": "pi_1"}), NoticeKind.PAYMENT, "pi_1"),
        (event("charge.succeeded", id="ch_1", payment_intent=None), NoticeKind.OTHER, None),
        (event("charge.refund.updated", id="re_1", payment_intent="pi_1"), NoticeKind.REFUND, "pi_1"),
        (event("refund.failed", id="re_1", payment_intent="pi_1"), NoticeKind.REFUND, "pi_1"),
        (event("charge.dispute.created", id="du_1", payment_intent="pi_1"), NoticeKind.OTHER, "pi_1"),
        (event("customer.created", id="cus_1"), NoticeKind.OTHER, None),
        ({"id": "evt_2", "object": "v2.core.event", "type": "v1.charge.x", "livemode": False}, NoticeKind.OTHER, None),
    ],
)
def test_an_event_points_at_what_it_is_about(
    reader: gateway.StripeNotices, told: dict[str, Any], kind: NoticeKind, payment: str | None
) -> None:
    body = body_of(told)

    notice = reader.read({"Stripe-Signature": signature(body)}, body, NOW)

    assert (notice.kind, notice.payment_external_id) == (kind, payment)
