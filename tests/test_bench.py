"""The measurements run to their end and find nothing wrong, here with next to nothing to do; no test times them."""

import subprocess
import sys

import pytest

PARTS = (
    "webhook_intake --rounds 1 --events 20",
    "drain --events 40 --objects 10",
    "orders --orders 10",
    "catalogue_pages --rounds 1 --requests 10",
    "memory",
)


@pytest.mark.usefixtures("postgres_server")  # not for its server: without PostgreSQL there is nothing to measure
@pytest.mark.parametrize("part", PARTS)
def test_a_measurement_runs_to_its_end_and_finds_nothing_wrong(part: str) -> None:
    name, *options = part.split()

    command = [sys.executable, "-m", f"bench.{name}", *options]
    done = subprocess.run(command, capture_output=True, text=True, check=False)

    assert done.returncode == 0, done.stderr
    assert "measured" in done.stdout
