"""`make demo` itself, on free ports and in a folder of its own: up, steady, and gone without a trace."""

import os
import signal
import subprocess
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from sandbox.demo.__main__ import ROOT
from sandbox.demo.environment import Ports
from tests.processes import free_port, wait_until

pytestmark = pytest.mark.skipif(not Path("/proc/self/environ").exists(), reason="reads /proc to see who is left")


class Demo:
    """A running `make demo` whose processes are known by the folder that they all carry in their environment."""

    def __init__(self, folder: Path) -> None:
        self._mark = f"DEMO_DATA={folder}".encode()
        self.ports = {variable: free_port() for variable in Ports.VARIABLES.values()}
        self.shop = f"http://127.0.0.1:{self.ports['PORT']}"
        self._log = folder / "log"
        env = {name: value for name, value in os.environ.items() if not name.startswith(("STRIPE", "PAYPAL"))}
        env |= {variable: str(port) for variable, port in self.ports.items()} | {"DEMO_DATA": str(folder)}
        with self._log.open("wb") as log:
            self.make = subprocess.Popen(["make", "demo"], cwd=ROOT, env=env, stdout=log, stderr=log, process_group=0)

    def log(self) -> str:
        return self._log.read_text()

    def wait_until_open(self) -> None:
        wait_until(lambda: self.make.poll() is not None or "Ctrl-C stops all of it" in self.log(), "the banner", 150)
        assert self.make.poll() is None, self.log()

    def processes(self) -> dict[int, str]:
        """Return everything alive that this demo started, directly or not."""
        found = {}
        for folder in Path("/proc").glob("[0-9]*"):
            try:
                if self._mark in (folder / "environ").read_bytes().split(b"\0"):
                    found[int(folder.name)] = (folder / "cmdline").read_bytes().replace(b"\0", b" ").decode().strip()
            except OSError:
                continue
        return {pid: line for pid, line in found.items() if line}

    def pid(self, part: str) -> int:
        """Return the oldest process whose command line has this part."""
        return min(pid for pid, line in self.processes().items() if part in line)

    def kill_whatever_is_left(self) -> None:
        for pid in self.processes():
            with suppress(ProcessLookupError):  # one that ends by itself, since its parent has just been killed
                os.kill(pid, signal.SIGKILL)
        self.make.wait()


@pytest.fixture
def demo(tmp_path: Path) -> Iterator[Demo]:
    running = Demo(tmp_path)
    yield running
    running.kill_whatever_is_left()


def status(address: str) -> int:
    try:
        with urllib.request.urlopen(address, timeout=5) as answer:
            return int(answer.status)
    except urllib.error.HTTPError as answer:
        return answer.code
    except OSError:
        return 0


@pytest.mark.timeout(400)
def test_the_demo_opens_survives_a_killed_process_and_leaves_nothing_behind(demo: Demo) -> None:
    demo.wait_until_open()
    opened = {line.split(" -m ")[-1] for line in demo.processes().values()}
    worker = demo.pid("shop.worker inbox")

    os.kill(worker, signal.SIGKILL)

    wait_until(lambda: "inbox     | ended (killed by SIGKILL)" in demo.log(), "the death is told")
    wait_until(lambda: any("shop.worker inbox" in line for line in demo.processes().values()), "it is started again")
    workers = {f"shop.worker {name}" for name in ("inbox", "outbox", "sweep", "batch", "scheduler")}
    assert workers <= opened
    assert status(demo.shop) == 200
    assert status(f"{demo.shop}/readyz") == 200

    os.killpg(demo.make.pid, signal.SIGTERM)

    demo.make.wait(15)
    wait_until(lambda: demo.processes() == {}, "everything is gone", 10)


@pytest.mark.timeout(400)
@pytest.mark.parametrize("kill", [lambda demo: demo.make.kill(), lambda demo: os.kill(demo.pid("sandbox.demo"), 9)])
def test_whoever_is_killed_outright_nothing_is_left(demo: Demo, kill: Callable[[Demo], None]) -> None:
    demo.wait_until_open()

    kill(demo)

    wait_until(lambda: demo.processes() == {}, "everything is gone", 20)


@pytest.mark.timeout(400)
def test_a_second_start_installs_nothing_and_finds_what_the_first_left(demo: Demo, tmp_path: Path) -> None:
    demo.wait_until_open()
    os.killpg(demo.make.pid, signal.SIGINT)
    demo.make.wait(15)

    again = Demo(tmp_path)
    again.wait_until_open()
    told = again.log()
    again.kill_whatever_is_left()

    assert "Installing" not in told
    assert (tmp_path / "shop.db").exists()
