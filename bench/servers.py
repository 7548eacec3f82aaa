"""The servers that a measurement needs: databases, Valkey, and a gunicorn for the shop or for the floor beside it."""

from __future__ import annotations

import contextlib
import http.client
import secrets
import shlex
import subprocess
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import IO

from sandbox.demo import environment, procfile
from sandbox.demo.environment import Ports
from tests.postgres import PostgresServer, binaries
from tests.processes import die_with_tests, free_port, wait_until
from tests.valkey import ValkeyServer

ROOT = Path(__file__).resolve().parents[1]
DATABASES = ("postgresql", "sqlite")


@contextlib.contextmanager
def database(kind: str) -> Iterator[str]:
    """Run an empty database that survives a power cut, and give its address."""
    if kind == "postgresql":
        folder = binaries()
        if folder is None:
            raise SystemExit("PostgreSQL is not installed (Debian: apt-get install postgresql)")
        with PostgresServer(folder, durable=True) as server:
            yield server.create_database()
    else:
        with tempfile.TemporaryDirectory(prefix="tidewater-bench-") as home:
            yield f"sqlite:///{home}/bench.db"


@contextlib.contextmanager
def valkey() -> Iterator[ValkeyServer]:
    """Run a Valkey server; a measurement may kill it."""
    with ValkeyServer() as server:
        yield server


def shop_environment(database_url: str, redis_url: str, **more: str) -> dict[str, str]:
    """Return the demo's variables for a shop on these servers, with ports of its own."""
    ports = {variable: str(free_port()) for variable in Ports.VARIABLES.values()}
    machine = {**ports, "DEMO_DATA": tempfile.gettempdir(), "DATABASE_URL": database_url, "REDIS_URL": redis_url}
    machine |= {"SECRET_KEY": "a secret of the measurements, long enough", "LOG_LEVEL": "WARNING"}
    machine |= {"ENCRYPTION_KEYS": secrets.token_urlsafe(32), **more}
    return dict(environment.read(Path(tempfile.gettempdir()), machine).variables)


def prepare(env: Mapping[str, str]) -> None:
    """Migrate and seed the shop's database."""
    for command in ("flask --app shop db upgrade", "flask --app shop seed"):
        subprocess.run(shlex.split(command), env=dict(env), cwd=ROOT, capture_output=True, check=True)


@contextlib.contextmanager
def web(env: Mapping[str, str], application: str = "shop:create_app()") -> Iterator[tuple[int, int]]:
    """Serve an application as the Procfile serves the shop; gives its port and the pid of gunicorn's arbiter."""
    port = free_port()
    command = [part.replace("shop:create_app()", application) for part in procfile.read(ROOT / "Procfile")["web"]]
    with tempfile.TemporaryFile() as log:
        process = subprocess.Popen(
            command, env={**env, "PORT": str(port)}, cwd=ROOT, stdout=log, stderr=log, preexec_fn=die_with_tests()
        )
        try:
            wait_until(lambda: _answers(port) or _gave_up(process, log), "the application answers", 60)
            yield port, process.pid
        finally:
            process.terminate()
            process.wait(30)


@contextlib.contextmanager
def worker(env: Mapping[str, str], name: str) -> Iterator[int]:
    """Run one of the Procfile's workers; gives its pid."""
    command = procfile.read(ROOT / "Procfile")[name]
    with tempfile.TemporaryFile() as log:
        process = subprocess.Popen(
            command, env=dict(env), cwd=ROOT, stdout=log, stderr=log, preexec_fn=die_with_tests()
        )
        try:
            yield process.pid
        finally:
            process.terminate()
            process.wait(30)


def memory(pid: int) -> list[float]:
    """Return the proportional set size of each of a process's children (its workers), in megabytes."""
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    return [pss(int(child)) for child in children]


def pss(pid: int) -> float:
    """Return the proportional set size of a process, in megabytes."""
    rollup = Path(f"/proc/{pid}/smaps_rollup").read_text()
    return int(next(line for line in rollup.splitlines() if line.startswith("Pss:")).split()[1]) / 1024


def _gave_up(process: subprocess.Popen[bytes], log: IO[bytes]) -> bool:
    """Say why a server has ended by itself, and end too; False while it runs."""
    if process.poll() is None:
        return False
    log.seek(0)
    raise SystemExit(f"The application did not start:\n{log.read().decode(errors='replace')}")


def _answers(port: int) -> bool:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
    with contextlib.suppress(OSError), contextlib.closing(connection):
        connection.request("GET", "/readyz")
        return connection.getresponse().status == 200
    return False
