"""Pre-orders: the day is told wherever the order is told of, and so is when the money is taken."""

from dataclasses import replace
from datetime import date, timedelta

import pytest
from sqlalchemy import select

from shop.models import Product
from shop.services import documents, payments, receipts
from shop.services.documents import content
from shop.services.mail.orders import about
from shop.services.mail.sending import compose
from shop.services.unit_of_work import unit_of_work
from tests.shop_app import STRIPE, Shop
from tests.views.visitor import Visitor, words

LOOKED_AT = "as soon as we have looked at your order"


@pytest.fixture
def day(shop: Shop) -> date:
    """The day from which the tea of the tests is sent: no bank reserves money for so long."""
    day = (shop.clock.now() + timedelta(days=60)).date()
    with shop.app.app_context(), unit_of_work(write=True) as session:
        session.scalars(select(Product).where(Product.slug == "sen-100")).unique().one().available_from = day
    return day


def pay(shop: Shop) -> None:
    """Let Alice pay what she ordered; the page of the way back is hers to open."""
    with shop.app.app_context():
        payment = shop.payment(payments.start(shop.orders()[-1].id, STRIPE).payment_id)
        shop.approve(payment)
        payments.refresh(payment.id, "test")


def test_the_day_stands_in_cart_checkout_payment_and_receipt(shop: Shop, alice: Visitor, day: date) -> None:
    told = f"Ships from {day.day} {day:%B %Y}."
    alice.put_in_cart()

    cart, checkout = alice.get("/cart"), alice.get("/checkout")
    path = alice.check_out().location
    to_pay = alice.get(path)
    pay(shop)
    receipt = alice.get(alice.get(path).location)

    assert all(told in words(page) for page in (cart, checkout, to_pay, receipt))


def test_the_mail_tells_the_day_and_the_invoice_has_it_as_the_day_of_supply(
    shop: Shop, alice: Visitor, day: date
) -> None:
    alice.order()
    pay(shop)

    with shop.app.app_context():
        receipt = receipts.of(shop.orders()[-1])
        mail = compose(about("receipt", receipt))
        [invoice] = documents.of_order(receipt.order.id)
        facts = dict(content.of(invoice, "Tidewater Tea")["facts"])

    spoken = f"{day.day} {day:%B %Y}"
    assert f"Ships from {spoken}." in mail.text
    assert f"Ships from {spoken}." in mail.html
    assert facts["Date of supply"] == spoken


def test_one_that_is_looked_at_first_is_charged_then_and_page_and_mail_say_so(
    shop: Shop, alice: Visitor, day: date
) -> None:
    shop.change_context(settings=replace(shop.context.settings, review_above={"EUR": 10}))
    path = alice.order()

    to_pay = words(alice.get(path))
    pay(shop)
    come_back = words(alice.get(f"{path}/return"))
    with shop.app.app_context():
        mail = compose(about("authorized", receipts.of(shop.orders()[-1])))

    assert LOOKED_AT in to_pay
    assert LOOKED_AT in come_back
    assert LOOKED_AT in " ".join(mail.text.split())
    assert LOOKED_AT in mail.html
