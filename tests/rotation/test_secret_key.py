"""SECRET_KEY is changed while people are in the shop: nobody is signed out and no form is refused before it is dropped.

The steps are those of docs/13_secrets_and_rotation.md: the new key is believed first, then signs, then stands alone.
"""

from datetime import timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from flask_login import current_user, login_user

from shop import signing
from shop.errors import NotFound, OutcomeUnknown, TooManyTries
from shop.gateways.base import BACKGROUND, PaymentState, Provider
from shop.models import Order, User
from shop.services import guard, payments, seed, tokens
from tests.rotation.running import Running
from tests.shop_app import PAYPAL, STRIPE, Shop
from tests.views.visitor import Visitor, form_token, words

OLD, NEW = "the key of before which is long enough", "the key from now on; that one is as well"
BEFORE = {"SECRET_KEY": OLD}
BELIEVED = {"SECRET_KEY": OLD, "SECRET_KEY_FALLBACKS": NEW}  # every process gets this before any signs with the new one
MEANWHILE = {"SECRET_KEY": NEW, "SECRET_KEY_FALLBACKS": OLD}
AFTER = {"SECRET_KEY": NEW}
ALICE = "alice@example.com"


def signed_in(running: Running, email: str) -> Visitor:
    visitor = running.browser()
    assert visitor.sign_in(email, seed.DEMO_PASSWORD).status_code == 303
    return visitor


def put_in_cart(visitor: Visitor, token: str) -> int:
    """Send the form of a product page that was opened earlier; return the status."""
    form = {"csrf_token": token, "sku": "BULK-1", "quantity": "1"}
    return visitor.client.post("/cart", data=form).status_code


def link_of(shop: Shop, email: str) -> tuple[str, str]:
    """Return the addresses that a receipt's mail and a lost password's lead to."""
    with shop.app.app_context():
        order = shop.placed(shop.paid(email=email).order_id)
        user = shop.rows(User, User.email == ALICE)[0]
        until = shop.clock.now() + timedelta(hours=1)
        reset = tokens.for_account("reset", user.id, str(user.session_epoch), until)
        return f"/orders/{tokens.for_order(order.public_id)}/receipt", f"/account/reset/{reset}"


def test_nobody_notices_a_new_key(running: Running) -> None:
    shop = running.start(**BEFORE)
    with shop.app.app_context():
        seed.seed()
    alice, guest, reader = signed_in(running, ALICE), running.browser(), signed_in(running, "bob@example.com")
    forms = {visitor: form_token(visitor) for visitor in (alice, guest)}
    links = link_of(shop, "guest@example.com")

    for step in (BELIEVED, MEANWHILE):
        running.start(**step)

        assert [visitor.get("/account").status_code for visitor in (alice, reader)] == [200, 200]
        assert [put_in_cart(visitor, form) for visitor, form in forms.items()] == [303, 303]
        assert [guest.get(link).status_code for link in links] == [200, 200]

    opened_meanwhile = form_token(alice)
    running.start(**AFTER)
    assert alice.get("/account").status_code == 200
    assert reader.get("/account").status_code == 200, "his cookie was signed anew, though he only looked at pages"
    assert put_in_cart(alice, opened_meanwhile) == 303
    assert "Bulk" in words(guest.get("/cart")), "so was the guest's, and the cart is found by it"


def test_once_the_old_key_is_dropped_what_it_signed_is_worth_nothing(running: Running) -> None:
    shop = running.start(**BEFORE)
    with shop.app.app_context():
        seed.seed()
    away, guest = signed_in(running, ALICE), running.browser()
    form, links = form_token(guest), link_of(shop, "guest@example.com")

    running.start(**AFTER)

    assert away.get("/account").status_code == 302, "who did not come by meanwhile signs in again"
    assert put_in_cart(guest, form) == 400
    assert [guest.get(link).status_code for link in links] == [404, 404]


def test_a_guest_whose_link_has_ended_finds_the_order_by_number_and_address(running: Running) -> None:
    shop = running.start(**BEFORE)
    with shop.app.app_context():
        order = shop.placed(shop.paid(email="guest@example.com").order_id)
    running.start(**AFTER)
    guest = running.browser()

    found = guest.post("/orders/lookup", number=order.number, email="guest@example.com")

    assert found.status_code == 303
    assert guest.get(found.location).status_code == 200


def test_two_processes_that_have_not_changed_at_the_same_moment_believe_each_other(running: Running) -> None:
    shop = running.start(**BEFORE)
    with shop.app.app_context():
        seed.seed()
    alice = signed_in(running, ALICE)

    for step in (MEANWHILE, BELIEVED, MEANWHILE, BELIEVED):
        form = form_token(alice)
        running.start(**step)
        assert alice.get("/account").status_code == 200
        assert put_in_cart(alice, form) == 303


def test_a_known_browser_stays_known_though_nobody_is_signed_in_there(running: Running) -> None:
    shop = running.start(**BEFORE)
    with shop.app.app_context():
        seed.seed()
    alice = signed_in(running, ALICE)
    alice.post("/logout")

    running.start(**MEANWHILE)
    renewed, again = alice.get("/"), alice.get("/")
    shop = running.start(**AFTER)

    assert "tidewater_device=" in str(renewed.headers.getlist("Set-Cookie"))
    assert "tidewater_device=" not in str(again.headers.getlist("Set-Cookie"))
    cookie = alice.client.get_cookie("tidewater_device")
    assert cookie
    with shop.app.app_context():
        assert tokens.read_account("device", cookie.value, shop.clock.now()).stamp == ALICE


def test_a_session_is_not_written_anew_without_need(running: Running) -> None:
    running.start(**BEFORE)
    guest = running.browser()
    form_token(guest)
    running.start(**MEANWHILE)

    renewed, again = guest.get("/"), guest.get("/")

    assert "tidewater=" in renewed.headers.get("Set-Cookie", "")
    assert "Set-Cookie" not in again.headers


def test_a_cookie_that_nobody_signed_stays_worth_nothing(running: Running) -> None:
    running.start(SECRET_KEY="the key of a stranger, long enough too")
    stranger = running.browser()
    form = form_token(stranger)

    running.start(**MEANWHILE)

    assert put_in_cart(stranger, form) == 400


@pytest.mark.parametrize("provider", [STRIPE, PAYPAL])
def test_a_payment_whose_start_was_under_way_is_gone_on_with_under_its_key(
    running: Running, provider: Provider
) -> None:
    shop = running.start(**BEFORE)
    order = start_and_hear_nothing(shop, provider)

    shop = running.start(**MEANWHILE)
    with shop.app.app_context():
        payments.start(order.id, provider)

        assert list(shop.fake(provider).executed.values()) == [1]
        assert len(shop.placed(order.id).payments) == 1


@pytest.mark.parametrize(("provider", "sent"), [(STRIPE, ["1"]), (PAYPAL, ["1", "2"])])
def test_a_start_under_a_key_that_is_dropped_is_gone_on_with_too(
    running: Running, provider: Provider, sent: list[str]
) -> None:
    shop = running.start(**BEFORE)
    order = start_and_hear_nothing(shop, provider)

    shop = running.start(**AFTER)
    with shop.app.app_context():
        payment = shop.payment(payments.start(order.id, provider, BACKGROUND).payment_id)
        started = list(shop.fake(provider).executed)
        shop.approve(payment)
        payments.refresh(payment.id, "test")

        # PayPal was told the customer's way back in words that nobody can say any more; the order it made is never
        # seen by anybody, and another is made under the next key. Stripe was told none.
        assert [key.rpartition("-")[2] for key in started] == sent
        assert [one.state for one in shop.placed(order.id).payments] == [PaymentState.CAPTURED]
        shop.assert_books_balance()


def start_and_hear_nothing(shop: Shop, provider: Provider) -> Order:
    """Begin to pay an order; the provider does its part, and its answer is lost."""
    with shop.app.app_context():
        order = shop.order()
        fake = shop.fake(provider)
        fake.executed.clear()
        fake.fail_next(OutcomeUnknown("the answer is lost"), after_doing=True, verb="start")
        with pytest.raises(OutcomeUnknown):
            payments.start(order.id, provider)
        return order


def test_who_tried_out_cards_is_not_forgiven(running: Running) -> None:
    shop = running.start(**BEFORE)
    with shop.app.app_context():
        first = shop.order()
        for _ in range(4):
            decline(shop, first.id)
        with pytest.raises(TooManyTries):
            payments.start(first.id, STRIPE, who=thief())

    shop = running.start(**MEANWHILE)
    with shop.app.app_context():
        with pytest.raises(TooManyTries):
            payments.start(first.id, STRIPE, who=thief())
        shop.clock.advance(seconds=16)
        decline(shop, first.id)

    shop = running.start(**AFTER)
    with shop.app.app_context(), pytest.raises(TooManyTries) as slowed:
        payments.start(first.id, STRIPE, who=thief())
    assert slowed.value.seconds > 15, "twice as long as after the fourth: all five are known to be theirs"


def thief() -> guard.Visitor:
    return guard.visitor("192.0.2.7", "cookie", None)


def decline(shop: Shop, order_id: int) -> None:
    """Begin to pay, and be declined."""
    payment = shop.payment(payments.start(order_id, STRIPE, who=thief()).payment_id)
    shop.stripe.decline(payment.external_id or "")
    payments.refresh(payment.id, "test")


# What the shop does not use itself, and whoever copies it may: "stay signed in".


def remembering(key: str, *fallbacks: str) -> Flask:
    """Return a small application with the shop's own sessions and logins, and a cookie that outlives the browser."""
    app = Flask("remembering")
    app.config.update(SECRET_KEY=key, SECRET_KEY_FALLBACKS=list(fallbacks))
    logins = signing.RenewedLogins(app)
    signing.init_app(app)
    logins.user_loader(lambda number: Somebody() if number == "7" else None)
    app.add_url_rule("/in", "in", lambda: str(login_user(Somebody(), remember=True)))
    app.add_url_rule("/", "home", lambda: str(current_user.is_authenticated))
    return app


class Somebody:
    """Whom Flask-Login remembers."""

    is_authenticated = is_active = True
    is_anonymous = False

    def get_id(self) -> str:
        """Return their number."""
        return "7"


def anew(client: FlaskClient, app: Flask) -> str:
    """Close the browser, open it again at this application, and return whether it is still known."""
    client.application = app
    client.delete_cookie("session")
    return client.get("/").text


def test_a_remembered_browser_is_known_under_the_old_key_and_gets_a_cookie_under_the_new() -> None:
    client = remembering(OLD).test_client()
    client.get("/in")

    assert anew(client, remembering(NEW, OLD)) == "True"
    assert anew(client, remembering(NEW)) == "True", "its cookie was written anew"


def test_a_remembered_browser_that_did_not_come_by_is_forgotten_with_the_old_key() -> None:
    client = remembering(OLD).test_client()
    client.get("/in")

    assert anew(client, remembering(NEW)) == "False"


def test_a_cookie_that_a_stranger_signed_is_not_remembered() -> None:
    client = remembering("the key of a stranger long enough too").test_client()
    client.get("/in")

    assert anew(client, remembering(NEW, OLD)) == "False"


def test_links_of_before_are_told_apart_from_forged_ones(running: Running) -> None:
    shop = running.start(**MEANWHILE)
    with shop.app.app_context():
        both = tokens.each_for_order("ORDER1")

        assert both[0] == tokens.for_order("ORDER1")
        assert [tokens.read_order(token) for token in both] == ["ORDER1", "ORDER1"]
        with pytest.raises(NotFound):
            tokens.read_order(both[0][:-4] + "AAAA")
