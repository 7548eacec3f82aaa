"""The first page: where everything is, what it holds, and the button that starts anew."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from sandbox.console import catalogue
from sandbox.console.views.requests import newest
from sandbox.mailbox import messages
from sandbox.world import World


def add_routes(pages: Blueprint, world: World) -> None:
    """Add `/` and `/reset`."""

    @pages.get("/")
    def overview() -> str:
        return render_template(
            "console/overview.html",
            addresses=addresses(world),
            figures=figures(world),
            deliveries=world.dispatcher.deliveries()[:6],
            requests=newest(world)[:6],
        )

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
    counts = {kind.table: kind.count for kind in catalogue.kinds(world)}
    payments = counts.get("stripe.payment_intent", 0) + counts.get("paypal.order", 0)
    open_ones = sum(1 for d in world.dispatcher.deliveries() if d["state"] != "delivered")
    with world.store.lock:
        asked = sum(len(world.store.table(f"{provider}.request_log")) for provider in catalogue.PROVIDERS)
    return [
        {"label": "Payments", "value": payments, "address": url_for("console.objects")},
        {"label": "Objects in all", "value": sum(counts.values()), "address": url_for("console.objects")},
        {"label": "API requests", "value": asked, "address": url_for("console.requests")},
        {"label": "Webhooks not delivered", "value": open_ones, "address": url_for("console.webhooks")},
        {"label": "Mails", "value": messages.count(world), "address": url_for("mailbox.index")},
    ]
