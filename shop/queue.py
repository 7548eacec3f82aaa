"""The only door to RQ. Redis is a wake-up: whatever is lost here, the database still knows."""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from types import FrameType

import redis
import rq
import structlog
from redis.client import Pipeline
from rq.cron import CronScheduler
from rq.exceptions import StopRequested
from rq.timeouts import JobTimeoutException

log = structlog.get_logger(__name__)

INBOX, OUTBOX, SWEEP, BATCH = QUEUES = ("inbox", "outbox", "sweep", "batch")
WAKE_SECONDS = 20
OutOfTime = JobTimeoutException  # what RQ raises in the middle of a job that has run for too long; no fault of the row
# After a failure Redis is left alone for this long, so that a webhook is not slowed by one that is down.
PAUSE_SECONDS = 2.0
COALESCE_SECONDS = 0.02  # how long a bell waits for more, so that a burst of webhooks rings once


class Queues:
    """Four queues, one worker each: with two in one worker RQ pops with BLPOP, and a killed worker loses the job."""

    def __init__(self, url: str) -> None:
        self.redis = redis.Redis.from_url(url, socket_connect_timeout=0.25, socket_timeout=1.0)
        self._paused_until = 0.0
        self._bell = _Bell(self.wake, self._remember)

    def wake_soon(self, queue: str, job: str) -> None:
        """Do what `wake` does, a moment later and in a thread of its own: for a request that is not to wait for Redis.

        A process that ends in that moment wakes nobody, as one does whose Redis is away: the sweep finds the work.
        """
        self._bell.ring(queue, job)

    def wake(self, queue: str, job: str) -> bool:
        """See to it that `job` (a dotted name in `shop.jobs`) runs soon, once for any number of calls.

        Only who sets the flag enqueues; the job takes the flag away before it looks at the database, so a
        row committed before the call is never overlooked. Returns False when Redis is away: the sweep will
        find the work.
        """
        if time.monotonic() < self._paused_until:
            return False
        try:
            if self.redis.set(f"wake:{job}", "1", nx=True, ex=WAKE_SECONDS):
                rq.Queue(queue, connection=self.redis).enqueue(
                    job, job_timeout=300, result_ttl=0, failure_ttl=24 * 3600
                )
        except redis.RedisError as exc:
            self._paused_until = time.monotonic() + PAUSE_SECONDS
            log.warning("redis_away", job=job, error=str(exc))
            return False
        return True

    def awake(self, job: str) -> None:
        """Take the flag away, so that rows committed from now on wake a worker again."""
        try:
            self.redis.delete(f"wake:{job}")
        except redis.RedisError as exc:
            log.warning("redis_away", job=job, error=str(exc))

    def remember_soon(self, key: str, line: str, most: int) -> None:
        """Keep the last `most` lines under a key, a moment later: for a person to look at, worth nothing else."""
        self._bell.note(key, line, most)

    def _remember(self, key: str, lines: deque[str]) -> None:
        if time.monotonic() < self._paused_until:
            return
        try:
            self.redis.lpush(key, *lines)
            self.redis.ltrim(key, 0, (lines.maxlen or len(lines)) - 1)
        except redis.RedisError as exc:
            self._paused_until = time.monotonic() + PAUSE_SECONDS
            log.warning("redis_away", key=key, error=str(exc))

    def remembered(self, key: str) -> list[str]:
        """Return the lines under a key, newest first; none when Redis is away."""
        try:
            return [line if isinstance(line, str) else line.decode() for line in self.redis.lrange(key, 0, -1)]
        except redis.RedisError:
            return []

    def is_up(self) -> bool:
        """Tell whether Redis answers."""
        try:
            return bool(self.redis.ping())
        except redis.RedisError:
            return False

    def workers(self) -> dict[str, int]:
        """Return how many workers listen to each queue; empty when Redis is away."""
        try:
            alive = rq.Worker.all(connection=self.redis)
        except redis.RedisError:
            return {}
        return {name: sum(name in worker.queue_names() for worker in alive) for name in QUEUES}


class _Bell:
    """Calls `wake` for everybody who rang within a few milliseconds, once; and `remember` with what they noted."""

    def __init__(self, wake: Callable[[str, str], bool], remember: Callable[[str, deque[str]], None]) -> None:
        self._wake, self._remember = wake, remember
        self._rung: set[tuple[str, str]] = set()
        self._noted: dict[str, deque[str]] = {}
        self._lock = threading.Lock()
        self._thread: threading.Thread | None = None

    def ring(self, queue: str, job: str) -> None:
        """See to it that `wake` is called with this after now."""
        with self._lock:
            self._rung.add((queue, job))
            self._begin()

    def note(self, key: str, line: str, most: int) -> None:
        """See to it that `remember` is called with this line soon, or with the `most` lines that came after it."""
        with self._lock:
            self._noted.setdefault(key, deque(maxlen=most)).append(line)
            self._begin()

    def _begin(self) -> None:
        """Make the thread when it is first needed; the lock is held."""
        if self._thread is None:
            self._thread = threading.Thread(target=self._answer, name="bell", daemon=True)
            self._thread.start()

    def _answer(self) -> None:
        """Wake whom was rung for, until nobody has rung for a moment."""
        while True:
            time.sleep(COALESCE_SECONDS)
            with self._lock:
                rung, self._rung = self._rung, set()
                noted, self._noted = self._noted, {}
                if not rung and not noted:
                    self._thread = None
                    return
            for queue, job in rung:
                self._wake(queue, job)
            for key, lines in noted.items():
                self._remember(key, lines)


@dataclass(frozen=True)
class Scheduled:
    """A job, its queue, and when it runs: `every` so many seconds, or by a `cron` line in UTC.

    It is stopped after `timeout` seconds.
    """

    job: Callable[[], None]
    every: int | None = None
    cron: str | None = None
    timeout: int = 180
    queue: str = BATCH


class _Worker(rq.SimpleWorker):
    """RQ's worker without forks; while Redis is away it asks every two seconds instead of ever more rarely."""

    max_connection_wait_time = 2.0
    told_to_stop = False

    def heartbeat(self, timeout: int | None = None, pipeline: Pipeline | None = None) -> None:
        """Tell that it is alive; after a Redis that came back empty, register anew: RQ does so at its start only."""
        if pipeline is None and not self.connection.hexists(self.key, "birth"):
            self.connection.delete(self.key)
            self.register_birth()  # type: ignore[no-untyped-call]  # RQ leaves it without types
        super().heartbeat(timeout, pipeline)

    def request_stop(self, signum: int, frame: FrameType | None) -> None:
        """Remember that the end was asked for: RQ's worker also ends when Redis vanishes under a job."""
        self.told_to_stop = True
        super().request_stop(signum, frame)  # type: ignore[no-untyped-call]  # RQ leaves it without types


def work(queue: str, url: str) -> None:
    """Work one queue until told to stop. Jobs run in this very process: forking one for each costs ten times the job.

    A Redis that goes away, be it in the middle of a job, is waited for.
    """
    while True:
        worker = _Worker([queue], connection=redis.Redis.from_url(url), worker_ttl=60, maintenance_interval=60)
        worker.log_job_description = False
        try:
            worker.work(logging_level="WARNING")
            if not worker.told_to_stop:
                time.sleep(1)
        except redis.RedisError as exc:
            log.warning("redis_away", job=f"worker {queue}", error=str(exc))
            time.sleep(1)
        except StopRequested:
            return
        if worker.told_to_stop:
            return


def schedule(jobs: Sequence[Scheduled], url: str) -> None:
    """Enqueue jobs on their queues when they are due, until told to stop; begins again when Redis comes back."""
    while not _Cron.stopping:
        cron = _Cron(connection=redis.Redis.from_url(url), logging_level="WARNING")
        for each in jobs:
            # A run that nobody has begun before the next is due is worth nothing.
            cron.register(
                each.job, each.queue, interval=each.every, cron=each.cron, ttl=each.every, result_ttl=0,
                job_timeout=each.timeout,
            )  # fmt: skip
        try:
            cron.start()  # type: ignore[no-untyped-call]  # RQ leaves it without types
        except redis.RedisError as exc:
            log.warning("redis_away", job="scheduler", error=str(exc))
            time.sleep(1)


class _Cron(CronScheduler):
    """RQ's scheduler, which remembers that it was told to stop even when Redis is away."""

    stopping = False

    def _request_stop(self, signum: int, frame: object) -> None:
        _Cron.stopping = True
        super()._request_stop(signum, frame)  # type: ignore[no-untyped-call]  # RQ leaves it without types
