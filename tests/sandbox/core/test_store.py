"""The store: tables, resets, the state file."""

import json
from pathlib import Path

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
