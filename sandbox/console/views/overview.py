"""The first page: where everything is, what it holds, and the button that starts anew."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from sandbox.mailbox import messages
from sandbox.world import World


def add_routes(pages: Blueprint, world: World) -> None:
    """Add `/` and `/reset`."""

    @pages.get("/")
    def overview() -> str:
        return render_template("console/overview.html", addresses=addresses(world), figures=figures(world))

    @pages.post("/reset")
    def reset() -> ResponseReturnValue:
        world.store.reset()
        flash("Everything is forgotten: objects, mails, deliveries, faults, and the clock is back at real time.")
        return redirect(url_for("console.overview"), 303)


def addresses(world: World) -> list[tuple[str, list[tuple[str, str]]]]:
    """Return what a shop must be told to talk to this sandbox, by service."""
    s = world.settings
    return [
        (
            "Stripe",
            [
                ("API", s.stripe_api),
                ("Browser script", f"{s.stripe_origin}/stripe.js"),
                ("Publishable key", "pk_test_sandbox"),
                ("Secret key", "sk_test_sandbox"),
                ("Webhook secret", s.stripe_webhook_secret),
            ],
        ),
        (
            "PayPal",
            [
                ("API", s.paypal_api),
                ("Browser script", f"{s.paypal_origin}/web-sdk/v6/core"),
                ("Client id", "sandbox-client"),
                ("Client secret", "sandbox-secret"),
                ("Webhook id", s.paypal_webhook_id),
            ],
        ),
        (
            "Mail and control",
            [("SMTP", f"smtp://127.0.0.1:{s.smtp_port}"), ("Control plane", f"{s.console}/_sandbox/")],
        ),
    ]


def figures(world: World) -> list[dict[str, Any]]:
    """Return how much of each kind the sandbox holds, each with the page that lists it."""
    mails = messages.count(world)
    return [{"label": "Mails", "value": mails, "address": url_for("mailbox.index")}]
