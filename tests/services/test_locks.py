"""Rows are locked in one order: on PostgreSQL nothing that happens at once, many times over, waits for itself."""

from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from functools import partial
from threading import get_ident

import pytest
from sqlalchemy import event, text, update
from sqlalchemy.orm import Session

from shop import jobs
from shop.errors import ShopError
from shop.extensions import db
from shop.models import Order, OrderState, Promotion, PromotionKind, ProviderCustomer, User, Variant
from shop.models.base import utc_now
from shop.services import accounts, carts, checkout, erasure, orders, payments, tokens, wallets
from shop.services.unit_of_work import unit_of_work
from tests.processes import wait_until
from tests.shop_app import STRIPE, Shop, details

ROUNDS = 12
PASSWORD = "a long word of the tests"


@pytest.fixture
def busy(postgresql_shop: Shop) -> Iterator[Shop]:
    """The shop on PostgreSQL, which waits for locks on rows; SQLite has one writer and nothing to wait for."""
    postgresql_shop.reset()
    with postgresql_shop.app.app_context():
        yield postgresql_shop
        postgresql_shop.assert_books_balance()


def account(email: str) -> User:
    """Somebody's account, confirmed."""
    with unit_of_work(write=True) as session:
        hashed = accounts.hash_password(PASSWORD)
        user = User(email=email, name=email, password_hash=hashed, email_confirmed_at=utc_now())
        session.add(user)
    return user


def together(shop: Shop, *works: Callable[[], object]) -> None:
    """Do all of this at once; a ShopError is an answer, and anything else, a deadlock above all, is not."""
    results = shop.at_once(lambda number: works[number](), len(works))
    broken = [result for result in results if isinstance(result, Exception) and not isinstance(result, ShopError)]
    assert broken == []


def test_signing_in_and_ordering_with_one_account_do_not_wait_for_each_other(busy: Shop) -> None:
    alice = account("alice@example.com")
    own = carts.belong_to(busy.cart("BULK-1"), alice.id).token

    for _ in range(ROUNDS):
        sign_in_and_order(busy, alice, own, busy.cart("BULK-1"), busy.cart("BULK-1"))

    pending = [order for order in busy.orders() if order.state is OrderState.PENDING]
    assert len(pending) == 1, "a cart makes one order at a time"


def sign_in_and_order(busy: Shop, user: User, own: str, first: str, second: str) -> None:
    together(
        busy,
        lambda: checkout.place_order(own, details(), user.id),
        lambda: carts.belong_to(first, user.id),
        lambda: checkout.place_order(own, details(), user.id),
        lambda: carts.belong_to(second, user.id),
        lambda: wallets.ensure(user.id, STRIPE),
        lambda: accounts.sign_in(user.email, PASSWORD),
    )


def test_orders_that_take_the_place_of_others_do_not_wait_for_each_other(busy: Shop) -> None:
    with unit_of_work(write=True) as session:
        session.add(Promotion(code="TEN", kind=PromotionKind.PERCENT, basis_points=1000))
    returning = [busy.cart("BULK-1", "CUP-1") for _ in range(4)]
    for token in returning[:2]:
        carts.apply_code(token, "TEN")

    for _ in range(ROUNDS):
        now = returning + [busy.cart("BULK-1") for _ in range(4)]
        for token in now[-2:]:
            carts.apply_code(token, "TEN")
        together(busy, *(partial(checkout.place_order, token, details(), None) for token in now))

    assert busy.stock("CUP-1") == 20 - len(returning)
    assert busy.rows(Promotion)[0].uses == 2 + 2 * ROUNDS


def test_an_order_locks_its_shelves_and_those_of_the_one_it_replaces_at_once(busy: Shop) -> None:
    low, high = sorted(("SEN-100", "CUP-1"), key=[variant.sku for variant in busy.rows(Variant)].index)
    cart = busy.cart(high)
    earlier = checkout.place_order(cart, details(), None)
    overdue = busy.order([low, high])
    carts.add(cart, low, 1, "EUR")
    busy.clock.advance(hours=1, seconds=1)

    with once_it_has_locked(busy, "variant", lambda: orders.expire(overdue.id, "test")):
        checkout.place_order(cart, details(), None)

    ended = [busy.placed(order.id).state for order in (earlier, overdue)]
    assert ended == [OrderState.CANCELLED, OrderState.EXPIRED]
    assert (busy.stock(low), busy.stock(high)) == (19, 19)


def test_an_account_that_is_deleted_while_it_orders_pays_and_signs_in_waits_for_nobody(busy: Shop) -> None:
    for number in range(ROUNDS // 2):
        delete_while_busy(busy, f"alice{number}@example.com")


def delete_while_busy(busy: Shop, who: str) -> None:
    user = account(who)
    own = carts.belong_to(busy.cart("BULK-1"), user.id).token
    guest = checkout.place_order(busy.cart("BULK-1"), details(who), None)
    payment = busy.payment(payments.start(guest.id, STRIPE).payment_id)
    visitor = busy.cart("BULK-1")
    together(
        busy,
        lambda: erasure.delete_account(user.id, PASSWORD),
        lambda: checkout.place_order(own, details(who), user.id),
        lambda: carts.belong_to(visitor, user.id),
        lambda: accounts.sign_in(who, PASSWORD),
        lambda: wallets.ensure(user.id, STRIPE),
        lambda: (busy.approve(payment), payments.refresh(payment.id, "webhook")),
    )


def test_an_address_that_changes_while_its_owner_orders_waits_for_nobody(busy: Shop) -> None:
    user = account("alice@example.com")
    own = carts.belong_to(busy.cart("BULK-1"), user.id).token

    for number in range(ROUNDS):
        change_while_busy(busy, user, own, f"alice{number}@example.com")


def change_while_busy(busy: Shop, user: User, own: str, new: str) -> None:
    guest = checkout.place_order(busy.cart("BULK-1"), details(new), None)
    link = link_to_change(busy, user, new)
    together(
        busy,
        lambda: accounts.confirm_new_address(link, user.id),
        lambda: checkout.place_order(own, details(new), user.id),
        lambda: orders.expire(guest.id, "test"),
        lambda: checkout.place_order(own, details(new), user.id),
    )
    assert busy.rows(Order, Order.id == guest.id)[0].user_id == user.id


def test_an_address_that_changes_as_its_owner_becomes_a_customer_is_told_to_the_provider(busy: Shop) -> None:
    alice = account("alice@example.com")
    link = link_to_change(busy, alice, "alice@new.example")

    def is_noted(row: object) -> bool:
        return isinstance(row, ProviderCustomer) and row.external_id is not None

    with meanwhile(busy, is_noted, lambda: accounts.confirm_new_address(link, alice.id)):
        customer = wallets.ensure(alice.id, STRIPE).external_id or ""
    jobs.drain_outbox()

    assert busy.wallet.customers[customer].email == "alice@new.example"


def link_to_change(busy: Shop, user: User, new: str) -> str:
    """Somebody asks for another mail address; return the link that confirms it."""
    with unit_of_work(write=True) as session:
        session.execute(update(User).where(User.id == user.id).values(pending_email=new))
    return tokens.for_account("change", user.id, new, busy.clock.now() + accounts.CONFIRM_LINK)


@contextmanager
def meanwhile(busy: Shop, is_reached: Callable[[object], bool], work: Callable[[], object]) -> Iterator[None]:
    """Let another work in the moment before the first commit of such a row: to the end, or until they have to wait."""
    with another(busy, work) as begin:

        def on_commit(session: Session) -> None:
            if any(is_reached(row) for row in session):
                begin()

        with listening(Session, "before_commit", on_commit):
            yield


@contextmanager
def once_it_has_locked(busy: Shop, table: str, work: Callable[[], object]) -> Iterator[None]:
    """Let another work once the first rows of a table are locked: to the end, or until they have to wait."""
    with another(busy, work) as begin:

        def on_statement(_connection: object, _cursor: object, statement: str, *_: object) -> None:
            if f"FOR NO KEY UPDATE OF {table}" in statement:
                begin()

        with listening(db.engine, "after_cursor_execute", on_statement):
            yield


@contextmanager
def listening(target: object, name: str, hear: Callable[..., None]) -> Iterator[None]:
    """Hear of something of SQLAlchemy's, for a while."""
    event.listen(target, name, hear)
    try:
        yield
    finally:
        event.remove(target, name, hear)


@contextmanager
def another(busy: Shop, work: Callable[[], object]) -> Iterator[Callable[[], None]]:
    """Hand out what lets another work, once, to the end or until they have to wait; raise at last what they raised."""
    with ThreadPoolExecutor(1) as pool:
        begun: list[Future[None]] = []
        me = get_ident()

        def begin() -> None:
            if begun or get_ident() != me:
                return
            begun.append(pool.submit(together, busy, work))
            wait_until(lambda: begun[0].done() or waits_for_a_lock(), "the other is done, or waits")

        yield begin
        begun[0].result()


def waits_for_a_lock() -> bool:
    with db.engine.connect() as connection:
        query = "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()"
        return bool(connection.scalar(text(query)))
