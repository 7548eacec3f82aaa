"""What no page ever sees: a request for a host that is not ours, files (the shop takes none), JSON without a bottom."""

from __future__ import annotations

from typing import Any

from flask import Flask, abort, request
from flask.json.provider import DefaultJSONProvider

from shop.config import LOOPBACK, Settings, host_of
from shop.services.providers import context

# Who watches over a machine asks it by its address; these answers contain no address of ours.
FOR_MACHINES = frozenset({"health"})


class Shallow(DefaultJSONProvider):
    """JSON as Flask reads it; what is nested deeper than Python can follow is no JSON, and answered with 400."""

    def loads(self, s: str | bytes, **kwargs: Any) -> Any:
        """Read a text; raise ValueError for what cannot be read."""
        try:
            return super().loads(s, **kwargs)
        except RecursionError as exc:
            raise ValueError("nested too deeply") from exc


def init_app(app: Flask) -> None:
    """Stand before every page."""
    app.json = Shallow(app)
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
