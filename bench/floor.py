"""The floor: what this stack cannot be faster than.

For webhooks a bare Flask handler that verifies, inserts, commits and answers; for pages a bare Flask handler that asks
one question of the database and fills one plain template: a list of 20 products of 240 (8.7 kB) and one product (1 kB).
Served by the same gunicorn with the same workers and threads as the shop, on the same database server, in the same run.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import os
import sqlite3
import threading
from collections.abc import Callable

import psycopg
from flask import Flask, Response, request

SECRET = b"whsec_sandbox"
TABLE = "CREATE TABLE IF NOT EXISTS event (id varchar(255) PRIMARY KEY, body text)"
GOODS = "CREATE TABLE IF NOT EXISTS goods (slug varchar(80) PRIMARY KEY, name text, words text, cents int)"
ON_A_PAGE, PRODUCTS = 20, 240
HEAD = """<!doctype html><html lang="en"><head><meta charset="utf-8"><title>{{ title }}</title>
<link rel="stylesheet" href="/static/page.css"></head><body><header><a href="/catalogue">Teas</a></header>"""
LIST = HEAD + """<ul>{% for slug, name, words, cents in goods %}
<li class="card"><a class="card__link" href="/p/{{ slug }}"><span class="card__name">{{ name }}</span>
<span class="card__words">{{ words }}</span>
<span class="card__price">{{ "%.2f" | format(cents / 100) }} EUR</span></a></li>
{% endfor %}</ul></body></html>"""
ONE = HEAD + """<h1>{{ name }}</h1><p>{{ words }}</p><p>{{ "%.2f" | format(cents / 100) }} EUR</p>
<form method="post" action="/cart"><input name="quantity" value="1"><button>Add to cart</button></form></body></html>"""


def create_app() -> Flask:
    """Return the floor's application on the database that DATABASE_URL names."""
    app = Flask("floor")
    on_postgres = "postgres" in os.environ["DATABASE_URL"]
    insert = _postgres(os.environ["DATABASE_URL"]) if on_postgres else _sqlite()
    if on_postgres:
        _add_pages(app, os.environ["DATABASE_URL"].replace("+psycopg", ""))

    @app.get("/readyz")
    def ready() -> str:
        return "ready\n"

    @app.post("/webhooks/stripe")
    def webhook() -> Response:
        body = request.get_data(cache=False)
        if not _is_genuine(request.headers.get("Stripe-Signature", ""), body):
            return Response("forged\n", 400)
        insert(json.loads(body)["id"], body.decode())
        return Response("stored\n")

    return app


def _add_pages(app: Flask, address: str) -> None:
    """Add the two pages, and the goods that they show unless another worker was faster."""
    local = threading.local()
    of_many, of_one = app.jinja_env.from_string(LIST), app.jinja_env.from_string(ONE)
    goods = [(f"product-{number}", f"Product {number}", "Words. " * 36, 1250) for number in range(PRODUCTS)]
    with psycopg.connect(address) as connection:
        connection.execute("SELECT pg_advisory_xact_lock(1)")
        connection.execute(GOODS)
        connection.cursor().executemany("INSERT INTO goods VALUES (%s, %s, %s, %s) ON CONFLICT DO NOTHING", goods)

    def ask(query: str, *values: object) -> list[tuple[object, ...]]:
        if not hasattr(local, "connection"):
            local.connection = psycopg.connect(address, autocommit=True)
        return list(local.connection.execute(query, values).fetchall())

    @app.get("/catalogue")
    def catalogue() -> str:
        found = ask("SELECT slug, name, words, cents FROM goods ORDER BY slug LIMIT %s", ON_A_PAGE)
        return of_many.render(title="The catalogue", goods=found)

    @app.get("/p/<slug>")
    def product(slug: str) -> str:
        [(name, words, cents)] = ask("SELECT name, words, cents FROM goods WHERE slug = %s", slug)
        return of_one.render(title=name, name=name, words=words, cents=cents)


def _is_genuine(header: str, body: bytes) -> bool:
    parts = dict(part.partition("=")[::2] for part in header.split(","))
    expected = hmac.new(SECRET, parts.get("t", "").encode() + b"." + body, hashlib.sha256).hexdigest()
    return hmac.compare_digest(expected, parts.get("v1", ""))


def _postgres(url: str) -> Callable[[str, str], None]:
    local, address = threading.local(), url.replace("+psycopg", "")
    with psycopg.connect(address) as connection:
        connection.execute(TABLE)

    def insert(event: str, body: str) -> None:
        if not hasattr(local, "connection"):
            local.connection = psycopg.connect(address)
        local.connection.execute("INSERT INTO event VALUES (%s, %s) ON CONFLICT DO NOTHING", (event, body))
        local.connection.commit()

    return insert


def _sqlite() -> Callable[[str, str], None]:
    local, lock, path = threading.local(), threading.Lock(), os.environ["DATABASE_URL"].removeprefix("sqlite:///")

    def connect() -> sqlite3.Connection:
        connection = sqlite3.connect(path, isolation_level=None, timeout=10)
        for pragma in ("journal_mode=WAL", "synchronous=FULL"):
            connection.execute(f"PRAGMA {pragma}")
        return connection

    connect().execute(TABLE)

    def insert(event: str, body: str) -> None:
        if not hasattr(local, "connection"):
            local.connection = connect()
        with lock:
            local.connection.execute("BEGIN IMMEDIATE")
            local.connection.execute("INSERT OR IGNORE INTO event VALUES (?, ?)", (event, body))
            local.connection.execute("COMMIT")

    return insert
