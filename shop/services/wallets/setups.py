"""Saving a card on the account page: begun here, confirmed in the browser, finished by whoever looks first."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

import structlog
from sqlalchemy import select, update

from shop.errors import AnswerStored, ObjectMissing, OurBug, OutcomeUnknown, TryLater
from shop.gateways.base import BACKGROUND, INTERACTIVE, Patience, Provider
from shop.gateways.wallets import SetupState, StartedSetup
from shop.models import CardSetup, OutboxMessage, User
from shop.models.wallet import SETUP_TRANSITIONS
from shop.services import guard, keys, locks, outbox, record
from shop.services.guard import Visitor
from shop.services.providers import call_wallet, context
from shop.services.unit_of_work import unit_of_work
from shop.services.wallets import consent
from shop.services.wallets.customers import ensure, lost, row_of
from shop.services.wallets.methods import refresh

log = structlog.get_logger()
CONSENT_VERSION = consent.VERSION
# A saving nobody finished by then is not gone on with: its key may be forgotten, its customer may have agreed long ago.
GIVEN_UP_AFTER = timedelta(hours=23)


@dataclass(frozen=True)
class ReadySetup:
    """What the browser needs to go on; the client secret is passed through and never stored."""

    setup_id: int
    client_secret: str


def start(user_id: int, provider: Provider, who: Visitor) -> ReadySetup:
    """Begin, or go on with, the saving of a card; its owner has agreed to the words on the page.

    Raises TooManyTries after many declines, and TryLater when the provider does not answer: the same call goes on.
    """
    customer = ensure(user_id, provider)
    setup, key = _prepare(user_id, provider, customer.external_id or "", who)
    try:
        started = _reach(setup, key)
    except ObjectMissing:  # the customer was deleted at the provider: the next press makes another one
        _end(setup.id, "customer deleted")
        lost(customer.id, customer.external_id or "")
        raise OutcomeUnknown("the provider has forgotten this customer") from None
    except AnswerStored:  # for as long as this key is good: the next press begins another saving, with a key of its own
        _end(setup.id, "its key is spoilt")
        raise
    if apply(setup.id, started, setup.ticket, "saving begun").is_open:
        return ReadySetup(setup.id, started.client_secret)
    return start(user_id, provider, who)  # it ended in another window; the next one is new


def look(user_id: int, provider: Provider, patience: Patience = INTERACTIVE) -> bool:
    """Bring an account's saved cards up to date, unfinished savings included; False when it says nothing of them."""
    with unit_of_work() as session:
        row = row_of(session, user_id, provider) if provider in context().wallets else None
        unfinished = session.scalars(_unfinished(user_id)).all()
    if row is None:
        return True
    try:
        for setup in unfinished:
            settle_one(setup.id, "account page", patience)
        refresh(row.id, patience)
    except TryLater:
        return False
    except OurBug:
        log.exception("cards_not_looked_at", user_id=user_id, provider=provider)
        return False
    return True


def newest(user_id: int) -> CardSetup | None:
    """Return an account's newest saving, from what is known here."""
    with unit_of_work() as session:
        query = select(CardSetup).where(CardSetup.user_id == user_id).order_by(CardSetup.id.desc()).limit(1)
        return session.scalars(query).one_or_none()


def settle(user_id: int) -> CardSetup | None:
    """Ask what became of an account's newest saving; its state is as it was when the provider does not answer."""
    setup = newest(user_id)
    if setup is None or not setup.is_open or setup.external_id is None:
        return setup
    try:
        return settle_one(setup.id, "customer's return", INTERACTIVE)
    except TryLater:
        return setup


def settle_one(setup_id: int, cause: str, patience: Patience = BACKGROUND) -> CardSetup:
    """Fetch a saving and apply what is true now; a card that was saved is offered at the till from then on."""
    ticket = take_ticket(setup_id)
    with unit_of_work() as session:
        setup = session.get_one(CardSetup, setup_id)
    if setup.external_id is None:
        return setup
    external_id = setup.external_id
    try:
        seen = call_wallet(
            setup.provider, f"setup:{setup_id}", lambda wallet: wallet.fetch_setup(external_id, patience)
        )
        if seen.snapshot.state is SetupState.SUCCEEDED and seen.snapshot.method:
            method = seen.snapshot.method
            call_wallet(setup.provider, f"setup:{setup_id}", lambda wallet: wallet.offer(method, patience))
    except ObjectMissing:  # its customer, or the card itself, was deleted at the provider meanwhile
        return _end(setup_id, cause)
    setup = apply(setup_id, seen, ticket, cause)
    if setup.state is SetupState.SUCCEEDED:
        with unit_of_work() as session:
            row = row_of(session, setup.user_id, setup.provider)
        if row is not None:
            refresh(row.id, patience)
    return setup


def apply(setup_id: int, seen: StartedSetup, ticket: int, cause: str) -> CardSetup:
    """Write down how far a saving is; the one writer of it.

    An older look than the last changes nothing, and none does once it has ended: here too, as when it is begun anew.
    """
    told = seen.snapshot
    with unit_of_work(write=True) as session:
        setup = session.get_one(
            CardSetup, setup_id, with_for_update=locks.kept(CardSetup), populate_existing=True
        )
        if ticket <= setup.applied_ticket or not setup.is_open:
            return setup
        if setup.external_id not in (None, told.external_id) or told.customer != setup.customer:
            raise OurBug(f"{told.external_id} of {told.customer} came for the saving {setup.public_id}")
        setup.applied_ticket, setup.external_id = ticket, told.external_id
        setup.method = (told.method or "") if told.state is SetupState.SUCCEEDED else ""
        setup.decline_code = told.decline.code[:60] if told.decline else ""
        setup.decline_advice = told.decline.advice if told.decline else ""
        if told.decline is not None:
            guard.declined(session, f"setup:{setup.id}", told.attempt or told.decline.code, setup.provider)
        record.move(session, SETUP_TRANSITIONS, "setup", setup, told.state, cause)
        return setup


def take_ticket(setup_id: int) -> int:
    """Return the next ticket of a saving; take one before each fetch."""
    with unit_of_work(write=True) as session:
        statement = update(CardSetup).where(CardSetup.id == setup_id).values(ticket=CardSetup.ticket + 1)
        return session.scalars(statement.returning(CardSetup.ticket)).one()


def handle_stop(message: OutboxMessage) -> None:
    """End a saving that another replaced or on which too many cards were tried: its client secret is then of no use."""
    with unit_of_work() as session:
        setup = session.get(CardSetup, int(message.payload["setup"]))
    if setup is None or setup.external_id is None or setup.state in (SetupState.REQUIRES_ACTION, SetupState.SUCCEEDED):
        return
    external_id = setup.external_id
    call_wallet(setup.provider, f"setup:{setup.id}", lambda wallet: wallet.cancel_setup(external_id))
    if setup.is_open:
        settle_one(setup.id, "too many declines")


def _prepare(user_id: int, provider: Provider, customer: str, who: Visitor) -> tuple[CardSetup, keys.Reserved | None]:
    """Commit the saving and its key, under the account's lock, so that two tabs begin one."""
    now = context().clock.now()
    with unit_of_work(write=True) as session:
        session.get_one(User, user_id, with_for_update=locks.kept(User))
        challenge = guard.admit(session, who, provider)
        setup = session.scalars(_unfinished(user_id).where(CardSetup.provider == provider)).one_or_none()
        if setup is not None and not _goes_on(setup, customer, challenge=challenge):
            record.move(session, SETUP_TRANSITIONS, "setup", setup, SetupState.CANCELLED, "begun anew")
            outbox.owe(session, "setup.stop", f"setup.stop:{setup.id}:anew", setup=setup.id)
            setup = None
        if setup is None:
            setup = CardSetup(
                user_id=user_id,
                provider=provider,
                mode=context().wallets[provider].mode,
                customer=customer,
                challenge=challenge,
                consent_version=consent.VERSION,
                created_at=now,
            )
            session.add(setup)
            session.flush()
        setup.consent_at = now
        setup.ticket += 1
        guard.begun(session, f"setup:{setup.id}", provider, who)
        parameters = {"customer": setup.customer, "challenge": setup.challenge}
        key = keys.reserve(session, provider, "wallet", f"setup-{setup.public_id}", 1, parameters, now)
        return setup, key if setup.external_id is None else None


def _goes_on(setup: CardSetup, customer: str, *, challenge: bool) -> bool:
    is_fresh = context().clock.now() - setup.created_at < GIVEN_UP_AFTER
    return is_fresh and setup.customer == customer and (setup.challenge or not challenge)


def _reach(setup: CardSetup, key: keys.Reserved | None) -> StartedSetup:
    subject = f"setup:{setup.id}"
    if key is None:
        external_id = setup.external_id or ""
        return call_wallet(setup.provider, subject, lambda wallet: wallet.fetch_setup(external_id, INTERACTIVE))
    return call_wallet(
        setup.provider,
        subject,
        lambda wallet: wallet.start_setup(
            setup.customer, setup.public_id, key.value, challenge=setup.challenge, patience=INTERACTIVE
        ),
    )


def _end(setup_id: int, cause: str) -> CardSetup:
    with unit_of_work(write=True) as session:
        setup = session.get_one(
            CardSetup, setup_id, with_for_update=locks.kept(CardSetup), populate_existing=True
        )
        if setup.is_open:
            record.move(session, SETUP_TRANSITIONS, "setup", setup, SetupState.CANCELLED, cause)
        return setup


def _unfinished(user_id: int):  # type: ignore[no-untyped-def]  # a select; its generic type says no more
    open_states = [state for state, moves in SETUP_TRANSITIONS.items() if moves]
    return select(CardSetup).where(CardSetup.user_id == user_id, CardSetup.state.in_(open_states))
