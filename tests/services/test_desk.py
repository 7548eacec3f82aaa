"""What is asked of tables that grow, on PostgreSQL: no search, no page and no sign-in reads every row there is."""

import re
from collections.abc import Callable, Iterator
from datetime import date
from typing import Any

import pytest
from sqlalchemy import event, text

from shop.extensions import db
from shop.gateways.base import NoticeKind
from shop.gateways.fake import signed
from shop.models import User
from shop.models.base import utc_now
from shop.services import accounts, carts, desk, erasure, timeline, webhooks
from shop.services.unit_of_work import unit_of_work
from tests.shop_app import SECRET, STRIPE, Shop

PASSWORD = "three grey herons"


@pytest.fixture
def busy(postgresql_shop: Shop) -> Iterator[Shop]:
    """The shop on PostgreSQL, which tells how it looks something up."""
    postgresql_shop.reset()
    with postgresql_shop.app.app_context():
        yield postgresql_shop


def test_a_search_uses_an_index_for_each_thing_that_is_searched_for(busy: Shop) -> None:
    with unit_of_work() as session:
        query = desk._matching(desk.Filters(text="alice@example.com"))
        literal = str(query.compile(session.get_bind(), compile_kwargs={"literal_binds": True}))
        session.execute(text("SET LOCAL enable_seqscan = off"))  # so few rows are read whole otherwise

        plan = "\n".join(session.execute(text(f"EXPLAIN {literal}")).scalars())

    for index in ("uq_orders_number", "ix_orders_email_lower", "ix_attempt_external_id", "ix_capture_external_id"):
        assert index in plan, plan
    assert "Seq Scan" not in plan, plan


def test_the_day_at_the_desk_and_its_filters_by_day_are_looked_up_by_index(busy: Shop) -> None:
    today = plans(desk.today)
    filtered = plans(lambda: desk.find(desk.Filters(since=date(2026, 1, 1))))

    assert_looked_up(today, "orders", "ix_orders_paid_at")
    assert_looked_up(today, "capture", "ix_capture_at")
    assert_looked_up(filtered, "orders", "ix_orders_placed_at")


def test_the_webhooks_of_an_order_are_looked_up_by_index(busy: Shop) -> None:
    payment = busy.paid()
    order = busy.placed(payment.order_id)
    fill_the_inbox()

    plan = plans(lambda: timeline.of_order(order))

    for index in ("ix_inbox_event_object", "ix_inbox_event_payment"):
        assert_looked_up(plan, "inbox_event", index)


def test_a_visitors_cart_and_what_was_ordered_from_it_are_looked_up_by_index(busy: Shop) -> None:
    alice = account()
    visitors = busy.cart()
    carts.belong_to(busy.cart(), alice.id)

    plan = plans(lambda: carts.belong_to(visitors, alice.id))

    assert_looked_up(plan, "orders", "ix_orders_cart_id")


def test_a_deletion_and_the_news_of_a_customer_are_looked_up_by_index(busy: Shop) -> None:
    alice = account()
    busy.paid()
    fill_the_inbox()
    told = signed(SECRET, busy.clock.now(), event_id="evt_w", kind=NoticeKind.WALLET, external_id="cus_1")
    webhooks.receive(STRIPE, *told)

    news = plans(webhooks.drain)
    deletion = plans(lambda: erasure.delete_account(alice.id, PASSWORD))

    assert_looked_up(news, "card_setup", "ix_card_setup_customer")
    for index in ("ix_inbox_event_object", "ix_inbox_event_payment"):
        assert_looked_up(deletion, "inbox_event", index)


def account() -> User:
    """Alice's account, confirmed."""
    with unit_of_work(write=True) as session:
        hashed = accounts.hash_password(PASSWORD)
        user = User(email="alice@example.com", name="Alice", password_hash=hashed, email_confirmed_at=utc_now())
        session.add(user)
    return user


def fill_the_inbox() -> None:
    """Let three thousand webhooks of one provider have come: who looks for one of them has to look by its object."""
    columns = "provider, mode, event_id, type, kind, external_id, payment_external_id, body_hash, state, attempts"
    row = "'stripe', 'test', 'old' || n, 'fake', 'payment', 'object' || n, 'payment' || n, 'hash', 'processed', 1"
    with unit_of_work(write=True) as session:
        session.execute(
            text(
                f"INSERT INTO inbox_event ({columns}, received_at, next_try_at, claimed_by, verdict)"  # noqa: S608
                f" SELECT {row}, now(), now(), '', '' FROM generate_series(1, 3000) n"
            )
        )
    with db.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text("ANALYZE inbox_event"))


def plans(act: Callable[[], object]) -> list[str]:
    """Return how PostgreSQL looks up whatever is asked of it meanwhile, had its tables grown."""
    asked: list[tuple[str, Any]] = []

    def note(_c: object, _cursor: object, statement: str, parameters: Any, *_: object) -> None:
        if re.match("SELECT|UPDATE|DELETE", statement):
            asked.append((statement, parameters))

    event.listen(db.engine, "before_cursor_execute", note)
    try:
        act()
    finally:
        event.remove(db.engine, "before_cursor_execute", note)
    with db.engine.connect() as connection:
        connection.execute(text("SET LOCAL enable_seqscan = off"))  # so few rows are read whole otherwise
        explained = (connection.exec_driver_sql(f"EXPLAIN {statement}", told).scalars() for statement, told in asked)
        return ["\n".join(lines) for lines in explained]


def assert_looked_up(found: list[str], table: str, index: str) -> None:
    """Fail unless this index is used, and nothing is looked for by reading the whole table."""
    told = "\n\n".join(plan for plan in found if re.search(rf"\b{table}\b", plan))
    assert index in told, told or found
    assert f"Seq Scan on {table}" not in told, told
