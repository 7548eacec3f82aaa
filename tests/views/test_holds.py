"""Reserved money at the desk: orders under review are answered, money is taken in whole or part, or let go."""

import csv
import io
import re
from dataclasses import replace
from typing import Any

import pytest

from shop.errors import Declined, ProviderRejected, ProviderUnavailable
from shop.gateways.base import PaymentState
from shop.models import Order, OrderState, Payment, ReviewState, User
from shop.models.base import utc_now
from shop.services import accounts, approvals, desk, payments
from shop.services.desk import Action
from shop.services.unit_of_work import unit_of_work
from tests.shop_app import PAYPAL, STRIPE, Shop, eur
from tests.views.visitor import Visitor, words

PASSWORD = "tea-and-tide"


@pytest.fixture(autouse=True)
def limits(shop: Shop) -> None:
    """Every order above fifteen euros is held: Alice's 17.40, and not Bob's tin."""
    shop.change_context(settings=replace(shop.context.settings, review_above={"EUR": 15}))


@pytest.fixture
def mara(shop: Shop) -> Visitor:
    """Mara, signed in; Alice has an account beside her."""
    with shop.app.app_context(), unit_of_work(write=True) as session:
        known: dict[str, Any] = {"password_hash": accounts.hash_password(PASSWORD), "email_confirmed_at": utc_now()}
        session.add(User(email="mara@example.com", name="Mara", is_merchant=True, **known))
        session.add(User(email="alice@example.com", name="Alice", **known))
    visitor = Visitor(shop.app)
    visitor.sign_in("mara@example.com", PASSWORD)
    return visitor


@pytest.fixture
def held(shop: Shop) -> Payment:
    """Alice's order, under review, its money reserved."""
    with shop.app.app_context():
        return shop.paid()


@pytest.fixture
def reserved(shop: Shop, held: Payment) -> Payment:
    """Alice's order, reserved and under no review: as a pre-order is."""
    with shop.app.app_context():
        with unit_of_work(write=True) as session:
            session.get_one(Order, held.order_id).review = ReviewState.NONE
        return shop.payment(held.id)


def address(payment: Payment, rest: str = "") -> str:
    return f"/merchant/orders/{payment.order.public_id}{rest}"


def at(payment: Payment, what: str) -> str:
    return address(payment, f"/payments/{payment.public_id}/{what}")


def now(shop: Shop, payment: Payment) -> Payment:
    with shop.app.app_context():
        return shop.payment(payment.id)


def mails(shop: Shop, kind: str) -> int:
    with shop.app.app_context():
        return len(shop.owed(f"mail.{kind}"))


def test_the_desk_lists_what_waits_with_its_reason_and_nothing_else(
    shop: Shop, mara: Visitor, held: Payment
) -> None:
    page = words(mara.get("/merchant/?review=held"))

    assert held.order.number in page
    assert "The total is above the limit for review." in page
    assert "bob@example.com" not in page
    assert held.order.number not in words(mara.get("/merchant/?review=approved"))
    assert held.order.number in words(mara.get("/merchant/?state=authorized"))
    table = list(csv.DictReader(io.StringIO(mara.get("/merchant/orders.csv?review=held").text)))
    assert [(row["number"], row["review"]) for row in table] == [(held.order.number, "held")]


def test_with_nothing_to_review_the_list_says_so(mara: Visitor) -> None:
    assert "Nothing to review" in words(mara.get("/merchant/?review=held"))


def test_today_counts_what_waits_and_what_lapses_soon(shop: Shop, mara: Visitor, held: Payment) -> None:
    with shop.app.app_context():
        assert (desk.today().to_review, desk.today().lapsing) == (1, 0)
        shop.clock.advance(days=5, hours=1)
        assert desk.today().lapsing == 1

    mara.sign_in("mara@example.com", PASSWORD)
    page = mara.get("/merchant/").text
    assert "/merchant/?review=held" in page
    assert "/merchant/?state=authorized" in page


def test_an_approved_order_is_charged_once_however_often_it_is_sent(
    shop: Shop, mara: Visitor, held: Payment
) -> None:
    page = words(mara.get(address(held)))
    assert "This order waits for your answer" in page
    assert "€17.40 is reserved and not taken yet." in page

    assert [mara.post(address(held, "/approve")).status_code for _ in range(2)] == [303, 303]

    payment = now(shop, held)
    assert (payment.state, payment.captured, payment.captured_by) == (PaymentState.CAPTURED, 1740, "merchant 1")
    assert [count for key, count in shop.stripe.executed.items() if "-take-" in key] == [1]
    assert mails(shop, "receipt") == 1
    page = words(mara.get(address(held)))
    assert "Approved by Mara" in page
    assert "The review went from held to approved." in page
    assert "The review went from none to held." in page
    assert "waits for your answer" not in page


def test_an_order_nobody_has_paid_yet_may_be_approved_and_is_charged_when_paid(shop: Shop, mara: Visitor) -> None:
    with shop.app.app_context():
        payment = shop.started()
    assert "Nobody has paid it yet" in words(mara.get(address(payment)))

    mara.post(address(payment, "/approve"))
    assert "charged as soon as the customer pays" in words(mara.get(address(payment)))
    with shop.app.app_context():
        shop.approve(payment)
        payments.refresh(payment.id, "webhook")
        payments.take(payment.id)

    assert now(shop, payment).order.state is OrderState.PAID


def test_a_rejection_says_first_what_the_customer_will_be_told(shop: Shop, mara: Visitor, held: Payment) -> None:
    page = words(mara.get(address(held, "/reject")))
    assert f"Order {held.order.number} is cancelled" in page
    assert "Nothing was charged. The €17.40 that were reserved are free again" in page
    assert now(shop, held).state is PaymentState.AUTHORIZED

    assert [mara.post(address(held, "/reject")).status_code for _ in range(2)] == [303, 303]

    payment = now(shop, held)
    assert (payment.state, payment.order.state) == (PaymentState.CANCELLED, OrderState.CANCELLED)
    assert payment.order.review is ReviewState.REJECTED
    assert mails(shop, "cancelled") == 1
    page = words(mara.get(address(held)))
    assert "Rejected by Mara" in page
    assert "Let go" in page


def test_the_opposite_answer_is_refused_in_words(shop: Shop, mara: Visitor, held: Payment) -> None:
    mara.post(address(held, "/approve"))

    assert mara.post(address(held, "/reject")).status_code == 303

    assert "Somebody has answered this order already." in words(mara.get(address(held)))
    assert now(shop, held).order.state is OrderState.PAID
    assert mara.get(address(held, "/reject")).status_code == 303


def test_a_part_is_taken_and_the_rest_released_and_said_so(shop: Shop, mara: Visitor, reserved: Payment) -> None:
    form = {"how": "part", "amount": "10,00"}

    assert [mara.post(at(reserved, "capture"), **form).status_code for _ in range(2)] == [303, 303]

    payment = now(shop, reserved)
    assert (payment.captured, payment.released, payment.order.state) == (1000, 740, OrderState.PAID)
    page = words(mara.get(address(reserved)))
    assert "€10.00 was taken. The other €7.40 is free again" in page
    assert "Captured in part" in page
    assert "Released, not taken" in page
    with shop.app.app_context():
        assert Action.REFUND in desk.allowed(payment.order, payment)
    assert mara.get(at(reserved, "refund")).status_code == 200


def test_another_amount_after_the_first_takes_nothing(shop: Shop, mara: Visitor, reserved: Payment) -> None:
    mara.post(at(reserved, "capture"), how="part", amount="10")

    mara.post(at(reserved, "capture"), how="whole")

    assert now(shop, reserved).captured == 1000
    assert "Nothing is reserved any more" in words(mara.get(address(reserved)))
    assert "Nothing is reserved with this payment any more" in words(mara.get(at(reserved, "capture")))


def test_taking_money_of_a_held_order_approves_it(shop: Shop, mara: Visitor, held: Payment) -> None:
    assert "Taking its money approves it" in words(mara.get(at(held, "capture")))

    mara.post(at(held, "capture"), how="part", amount="10")

    payment = now(shop, held)
    assert (payment.captured, payment.order.review) == (1000, ReviewState.APPROVED)


@pytest.mark.parametrize(
    ("form", "field", "says"),
    [
        ({"how": "part", "amount": "17.41"}, "amount", "At most €17.40 is reserved."),
        ({"how": "part", "amount": "0"}, "amount", "Write the amount in figures"),
        ({"how": "part", "amount": "-1"}, "amount", "Write the amount in figures"),
        ({"how": "part", "amount": "much"}, "amount", "Write the amount in figures"),
        ({"how": ""}, "how", "Choose how much is taken."),
        ({"how": "whole", "amount": "10"}, "how", "You wrote an amount, and chose all of it."),
    ],
)
def test_what_cannot_be_taken_is_said_beside_its_field(
    shop: Shop, mara: Visitor, held: Payment, form: dict[str, str], field: str, says: str
) -> None:
    answer = mara.post(at(held, "capture"), **form)

    assert answer.status_code == 400
    assert re.search(rf'id="{field}-error">{re.escape(says)}', answer.text)
    payment = now(shop, held)
    assert (payment.state, payment.order.review) == (PaymentState.AUTHORIZED, ReviewState.HELD)


def test_a_reservation_is_let_go_once_and_the_customer_told(shop: Shop, mara: Visitor, reserved: Payment) -> None:
    assert "Let the reservation go?" in words(mara.get(at(reserved, "void")))

    assert [mara.post(at(reserved, "void")).status_code for _ in range(2)] == [303, 303]

    assert now(shop, reserved).order.state is OrderState.CANCELLED
    assert mails(shop, "cancelled") == 1
    assert mara.get(at(reserved, "void")).status_code == 303


def test_a_refused_capture_is_told_and_the_reservation_stays(shop: Shop, mara: Visitor, reserved: Payment) -> None:
    for error in (Declined("the card was stopped", "stolen"), ProviderRejected("no such charge")):
        shop.stripe.fail_next(error, verb="capture")

        mara.post(at(reserved, "capture"), how="whole")

        assert str(error) in words(mara.get(address(reserved)))
        assert now(shop, reserved).state is PaymentState.AUTHORIZED


@pytest.mark.parametrize("verb", ["capture", "cancel"])
def test_a_provider_that_is_away_leaves_it_to_a_worker(
    shop: Shop, mara: Visitor, reserved: Payment, verb: str
) -> None:
    shop.stripe.fail_next(ProviderUnavailable("down"), verb=verb)

    mara.post(at(reserved, "void" if verb == "cancel" else "capture"), how="whole")

    page = words(mara.get(address(reserved)))
    assert "The provider does not answer. It is written down" in page
    assert ("Being let go" if verb == "cancel" else "Being captured") in page


def test_an_approval_that_the_provider_does_not_hear_is_said_and_finished_later(
    shop: Shop, mara: Visitor, held: Payment
) -> None:
    shop.stripe.fail_next(ProviderUnavailable("down"), verb="capture")

    mara.post(address(held, "/approve"))

    assert "the money is taken as soon as it does" in words(mara.get(address(held)))
    with shop.app.app_context():
        payments.take(held.id)
    assert now(shop, held).order.state is OrderState.PAID


def test_the_page_counts_the_days_until_it_lapses_and_says_when_it_has(
    shop: Shop, mara: Visitor, reserved: Payment
) -> None:
    page = words(mara.get(address(reserved)))
    assert "6 days left" in page or "7 days left" in page
    shop.clock.advance(days=6, hours=5)
    mara.sign_in("mara@example.com", PASSWORD)
    assert "less than a day left" in words(mara.get(address(reserved)))

    with shop.app.app_context():
        shop.stripe.lapse(reserved.external_id or "")
        payments.refresh(reserved.id, "webhook")

    page = words(mara.get(address(reserved)))
    assert "Lapsed" in page
    assert "Reserved until" in page
    mara.post(at(reserved, "capture"), how="whole")
    assert "Nothing is reserved any more" in words(mara.get(address(reserved)))


@pytest.mark.parametrize("what", ["approve", "reject", "capture", "void"])
def test_a_customer_learns_of_no_such_thing(
    shop: Shop, mara: Visitor, alice: Visitor, held: Payment, what: str
) -> None:
    path = address(held, f"/{what}") if what in ("approve", "reject") else at(held, what)
    alice.sign_in("alice@example.com", PASSWORD)

    assert alice.post(path, how="whole").status_code == 404
    assert alice.get(path).status_code in (404, 405)

    assert now(shop, held).state is PaymentState.AUTHORIZED
    assert now(shop, held).order.review is ReviewState.HELD


def test_another_orders_payment_is_a_404_and_an_order_without_a_review_too(
    shop: Shop, mara: Visitor, held: Payment
) -> None:
    bobs = shop.bobs.public_id

    for what in ("capture", "void"):
        assert mara.get(address(held, f"/payments/{bobs}/{what}")).status_code == 404
        assert mara.post(address(held, f"/payments/{bobs}/{what}"), how="whole").status_code == 404
    assert mara.post(address(shop.bobs, "/approve")).status_code == 404
    assert mara.post(address(shop.bobs, "/reject")).status_code == 404


@pytest.mark.parametrize("provider", [STRIPE, PAYPAL])
def test_charging_a_part_twice_takes_it_once(shop: Shop, provider: Any) -> None:
    with shop.app.app_context():
        payment = shop.paid(provider)
        for _ in range(2):
            approvals.charge(payment.id, eur(500), "mara")

        assert shop.payment(payment.id).captured == 500
        assert shop.placed(payment.order_id).review is ReviewState.APPROVED
        shop.assert_bob_is_left_alone()
