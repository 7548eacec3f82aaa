"""The circuit breaker, on a real Valkey: opens after five failures, lets one probe through, closes on its success."""

from collections.abc import Iterator

import pytest

from shop.errors import OutcomeUnknown, ProviderRejected, ProviderUnavailable, RateLimited, ShopError
from shop.models import ApiCallRecord
from shop.services import providers
from shop.services.breaker import BreakerState
from tests.shop_app import PAYPAL, STRIPE, Shop, errors


@pytest.fixture
def shop(sqlite_shop: Shop, redis_url: str) -> Iterator[Shop]:
    """The shop with a Redis."""
    sqlite_shop.reset()
    sqlite_shop.use_redis(redis_url)
    with sqlite_shop.app.app_context():
        yield sqlite_shop


def test_five_failures_in_a_row_open_it_and_no_more_calls_are_made(shop: Shop) -> None:
    _fail(shop, 5)
    calls = len(_calls(shop))

    with pytest.raises(ProviderUnavailable, match="has not answered lately"):
        _call(shop)

    assert shop.context.breakers[STRIPE].state is BreakerState.OPEN
    assert len(_calls(shop)) == calls
    assert providers.available() == [PAYPAL], "the other provider is offered"


def test_an_answer_in_between_begins_the_count_anew(shop: Shop) -> None:
    for _ in range(3):
        _fail(shop, 4)
        _call(shop)

    assert shop.context.breakers[STRIPE].state is BreakerState.CLOSED


@pytest.mark.parametrize("answer", [ProviderRejected("wrong"), RateLimited("slow down")], ids=["refusal", "limiter"])
def test_an_answer_we_do_not_like_is_an_answer(shop: Shop, answer: ShopError) -> None:
    for _ in range(6):
        shop.stripe.fail_next(answer)
        with pytest.raises(type(answer)):
            _call(shop)

    assert shop.context.breakers[STRIPE].state is BreakerState.CLOSED


def test_after_a_while_one_probe_is_let_through_and_closes_it(shop: Shop) -> None:
    _fail(shop, 5)
    _half_a_minute_later(shop)

    results = shop.at_once(lambda _: shop.context.breakers[STRIPE].lets_through(), 10)
    shop.context.breakers[STRIPE].succeeded()

    assert results.count(True) == 1
    assert shop.context.breakers[STRIPE].state is BreakerState.CLOSED
    assert _call(shop)


def test_a_probe_that_fails_opens_it_again_at_once(shop: Shop) -> None:
    _fail(shop, 5)
    _half_a_minute_later(shop)

    _fail(shop, 1)

    assert shop.context.breakers[STRIPE].state is BreakerState.OPEN


def test_all_processes_share_it(shop: Shop, redis_url: str) -> None:
    _fail(shop, 5)

    shop.use_redis(redis_url)

    assert shop.context.breakers[STRIPE].state is BreakerState.OPEN


def test_without_redis_every_call_is_let_through(shop: Shop) -> None:
    shop.use_redis("redis://127.0.0.1:1/0")

    _fail(shop, 7)

    assert _call(shop)
    assert errors(shop.at_once(lambda _: _call(shop), 3)) == []


def _call(shop: Shop) -> object:
    return providers.call(STRIPE, "test", lambda gateway: gateway.fetch(shop.bobs.external_id or ""))


def _fail(shop: Shop, times: int) -> None:
    for _ in range(times):
        shop.stripe.fail_next(OutcomeUnknown("no answer"))
        with pytest.raises(OutcomeUnknown):
            _call(shop)


def _half_a_minute_later(shop: Shop) -> None:
    """Let the key that keeps it open run out, as it does after thirty seconds."""
    redis = shop.context.queues.redis
    assert 0 < redis.ttl("breaker:stripe:open") <= 30
    redis.delete("breaker:stripe:open")


def _calls(shop: Shop) -> list[ApiCallRecord]:
    return shop.rows(ApiCallRecord, ApiCallRecord.subject == "test")
