"""The pages of an account: whose they are, what they answer, and when they ask to sign in again."""

import json
import re
from dataclasses import replace

import pytest
from sqlalchemy import select

from shop.extensions import limiter
from shop.models import AccountEvent, Address, Order, User
from shop.services import account_mail, payments, seed
from shop.services.mail import sending
from shop.services.unit_of_work import unit_of_work
from tests.shop_app import BOB, Shop
from tests.views.visitor import ADDRESS, Visitor, form_token, words

ALICE, SECRET = "alice@example.com", seed.DEMO_PASSWORD
PLACE = {name: ADDRESS[name] for name in ("name", "line1", "postal_code", "city", "country")}
PAGES = ("", "/addresses", "/addresses/new", "/details", "/password", "/email", "/privacy", "/privacy/export",
         "/privacy/delete")  # fmt: skip


@pytest.fixture(autouse=True)
def people(shop: Shop) -> None:
    """Alice, Bob and Mara have accounts."""
    with shop.app.app_context():
        seed.seed()


def link(shop: Shop, kind: str) -> str:
    """Return the address in the newest mail of a kind, without the host."""
    with shop.app.test_request_context(), unit_of_work() as session:
        event = session.scalars(
            select(AccountEvent).where(AccountEvent.kind == kind).order_by(AccountEvent.id.desc())
        ).first()
        assert event is not None
        user = session.get(User, event.user_id)
    with shop.app.test_request_context():
        found = re.search(r"https?://[^/\s]+(/account/\S+)", sending.compose(account_mail.letter(event, user)).text)
    assert found is not None
    return found[1]


def signed_in(visitor: Visitor, email: str = ALICE) -> Visitor:
    answer = visitor.sign_in(email, SECRET)
    assert answer.status_code == 303
    return visitor


@pytest.mark.parametrize("page", PAGES)
def test_every_page_is_for_people_who_are_signed_in(shop: Shop, alice: Visitor, page: str) -> None:
    answer = alice.get(f"/account{page}")

    assert answer.status_code == 302
    assert answer.location == f"/login?next=/account{page}"
    assert signed_in(alice).get(f"/account{page}").status_code == 200


@pytest.mark.parametrize(("currency", "country"), [("EUR", "AT"), ("GBP", "GB")])
def test_a_new_address_begins_in_the_shops_country_or_where_the_currency_is_at_home(
    shop: Shop, alice: Visitor, currency: str, country: str
) -> None:
    shop.change_context(settings=replace(shop.context.settings, country="AT"))
    signed_in(alice).post("/currency", currency=currency)

    page = alice.get("/account/addresses/new")

    assert re.findall(r'<option value="(\w\w)" selected', page.text) == [country]


def test_registering_answers_the_same_for_a_known_address(shop: Shop, alice: Visitor) -> None:
    form = {"name": "Somebody", "password": "three grey herons"}

    new = alice.post("/register", email="new@example.com", **form)
    known = alice.post("/register", email=ALICE, **form)

    assert new.status_code == known.status_code == 200
    assert words(new) == words(known).replace(ALICE, "new@example.com")


def test_forgetting_answers_the_same_for_an_unknown_address(shop: Shop, alice: Visitor) -> None:
    answers = [alice.post("/forgot", email=email) for email in (ALICE, "nobody@example.com")]

    assert words(answers[0]).replace(ALICE, "nobody@example.com") == words(answers[1])


def test_a_poor_password_is_told_beside_its_field(shop: Shop, alice: Visitor) -> None:
    answer = alice.post("/register", email="new@example.com", name="New", password="password1")

    assert answer.status_code == 400
    assert 'aria-describedby="password-error"' in answer.text


def test_registering_confirming_and_being_signed_in(shop: Shop, alice: Visitor) -> None:
    alice.post("/register", email="new@example.com", name="New", password="three grey herons")
    path = link(shop, "confirm_address")

    shown = alice.get(path)
    wrong = alice.post(path, password="not this one")
    right = alice.post(path, password="three grey herons")

    assert "new@example.com" in words(shown)
    assert (wrong.status_code, right.status_code) == (400, 303)
    assert "New" in words(alice.get("/account"))


def test_a_confirmation_that_was_followed_before_asks_for_nothing_more(
    shop: Shop, alice: Visitor, bob: Visitor
) -> None:
    alice.post("/register", email="new@example.com", name="New", password="three grey herons")
    path = link(shop, "confirm_address")
    alice.post(path, password="three grey herons")

    here, elsewhere = alice.get(path), bob.get(path)

    assert (here.location, elsewhere.location) == ("/account", "/login")
    assert "confirmed already" in words(alice.get("/account"))
    assert "confirmed already" in words(bob.get("/login"))


def test_a_new_address_that_was_taken_before_says_so(shop: Shop, alice: Visitor) -> None:
    signed_in(alice)
    alice.post("/account/email", email="new@example.com", password=SECRET)
    path = link(shop, "new_address")
    alice.post(path)

    answer = alice.get(path)

    assert answer.location == "/account/details"
    assert "This address is confirmed already." in words(alice.get("/account/details"))


@pytest.mark.parametrize(
    ("path", "onward"),
    [
        ("/account/reset/WzEsIm", "/forgot"),
        ("/account/confirm/WzEsIm", "/login"),
        ("/account/new-address/WzEsIm", "/account/email"),
    ],
)
def test_a_link_that_does_not_work_leads_to_a_new_one(shop: Shop, alice: Visitor, path: str, onward: str) -> None:
    signed_in(alice)

    answer = alice.get(path)

    assert answer.status_code == 404
    assert "This link does not work" in words(answer)
    assert f'class="button" href="{onward}"' in answer.text


def test_a_reset_signs_in_here_and_out_elsewhere(shop: Shop, alice: Visitor, bob: Visitor) -> None:
    signed_in(alice)
    bob.post("/forgot", email=ALICE)
    path = link(shop, "password_reset")

    answer = bob.post(path, password="three grey herons")

    assert answer.status_code == 303
    assert bob.get("/account").status_code == 200
    assert alice.get("/account").status_code == 302
    assert bob.get(path).status_code == 404
    assert "Please sign in again" in words(alice.get("/login"))


def test_a_changed_password_keeps_this_browser_and_ends_the_others(shop: Shop, alice: Visitor, bob: Visitor) -> None:
    signed_in(alice)
    signed_in(bob)  # another browser of Alice's

    answer = alice.post("/account/password", old_password=SECRET, new_password="three grey herons")

    assert answer.status_code == 303
    assert alice.get("/account").status_code == 200
    assert bob.get("/account").status_code == 302


def test_signing_out_everywhere(shop: Shop, alice: Visitor, bob: Visitor) -> None:
    signed_in(alice)
    signed_in(bob)

    alice.post("/account/sessions/end")

    assert (alice.get("/account").status_code, bob.get("/account").status_code) == (302, 302)


def test_somebody_who_was_away_signs_in_again_and_goes_on_with_the_cart(shop: Shop, alice: Visitor) -> None:
    signed_in(alice)
    alice.put_in_cart()
    shop.clock.advance(hours=23)
    still = alice.get("/account/details").status_code
    shop.clock.advance(hours=23)
    renewed = alice.get("/account/details").status_code
    shop.clock.advance(hours=25)

    sent_away = alice.get("/account/details")

    assert (still, renewed, sent_away.status_code) == (200, 200, 302)
    assert "Please sign in again" in words(alice.get(sent_away.location))
    assert alice.sign_in(ALICE, SECRET, next="/account/details").location == "/account/details"
    assert "Sencha" in words(alice.get("/cart"))


def test_a_form_sent_after_the_session_ended_leads_back_to_its_page(shop: Shop, alice: Visitor) -> None:
    token = re.search(r'name="csrf_token" value="([^"]+)"', alice.get("/login").text)
    assert token is not None

    def send(referrer: str) -> str:
        return alice.client.post(
            "/account/details", data={"csrf_token": token[1]}, headers={"Referer": referrer}
        ).location

    assert send("http://localhost/account/details") == "/login?next=/account/details"
    assert send("http://evil.example/account") == "/login"


def test_a_session_that_somebody_planted_is_not_the_one_that_is_signed_in(shop: Shop, alice: Visitor) -> None:
    alice.get("/login")
    with alice.client.session_transaction() as planted:
        planted["planted"] = "yes"
        before = planted["csrf_token"]

    signed_in(alice)
    alice.get("/account/details")

    with alice.client.session_transaction() as session:
        assert "planted" not in session
        assert session["csrf_token"] != before


def test_the_address_book_adds_changes_marks_and_removes(shop: Shop, alice: Visitor) -> None:
    signed_in(alice)
    alice.post("/account/addresses/new", **PLACE)
    alice.post("/account/addresses/new", **(PLACE | {"line1": "Speicherstadt 4"}), is_default="yes")
    second = _addresses(shop)[1].public_id

    alice.post(f"/account/addresses/{second}", **(PLACE | {"line1": "Kehrwieder 2"}))
    page = words(alice.get("/account/addresses"))
    alice.post(f"/account/addresses/{second}", action="remove")

    assert page.index("Kehrwieder 2") < page.index("Am Sandtorkai 12")
    assert [(row.line1, row.is_default) for row in _addresses(shop)] == [("Am Sandtorkai 12", True)]


def test_a_wrong_address_is_told_by_field_and_not_saved(shop: Shop, alice: Visitor) -> None:
    answer = signed_in(alice).post("/account/addresses/new", **(PLACE | {"city": ""}))

    assert answer.status_code == 400
    assert "The town is missing" in words(answer)
    assert _addresses(shop) == []


def test_anothers_address_is_not_there(shop: Shop, alice: Visitor, bob: Visitor) -> None:
    signed_in(alice).post("/account/addresses/new", **PLACE)
    path = f"/account/addresses/{_addresses(shop)[0].public_id}"
    signed_in(bob, BOB)

    answers = [bob.get(path), *(bob.post(path, **PLACE, action=action) for action in ("", "default", "remove"))]
    bob.put_in_cart()

    assert [answer.status_code for answer in answers] == [404] * 4
    assert bob.get(f"/checkout?address={path.rpartition('/')[2]}").status_code == 404
    assert len(_addresses(shop)) == 1


def test_the_checkout_offers_saved_addresses_and_saves_a_new_one(shop: Shop, alice: Visitor) -> None:
    signed_in(alice).put_in_cart()
    alice.check_out(save_address="yes")
    [first] = _addresses(shop)
    alice.post("/account/addresses/new", **(PLACE | {"line1": "Speicherstadt 4"}))

    default = alice.get("/checkout").text
    chosen = alice.get(f"/checkout?address={_addresses(shop)[1].public_id}").text

    assert first.line1 == PLACE["line1"]
    assert 'value="Am Sandtorkai 12"' in default
    assert 'value="Speicherstadt 4"' in chosen


def test_a_guests_checkout_offers_and_saves_nothing(shop: Shop, alice: Visitor) -> None:
    alice.put_in_cart()
    alice.check_out(save_address="yes")

    assert _addresses(shop) == []
    assert "Save this address" not in alice.get("/checkout").text


def test_buying_again_fills_the_cart_with_what_is_mine(shop: Shop, alice: Visitor, bob: Visitor) -> None:
    token = signed_in(alice).order().rpartition("/")[2]
    signed_in(bob, BOB)

    foreign = bob.post(f"/orders/{token}/again")
    own = alice.post(f"/orders/{token}/again")

    assert (foreign.status_code, own.status_code) == (404, 303)
    assert "Sencha" in words(alice.get("/cart"))


def test_the_history_has_pages(shop: Shop, alice: Visitor) -> None:
    signed_in(alice)
    with shop.app.app_context():
        user_id = shop.rows(User, User.email == ALICE)[0].id
        for _ in range(11):
            shop.order(skus=("BULK-1",))
        with unit_of_work(write=True) as session:
            for order in session.scalars(select(Order).where(Order.email == ALICE)):
                order.user_id = user_id

    first, second = alice.get("/orders"), alice.get("/orders?page=2")

    assert (first.text.count('<th scope="row">'), second.text.count('<th scope="row">')) == (10, 1)
    assert "Older orders" in words(first)
    assert "Older orders" not in words(second)
    assert alice.get("/orders?page=x").status_code == 200


def test_a_failed_bank_debit_is_told_at_the_lookup(shop: Shop, alice: Visitor) -> None:
    with shop.app.app_context():
        payment = shop.started()
        shop.stripe.decline(payment.external_id or "")
        from_now = shop.placed(payment.order_id)
        payments.refresh(payment.id, "webhook")

    answer = alice.post("/orders/lookup", number=from_now.number, email=ALICE)

    assert "did not go through" in words(alice.get(alice.get(answer.location).location))


def test_the_export_is_a_file_and_asks_for_the_password(shop: Shop, alice: Visitor) -> None:
    signed_in(alice)

    wrong = alice.post("/account/privacy/export", password="wrong")
    right = alice.post("/account/privacy/export", password=SECRET)

    assert wrong.status_code == 400
    assert right.headers["Content-Disposition"].startswith("attachment")
    assert right.headers["Cache-Control"] == "private, no-store"
    assert json.loads(right.text)["account"]["email"] == ALICE


def test_deleting_asks_for_the_password_and_ends_the_account(shop: Shop, alice: Visitor) -> None:
    signed_in(alice)

    wrong = alice.post("/account/privacy/delete", password="wrong")
    right = alice.post("/account/privacy/delete", password=SECRET)

    assert (wrong.status_code, right.status_code) == (400, 303)
    assert "Your account is deleted" in words(alice.get("/"))
    assert alice.sign_in(ALICE, SECRET).status_code == 400


def test_a_payment_under_way_says_why_deleting_has_to_wait(shop: Shop, alice: Visitor) -> None:
    signed_in(alice)
    with shop.app.app_context():
        payment = shop.started()
        shop.stripe.process(payment.external_id or "")
        payments.refresh(payment.id, "webhook")

    answer = alice.post("/account/privacy/delete", password=SECRET)

    assert answer.status_code == 409
    assert "A payment of yours is under way" in words(answer)


def test_many_addresses_guessing_at_one_account_are_slowed_and_its_owner_is_not(
    shop: Shop, alice: Visitor, bob: Visitor, monkeypatch: pytest.MonkeyPatch
) -> None:
    mara = "mara@example.com"
    signed_in(alice, mara)  # her own browser: it is known from now on
    monkeypatch.setattr(limiter, "enabled", True)

    codes = [_post_from(f"10.0.0.{n}", bob, "/login", email=mara, password=f"guess {n}") for n in range(21)]

    assert codes == [400] * 20 + [429]
    assert _post_from("10.0.1.1", alice, "/login", email=mara, password=SECRET) == 303


@pytest.mark.parametrize(("path", "form"), [("/register", {"name": "A", "password": "x"}), ("/forgot", {})])
def test_mails_to_one_address_are_few(
    shop: Shop, alice: Visitor, path: str, form: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(limiter, "enabled", True)

    codes = [_post_from(f"10.0.2.{n}", alice, path, email="few@example.com", **form) for n in range(6)]

    assert codes[-1] == 429
    assert 429 not in codes[:-1]


@pytest.mark.parametrize("kind", account_mail.KINDS)
def test_every_account_mail_reads_without_anything_from_outside(shop: Shop, kind: str) -> None:
    with shop.app.test_request_context(), unit_of_work() as session:
        user = session.scalars(select(User).where(User.email == ALICE)).one()
    event = AccountEvent(kind=kind, email=ALICE, name="<Alice>", locale="en", until=shop.clock.now())

    with shop.app.test_request_context():
        composed = sending.compose(account_mail.letter(event, user))

    assert composed.subject
    assert "\n" not in composed.subject
    assert "Hello <Alice>," in composed.text
    assert "<Alice>" not in composed.html
    assert not re.search(r"<(img|link|script)|url\(", composed.html)


def test_a_form_without_its_token_does_nothing(shop: Shop, alice: Visitor) -> None:
    signed_in(alice)

    answers = [
        alice.client.post(f"/account{path}")
        for path in ("/details", "/password", "/email", "/sessions/end", "/privacy/delete", "/addresses/new")
    ]

    assert {answer.status_code for answer in answers} == {400}
    assert alice.get("/account").status_code == 200


def _post_from(host: str, visitor: Visitor, path: str, **form: str) -> int:
    """Send a form from an address on the network; return the code of the answer."""
    data = {"csrf_token": form_token(visitor), **form}
    return visitor.client.post(path, data=data, environ_base={"REMOTE_ADDR": host}).status_code


def _addresses(shop: Shop) -> list[Address]:
    with shop.app.app_context():
        return shop.rows(Address)
