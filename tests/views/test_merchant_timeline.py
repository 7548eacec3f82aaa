"""The timeline of an order at the merchant's desk, and how much the desk asks of the database."""

from collections.abc import Callable
from typing import Any

from sqlalchemy import event

from shop.extensions import db
from shop.models import ApiCallRecord, Payment, Promotion, PromotionKind
from shop.services import carts, checkout, desk, payments, timeline, webhooks
from shop.services.unit_of_work import unit_of_work
from tests.card_numbers import carries_card_number
from tests.shop_app import PAYPAL, STRIPE, Shop, details
from tests.views.desk import address, ask, refund_form
from tests.views.visitor import Visitor, words


def test_the_timeline_tells_everything_and_no_secret(shop: Shop, mara: Visitor) -> None:
    with shop.app.app_context():
        payment = shop.started(PAYPAL)
        shop.approve(payment)
        shop.deliver(payment)
        webhooks.drain()
    ask(mara, payment, refund_form(mara, payment))

    page = mara.get(address(payment))

    text = words(page)
    for expected in ("The order was placed", "went from pending to paid", "by webhook evt_1", "fake.changed",
                     "mail.receipt", "Mail to the customer, the receipt: waits to be sent.",
                     "A capture was booked. From sales", "was asked for", "by Mara"):  # fmt: skip
        assert expected in text
    assert "_secret_" not in page.text
    assert not carries_card_number(text)
    assert shop.bobs.public_id not in page.text


def test_the_timeline_tells_of_the_calls_to_the_provider_of_tax(shop: Shop, paid: Payment) -> None:
    with shop.app.app_context(), unit_of_work(write=True) as session:
        for path, order_id in (("/v1/tax/transactions", paid.order_id), ("/v1/tax/noise", shop.bobs.order_id)):
            subject = f"order:{order_id}"
            session.add(
                ApiCallRecord(provider=STRIPE, verb="POST", path=path, subject=subject, status=200, duration=12.0)
            )

    with shop.app.app_context():
        told = [entry.subject for entry in timeline.of_order(paid.order).entries]

    assert "POST /v1/tax/transactions" in told
    assert "POST /v1/tax/noise" not in told


def test_a_long_timeline_has_pages_that_lose_nothing(shop: Shop, paid: Payment) -> None:
    with shop.app.app_context():
        for _ in range(5):
            payments.refresh(paid.id, "test")
        order = desk.order(paid.order.public_id)
        whole = timeline.of_order(order).entries
        pieces: list[timeline.Entry] = []
        page = timeline.of_order(order, limit=4)
        while page.older:
            pieces += page.entries
            page = timeline.of_order(order, page.older, limit=4)
        pieces += page.entries

    assert len(whole) > 10
    assert pieces == list(whole)


def statements(shop: Shop, work: Callable[[], object]) -> int:
    """Return how many statements some work takes."""
    seen: list[str] = []

    def note(connection: Any, cursor: Any, statement: str, *rest: Any) -> None:
        if statement.lstrip().upper().startswith(("SELECT", "INSERT", "UPDATE", "DELETE")):
            seen.append(statement)

    with shop.app.app_context():
        event.listen(db.engine, "before_cursor_execute", note)
        try:
            work()
        finally:
            event.remove(db.engine, "before_cursor_execute", note)
    return len(seen)


def test_the_desk_asks_as_much_of_the_database_for_many_as_for_one(shop: Shop, mara: Visitor, paid: Payment) -> None:
    def look() -> None:
        assert mara.get("/merchant/").status_code == 200

    one = statements(shop, look)
    with shop.app.app_context():
        for _ in range(5):
            shop.paid()

    assert statements(shop, look) == one
    assert statements(shop, lambda: timeline.of_order(paid.order)) <= 8


def test_the_timeline_tells_what_became_of_the_use_of_a_code(shop: Shop) -> None:
    with shop.app.app_context():
        with unit_of_work(write=True) as session:
            session.add(Promotion(code="TEN", kind=PromotionKind.PERCENT, basis_points=1000))
        token = shop.cart("SEN-100")
        carts.apply_code(token, "TEN")
        order = checkout.place_order(token, details(), None)
        payment = shop.payment(payments.start(order.id, STRIPE).payment_id)
        shop.approve(payment)
        payments.refresh(payment.id, "webhook evt_1")

        found = timeline.of_order(shop.placed(order.id)).entries

    told = [(entry.old, entry.new, entry.cause) for entry in reversed(found) if entry.subject == "redemption TEN"]
    assert told == [("", "held", "checkout"), ("held", "used", "webhook evt_1")]
