"""Which ports are free, and who holds those that are not."""

import contextlib
import errno
import os
import socket
from pathlib import Path

LISTENING = "0A"  # the state column of /proc/net/tcp


def is_free(port: int) -> bool:
    """Return whether a server could listen on this port of both loopback addresses."""
    return all(_can_bind(family, host, port) for family, host in _loopbacks())


def holder(port: int) -> str:
    """Return who listens on the port, such as `pid 4711 (gunicorn)`, or an empty text when the system does not say."""
    inodes = _listening_inodes(port)
    for folder in Path("/proc").glob("[0-9]*") if inodes else ():
        with contextlib.suppress(OSError):  # ended meanwhile, or somebody else's process
            if any(_target(link) in inodes for link in (folder / "fd").iterdir()):
                return f"pid {folder.name} ({(folder / 'comm').read_text().strip()})"
    return ""


def _target(link: Path) -> str:
    try:
        return os.readlink(link)
    except OSError:
        return ""  # closed since it was listed


def _loopbacks() -> list[tuple[socket.AddressFamily, str]]:
    return [(socket.AF_INET, "127.0.0.1"), (socket.AF_INET6, "::1")]


def _can_bind(family: socket.AddressFamily, host: str, port: int) -> bool:
    try:
        with socket.socket(family, socket.SOCK_STREAM) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind((host, port))
    except OSError as error:
        return error.errno in (errno.EAFNOSUPPORT, errno.EADDRNOTAVAIL)  # a machine without IPv6 lacks nothing
    return True


def _listening_inodes(port: int) -> set[str]:
    """Return the sockets that listen on the port, as the links in /proc/<pid>/fd name them (proc(5), /proc/net/tcp)."""
    found = set()
    for table in ("/proc/net/tcp", "/proc/net/tcp6"):
        try:
            rows = [line.split() for line in Path(table).read_text().splitlines()[1:]]
        except OSError:
            continue
        found |= {f"socket:[{row[9]}]" for row in rows if row[3] == LISTENING and int(row[1].split(":")[1], 16) == port}
    return found
