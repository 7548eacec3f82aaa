"""The floor: what this stack cannot be faster than. A bare Flask handler that verifies, inserts, commits and answers.

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


def create_app() -> Flask:
    """Return the floor's application on the database that DATABASE_URL names."""
    app = Flask("floor")
    insert = _postgres(os.environ["DATABASE_URL"]) if "postgres" in os.environ["DATABASE_URL"] else _sqlite()

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
