"""Mails about accounts: written down as an event with what caused them, composed when they are sent, once each."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from functools import partial

from sqlalchemy.orm import Session

from shop.models import AccountEvent, OutboxMessage, User
from shop.services import outbox, tokens
from shop.services.mail import sending
from shop.services.mail.sending import Letter
from shop.services.outbox import Handler
from shop.services.providers import context
from shop.services.unit_of_work import unit_of_work

# kind: what its link is for, and where it leads
LINKS: Mapping[str, tuple[str, str]] = {
    "confirm_address": ("confirm", "/account/confirm/"),
    "password_reset": ("reset", "/account/reset/"),
    "new_address": ("change", "/account/new-address/"),
}
KINDS = (*LINKS, "address_known", "address_changed", "password_changed", "account_deleted")


def handlers() -> dict[str, Handler]:
    """Return the outbox's handlers of account mails, by kind: "mail.confirm_address" and its like."""
    return {f"mail.{kind}": partial(_send, kind) for kind in KINDS}


def owe(session: Session, kind: str, user: User, *, to: str = "", until: datetime | None = None) -> AccountEvent:
    """Put an event on record and owe its mail, in the transaction that causes it; `to` is the account's by default."""
    event = AccountEvent(
        user_id=user.id,
        kind=kind,
        email=to or user.email,
        name=user.name,
        locale=user.locale,
        until=until,
        at=context().clock.now(),
    )
    session.add(event)
    session.flush()
    outbox.owe(session, f"mail.{kind}", f"mail.{kind}:{event.id}", event=event.id)
    return event


def stamps(user: User) -> dict[str, str]:
    """Return what each purpose's link must carry to work: once this has changed, the link is over."""
    return {"confirm": user.email, "reset": str(user.session_epoch), "change": user.pending_email}


def letter(event: AccountEvent, user: User | None) -> Letter:
    """Return a mail about an account, in the person's language."""
    base, kind = context().settings.public_url, event.kind
    values = {"event": event, "base": base, "user": user, "link": ""}
    if kind in LINKS and user is not None and event.until is not None:
        purpose, path = LINKS[kind]
        stamp = event.email if purpose == "change" else stamps(user)[purpose]
        values["link"] = base + path + tokens.for_account(purpose, user.id, stamp, event.until)
    return Letter(kind, event.email, event.locale, "account", values)


def _send(kind: str, message: OutboxMessage) -> None:
    """Compose and send one mail, then forget to whom; one whose event is forgotten was sent, or came too late."""
    with unit_of_work() as session:
        event = session.get(AccountEvent, int(message.payload["event"]))
        user = session.get(User, event.user_id) if event is not None and event.user_id is not None else None
    if event is None or not event.email or (user is None and kind != "account_deleted"):
        return
    sending.send(message, letter(event, user))
    with unit_of_work(write=True) as session:
        row = session.get_one(AccountEvent, event.id)
        row.email = row.name = ""
