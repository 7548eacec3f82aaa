"""The refund form at the desk: it gives back what was meant, once, whoever else is at it."""

from __future__ import annotations

import re
from typing import Any

from shop.errors import ProviderUnavailable
from shop.gateways.base import RefundState
from shop.models import Order, OrderState, Payment, Refund
from shop.services import refunds
from shop.services.unit_of_work import unit_of_work
from tests.shop_app import Shop
from tests.views.desk import address
from tests.views.visitor import Visitor, words


def opened(mara: Visitor, payment: Payment) -> dict[str, str]:
    """Open the form, and return what it carries before anything is filled in."""
    page = mara.get(address(payment, f"/payments/{payment.public_id}/refund")).text
    hidden = dict(re.findall(r'type="hidden" name="(token|seen)" value="([^"]+)"', page))
    return {**hidden, "reason": "other"}


def send(mara: Visitor, payment: Payment, form: dict[str, str]) -> Any:
    return mara.post(address(payment, f"/payments/{payment.public_id}/refund"), **form)


def given(shop: Shop) -> list[int]:
    with shop.app.app_context():
        return [refund.amount for refund in shop.rows(Refund)]


def test_nothing_is_chosen_beforehand(mara: Visitor, paid: Payment) -> None:
    page = mara.get(address(paid, f"/payments/{paid.public_id}/refund")).text

    assert not re.search(r'type="radio"[^>]* checked', page)


def test_an_amount_that_is_written_beside_another_choice_is_asked_about(
    shop: Shop, mara: Visitor, paid: Payment
) -> None:
    answer = send(mara, paid, opened(mara, paid) | {"how": "whole", "amount": "1.00"})

    assert answer.status_code == 400
    assert "More than one of these is filled in." in words(answer)
    assert given(shop) == []


def test_all_that_is_left_sent_twice_is_given_back_once(shop: Shop, mara: Visitor, paid: Payment) -> None:
    form = opened(mara, paid) | {"how": "whole"}

    assert [send(mara, paid, form).status_code for _ in range(2)] == [303, 303]

    assert given(shop) == [1740]


def test_of_two_who_give_the_same_item_back_the_second_is_told_and_looks_again(
    shop: Shop, mara: Visitor, paid: Payment
) -> None:
    first, second = opened(mara, paid), opened(mara, paid)
    item = {"how": "lines", f"line-{paid.order.lines[0].id}": "1"}
    send(mara, paid, first | item)

    answer = send(mara, paid, second | item)

    assert answer.status_code == 409
    assert "Money was given back since this page was opened." in words(answer)
    assert "Given back so far" in words(answer)
    assert given(shop) == [1250]
    assert send(mara, paid, opened(mara, paid) | {"how": "amount", "amount": "1"}).status_code == 303
    assert given(shop) == [1250, 100]


def test_an_item_and_its_shipping_come_to_what_was_paid(shop: Shop, mara: Visitor, paid: Payment) -> None:
    form = opened(mara, paid) | {"how": "lines", f"line-{paid.order.lines[0].id}": "1", "shipping": "yes"}

    send(mara, paid, form)

    assert given(shop) == [1740]


def test_the_shipping_alone_is_given_back_without_what_a_code_took_off_it(
    shop: Shop, mara: Visitor, paid: Payment
) -> None:
    with shop.app.app_context(), unit_of_work(write=True) as session:
        order = session.get_one(Order, paid.order_id)
        order.shipping, order.discount = 590, 100  # the code took a euro off the post, none off the tea

    send(mara, paid, opened(mara, paid) | {"how": "lines", "shipping": "yes"})

    assert given(shop) == [490]


def test_what_is_all_given_back_is_called_refunded_and_not_offered_to_be_sent(
    shop: Shop, mara: Visitor, paid: Payment
) -> None:
    assert "Mark as sent" in words(mara.get(address(paid)))

    send(mara, paid, opened(mara, paid) | {"how": "whole"})

    page = words(mara.get(address(paid)))
    assert "Mark as sent" not in page
    assert "€17.40 refunded" in page
    assert mara.post(address(paid, "/fulfil")).status_code == 409
    with shop.app.app_context():
        assert shop.placed(paid.order_id).state is OrderState.PAID


def test_a_refund_that_has_not_gone_out_is_on_its_way_and_not_refunded(
    shop: Shop, mara: Visitor, paid: Payment
) -> None:
    shop.stripe.fail_next(ProviderUnavailable("down"), verb="refund")

    send(mara, paid, opened(mara, paid) | {"how": "amount", "amount": "5"})

    page = words(mara.get("/merchant/"))
    assert "€5.00 on its way back" in page
    assert "€5.00 refunded" not in page
    with shop.app.app_context():
        [refund] = shop.rows(Refund)
        assert refunds.send(refund.id).state is RefundState.SUCCEEDED
    assert "€5.00 refunded" in words(mara.get("/merchant/"))

