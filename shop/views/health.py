"""Health: alive, ready, and measured."""

from __future__ import annotations

from flask import Blueprint, Response, jsonify
from flask_babel import gettext as _
from prometheus_client import CONTENT_TYPE_LATEST

from shop.errors import NotFound
from shop.services import health, scrape
from shop.views.insiders import is_insider

blueprint = Blueprint("health", __name__)


@blueprint.get("/healthz")
def alive() -> Response:
    """Answer as long as the process runs; looks at nothing else."""
    return Response("ok\n", mimetype="text/plain")


@blueprint.get("/readyz")
def ready() -> tuple[Response, int]:
    """503 without the database or with pending migrations; Redis, workers and breakers are told, and fail nothing.

    A stranger learns whether the shop is ready, and nothing else.
    """
    report = health.report()
    told = report.as_dict() if is_insider() else {"ready": report.is_ready}
    return jsonify(told), 200 if report.is_ready else 503


@blueprint.get("/metrics")
def metrics() -> Response:
    """Return all metrics in Prometheus' text format; 404 for strangers."""
    if not is_insider():
        raise NotFound(_("There is nothing at this address."))
    return Response(scrape.exposition(), content_type=CONTENT_TYPE_LATEST)


# Who watches over a machine asks it by its address, over plain HTTP on the private network: there is nobody to lead to
# HTTPS, and no cookie to protect. What strangers may see of it is the same either way.
for view in (alive, ready, metrics):
    setattr(view, "talisman_view_options", {"force_https": False})  # noqa: B010 - functions have no such attribute
