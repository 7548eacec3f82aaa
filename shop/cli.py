"""The command line: `flask --app shop COMMAND`."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import click
import flask_migrate
from flask import Flask
from flask.cli import AppGroup

from shop import jobs
from shop.errors import InvalidInput, NotFound, Unreadable
from shop.gateways.base import Provider
from shop.services import backfill, codes, endpoints, reconcile, replay, rotation, scrape, seed, staff, webhooks

merchants_group = AppGroup("merchants", help="Who may work at the desk.")
webhooks_group = AppGroup("webhooks", help="The endpoints at the providers, and the inbox.")
keys_group = AppGroup("keys", help="The keys that seal addresses, documents and webhooks in the database.")
outbox_group = AppGroup("outbox", help="Side effects that are owed: mails, follow-ups.")
promotions_group = AppGroup("promotions", help="Promotion codes: made, listed, ended.")
by_provider = click.option("--provider", type=click.Choice([str(one) for one in Provider]), help="Only this one.")


@click.command("release")
def release_command() -> None:
    """Bring the database up to date and forget the counters of the last start; runs before everything else."""
    flask_migrate.upgrade()
    scrape.forget_processes()


@click.command("seed")
def seed_command() -> None:
    """Fill an empty shop with the demo's catalogue, rates and people; a repeat changes nothing."""
    seed.seed()


@click.command("sweep")
def sweep_command() -> None:
    """Find and finish whatever was left behind, now."""
    jobs.sweep()


@click.command("purge")
def purge_command() -> None:
    """Forget what is older than its retention rule, now."""
    jobs.purge()


@click.command("reconcile")
@click.option("--days", type=click.IntRange(1, reconcile.MOST_DAYS), default=reconcile.DEFAULT_DAYS, show_default=True)
@click.option("--dry-run", is_flag=True, help="Compare and tell; repair nothing.")
@by_provider
def reconcile_command(days: int, dry_run: bool, provider: str | None) -> None:
    """Compare the last days with the providers' books and repair what was missed; 1 if a person must look."""
    reports = reconcile.run(days=days, providers=_only(provider), dry_run=dry_run, cause="command")
    for report in reports:
        run = report.run
        click.echo(f"{run.provider}: {run.error or 'compared'}, {run.since:%d %b %H:%M} to {run.until:%d %b %H:%M} UTC")
        click.echo(f"  {'verdict':<14}{'kind':<10}{'id':<30}{'order':<20}{'there':>14}{'here':>14}  note")
        for line in report.lines:
            there, here = (str(money) if money is not None else "-" for money in (line.theirs, line.ours))
            what = f"  {line.verdict:<14}{line.kind:<10}{line.external_id:<30}{line.order_number:<20}"
            click.echo(f"{what}{there:>14}{here:>14}  {line.note}".rstrip())
    if not all(report.run.is_clean for report in reports):
        raise SystemExit(1)


@merchants_group.command("add")
@click.argument("email")
def merchants_add_command(email: str) -> None:
    """Let an account to the desk; register it in the shop and confirm its address first."""
    _appoint(email, is_merchant=True)


@merchants_group.command("remove")
@click.argument("email")
def merchants_remove_command(email: str) -> None:
    """Let an account to the desk no longer; it stays a customer's."""
    _appoint(email, is_merchant=False)


@merchants_group.command("list")
def merchants_list_command() -> None:
    """List who may work at the desk."""
    for user in staff.merchants():
        click.echo(user.email)


@webhooks_group.command("sync")
def sync_command() -> None:
    """Register this shop's addresses at both providers, and say what to put into .env."""
    for line in endpoints.sync():
        click.echo(line)


@webhooks_group.command("replay")
@click.argument("event", type=int, required=False)
@click.option("--since", help="Instead of one: all that failed since 90m, 6h, 2d, or an ISO time.")
@click.option("--type", "event_type", default="", help="Only types that begin with this.")
@by_provider
def replay_command(event: int | None, since: str | None, event_type: str, provider: str | None) -> None:
    """Act on one stored webhook again, by its number in the inbox; or on all that failed since a time."""
    if (event is None) is (since is None):
        raise click.UsageError("Name the number of one event, or --since for all that failed.")
    if event is not None:
        try:
            webhooks.replay(event)
        except NotFound as exc:
            raise click.ClickException(str(exc)) from exc
        click.echo(f"Event {event} is being acted on again.")
        return
    count = replay.events(_moment(since), Provider(provider) if provider else None, event_type)
    click.echo(f"{count} events are being acted on again.")


@webhooks_group.command("backfill")
@click.option("--days", type=click.IntRange(1, 30), default=backfill.DEFAULT_DAYS, show_default=True)
@by_provider
def backfill_command(days: int, provider: str | None) -> None:
    """Ask the providers for events that they could not deliver, and take in those that are new."""
    for name, stored in backfill.run(days=days, providers=_only(provider)).items():
        click.echo(f"{name}: {'no answer; try again later' if stored is None else f'{stored} new events'}")


@keys_group.command("status")
def keys_status_command() -> None:
    """Count what is sealed with which key, and say which may be dropped; 1 if something cannot be read."""
    _tell_keys(rotation.status())


@keys_group.command("rotate")
def keys_rotate_command() -> None:
    """Seal everything anew with the first key, while the shop is in use; a repeat goes on where it broke off."""
    try:
        report = rotation.rotate(lambda table, count: click.echo(f"{table}: {count} rows sealed anew"))
    except Unreadable as exc:
        raise click.ClickException(str(exc)) from exc
    _tell_keys(report)


@outbox_group.command("replay")
@click.option("--since", required=True, help="90m, 6h, 2d, or an ISO time.")
@click.option("--kind", default="", help='Only kinds that begin with this, such as "mail.".')
def outbox_replay_command(since: str, kind: str) -> None:
    """Do again what was given up since a time, after its cause is mended."""
    click.echo(f"{replay.messages(_moment(since), kind)} side effects are being done again.")


@promotions_group.command("add")
@click.argument("code")
@click.option("--percent", help="Takes this much off the articles, such as 10 or 7.5.")
@click.option("--amount", multiple=True, help='Takes a sum off, for each currency: "EUR=5".')
@click.option("--free-shipping", is_flag=True, help="Takes the shipping off.")
@click.option("--minimum", multiple=True, help='What the articles must come to, for each currency: "EUR=30".')
@click.option("--category", multiple=True, help="Only for articles of this category; may be repeated.")
@click.option("--uses", type=click.IntRange(min=1), help="How often everybody together may use it.")
@click.option("--once", is_flag=True, help="Once for each customer.")
@click.option("--starts", type=click.DateTime(), help="From when it is good, in UTC.")
@click.option("--ends", type=click.DateTime(), help="From when it is good no longer, in UTC.")
def promotions_add_command(code: str, starts: datetime | None, ends: datetime | None, **rules: Any) -> None:
    """Make a promotion code. It takes off one thing: --percent, --amount or --free-shipping."""
    try:
        wanted = codes.NewCode(
            code=code,
            percent=rules["percent"],
            amounts=rules["amount"],
            free_shipping=rules["free_shipping"],
            minimums=rules["minimum"],
            categories=rules["category"],
            most_uses=rules["uses"],
            once_per_customer=rules["once"],
            starts_at=starts.replace(tzinfo=UTC) if starts else None,
            ends_at=ends.replace(tzinfo=UTC) if ends else None,
        )
        click.echo(codes.line(codes.add(wanted)))
    except InvalidInput as exc:
        raise click.BadParameter(str(exc), param_hint=exc.field) from exc


@promotions_group.command("list")
def promotions_list_command() -> None:
    """List all promotion codes with their rules and how often they were used."""
    for promotion in codes.all_codes():
        click.echo(codes.line(promotion))


@promotions_group.command("end")
@click.argument("code")
def promotions_end_command(code: str) -> None:
    """Switch a code off. Orders that hold it keep their price; a repeat changes nothing."""
    try:
        click.echo(codes.line(codes.end(code)))
    except NotFound as exc:
        raise click.ClickException(str(exc)) from exc


def register(app: Flask) -> None:
    """Add the commands to the app."""
    for command in (
        release_command,
        seed_command,
        sweep_command,
        reconcile_command,
        purge_command,
        merchants_group,
        webhooks_group,
        keys_group,
        outbox_group,
        promotions_group,
    ):
        app.cli.add_command(command)


def _appoint(email: str, *, is_merchant: bool) -> None:
    try:
        user = staff.appoint(email, is_merchant=is_merchant)
    except (InvalidInput, NotFound) as exc:
        raise click.ClickException(str(exc)) from exc
    click.echo(f"{user.email} {'may work' if is_merchant else 'works no longer'} at the desk.")


def _tell_keys(report: rotation.Report) -> None:
    for key in report.ring:
        role = "seals and opens" if key == report.first else "opens only"
        click.echo(f"key {key} ({role}): {report.by_key[key]} values")
    for held in report.held:
        if held.key == rotation.UNSEALED:
            click.echo(f"  {held.column}: {held.count} values stand unsealed, and are refused on reading")
        elif held.key != report.first:
            click.echo(f"  {held.column}: {held.count} values still need key {held.key}")
    for key in report.idle:
        click.echo(f"Nothing is sealed with {key}: an old key may go now, a new one is ready to stand first.")
    if report.lacking:
        lacking = ", ".join(report.lacking)
        raise click.ClickException(f"ENCRYPTION_KEYS lacks {lacking}: add at its end what the values above need.")
    if unsealed := report.by_key[rotation.UNSEALED]:
        raise click.ClickException(f"{unsealed} values were written past the shop; write them through it.")
    if report.left:
        click.echo(f"{report.left} values still need an old key; run `flask --app shop keys rotate`.")


def _only(provider: str | None) -> list[Provider] | None:
    return [Provider(provider)] if provider else None


def _moment(text: str | None) -> datetime:
    try:
        return replay.moment(text or "")
    except InvalidInput as exc:
        raise click.BadParameter(str(exc), param_hint="--since") from exc
