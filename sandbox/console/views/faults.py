"""Faults of the APIs and of the mail server, switched on and off."""

from __future__ import annotations

from dataclasses import dataclass

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from sandbox.faults import KINDS
from sandbox.world import World

NAMES = {"stripe": "Stripe", "paypal": "PayPal", "smtp": "Mail"}
WORDS = {
    "down": "Answers 503; mail is refused with 451. Nothing is done.",
    "refused": "The connection breaks before any work.",
    "slow": "The answer waits.",
    "answer_lost": "The work is done, the answer never comes.",
}
LONGEST_WAIT = 120.0  # seconds


@dataclass(frozen=True)
class Preset:
    """A fault that is worth a button."""

    label: str
    provider: str
    kind: str
    times: str = ""
    seconds: str = ""
    method: str = ""
    path_prefix: str = ""  # PayPal's approval window is served beside its API, and its forms are POSTs too


PRESETS = (
    Preset("Stripe is down", "stripe", "down"),
    Preset("PayPal is down", "paypal", "down"),
    Preset(
        "Lose the answer to Stripe's next POST", "stripe", "answer_lost", times="1", method="POST", path_prefix="/v1/"
    ),
    Preset(
        "Lose the answer to PayPal's next POST", "paypal", "answer_lost", times="1", method="POST", path_prefix="/v2/"
    ),
    Preset("Stripe takes 5 s", "stripe", "slow", seconds="5"),
    Preset("Refuse the next 3 mails", "smtp", "down", times="3"),
)


def add_routes(pages: Blueprint, world: World) -> None:
    """Add `/faults` and its actions."""

    @pages.get("/faults")
    def faults() -> str:
        return render_template(
            "console/faults.html", active=world.faults.active(), presets=PRESETS, names=NAMES, kinds=KINDS, words=WORDS
        )

    @pages.post("/faults/set")
    def set_fault() -> ResponseReturnValue:
        form = request.form
        provider, kind = form.get("provider", ""), form.get("kind", "")
        times, seconds = form.get("times", type=int), form.get("seconds", 0.0, type=float)
        if problem := _problem(provider, kind, times, seconds):
            flash(problem, "error")
        else:
            path, method = form.get("path_prefix", "").strip(), form.get("method", "")
            world.faults.set(provider, kind, times=times, seconds=seconds, path_prefix=path, method=method)
            flash(f"{NAMES[provider]}: {WORDS[kind]}")
        return redirect(url_for("console.faults"), 303)

    @pages.post("/faults/clear")
    def clear_faults() -> ResponseReturnValue:
        provider = request.form.get("provider") or None
        world.faults.clear(provider)
        flash(f"{NAMES[provider]} works again." if provider in NAMES else "Everything works again.")
        return redirect(url_for("console.faults"), 303)


def _problem(provider: str, kind: str, times: int | None, seconds: float) -> str:
    """Say what is wrong with a fault somebody asked for, or nothing."""
    if provider not in NAMES or kind not in KINDS:
        return "Choose a service and a fault."
    if times is not None and times < 1:
        return "A fault happens at least once; leave the number empty for as long as it is on."
    if kind == "slow" and not 0 < seconds <= LONGEST_WAIT:
        return "A slow answer waits more than 0 and at most 120 seconds."
    return ""
