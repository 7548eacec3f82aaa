"""Health: alive, ready, and measured."""

from __future__ import annotations

from flask import Blueprint, Response, jsonify
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest

from shop.services import health

blueprint = Blueprint("health", __name__)


@blueprint.get("/healthz")
def alive() -> Response:
    """Answer as long as the process runs; looks at nothing else."""
    return Response("ok\n", mimetype="text/plain")


@blueprint.get("/readyz")
def ready() -> tuple[Response, int]:
    """503 without the database or with pending migrations; Redis, workers and breakers are told, and fail nothing."""
    report = health.report()
    return jsonify(report.as_dict()), 200 if report.is_ready else 503


@blueprint.get("/metrics")
def metrics() -> Response:
    """Return the counters of this process in Prometheus' text format."""
    return Response(generate_latest(), content_type=CONTENT_TYPE_LATEST)
