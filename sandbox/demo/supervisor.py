"""Start processes, keep them running, show what they say, and leave none behind.

One thread and one loop: it waits for output, for a death and for signals at the same time. Every process leads a
process group of its own, so that a Ctrl-C in the terminal reaches the supervisor alone, which then ends them in order.
"""

import contextlib
import ctypes
import os
import selectors
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from types import FrameType, TracebackType

from sandbox.demo.log import Log

STOP_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
PR_SET_PDEATHSIG = 1  # prctl(2): the signal a process gets when its parent dies
STEADY = 10.0  # seconds: a process that ran this long and dies starts its back-off anew


@dataclass(frozen=True)
class Command:
    """A process to run: its name in the log, its command line and its whole environment.

    `wave` orders the end: wave 0 is stopped first, wave 1 when it is gone. `restart=False` runs once.
    """

    name: str
    argv: tuple[str, ...]
    env: Mapping[str, str]
    wave: int = 0
    restart: bool = True


@dataclass
class _Child:
    command: Command
    popen: subprocess.Popen[bytes]
    started: float
    unfinished: bytes = b""


@dataclass
class _Restart:
    command: Command
    due: float


@dataclass
class _Patience:
    """How long to wait before the next start: doubles with every early death."""

    first: float
    longest: float
    deaths: dict[str, int] = field(default_factory=dict)

    def pause(self, name: str, ran: float) -> float:
        """Return the seconds to wait, given how long the process had run."""
        self.deaths[name] = 1 if ran >= STEADY else self.deaths.get(name, 0) + 1
        return min(self.first * 2.0 ** min(self.deaths[name] - 1, 16), self.longest)


class Supervisor:
    """Runs commands until a signal or `stop()`; used as a context manager, which ends whatever still runs.

    `grace` is the time in seconds a wave has between SIGTERM and SIGKILL.
    """

    def __init__(self, log: Log, *, grace: float = 4.0, first_pause: float = 0.5, longest_pause: float = 30.0) -> None:
        self.stopping = False
        self._log = log
        self._grace = grace
        self._patience = _Patience(first_pause, longest_pause)
        self._children: dict[str, _Child] = {}
        self._restarts: dict[str, _Restart] = {}
        self._selector = selectors.DefaultSelector()
        self._in_a_hurry = False
        self._undo: list[Callable[[], object]] = []

    def __enter__(self) -> "Supervisor":
        wake_read, wake_write = socket.socketpair()
        wake_read.setblocking(False)
        wake_write.setblocking(False)
        self._selector.register(wake_read, selectors.EVENT_READ, None)
        previous_fd = signal.set_wakeup_fd(wake_write.fileno(), warn_on_full_buffer=False)
        self._undo += [wake_read.close, wake_write.close, lambda: signal.set_wakeup_fd(previous_fd)]
        for number in STOP_SIGNALS:
            self._undo.append(_restore(number, signal.signal(number, self._on_stop_signal)))
        self._undo.append(_restore(signal.SIGCHLD, signal.signal(signal.SIGCHLD, lambda *_: None)))
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()
        while self._undo:
            self._undo.pop()()
        self._selector.close()

    def start(self, command: Command) -> None:
        """Start a process; its name must not be running already. Does nothing while stopping."""
        if self.stopping:
            return
        self._restarts.pop(command.name, None)
        popen = subprocess.Popen(
            command.argv,
            env=dict(command.env),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            process_group=0,
            preexec_fn=_die_with(os.getpid()),
        )
        assert popen.stdout is not None
        os.set_blocking(popen.stdout.fileno(), False)
        child = _Child(command, popen, time.monotonic())
        self._children[command.name] = child
        self._selector.register(popen.stdout, selectors.EVENT_READ, child)

    def run_once(self, command: Command) -> int:
        """Run a command to its end while everything else goes on; return its exit status."""
        self.start(command)
        child = self._children.get(command.name)
        if child is None:
            return 1
        while self._children.get(command.name) is child and not self.stopping:
            self._turn(1.0)
        return child.popen.returncode if child.popen.returncode is not None else 1

    def wait_until(self, condition: Callable[[], bool], seconds: float) -> bool:
        """Keep everything running until the condition holds; return False when time is over or a signal came."""
        deadline = time.monotonic() + seconds
        while not self.stopping:
            if condition():
                return True
            if time.monotonic() >= deadline:
                return False
            self._turn(0.1)
        return False

    def run(self) -> None:
        """Keep everything running until a signal comes or the reader of the log goes away."""
        while not self.stopping and not self._log.closed:
            self._turn(1.0)

    def stop(self) -> None:
        """End every process, wave by wave: SIGTERM, the grace, SIGKILL. A second signal cuts the grace short."""
        self.stopping = True
        self._restarts.clear()
        for wave in sorted({child.command.wave for child in self._children.values()}):
            self._signal_wave(wave, signal.SIGTERM)
            deadline = time.monotonic() + self._grace
            while self._wave(wave) and time.monotonic() < deadline and not self._in_a_hurry:
                self._turn(0.1)
            self._signal_wave(wave, signal.SIGKILL)
            while self._wave(wave):
                self._turn(0.1)

    def pid(self, name: str) -> int | None:
        """Return the process id under this name, or None while it is not running."""
        child = self._children.get(name)
        return child.popen.pid if child else None

    def _turn(self, longest: float) -> None:
        """Wait for the next event, at most this many seconds, and deal with all that happened."""
        due = [restart.due - time.monotonic() for restart in self._restarts.values()]
        for key, _ in self._selector.select(max(0.0, min([longest, *due]))):
            if key.data is None:
                with contextlib.suppress(BlockingIOError):
                    key.fileobj.recv(4096)  # type: ignore[union-attr]
            else:
                self._read(key.data)
        for child in list(self._children.values()):
            if child.popen.poll() is not None:
                self._bury(child)
        for restart in list(self._restarts.values()):
            if restart.due <= time.monotonic():
                self.start(restart.command)

    def _read(self, child: _Child) -> None:
        """Show the whole lines a process has written so far."""
        assert child.popen.stdout is not None
        try:
            data = child.popen.stdout.read(65536)
        except ValueError:
            return
        if data == b"":
            self._selector.unregister(child.popen.stdout)
            child.popen.stdout.close()
        *lines, child.unfinished = (child.unfinished + (data or b"")).split(b"\n")
        for line in lines:
            self._log.line(child.command.name, line.decode(errors="replace").rstrip())

    def _bury(self, child: _Child) -> None:
        """Take leave of a dead process and of what it left in its group; plan its next start."""
        assert child.popen.stdout is not None
        if not child.popen.stdout.closed:
            self._read(child)
        if not child.popen.stdout.closed:
            self._selector.unregister(child.popen.stdout)
            child.popen.stdout.close()
        name, status = child.command.name, child.popen.returncode
        if child.unfinished:
            self._log.line(name, child.unfinished.decode(errors="replace"))
        _signal_group(child.popen.pid, signal.SIGKILL)
        del self._children[name]
        if self.stopping or not child.command.restart:
            return
        pause = self._patience.pause(name, time.monotonic() - child.started)
        self._restarts[name] = _Restart(child.command, time.monotonic() + pause)
        self._log.line(name, f"ended ({_reason(status)}); starting it again in {pause:g} s")

    def _wave(self, wave: int) -> list[_Child]:
        return [child for child in self._children.values() if child.command.wave == wave]

    def _signal_wave(self, wave: int, number: signal.Signals) -> None:
        for child in self._wave(wave):
            _signal_group(child.popen.pid, number)

    def _on_stop_signal(self, number: int, frame: FrameType | None) -> None:
        # Ctrl-C reaches make and the supervisor, and make passes its own on: only a later Ctrl-C is impatience.
        self._in_a_hurry = self.stopping and number == signal.SIGINT
        self.stopping = True


def _restore(number: signal.Signals, handler: object) -> Callable[[], object]:
    return lambda: signal.signal(number, handler)  # type: ignore[arg-type]


def _signal_group(leader: int, number: signal.Signals) -> None:
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(leader, number)


def _reason(status: int) -> str:
    if status < 0:
        return f"killed by {signal.Signals(-status).name}"
    return f"exit status {status}"


def _die_with(parent: int) -> Callable[[], None] | None:
    """Return what a new process does first so that it dies with its parent, even one that was killed outright.

    Linux only; elsewhere None: a supervisor that is killed with SIGKILL leaves its processes behind there.
    """
    if not sys.platform.startswith("linux"):
        return None
    prctl = ctypes.CDLL(None).prctl

    def die_with_parent() -> None:
        prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
        if os.getppid() != parent:
            os._exit(1)

    return die_with_parent
