"""What the tests of the merchant's desk do there, and where."""

import re
from typing import Any

from shop.models import Payment
from tests.shop_app import Shop
from tests.views.visitor import Visitor

PASSWORD = "tea-and-tide"


def address(payment: Payment, rest: str = "") -> str:
    """Return the address of a page about an order."""
    return f"/merchant/orders/{payment.order.public_id}{rest}"


def refund_form(mara: Visitor, payment: Payment) -> dict[str, str]:
    """Open the form of a refund, and fill it in."""
    page = mara.get(address(payment, f"/payments/{payment.public_id}/refund"))
    token = re.search(r'name="token" value="([^"]+)"', page.text)
    seen = re.search(r'name="seen" value="(\d+)"', page.text)
    assert token, page.text
    assert seen, page.text
    return {"token": token[1], "seen": seen[1], "how": "amount", "amount": "5.00", "reason": "requested_by_customer"}


def ask(mara: Visitor, payment: Payment, form: dict[str, str]) -> Any:
    """Send that form."""
    return mara.post(address(payment, f"/payments/{payment.public_id}/refund"), **form)


def rows(shop: Shop, model: type[Any], *conditions: Any) -> list[Any]:
    """Return rows of a table; no application context need be held."""
    with shop.app.app_context():
        return shop.rows(model, *conditions)
