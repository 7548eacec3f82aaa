"""A real PostgreSQL server of the tests' own, in a temporary folder, reached through a socket in it.

PostgreSQL refuses to run as root, so root lends it another user's identity: `postgres` where there is one, else nobody.
"""

import os
import pwd
import shutil
import signal
import subprocess
import tempfile
import uuid
from pathlib import Path
from types import TracebackType
from typing import Any

import psycopg
from sqlalchemy import make_url

from tests.processes import die_with_tests, wait_until

OPTIONS = ("listen_addresses=", "max_connections=80")
# What makes a server that lives for minutes fast: nothing of it has to survive a power cut.
FORGETFUL = ("fsync=off", "synchronous_commit=off", "full_page_writes=off")


def binaries() -> Path | None:
    """Return the folder of initdb and postgres, the newest version first; None when there is none."""
    folders = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda bin: int(bin.parent.name), reverse=True)
    if on_path := shutil.which("initdb"):
        folders.append(Path(on_path).resolve().parent)
    return next((bin for bin in folders if (bin / "initdb").exists() and (bin / "postgres").exists()), None)


class PostgresServer:
    """A server that starts on entering and is gone, data and all, on leaving."""

    user = "tidewater"

    def __init__(self, folder: Path, *, durable: bool = False) -> None:
        """Prepare a server from the programs in a folder; a durable one writes as production does, for measurements."""
        self._binaries = folder
        self._options = OPTIONS if durable else OPTIONS + FORGETFUL
        self._home = Path(tempfile.mkdtemp(prefix="tidewater-pg-", dir="/tmp"))  # short: a socket's path ends at 107
        self._identity = _identity()
        self._server: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> "PostgresServer":
        if self._identity:
            os.chown(self._home, self._identity["user"], self._identity["group"])
        data = self._home / "data"
        initdb = [str(self._binaries / "initdb"), "-D", str(data), "-U", self.user]
        initdb += ["--auth=trust", "--encoding=UTF8", "--locale=C", "--no-sync", "--no-instructions"]
        made = subprocess.run(initdb, capture_output=True, text=True, cwd=self._home, **self._identity)
        assert made.returncode == 0, made.stderr
        self.start()
        return self

    def start(self) -> None:
        """Start the server, for the first time or after `stop`; its data is what it was."""
        data, log = self._home / "data", self._home / "log"
        options = (*self._options, f"unix_socket_directories={self._home}")
        with log.open("wb") as output:
            self._server = subprocess.Popen(
                [str(self._binaries / "postgres"), "-D", str(data), *(f"-c{option}" for option in options)],
                stdout=output,
                stderr=output,
                cwd=self._home,
                preexec_fn=die_with_tests(signal.SIGQUIT),
                **self._identity,
            )
        wait_until(self._answers, "PostgreSQL answers")

    def stop(self) -> None:
        """Stop the server; it does not wait for its clients."""
        if self._server is not None:
            self._server.send_signal(signal.SIGINT)
            self._server.wait(30)

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()
        shutil.rmtree(self._home, ignore_errors=True)

    def url(self, database: str) -> str:
        """Return the address of a database, as DATABASE_URL takes it."""
        return f"postgresql+psycopg://{self.user}@/{database}?host={self._home}"

    def create_database(self) -> str:
        """Make an empty database and return its address."""
        name = f"t_{uuid.uuid4().hex[:12]}"
        self._run(f'CREATE DATABASE "{name}" TEMPLATE template0')
        return self.url(name)

    def drop_database(self, url: str) -> None:
        """Drop a database of `create_database`, and whoever is still connected to it."""
        self._run(f'DROP DATABASE IF EXISTS "{make_url(url).database}" WITH (FORCE)')

    def _run(self, statement: str) -> None:
        with psycopg.connect(host=str(self._home), user=self.user, dbname="postgres", autocommit=True) as connection:
            connection.execute(statement.encode())

    def _answers(self) -> bool:
        assert self._server is not None
        assert self._server.poll() is None, (self._home / "log").read_text()
        try:
            self._run("SELECT 1")
        except psycopg.OperationalError:
            return False
        return True


def _identity() -> dict[str, Any]:
    """Return whom to run the server as: nobody special, unless we are root."""
    if os.geteuid() != 0:
        return {}
    for name in ("postgres", "nobody"):
        try:
            entry = pwd.getpwnam(name)
        except KeyError:
            continue
        return {"user": entry.pw_uid, "group": entry.pw_gid, "extra_groups": []}
    return {"user": 65534, "group": 65534, "extra_groups": []}
