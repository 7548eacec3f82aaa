"""The guard at the till: somebody who tries card after card is challenged, then slowed, then refused.

    declines in the last hour, at one provider          default   what happens to the next try
    -------------------------------------------------   -------   -----------------------------------------------
    DECLINES_CHALLENGED                                  3        its card's bank always asks (3-D Secure)
    DECLINES_SLOWED                                      4        it waits: 15 seconds, twice as long each time
    DECLINES_REFUSED                                     10       none here until the hour is over; an alarm

They are counted for one browser's session, and for one network address with DECLINES_PER_NETWORK times as many,
because many people may share it. From the first step on every decline also calls the payment back, so that a client
secret taken from the page is of no further use: the next try has to ask here. Payments begun without a decline are
bounded as well (MOST_BEGUN). Somebody with three cards declined is asked by their bank, and held up by nothing. Why
these figures: docs/adr/9_at_the_till_a_browser_counts_more_than_an_address.md.
"""

from __future__ import annotations

import hashlib
import hmac
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import structlog
from sqlalchemy import ColumnElement, delete, func, or_, select
from sqlalchemy.orm import Session

from shop.errors import TooManyTries
from shop.gateways.base import Provider
from shop.models import TillEvent, TillEventKind
from shop.services import locks, metrics, outbox, record
from shop.services.providers import context
from shop.services.unit_of_work import unit_of_work

log = structlog.get_logger(__name__)

WINDOW = timedelta(hours=1)
FIRST_WAIT, LONGEST_WAIT = 15, 120  # seconds
MOST_BEGUN = 10  # payments within WINDOW for one session; an order needs one or two
MOST_BEGUN_THERE = 120  # for one network address, which a house, a company or a mobile network may share
KEEP = timedelta(days=2)


@dataclass(frozen=True)
class Visitor:
    """Who stands at the till: keyed hashes of their network address and browser session, and their account, if any.

    `before` is network and session as each of SECRET_KEY_FALLBACKS would hash them.
    """

    network: str
    session: str
    user_id: int | None = None
    before: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True)
class _Seen:
    """What one session or network did within WINDOW."""

    declines: int
    begun: int
    last_decline: datetime | None


def visitor(address: str, session_id: str, user_id: int | None) -> Visitor:
    """Return the visitor without their address: a hash that only this shop can make."""
    keys = (context().settings.secret_key, *context().settings.secret_key_fallbacks)
    (network, browser), *before = [
        (_hashed(key, "network", address), _hashed(key, "session", session_id)) for key in keys
    ]
    return Visitor(network, browser, user_id, tuple(before))


def admit(session: Session, who: Visitor, provider: Provider) -> bool:
    """Let a visitor try to pay, and tell whether their card is to be challenged.

    Raises TooManyTries with the seconds to wait, or when they are refused at this provider.
    """
    settings, now = context().settings, context().clock.now()
    mine = _seen(session, provider, TillEvent.session.in_([who.session, *(browser for _, browser in who.before)]))
    network = _seen(session, provider, TillEvent.network.in_([who.network, *(address for address, _ in who.before)]))
    times = settings.declines_per_network

    def is_past(limit: int) -> bool:
        return mine.declines >= limit or network.declines >= limit * times

    if is_past(settings.declines_refused) or mine.begun >= MOST_BEGUN or network.begun >= MOST_BEGUN_THERE:
        _count("refused", who, provider)
        raise TooManyTries("Too many tries.", int(WINDOW.total_seconds()), is_refused=True)
    over = max(mine.declines - settings.declines_slowed, network.declines - settings.declines_slowed * times)
    last = max((seen.last_decline for seen in (mine, network) if seen.last_decline), default=None)
    if over >= 0 and last is not None:
        wait = min(FIRST_WAIT * 2**over, LONGEST_WAIT) - int((now - last).total_seconds())
        if wait > 0:
            _count("slowed", who, provider)
            raise TooManyTries("Too many tries in a short time.", wait, is_refused=False)
    if is_past(settings.declines_challenged):
        _count("challenged", who, provider)
        return True
    return False


def begun(session: Session, subject: str, provider: Provider, who: Visitor) -> None:
    """Note that a visitor begins to pay: `subject` is "payment:12" or "setup:3". A repeat changes nothing.

    What was noted of them under an older SECRET_KEY is theirs from now on: a new key forgives nobody.
    """
    if who.before:
        _claim(session, who)
    _note(session, TillEventKind.BEGUN, subject, who.session, provider, who)


def _claim(session: Session, who: Visitor) -> None:
    """Write down as this visitor's what was noted of them under an older SECRET_KEY.

    Two networks of one browser claim each other's rows, so all of them are locked first, in the order of their ids.
    """
    networks, browsers = ({one[part] for one in who.before} for part in (0, 1))
    mine = {*browsers, who.session}
    theirs = or_(TillEvent.network.in_(networks), TillEvent.session.in_(mine))
    query = select(TillEvent).where(theirs).order_by(TillEvent.id).with_for_update(**locks.kept(TillEvent))
    events = {event.id: event for event in session.scalars(query)}
    begun = {event.subject: event.id for event in events.values() if event.detail in mine}
    for event in list(events.values()):
        if event.detail in mine and event.id != begun[event.subject]:
            session.delete(events.pop(event.id))  # the same beginning, noted under keys that did not know each other
    session.flush()  # before another takes its place under the unique key
    for event in events.values():
        event.network = who.network if event.network in networks else event.network
        event.session = who.session if event.session in browsers else event.session
        event.detail = who.session if event.detail in browsers else event.detail


def declined(session: Session, subject: str, attempt: str, provider: Provider, order_id: int | None = None) -> None:
    """Count one decline for whoever began it, and owe the end of the payment (or saving) when they had many.

    The same attempt counts once, however often it is told.
    """
    who = _who_began(session, subject)
    if who is None or not _note(session, TillEventKind.DECLINED, subject, attempt, provider, who):
        return
    settings = context().settings
    first = min(settings.declines_challenged, settings.declines_slowed)
    mine = _seen(session, provider, TillEvent.session == who.session).declines
    network = _seen(session, provider, TillEvent.network == who.network).declines
    times = settings.declines_per_network
    if mine >= first or network >= first * times:
        kind, _, number = subject.partition(":")
        key = f"{kind}.stop:{number}:{hashlib.sha256(attempt.encode()).hexdigest()[:24]}"
        ids: dict[str, Any] = {kind: int(number)}
        outbox.owe(session, f"{kind}.stop", key, order_id=order_id, **ids)
    if mine >= settings.declines_refused or network >= settings.declines_refused * times:
        now = context().clock.now()
        key = f"card_testing:{who.network[:16]}:{now:%Y-%m-%dT%H}"
        message = f"{mine} declines in one browser and {network} from one address at {provider} within an hour"
        record.alarm(session, key, message, order_id, now)


def purge(before: datetime) -> int:
    """Forget what is too old to matter; return how many rows went."""
    with unit_of_work(write=True) as session:
        old = TillEvent.at < before
        count = session.scalar(select(func.count()).where(old)) or 0
        session.execute(delete(TillEvent).where(old))
        return count


def _seen(session: Session, provider: Provider, whose: ColumnElement[bool]) -> _Seen:
    since = context().clock.now() - WINDOW
    query = (
        select(TillEvent.kind, func.count(), func.max(TillEvent.at))
        .where(whose, TillEvent.provider == provider, TillEvent.at > since)
        .group_by(TillEvent.kind)
    )
    found = {kind: (count, last) for kind, count, last in session.execute(query)}
    declines, last = found.get(TillEventKind.DECLINED, (0, None))
    return _Seen(declines, found.get(TillEventKind.BEGUN, (0, None))[0], last)


def _note(
    session: Session, kind: TillEventKind, subject: str, detail: str, provider: Provider, who: Visitor
) -> bool:
    """Add one event, unless it is there; whoever calls holds the lock of what the event is about."""
    same = select(TillEvent.id).where(
        TillEvent.kind == kind, TillEvent.subject == subject, TillEvent.detail == detail
    )
    if session.scalar(same) is not None:
        return False
    session.add(
        TillEvent(
            kind=kind,
            provider=provider,
            subject=subject,
            detail=detail,
            network=who.network,
            session=who.session,
            at=context().clock.now(),
        )
    )
    session.flush()
    return True


def _who_began(session: Session, subject: str) -> Visitor | None:
    """Return who began it last: a payment may be taken up again in another browser."""
    query = select(TillEvent).where(TillEvent.kind == TillEventKind.BEGUN, TillEvent.subject == subject)
    row = session.scalars(query.order_by(TillEvent.id.desc()).limit(1)).one_or_none()
    return Visitor(row.network, row.session) if row is not None else None


def _count(step: str, who: Visitor, provider: Provider) -> None:
    metrics.card_testing.labels(step).inc()
    log.warning("card_testing", step=step, provider=str(provider), network=who.network[:16])


def _hashed(key: str, what: str, value: str) -> str:
    return hmac.new(key.encode(), f"{what}:{value}".encode(), hashlib.sha256).hexdigest()
