"""Reconciliation at the desk: the runs, and what one of them found."""

from __future__ import annotations

from flask import Blueprint, render_template

from shop.services import desk

blueprint = Blueprint("reconcile", __name__, url_prefix="/reconciliation")


@blueprint.get("")
def index() -> str:
    """Show the newest runs."""
    return render_template("merchant/runs.html", runs=desk.runs())


@blueprint.get("/<int:run_id>")
def show(run_id: int) -> str:
    """Show what one run found."""
    run, findings = desk.run(run_id)
    orders = desk.order_ids([finding.order_id for finding in findings if finding.order_id is not None])
    return render_template("merchant/run.html", run=run, findings=findings, orders=orders)
