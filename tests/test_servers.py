"""The servers that the tests start for themselves: real, fresh, and gone afterwards."""

import psycopg
import redis

from tests.postgres import PostgresServer
from tests.valkey import ValkeyServer


def plain(url: str) -> str:
    return url.replace("+psycopg", "")


def test_every_postgres_database_is_empty_and_a_database_of_its_own(postgres_server: PostgresServer) -> None:
    first, second = postgres_server.create_database(), postgres_server.create_database()

    with psycopg.connect(plain(first), autocommit=True) as connection:
        connection.execute("CREATE TABLE tea (name text)")
        assert connection.execute("SELECT count(*) FROM tea").fetchone() == (0,)
    with psycopg.connect(plain(second)) as connection:
        tables = connection.execute("SELECT count(*) FROM pg_tables WHERE schemaname = 'public'").fetchone()

    assert tables == (0,)
    postgres_server.drop_database(first)
    postgres_server.drop_database(second)


def test_a_dropped_postgres_database_is_gone_even_while_somebody_is_connected(postgres_server: PostgresServer) -> None:
    url = postgres_server.create_database()
    connection = psycopg.connect(plain(url))

    postgres_server.drop_database(url)

    name = connection.info.dbname
    connection.close()
    with psycopg.connect(plain(postgres_server.url("postgres"))) as admin:
        assert admin.execute("SELECT count(*) FROM pg_database WHERE datname = %s", [name]).fetchone() == (0,)


def test_a_killed_valkey_remembers_unless_it_was_told_to_forget() -> None:
    with ValkeyServer() as server:
        client = redis.Redis.from_url(server.url)
        client.set("tea", "oolong")
        client.config_set("appendfsync", "always")
        client.set("cup", "warm")

        server.kill()
        server.start()
        remembered = client.get("cup")
        server.kill(forget=True)
        server.start()

        assert remembered == b"warm"
        assert client.dbsize() == 0
        client.close()
