"""The address book: where a customer has parcels sent. Another's address is not there: NotFound."""

from __future__ import annotations

from dataclasses import asdict, dataclass

from flask_babel import gettext as _
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from shop.errors import InvalidInput, NotFound
from shop.models import Address, User
from shop.services import locks
from shop.services.unit_of_work import unit_of_work

MOST = 20  # addresses in one book


@dataclass(frozen=True)
class Entry:
    """What is written on a parcel; `country` is ISO 3166-1 alpha-2."""

    name: str
    line1: str
    line2: str
    city: str
    region: str
    postal_code: str
    country: str


def of_user(user_id: int) -> list[Address]:
    """Return a customer's addresses, the default first."""
    query = select(Address).where(Address.user_id == user_id).order_by(Address.is_default.desc(), Address.id)
    with unit_of_work() as session:
        return list(session.scalars(query))


def own(user_id: int, public_id: str) -> Address:
    """Return one of a customer's addresses; raise NotFound for another's."""
    with unit_of_work() as session:
        return _own(session, user_id, public_id)


def add(user_id: int, entry: Entry, *, make_default: bool = False) -> Address:
    """Add an address; the first is the default. One that is there already is returned and not added again."""
    with unit_of_work(write=True) as session:
        session.get_one(User, user_id, with_for_update=locks.kept(User))
        book = list(session.scalars(select(Address).where(Address.user_id == user_id)))
        address = next((known for known in book if _entry(known) == entry), None)
        if address is None:
            if len(book) >= MOST:
                raise InvalidInput(_("Your address book is full. Please remove an address first."), "name")
            address = Address(user_id=user_id, is_default=False, **asdict(entry))
            session.add(address)
            session.flush()
        if make_default or not book:
            _make_default(session, address)
        return address


def change(user_id: int, public_id: str, entry: Entry, *, make_default: bool = False) -> None:
    """Change an address; orders that went there keep what they were given."""
    with unit_of_work(write=True) as session:
        session.get_one(User, user_id, with_for_update=locks.kept(User))
        address = _own(session, user_id, public_id)
        for name, value in asdict(entry).items():
            setattr(address, name, value)
        if make_default:
            _make_default(session, address)


def make_default(user_id: int, public_id: str) -> None:
    """Offer this address first from now on; a repeat changes nothing."""
    with unit_of_work(write=True) as session:
        session.get_one(User, user_id, with_for_update=locks.kept(User))
        _make_default(session, _own(session, user_id, public_id))


def remove(user_id: int, public_id: str) -> None:
    """Remove an address; when it was the default, the oldest that is left takes its place."""
    with unit_of_work(write=True) as session:
        session.get_one(User, user_id, with_for_update=locks.kept(User))
        address = _own(session, user_id, public_id)
        session.delete(address)
        session.flush()
        rest = session.scalars(select(Address).where(Address.user_id == user_id).order_by(Address.id)).all()
        if rest and address.is_default:
            _make_default(session, rest[0])


def _own(session: Session, user_id: int, public_id: str) -> Address:
    address = session.scalar(select(Address).where(Address.public_id == public_id, Address.user_id == user_id))
    if address is None:
        raise NotFound(_("There is no such address."))
    return address


def _make_default(session: Session, address: Address) -> None:
    """Move the mark: taken from the others first, since one default at most is what the index allows."""
    session.execute(
        update(Address).where(Address.user_id == address.user_id, Address.id != address.id).values(is_default=False)
    )
    address.is_default = True
    session.flush()


def _entry(address: Address) -> Entry:
    return Entry(**{name: getattr(address, name) for name in Entry.__dataclass_fields__})
