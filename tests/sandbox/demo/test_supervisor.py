"""The supervisor, seen with real processes: small Python programs that wait, die, fork or refuse to end."""

import io
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from sandbox.demo.log import Log
from sandbox.demo.supervisor import Command, Supervisor

PATIENCE = 20.0  # seconds until a condition must hold, on a busy machine
WAIT = "import time; time.sleep(600)"
STUBBORN = f"import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('deaf', flush=True); {WAIT}"
PARENT = f"import subprocess, sys; print(subprocess.Popen([sys.executable, '-c', {WAIT!r}]).pid, flush=True); {WAIT}"

HARNESS = """
import sys
from sandbox.demo.log import Log
from sandbox.demo.supervisor import Command, Supervisor
with Supervisor(Log(), grace=2) as supervisor:
    for name, program in zip(sys.argv[1::2], sys.argv[2::2]):
        supervisor.start(Command(name, (sys.executable, "-c", program), {}, wave=name == "last"))
        print(supervisor.pid(name), flush=True)
    supervisor.run()
"""


def program(name: str, text: str, *, restart: bool = True) -> Command:
    return Command(name, (sys.executable, "-c", text), dict(os.environ), restart=restart)


def is_alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
    except FileNotFoundError:
        return False


def eventually(condition: Callable[[], bool]) -> bool:
    deadline = time.monotonic() + PATIENCE
    while not condition():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.02)
    return True


@pytest.fixture
def output() -> io.StringIO:
    return io.StringIO()


@pytest.fixture
def supervisor(output: io.StringIO) -> Iterator[Supervisor]:
    with Supervisor(Log(output), grace=5, first_pause=0.01) as supervisor:
        yield supervisor


@pytest.fixture
def running() -> Iterator[Callable[..., tuple[subprocess.Popen[str], list[int]]]]:
    """Start a supervisor of its own process over the named programs; gives it and its processes' ids."""
    started: list[subprocess.Popen[str]] = []

    def run(**programs: str) -> tuple[subprocess.Popen[str], list[int]]:
        arguments = [part for pair in programs.items() for part in pair]
        process = subprocess.Popen(
            [sys.executable, "-c", HARNESS, *arguments], stdout=subprocess.PIPE, text=True, start_new_session=True
        )
        started.append(process)
        assert process.stdout is not None
        return process, [int(process.stdout.readline()) for _ in programs]

    yield run
    for process in started:
        process.kill()
        process.wait()
        assert process.stdout is not None
        process.stdout.close()


def test_a_process_that_dies_is_started_again_and_takes_no_other_with_it(
    supervisor: Supervisor, output: io.StringIO
) -> None:
    supervisor.start(program("inbox", WAIT))
    supervisor.start(program("web", WAIT))
    first, neighbour = supervisor.pid("inbox"), supervisor.pid("web")
    assert first is not None

    os.kill(first, signal.SIGKILL)

    assert supervisor.wait_until(lambda: supervisor.pid("inbox") not in (None, first), PATIENCE)
    assert supervisor.pid("web") == neighbour
    assert "inbox     | ended (killed by SIGKILL); starting it again in 0.01 s" in output.getvalue()


def test_a_process_that_keeps_dying_is_started_ever_more_rarely(supervisor: Supervisor, output: io.StringIO) -> None:
    supervisor.start(program("inbox", "raise SystemExit(3)"))

    supervisor.wait_until(lambda: output.getvalue().count("ended") == 4, PATIENCE)

    pauses = [line.split(" in ")[1] for line in output.getvalue().splitlines()]
    assert pauses == ["0.01 s", "0.02 s", "0.04 s", "0.08 s"]
    assert "ended (exit status 3)" in output.getvalue()


def test_a_dead_process_leaves_no_children_behind(supervisor: Supervisor, output: io.StringIO) -> None:
    supervisor.start(program("web", PARENT))
    supervisor.wait_until(lambda: "\n" in output.getvalue(), PATIENCE)
    child, parent = int(output.getvalue().split("|")[1]), supervisor.pid("web")
    assert parent is not None

    os.kill(parent, signal.SIGKILL)

    assert supervisor.wait_until(lambda: not is_alive(child), PATIENCE)


def test_every_line_is_shown_after_the_name_even_one_without_an_end(
    supervisor: Supervisor, output: io.StringIO
) -> None:
    command = program("release", "import sys; print('one'); sys.stderr.write('two\\nthree')", restart=False)

    status = supervisor.run_once(command)

    assert status == 0
    assert sorted(output.getvalue().splitlines()) == ["release   | one", "release   | three", "release   | two"]


def test_running_once_returns_the_status_and_does_not_start_again(supervisor: Supervisor) -> None:
    status = supervisor.run_once(program("seed", "raise SystemExit(7)", restart=False))

    assert status == 7
    assert supervisor.pid("seed") is None


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP])
def test_a_signal_stops_everything(
    number: signal.Signals, running: Callable[..., tuple[subprocess.Popen[str], list[int]]]
) -> None:
    process, pids = running(web=WAIT, inbox=PARENT)
    assert process.stdout is not None
    pids.append(int(process.stdout.readline().split("|")[1]))

    process.send_signal(number)

    assert process.wait(PATIENCE) == 0
    assert not any(is_alive(pid) for pid in pids)


def test_a_signal_to_the_whole_group_stops_everything(
    running: Callable[..., tuple[subprocess.Popen[str], list[int]]],
) -> None:
    process, pids = running(web=WAIT, inbox=WAIT)

    os.killpg(process.pid, signal.SIGTERM)
    os.kill(process.pid, signal.SIGTERM)

    assert process.wait(PATIENCE) == 0
    assert not any(is_alive(pid) for pid in pids)


def test_a_process_that_ignores_the_signal_is_killed_after_the_grace(
    running: Callable[..., tuple[subprocess.Popen[str], list[int]]],
) -> None:
    process, pids = running(web=STUBBORN)
    assert process.stdout is not None
    assert "deaf" in process.stdout.readline()

    process.terminate()

    assert process.wait(PATIENCE) == 0
    assert not is_alive(pids[0])


def test_neighbours_outlive_the_processes_that_need_them(
    running: Callable[..., tuple[subprocess.Popen[str], list[int]]],
) -> None:
    process, (neighbour, needy) = running(last=WAIT, web=STUBBORN)
    assert process.stdout is not None
    assert "deaf" in process.stdout.readline()

    process.terminate()

    assert eventually(lambda: not is_alive(needy) or not is_alive(neighbour))
    assert not is_alive(needy)
    assert process.wait(PATIENCE) == 0


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="only Linux can tie a process to its parent's life")
def test_a_supervisor_killed_outright_leaves_nothing_behind(
    running: Callable[..., tuple[subprocess.Popen[str], list[int]]],
) -> None:
    process, pids = running(web=STUBBORN, inbox=WAIT)

    process.kill()

    assert eventually(lambda: not any(is_alive(pid) for pid in pids))
