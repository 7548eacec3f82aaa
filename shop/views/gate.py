"""What no page ever sees: a request for a host that is not ours, and files, since the shop takes none."""

from __future__ import annotations

from flask import Flask, abort, request

from shop.config import LOOPBACK, Settings, host_of
from shop.services.providers import context

# Who watches over a machine asks it by its address; these answers contain no address of ours.
FOR_MACHINES = frozenset({"health"})


def init_app(app: Flask) -> None:
    """Stand before every page."""
    app.before_request(_ours)
    app.before_request(_no_files)


def hosts(settings: Settings) -> frozenset[str]:
    """Return the names the shop answers to: its public one, and while that is plain HTTP this machine's own as well."""
    public = frozenset({host_of(settings.public_url)})
    return public if settings.is_secure else public | LOOPBACK


def _ours() -> None:
    """Refuse a host that is not ours: addresses in answers are made from it, and a cache or a mail may keep them."""
    if request.blueprint not in FOR_MACHINES and host_of(f"//{request.host}") not in hosts(context().settings):
        abort(400)


def _no_files() -> None:
    if request.mimetype == "multipart/form-data":
        abort(415)
