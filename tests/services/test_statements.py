"""What the database is asked for an order's way: a number of statements that does not grow with the data.

(The order itself is counted in test_tax.py, the catalogue's pages in tests/views/test_catalogue.py.)
"""

import pytest

from shop.errors import NoticeRejected
from shop.extensions import db
from shop.models import InboxEvent, InboxState
from shop.services import guard, payments, webhooks
from shop.services.orders import expire
from tests import statements
from tests.shop_app import STRIPE, Shop

ONE, FOUR = ("SEN-100",), ("SEN-100", "CUP-1", "TIN-1", "BULK-1")
MOST_FOR_A_START, MOST_FOR_A_WEBHOOK = 24, 36


@pytest.mark.parametrize("skus", [ONE, FOUR])
def test_a_payment_is_begun_with_the_same_statements_however_long_the_order(shop: Shop, skus: tuple[str, ...]) -> None:
    order = shop.order(skus=skus)
    who = guard.visitor("192.0.2.1", "Alice's browser", None)

    with statements.collected() as sent:
        payments.start(order.id, STRIPE, who=who)

    assert 0 < len(sent) <= MOST_FOR_A_START, "\n".join(sent)


@pytest.mark.parametrize("events", [1, 6])
@pytest.mark.parametrize("skus", [ONE, FOUR])
def test_a_payment_is_applied_with_the_same_statements_however_many_events_tell_of_it(
    shop: Shop, skus: tuple[str, ...], events: int
) -> None:
    shop.paid(email="carol@example.com")  # hers is the first document, whose series has to be begun
    payment = shop.started(skus=skus)
    shop.approve(payment)
    for _ in range(events):
        shop.deliver(payment)

    with statements.collected() as sent:
        webhooks.drain()

    assert {row.state for row in shop.rows(InboxEvent)} == {InboxState.PROCESSED}
    # SQLite cannot return the ids of several rows in their order, so each move written down is one statement there.
    allowed = MOST_FOR_A_WEBHOOK + (events + 8 if db.engine.dialect.name == "sqlite" else 0)
    assert 0 < len(sent) <= allowed, "\n".join(sent)


def test_the_units_of_an_order_that_ends_go_back_with_the_same_statements_however_many_lines_it_has(shop: Shop) -> None:
    orders = [shop.order(skus=skus) for skus in (ONE, FOUR)]
    shop.clock.advance(hours=2)
    touched = []

    for order in orders:
        with statements.collected() as sent:
            expire(order.id, cause="test")
        touched.append([one for one in sent if "UPDATE variant" in one or "FROM variant" in one])

    assert [len(one) for one in touched] == [2, 2], "\n".join(touched[1])
    assert [shop.stock(sku) for sku in ("SEN-100", "CUP-1", "BULK-1")] == [20, 20, 100_000]


def test_a_webhook_is_taken_in_with_one_statement_and_a_forged_one_with_none(shop: Shop) -> None:
    payment = shop.started()
    headers, body = shop.notice(payment)

    with statements.collected() as genuine:
        webhooks.receive(STRIPE, headers, body)
    with statements.collected() as forged, pytest.raises(NoticeRejected):
        webhooks.receive(STRIPE, headers, body + b" ")

    assert len(genuine) == 1
    assert forged == []
