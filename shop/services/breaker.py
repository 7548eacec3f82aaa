"""The circuit breaker: stop asking a provider that does not answer, and let one call find out when it does again.

    closed ──5 failures in a row──> open (30 s) ──> half open: one probe ──success──> closed
                                     ^                              └──failure──┐
                                     └──────────────────────────────────────────┘

The state is in Redis, so that all processes share it. Without Redis every call is let through: the
timeouts still bound it. (Why not a library: docs/adr/2_own_circuit_breaker.md.)
"""

from __future__ import annotations

from enum import StrEnum

import redis
import structlog

from shop.services import metrics

log = structlog.get_logger(__name__)

FAILURES_TO_OPEN = 5
FAILURE_WINDOW = 60  # seconds without a failure after which the count begins anew
OPEN_SECONDS = 30
PROBE_SECONDS = 10  # a probe that has not come back by then is given up, and another is let through


class BreakerState(StrEnum):
    """Whether calls are let through."""

    CLOSED = "closed"
    OPEN = "open"
    HALF_OPEN = "half_open"


class Breaker:
    """The breaker of a provider, or of one service of it.

    Every method costs at most one round trip to Redis, and none raises.
    """

    def __init__(self, provider: str, client: redis.Redis) -> None:
        self._provider = provider
        self._redis = client
        self._failures, self._open, self._tripped, self._probe = (
            f"breaker:{provider}:{part}" for part in ("failures", "open", "tripped", "probe")
        )

    @property
    def state(self) -> BreakerState:
        """Return the state as it is now; closed when Redis is away."""
        try:
            is_open, tripped = self._redis.mget(self._open, self._tripped)
        except redis.RedisError:
            return BreakerState.CLOSED
        if is_open:
            return BreakerState.OPEN
        return BreakerState.HALF_OPEN if tripped else BreakerState.CLOSED

    def lets_through(self) -> bool:
        """Tell whether this call may be made; in the half-open state the first to ask is the probe."""
        state = self.state
        if state is not BreakerState.HALF_OPEN:
            return state is BreakerState.CLOSED
        try:
            return bool(self._redis.set(self._probe, "1", nx=True, ex=PROBE_SECONDS))
        except redis.RedisError:
            return True

    def succeeded(self) -> None:
        """Remember an answer: any answer, also a decline or a refusal of our request."""
        try:
            closed_now = self._redis.delete(self._failures, self._tripped, self._open, self._probe)
        except redis.RedisError:
            return
        if closed_now > 1:
            log.info("breaker_closed", provider=self._provider)

    def failed(self) -> None:
        """Count a call without an answer; the fifth in a row, or a probe, opens the breaker."""
        try:
            count = int(self._redis.incr(self._failures))
            self._redis.expire(self._failures, FAILURE_WINDOW)
            if count < FAILURES_TO_OPEN and not self._redis.exists(self._tripped):
                return
            self._redis.set(self._tripped, "1")
            self._redis.set(self._open, "1", ex=OPEN_SECONDS)
            self._redis.delete(self._probe)
        except redis.RedisError:
            return
        metrics.breaker_trips.labels(self._provider).inc()
        log.warning("breaker_opened", provider=self._provider, failures=count)
