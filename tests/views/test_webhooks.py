"""The webhook doors: 2xx for what is proven, 400 or 413 and no row for what is not, and nothing in between."""

import hashlib
import hmac
import json
import random
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from flask import got_request_exception
from rq import Queue

from shop.gateways import stripe
from shop.gateways.base import Mode
from shop.gateways.fake import FakeNotices
from shop.models import InboxEvent, InboxState
from tests.processes import wait_until
from tests.shop_app import PAYPAL, SECRET, STRIPE, Shop

OLD_SECRET = "whsec_before_it_was_rolled"
CLIENT_SECRET = "pi_1_secret_nobody_may_keep"


@pytest.fixture(autouse=True)
def doors(shop: Shop) -> None:
    """Stripe's own reader at Stripe's door, with two secrets: one is being rolled."""
    readers = {STRIPE: stripe.reader((SECRET, OLD_SECRET), Mode.TEST), PAYPAL: FakeNotices(SECRET, PAYPAL)}
    shop.change_context(readers=readers)


def test_a_genuine_webhook_is_taken_once_and_answered_alike_each_time(shop: Shop) -> None:
    body, headers = _genuine(shop)

    answers = [_post(shop, body, headers) for _ in range(3)]

    [row] = _rows(shop)
    assert answers == [200, 200, 200]
    assert (row.event_id, row.external_id, row.state) == ("evt_1", "pi_1", InboxState.RECEIVED)
    assert row.body_hash == hashlib.sha256(body).hexdigest()
    with shop.app.app_context():
        [said] = shop.bodies()
    assert CLIENT_SECRET not in json.dumps(said)


def test_either_secret_is_good_while_one_is_being_rolled(shop: Shop) -> None:
    body, _ = _genuine(shop)
    now = int(shop.clock.now().timestamp())

    answers = [
        _post(shop, body, _signed(body, now, OLD_SECRET)),
        _post(shop, body, _signed(body, now, "whsec_another", OLD_SECRET)),
        _post(shop, body, _signed(body, now, SECRET, OLD_SECRET)),
    ]

    assert answers == [200, 200, 200]


def test_what_proves_nothing_is_refused_without_a_row_or_a_trace(shop: Shop) -> None:
    body, headers = _genuine(shop)
    genuine, now = headers["Stripe-Signature"], int(shop.clock.now().timestamp())
    forged = {
        "unsigned": (body, {}),
        "empty": (body, {"Stripe-Signature": ""}),
        "no timestamp": (body, {"Stripe-Signature": genuine.partition(",")[2]}),
        "no signature": (body, {"Stripe-Signature": f"t={now}"}),
        "the test scheme only": (body, {"Stripe-Signature": genuine.replace("v1=", "v0=")}),
        "another secret": (body, _signed(body, now, "whsec_forged")),
        "stale": (body, _signed(body, now - 301, SECRET)),
        "from the future": (body, _signed(body, now + 400, SECRET)),  # the clock goes on meanwhile
        "timestamp moved": (body, {"Stripe-Signature": genuine.replace(f"t={now}", f"t={now + 1}")}),
        "truncated": (body[:-1], headers),
        "longer": (body + b" ", headers),
        "empty body": (b"", headers),
        "not ASCII": (body, {"Stripe-Signature": f"t={now},v1=\xe9\xe9"}),
        "not JSON, but signed": (b"{", _signed(b"{", now, SECRET)),
        "not an event, but signed": (b"[]", _signed(b"[]", now, SECRET)),
        "live, but signed": _genuine(shop, live=True),
    }

    broken: list[Exception] = []

    def note(door: object, exception: Exception) -> None:
        broken.append(exception)

    with got_request_exception.connected_to(note):
        answers = {name: _post(shop, *delivery) for name, delivery in forged.items()}

    assert answers == dict.fromkeys(forged, 400)
    assert _rows(shop) == []
    assert broken == []


def test_a_thousand_webhooks_with_one_byte_changed_are_all_refused(shop: Shop) -> None:
    body, headers = _genuine(shop)
    chance = random.Random(20)
    answers = set()

    for _ in range(1000):
        mutant, at = bytearray(body), chance.randrange(len(body))
        mutant[at] ^= 1 << chance.randrange(8)
        answers.add(_post(shop, bytes(mutant), headers))

    assert answers == {400}
    assert _rows(shop) == []


@pytest.mark.parametrize("door", ["stripe", "paypal"])
def test_what_is_too_large_is_refused_before_it_is_read(shop: Shop, door: str) -> None:
    body = b"x" * (512 * 1024 + 1)

    answer = _post(shop, body, _signed(body, int(shop.clock.now().timestamp()), SECRET), door)

    assert answer == 413
    assert _rows(shop) == []


def test_a_refusal_tells_a_stranger_nothing(shop: Shop) -> None:
    body, _ = _genuine(shop)

    answer = shop.app.test_client().post("/webhooks/stripe", data=body, headers={"Accept": "text/html"})

    assert answer.status_code == 400
    assert answer.get_data().strip() == b'{"error":"rejected"}'


def test_there_is_no_door_for_another_provider_and_none_for_reading(shop: Shop) -> None:
    client = shop.app.test_client()

    assert client.post("/webhooks/adyen").status_code == 404
    assert client.get("/webhooks/stripe").status_code == 405


def test_fifty_deliveries_at_once_are_all_answered_well_and_stored_once(shop: Shop) -> None:
    body, headers = _genuine(shop)

    with ThreadPoolExecutor(50) as pool:
        answers = list(pool.map(lambda _: _post(shop, body, headers), range(50)))

    assert set(answers) == {200}
    assert len(_rows(shop)) == 1


def test_a_new_webhook_wakes_a_worker_once_and_a_second_one_rides_along(shop: Shop, redis_url: str) -> None:
    shop.use_redis(redis_url)

    for number in (1, 2):
        _post(shop, *_genuine(shop, event_id=f"evt_{number}"))

    queue = Queue("inbox", connection=shop.context.queues.redis)
    wait_until(queue.get_jobs, "a worker is woken")
    _post(shop, *_genuine(shop, event_id="evt_3"))
    _wait_for_the_bell()
    assert [job.func_name for job in queue.get_jobs()] == ["shop.jobs.drain_inbox"]


def test_the_last_rejections_are_kept_for_a_person_to_see_but_never_their_bodies(shop: Shop, redis_url: str) -> None:
    shop.use_redis(redis_url)
    body, _ = _genuine(shop)

    for _ in range(103):
        _post(shop, body, {})

    _wait_for_the_bell()
    kept = shop.context.queues.remembered("rejected:stripe")
    assert len(kept) == 100
    assert not any("pi_1" in line for line in kept)


def test_a_database_that_cannot_store_it_makes_the_provider_try_again(shop: Shop) -> None:
    body, headers = _genuine(shop)
    with shop.read_only_database():
        refused = _post(shop, body, headers)

    taken = _post(shop, body, headers)

    assert (refused, taken) == (503, 200)
    assert len(_rows(shop)) == 1


def _wait_for_the_bell() -> None:
    """Wait until what is told to Redis after the answer has been told."""
    wait_until(lambda: not any(thread.name == "bell" for thread in threading.enumerate()), "nobody rings any more")


def _genuine(shop: Shop, event_id: str = "evt_1", *, live: bool = False) -> tuple[bytes, dict[str, str]]:
    event = {
        "id": event_id,
        "object": "event",
        "type": "payment_intent.succeeded",
        "livemode": live,
        "data": {"object": {"id": "pi_1", "object": "payment_intent", "client_secret": CLIENT_SECRET}},
    }
    body = json.dumps(event).encode()
    return body, _signed(body, int(shop.clock.now().timestamp()), SECRET)


def _signed(body: bytes, at: int, *secrets: str) -> dict[str, str]:
    """Sign as Stripe does: HMAC-SHA256 over "timestamp.body" with each secret."""
    digests = [hmac.new(secret.encode(), b"%d." % at + body, hashlib.sha256).hexdigest() for secret in secrets]
    return {"Stripe-Signature": ",".join([f"t={at}", *(f"v1={digest}" for digest in digests)])}


def _post(shop: Shop, body: bytes, headers: dict[str, str], door: str = "stripe") -> int:
    return shop.app.test_client().post(f"/webhooks/{door}", data=body, headers=headers).status_code


def _rows(shop: Shop) -> list[InboxEvent]:
    with shop.app.app_context():
        return shop.rows(InboxEvent)
