"""The store: tables, resets, the state file."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from sandbox.store import Store
from tests.sandbox.waiting import eventually


def test_a_table_keeps_the_order_of_insertion() -> None:
    table = Store().table("things")
    for name in "cab":
        table[name] = {}

    assert list(table) == ["c", "a", "b"]


def test_a_reset_empties_the_tables_in_place_and_seeds_again() -> None:
    store = Store()
    table = store.table("things")
    store.on_reset(lambda: table.update(seed=1))
    table["x"] = 1

    store.reset()

    assert table == {"seed": 1}
    assert store.table("things") is table


def test_a_change_reaches_the_file_soon(tmp_path: Path) -> None:
    path = tmp_path / "deep" / "state.json"
    store = Store(path)
    store.start()
    store.table("things")["a"] = {"n": 1}

    store.changed()

    eventually(path.exists)
    store.stop()
    assert json.loads(path.read_text()) == {"things": {"a": {"n": 1}}}
    assert Store(path).table("things") == {"a": {"n": 1}}


def test_stopping_writes_what_is_left(tmp_path: Path) -> None:
    path = tmp_path / "state.json"
    store = Store(path)
    store.start()
    store.table("things")["a"] = 1
    store.stop()

    assert Store(path).table("things") == {"a": 1}


def test_without_a_file_nothing_is_written(tmp_path: Path) -> None:
    store = Store()
    store.start()
    store.changed()
    store.stop()

    assert list(tmp_path.iterdir()) == []


def test_a_broken_file_is_told_with_the_cure(tmp_path: Path) -> None:
    path = tmp_path / "state.json"
    path.write_text("{")

    ended = subprocess.run(
        [sys.executable, "-m", "sandbox", f"--state-file={path}"],
        capture_output=True,
        text=True,
        timeout=20,
        check=False,
    )

    assert ended.returncode == 1
    assert "Traceback" not in ended.stderr
    assert "Delete it to start anew" in ended.stderr


def test_a_disk_that_is_full_for_a_while_does_not_end_the_writing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # given a store whose first write fails
    path = tmp_path / "state.json"
    store = Store(path)
    failed: list[bool] = []
    save = store.save

    def full_once() -> None:
        if not failed:
            failed.append(True)
            raise OSError(28, "No space left on device")
        save()

    monkeypatch.setattr(store, "save", full_once)
    store.start()
    store.changed()
    eventually(lambda: failed)

    # when something changes afterwards
    store.table("things")["a"] = 1
    store.changed()

    # then it is written
    eventually(path.exists)
    store.stop()
