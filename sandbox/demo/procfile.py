"""Read the Procfile: one `name: command line` per process, as Heroku and its kin define it."""

import re
from pathlib import Path

ENTRY = re.compile(r"^([A-Za-z0-9_-]+):\s*(.+)$")


def read(file: Path) -> dict[str, tuple[str, ...]]:
    """Return the processes of a Procfile in their order, each as an argument vector.

    A shell expands the line's variables and then becomes the command, so that signals reach the process itself.
    """
    lines = [line.strip() for line in file.read_text().splitlines()]
    entries = [ENTRY.match(line) for line in lines if line and not line.startswith("#")]
    return {entry[1]: ("/bin/sh", "-c", f"exec {entry[2]}") for entry in entries if entry}
