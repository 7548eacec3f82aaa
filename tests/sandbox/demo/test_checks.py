"""What the demo says before it starts: what is missing, who is in the way, and the cure."""

import os
import shutil
import socket
import subprocess
import sys
from collections import namedtuple
from pathlib import Path

import pytest

from sandbox.demo import environment, ports, prepare, procfile
from sandbox.demo.__main__ import ROOT, taken_ports


@pytest.fixture
def listener() -> socket.socket:
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield server


def test_a_taken_port_is_named_with_its_holder_and_the_way_out(listener: socket.socket, tmp_path: Path) -> None:
    port = listener.getsockname()[1]
    free = {variable: str(free_port()) for variable in environment.Ports.VARIABLES.values()}

    problems = taken_ports(environment.read(tmp_path, free | {"SANDBOX_PAYPAL_PORT": str(port)}))

    (problem,) = problems
    assert problem.startswith(f"Port {port} (paypal) is taken by pid {os.getpid()} (")
    assert "SANDBOX_PAYPAL_PORT=" in problem


def test_the_demo_ends_at_once_when_a_port_is_taken(listener: socket.socket) -> None:
    port = listener.getsockname()[1]

    demo = subprocess.run(
        [sys.executable, "-m", "sandbox.demo"],
        cwd=ROOT,
        env={**os.environ, "PORT": str(port), "SECRET_KEY": "unused"},
        capture_output=True,
        text=True,
        timeout=60,
    )

    assert demo.returncode == 1
    assert f"Port {port} (shop) is taken" in demo.stderr
    assert "Traceback" not in demo.stderr


def test_a_port_nobody_holds_is_free() -> None:
    port = free_port()

    assert ports.is_free(port)
    assert ports.holder(port) == ""


def test_an_old_python_is_told_what_to_install() -> None:
    with pytest.raises(prepare.Missing, match=r"Python 3\.11 or newer is needed, this one is 3\.9\. Install it"):
        prepare.check_python((3, 9))


def test_a_full_disk_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    usage = namedtuple("usage", "total used free")
    monkeypatch.setattr(shutil, "disk_usage", lambda _: usage(10**9, 10**9, 5 * 10**6))

    with pytest.raises(prepare.Missing, match=r"Only 5 MB are free on the disk of .*Make room"):
        prepare.check_space(tmp_path)


def test_a_prepared_folder_is_left_alone(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    lock, home = tmp_path / "requirements.lock", tmp_path / ".venv"
    lock.write_text("")
    (home / "bin").mkdir(parents=True)
    (home / "bin" / "python").symlink_to(sys.executable)
    (home / "installed").write_text(prepare.fingerprint(lock, home / "bin" / "python"))

    prepare.prepare(tmp_path)

    assert capsys.readouterr().out == ""


def test_a_changed_lock_changes_the_fingerprint(tmp_path: Path) -> None:
    lock = tmp_path / "requirements.lock"
    lock.write_text("flask==3.1.3")
    before = prepare.fingerprint(lock, Path(sys.executable))

    lock.write_text("flask==3.1.4")

    assert prepare.fingerprint(lock, Path(sys.executable)) != before


def test_the_procfile_names_every_process_of_the_shop() -> None:
    processes = procfile.read(ROOT / "Procfile")

    assert list(processes) == ["release", "web", "inbox", "outbox", "sweep", "batch", "scheduler"]
    assert processes["inbox"] == ("/bin/sh", "-c", "exec python -m shop.worker inbox")


def test_comments_and_empty_lines_in_a_procfile_are_nothing(tmp_path: Path) -> None:
    file = tmp_path / "Procfile"
    file.write_text("# what runs\n\nweb: serve --port $PORT\n")

    assert procfile.read(file) == {"web": ("/bin/sh", "-c", "exec serve --port $PORT")}


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as server:
        return int(server.getsockname()[1])
