"""The command line: `flask --app shop COMMAND`."""

from __future__ import annotations

import click
from flask import Flask
from flask.cli import AppGroup

from shop import jobs
from shop.errors import NotFound
from shop.services import endpoints, seed, webhooks

webhooks_group = AppGroup("webhooks", help="The endpoints at the providers, and the inbox.")


@click.command("seed")
def seed_command() -> None:
    """Fill an empty shop with the demo's catalogue, rates and people; a repeat changes nothing."""
    seed.seed()


@click.command("sweep")
def sweep_command() -> None:
    """Find and finish whatever was left behind, now."""
    jobs.sweep()


@webhooks_group.command("sync")
def sync_command() -> None:
    """Register this shop's addresses at both providers, and say what to put into .env."""
    for line in endpoints.sync():
        click.echo(line)


@webhooks_group.command("replay")
@click.argument("event", type=int)
def replay_command(event: int) -> None:
    """Act on one stored webhook again, by its number in the inbox."""
    try:
        webhooks.replay(event)
    except NotFound as exc:
        raise click.ClickException(str(exc)) from exc
    click.echo(f"Event {event} is being acted on again.")


def register(app: Flask) -> None:
    """Add the commands to the app."""
    for command in (seed_command, sweep_command, webhooks_group):
        app.cli.add_command(command)
