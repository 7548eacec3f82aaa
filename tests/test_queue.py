"""The door to RQ: a worker that works is counted, also after a Redis that came back empty."""

import redis

from shop.queue import Queues, _Worker


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
