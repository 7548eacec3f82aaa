"""Keys that seal are changed while the shop sells: nothing is lost, nothing stays behind, and the old key may go."""

from collections.abc import Callable, Iterator

import pytest
from sqlalchemy import text
from sqlalchemy.exc import StatementError

from shop import crypto
from shop.crypto import KeyRing, ring
from shop.errors import Unreadable
from shop.extensions import db
from shop.models import Address, Document, Order, User
from shop.services import addresses, installation, rotation
from shop.services.addresses import Entry
from shop.services.checkout import Billing
from shop.services.rotation import rotate, status
from shop.services.unit_of_work import unit_of_work
from tests.shop_app import Shop
from tests.test_crypto import made

OLD, NEW = made("o"), made("n")
# Words that stand nowhere else, so that finding none of them in the whole database means something.
HOME = Entry("Alice Ashdown", "Zwischendeich 17", "Hinterhaus links", "Wyk auf Föhr", "Nordfriesland", "25 938", "DE")
PRIVATE = (
    *(HOME.line1, HOME.line2, HOME.city, HOME.region, HOME.postal_code),
    *("Kontorhaus 9", "Itzehoe am Deich", "Holstein-Süd", "25 524"),
)


@pytest.fixture(autouse=True)
def old_key(shop: Shop) -> Iterator[None]:
    """Let the database be sealed with the old key alone: Bob's order, which is in it already, as well."""
    crypto.init_app(shop.app, [OLD, *shop.context.settings.encryption_keys])
    rotate()
    crypto.init_app(shop.app, [OLD])
    yield
    crypto.init_app(shop.app, [OLD, NEW])  # the next test's `reset` goes back to the settings' own


def alices(shop: Shop) -> Order:
    """Return a paid order of Alice's with its invoice, which went to another address; hers is in her book."""
    with unit_of_work(write=True) as session:
        alice = User(email="alice@example.com", name="Alice", password_hash="-")
        session.add(alice)
    addresses.add(alice.id, HOME)
    where = {name: getattr(HOME, name) for name in ("line1", "line2", "city", "region", "postal_code")}
    billing = Billing("Kontorhaus 9", "Itzehoe am Deich", "Holstein-Süd", "25 524", "DE")
    payment = shop.paid(billing=billing, **where)
    shop.deliver(payment)
    return shop.placed(payment.order_id)


def everything_stored() -> str:
    """Return every value of every table, as whoever steals the database reads it."""
    with unit_of_work() as session:
        return "\n".join(
            repr(row)
            for table in db.metadata.sorted_tables
            for row in session.execute(text(f"SELECT * FROM {table.name}"))  # noqa: S608 - our own tables' names
        )


def test_whoever_steals_the_database_learns_nobodys_address(shop: Shop) -> None:
    order = alices(shop)

    stolen = everything_stored()

    assert [word for word in PRIVATE if word in stolen or repr(word)[1:-1] in stolen] == []
    assert order.number in stolen
    assert "alice@example.com" in stolen, "which is searched for, and stays clear"
    assert (order.city, order.billing_city) == (HOME.city, "Itzehoe am Deich")
    [invoice] = shop.rows(Document)
    assert invoice.snapshot["buyer"]["address"] == ["Kontorhaus 9", "25 524 Itzehoe am Deich, Holstein-Süd"]


def test_an_error_of_the_database_which_is_logged_tells_no_address(shop: Shop) -> None:
    order = alices(shop)

    with pytest.raises(StatementError) as refused, unit_of_work(write=True) as session:
        session.get_one(Order, order.id).city = f"{HOME.city} " * 20

    assert "orders.city holds at most 80 characters" in str(refused.value)
    assert HOME.city not in str(refused.value)


def test_the_status_tells_which_key_is_needed_for_what(shop: Shop) -> None:
    alices(shop)
    crypto.init_app(shop.app, [NEW, OLD])
    shop.order(email="carol@example.com")

    report = status()

    new, old = ring().ids
    assert (report.first, report.ring, report.lacking, report.idle) == (new, (new, old), [], [])
    assert report.by_key[new] == 3, "street, town and postcode; what is empty is not sealed"
    assert report.left == report.by_key[old] > 15
    assert {held.column for held in report.held if held.key == old} >= {
        "address.city", "document.snapshot", "inbox_event.body", "installation.keys_known_by", "orders.billing_city",
    }  # fmt: skip


def test_everything_is_sealed_anew_and_then_the_old_key_may_go(shop: Shop) -> None:
    order = alices(shop)
    crypto.init_app(shop.app, [NEW, OLD])
    told: dict[str, int] = {}

    report = rotate(lambda table, count: told.update({table: count}))

    assert (report.left, report.idle) == (0, [KeyRing([OLD]).ids[0]])
    assert told == {"address": 1, "orders": 2, "document": 1, "inbox_event": 1}
    crypto.init_app(shop.app, [NEW])
    installation.ensure(shop.context.settings)
    assert shop.placed(order.id).line2 == HOME.line2
    assert [row.city for row in shop.rows(Address)] == [HOME.city]
    assert [document.snapshot["buyer"]["name"] for document in shop.rows(Document)] == ["Alice Ashdown"]
    assert len(shop.bodies()) == 1


def test_a_repeat_changes_nothing(shop: Shop) -> None:
    alices(shop)
    crypto.init_app(shop.app, [NEW, OLD])
    rotate()
    before = everything_stored()
    told: list[int] = []

    rotate(lambda _, count: told.append(count))

    assert set(told) == {0}
    assert everything_stored() == before


def test_one_that_was_broken_off_goes_on_where_it_was(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rotation, "AT_ONCE", 2)
    for _ in range(5):
        shop.order()
    crypto.init_app(shop.app, [NEW, OLD])
    left = status().left
    broken = Breaking([NEW, OLD], after=7)
    shop.app.extensions["key_ring"] = broken

    with pytest.raises(KeyboardInterrupt):
        rotate()

    assert 0 < status().left < left
    crypto.init_app(shop.app, [NEW, OLD])
    assert rotate().left == 0


class Breaking(KeyRing):
    """A ring that is interrupted once it has opened so many values, as by Ctrl-C, or by whoever comes in between."""

    def __init__(self, keys: list[str], after: int, by: Callable[[], None] | None = None) -> None:
        super().__init__(keys)
        self._left, self._by = after, by

    def open(self, sealed: str, label: str) -> str:
        """Let it happen, once, before the value is opened."""
        self._left -= 1
        if self._left == 0:
            if self._by is None:
                raise KeyboardInterrupt
            self._by()
        return super().open(sealed, label)


def test_what_a_customer_changes_meanwhile_is_kept(shop: Shop) -> None:
    alices(shop)
    [known] = shop.rows(Address)
    moved = Entry(known.name, "Neuer Wall 1", "", "Hamburg", "", "20354", "DE")
    shop.app.extensions["key_ring"] = Breaking(
        [NEW, OLD], after=1, by=lambda: addresses.change(known.user_id, known.public_id, moved)
    )

    report = rotate()

    [address] = shop.rows(Address)
    assert (address.line1, address.city, address.line2) == ("Neuer Wall 1", "Hamburg", "")
    assert report.left == 0


def test_what_a_process_of_before_seals_meanwhile_keeps_the_old_key_needed(shop: Shop) -> None:
    alices(shop)
    crypto.init_app(shop.app, [NEW, OLD])

    def order_at_a_process_of_before() -> None:
        crypto.init_app(shop.app, [OLD])
        shop.order(email="carol@example.com")
        crypto.init_app(shop.app, [NEW, OLD])

    report = rotate(lambda table, _: order_at_a_process_of_before() if table == "orders" else None)

    old = KeyRing([OLD]).ids[0]
    assert report.by_key[old] == 3 + 1, "her address, and what a start without the old key is refused by"
    assert rotate().left == 0


def test_a_key_that_is_gone_is_named_and_nothing_is_destroyed(shop: Shop) -> None:
    order = alices(shop)
    crypto.init_app(shop.app, [NEW])
    before = everything_stored()

    report = status()
    again = rotate()

    assert report.lacking == again.lacking == [KeyRing([OLD]).ids[0]]
    assert everything_stored() == before
    crypto.init_app(shop.app, [NEW, OLD])
    assert rotate().left == 0
    assert shop.placed(order.id).city == HOME.city


def test_what_was_written_past_the_shop_is_counted_and_not_believed(shop: Shop) -> None:
    order = shop.order()
    with unit_of_work(write=True) as session:
        session.execute(text("UPDATE orders SET city = 'Kiel' WHERE id = :id"), {"id": order.id})

    assert status().by_key[rotation.UNSEALED] == 1
    with pytest.raises(Unreadable, match=r"orders\.city holds something that is not sealed"):
        shop.placed(order.id)


def test_two_at_once_do_no_harm(shop: Shop) -> None:
    order = alices(shop)
    for number in range(30):
        shop.order(["BULK-1"], email=f"{number}@example.com")
    crypto.init_app(shop.app, [NEW, OLD])

    results = shop.at_once(lambda _: rotate().left, 3)

    assert not [result for result in results if isinstance(result, Exception)]
    assert status().left == 0
    crypto.init_app(shop.app, [NEW])
    assert shop.placed(order.id).city == HOME.city
