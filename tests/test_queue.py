"""The door to RQ: a worker that works is counted, also after a Redis that came back empty; nothing delays the sweep."""

from pathlib import Path

import redis

from sandbox.demo import procfile
from shop import jobs, worker
from shop.config import Settings
from shop.queue import QUEUES, Queues, _Worker
from tests.shop_app import ENVIRONMENT

PROCFILE = Path(__file__).resolve().parents[1] / "Procfile"


def test_the_sweep_shares_its_queue_and_its_worker_with_no_job() -> None:
    scheduled = worker.timetable(Settings.from_env(ENVIRONMENT | {"DATABASE_URL": "sqlite:///shop.db"}))

    queues = {each.job: each.queue for each in scheduled}
    sweeps = queues.pop(jobs.sweep)

    assert sweeps not in {*queues.values(), "inbox", "outbox"}
    commands = " ".join(" ".join(command) for command in procfile.read(PROCFILE).values())
    assert [queue for queue in QUEUES if f"shop.worker {queue}" not in commands] == []


def test_a_worker_registers_anew_after_redis_came_back_empty(redis_url: str) -> None:
    connection = redis.Redis.from_url(redis_url)
    worker = _Worker(["inbox"], connection=connection)
    worker.register_birth()
    assert Queues(redis_url).workers()["inbox"] == 1

    connection.flushall()
    assert Queues(redis_url).workers()["inbox"] == 0
    worker.heartbeat()

    assert Queues(redis_url).workers()["inbox"] == 1
    connection.flushall()
