"""Prepare this folder: a virtual environment in .venv that holds exactly what requirements.lock names.

Run as a script by whatever Python the machine has (`python3 sandbox/demo/prepare.py`), so it uses the standard library
alone and a syntax that older Pythons can read: they are told what is missing. A repeat with an unchanged lock takes
milliseconds, for the lock's hash is kept in the environment.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
from pathlib import Path

OLDEST = (3, 11)
SPACE_NEEDED = 1500  # megabytes: the environment takes about 700, unpacking the wheels as much again
ROOT = Path(__file__).resolve().parents[2]


class Missing(Exception):
    """Something the machine lacks; the text names it and the cure."""


def check_python(version: tuple[int, int] = sys.version_info[:2]) -> None:
    """Raise Missing unless this Python is new enough and can make virtual environments."""
    if version < OLDEST:
        raise Missing(
            f"Python {OLDEST[0]}.{OLDEST[1]} or newer is needed, this one is {version[0]}.{version[1]}. Install it "
            "(Debian: apt-get install python3 python3-venv; macOS: brew install python) or name one that is there: "
            "make demo PYTHON=/path/to/python3.11"
        )
    try:
        import ensurepip  # noqa: F401
        import venv  # noqa: F401
    except ImportError:
        raise Missing(
            "This Python cannot make virtual environments: its venv module is missing. Debian and Ubuntu keep it in a "
            "package of its own: apt-get install python3-venv"
        ) from None


def check_space(folder: Path, needed: int = SPACE_NEEDED) -> None:
    """Raise Missing when the disk under the folder has less than the needed megabytes left."""
    free = shutil.disk_usage(str(folder)).free // 1_000_000
    if free < needed:
        raise Missing(
            f"Only {free} MB are free on the disk of {folder}, about {needed} MB are needed. "
            "Make room there and start again."
        )


def works(python: Path) -> bool:
    """Return whether this interpreter runs and is new enough; an environment dies when its Python is removed."""
    check = f"import sys, pip; sys.exit(sys.version_info < {OLDEST!r})"
    try:
        return subprocess.call([str(python), "-c", check], stderr=subprocess.DEVNULL) == 0
    except OSError:
        return False


def fingerprint(lock: Path, python: Path) -> str:
    """Return what the environment must have been made from: the lock and the interpreter's version."""
    version = subprocess.check_output([str(python), "-V"])
    return hashlib.sha256(lock.read_bytes() + version).hexdigest()


def prepare(root: Path) -> None:
    """Make or mend the environment of this project folder; raise Missing with the cure when that cannot be done."""
    folder, lock = root / ".venv", root / "requirements.lock"
    python, stamp = folder / "bin" / "python", folder / "installed"
    if not works(python):
        check_python()
        check_space(root)
        print("Making a virtual environment in .venv", flush=True)
        if subprocess.call([sys.executable, "-m", "venv", "--clear", str(folder)]) != 0:
            raise Missing("The virtual environment could not be made; the lines above say why.")
    wanted = fingerprint(lock, python)
    if stamp.exists() and stamp.read_text() == wanted:
        return
    check_space(root)
    print("Installing the locked dependencies: once, about a minute", flush=True)
    pip = [str(python), "-m", "pip", "install", "-qq", "--no-input", "--disable-pip-version-check"]
    if subprocess.call([*pip, "--require-hashes", "--requirement", str(lock)]) != 0:
        raise Missing(
            "The dependencies could not be installed. If the lines above speak of the network, check that pip reaches "
            "a package index (proxy, PIP_INDEX_URL), then start again: what was fetched is not fetched twice."
        )
    stamp.write_text(wanted)


def main() -> int:
    """Prepare the folder this script stands in; return 1 after saying what is missing."""
    try:
        prepare(ROOT)
    except Missing as missing:
        print(missing, file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130
    return 0


if __name__ == "__main__":
    os.environ.pop("PYTHONPATH", None)
    sys.exit(main())
