"""Webhook deliveries: each attempt, sending again, and the knobs that spoil them."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from sandbox.console import catalogue
from sandbox.console.catalogue import PROVIDERS
from sandbox.world import World

SHOWN = 200
STATES = ("pending", "retrying", "delivered", "failed", "dropped")
KNOBS = (
    ("drop", "Drop", "Deliveries are recorded and not sent."),
    ("duplicate", "Send twice", "Each event goes out two times."),
    ("reorder", "Out of order", "Every other event comes late, after its successor."),
    ("bad_signature", "Bad signature", "Well formed, and wrong."),
)
LONGEST_DELAY = 3_600  # seconds


def add_routes(pages: Blueprint, world: World) -> None:
    """Add `/webhooks`, one delivery, and the actions."""
    _add_pages(pages, world)
    _add_actions(pages, world)


def _add_pages(pages: Blueprint, world: World) -> None:
    @pages.get("/webhooks")
    def webhooks() -> str:
        return render_template(
            "console/webhooks.html", endpoints=endpoints(world), knobs=knobs(world), knob_words=KNOBS, **_context()
        )

    @pages.get("/webhooks/rows")
    def webhook_rows() -> str:
        return render_template("console/_delivery_rows.html", **_context())

    @pages.get("/webhooks/<delivery_id>")
    def delivery(delivery_id: str) -> str:
        found = next((d for d in world.dispatcher.deliveries() if d["id"] == delivery_id), None)
        if found is None:
            abort(404)
        return render_template("console/delivery.html", delivery=found, known=catalogue.known_ids(world))

    def _context() -> dict[str, Any]:
        provider, state = request.args.get("provider", ""), request.args.get("state", "")
        found = [
            d for d in world.dispatcher.deliveries() if provider in ("", d["provider"]) and state in ("", d["state"])
        ]
        return {"deliveries": found[:SHOWN], "provider": provider, "state": state, "states": STATES}


def _add_actions(pages: Blueprint, world: World) -> None:
    @pages.post("/webhooks/<delivery_id>/resend")
    def resend_delivery(delivery_id: str) -> ResponseReturnValue:
        spoilt = "bad_signature" in request.form
        try:
            world.dispatcher.resend(delivery_id, bad_signature=spoilt)
        except KeyError:
            abort(404)
        flash("Sent again with a bad signature." if spoilt else "Sent again.")
        return redirect(url_for("console.delivery", delivery_id=delivery_id), 303)

    @pages.post("/webhooks/knobs/<provider>")
    def turn_knobs(provider: str) -> ResponseReturnValue:
        """Set all knobs of a provider as the form has them: a box that is not ticked is off."""
        delay = request.form.get("delay_seconds", 0.0, type=float)
        if provider not in PROVIDERS:
            abort(404)
        if not 0 <= delay <= LONGEST_DELAY:
            flash("A delay is between 0 seconds and an hour.", "error")
            return redirect(url_for("console.webhooks"), 303)
        ticked = {name: name in request.form for name, _, _ in KNOBS}
        world.dispatcher.turn(provider, delay_seconds=delay, **ticked)
        flash(f"{'Stripe' if provider == 'stripe' else 'PayPal'}: {in_words(ticked, delay)}")
        return redirect(url_for("console.webhooks"), 303)


def endpoints(world: World) -> list[dict[str, str]]:
    """Return who is subscribed, by provider."""
    tables = (("stripe", "stripe.webhook_endpoint"), ("paypal", "paypal.webhook"))
    with world.store.lock:
        return [
            {"provider": provider, "id": str(key), "table": table, "url": str(record["url"])}
            for provider, table in tables
            for key, record in world.store.table(table).items()
        ]


def knobs(world: World) -> dict[str, dict[str, Any]]:
    """Return how each provider's deliveries are spoilt."""
    return {provider: asdict(world.dispatcher.knobs(provider)) for provider in PROVIDERS}


def in_words(ticked: dict[str, bool], delay: float) -> str:
    """Say how the next deliveries will fare."""
    words = [label.lower() for name, label, _ in KNOBS if ticked[name]]
    if delay:
        words.append(f"{delay:g} s late")
    return f"from now on: {', '.join(words)}." if words else "deliveries go out as they should."
