"""Accounts: nobody learns who has one, nobody opens another's, and what ends a session ends it everywhere."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from email.message import EmailMessage
from typing import Any

import pytest
from argon2 import PasswordHasher
from sqlalchemy import event

from shop import jobs
from shop.errors import InvalidInput, NotFound
from shop.extensions import db
from shop.models import AccountEvent, Order, User
from shop.services import accounts, passwords
from shop.services.unit_of_work import unit_of_work
from tests.shop_app import BOB, Shop, errors
from tests.smtp_sink import SmtpSink

ALICE, SECRET, OTHER = "alice@example.com", "three grey herons", "two green kettles"


@pytest.fixture
def post(shop: Shop) -> Iterator[SmtpSink]:
    """A mail server that the shop sends to."""
    with SmtpSink() as sink:
        shop.change_context(settings=replace(shop.context.settings, smtp_url=sink.url))
        yield sink


@pytest.fixture
def alice(shop: Shop, post: SmtpSink) -> User:
    """Alice, with an account whose address is confirmed; Bob has one too."""
    for email in (BOB, ALICE):
        accounts.register(email, email.partition("@")[0].title(), SECRET)
        user = accounts.confirm_address(link(post), SECRET)
    post.mails.clear()
    return user


def link(post: SmtpSink) -> str:
    """Send what is owed; return the token in the newest mail."""
    jobs.drain_outbox()
    line = next(line for line in text(post.mails[-1]).splitlines() if "/account/" in line)
    return line.strip().rpartition("/")[2]


def text(mail: EmailMessage) -> str:
    body = mail.get_body(("plain",))
    assert body is not None
    return str(body.get_content())


def test_an_account_opens_with_the_mailed_link_and_the_password(shop: Shop, post: SmtpSink) -> None:
    accounts.register("Alice@Example.com ", "Alice", SECRET)
    with pytest.raises(InvalidInput, match="do not belong together"):
        accounts.sign_in(ALICE, SECRET)
    token = link(post)
    with pytest.raises(InvalidInput):
        accounts.confirm_address(token, OTHER)

    accounts.confirm_address(token, SECRET)
    accounts.confirm_address(token, SECRET)

    assert accounts.sign_in(ALICE, SECRET).email == ALICE


def test_registering_a_known_address_changes_nothing_and_tells_its_owner(
    shop: Shop, post: SmtpSink, alice: User
) -> None:
    accounts.register(ALICE, "Somebody", OTHER)
    jobs.drain_outbox()

    [mail] = post.mails
    assert mail["To"] == ALICE
    assert "already" in mail["Subject"]
    assert accounts.sign_in(ALICE, SECRET).name == "Alice"
    with pytest.raises(InvalidInput):
        accounts.sign_in(ALICE, OTHER)


def test_a_registration_nobody_confirmed_is_replaced_by_the_next(shop: Shop, post: SmtpSink) -> None:
    accounts.register(ALICE, "Mallory", OTHER)
    accounts.register(ALICE, "Alice", SECRET)

    assert accounts.confirm_address(link(post), SECRET).name == "Alice"


def meanwhile(monkeypatch: pytest.MonkeyPatch, happens: Callable[[], object]) -> None:
    """Let something happen, once, while the next password is being checked."""
    verify, waiting = PasswordHasher.verify, [happens]

    def slow(hasher: PasswordHasher, known: str, password: str) -> bool:
        is_right = verify(hasher, known, password)
        while waiting:
            waiting.pop()()
        return is_right

    monkeypatch.setattr(PasswordHasher, "verify", slow)


def test_an_address_registered_anew_while_its_link_is_followed_is_not_confirmed_with_the_others_password(
    shop: Shop, post: SmtpSink, monkeypatch: pytest.MonkeyPatch
) -> None:
    accounts.register(ALICE, "Alice", SECRET)
    token = link(post)
    meanwhile(monkeypatch, lambda: accounts.register(ALICE, "Mallory", OTHER))

    with pytest.raises(InvalidInput, match="registered with"):
        accounts.confirm_address(token, SECRET)

    assert [user.email_confirmed_at for user in shop.rows(User, User.email == ALICE)] == [None]
    with pytest.raises(InvalidInput):
        accounts.sign_in(ALICE, OTHER)


def test_a_registration_that_comes_between_does_not_replace_a_confirmed_password(postgresql_shop: Shop) -> None:
    shop = postgresql_shop
    shop.reset()
    with shop.app.app_context(), SmtpSink() as post:
        shop.change_context(settings=replace(shop.context.settings, smtp_url=post.url))
        accounts.register(ALICE, "Alice", SECRET)
        token = link(post)

        with once_looked_up(shop, lambda: accounts.confirm_address(token, SECRET)):
            accounts.register(ALICE, "Mallory", OTHER)

        assert accounts.sign_in(ALICE, SECRET).name == "Alice"
        with pytest.raises(InvalidInput):
            accounts.sign_in(ALICE, OTHER)


@contextmanager
def once_looked_up(shop: Shop, work: Callable[[], object]) -> Iterator[None]:
    """Let another thread work, once, when this one has looked an account up and has not written it yet."""
    waiting = [work]

    def go(connection: Any, cursor: Any, statement: str, *_: Any) -> None:
        if "FROM user_account" in statement and waiting:
            happens = waiting.pop()
            assert not errors(shop.at_once(lambda _: happens(), 1))

    event.listen(db.engine, "after_cursor_execute", go)
    try:
        yield
    finally:
        event.remove(db.engine, "after_cursor_execute", go)


def test_a_password_changed_while_the_old_one_signs_in_stays_and_lets_nobody_in(
    shop: Shop, alice: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    with unit_of_work(write=True) as session:  # which a sign-in makes anew
        session.get_one(User, alice.id).password_hash = PasswordHasher(time_cost=1, memory_cost=1024).hash(SECRET)
    meanwhile(monkeypatch, lambda: accounts.change_password(alice.id, SECRET, OTHER))

    with pytest.raises(InvalidInput):
        accounts.sign_in(ALICE, SECRET)

    assert accounts.sign_in(ALICE, OTHER).id == alice.id


def test_of_two_changes_at_once_the_second_does_not_pass_with_the_password_of_before(
    shop: Shop, alice: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    meanwhile(monkeypatch, lambda: accounts.change_password(alice.id, SECRET, OTHER))

    with pytest.raises(InvalidInput) as wrong:
        accounts.change_password(alice.id, SECRET, "a third password")

    assert wrong.value.field == "old_password"
    assert accounts.sign_in(ALICE, OTHER).id == alice.id


def test_many_registrations_at_once_make_one_account(shop: Shop) -> None:
    results = shop.at_once(lambda number: accounts.register(ALICE, f"Alice {number}", SECRET), 4)

    assert results == [None] * 4
    assert len(shop.rows(User, User.email == ALICE)) == 1


def test_a_guests_orders_come_to_the_account_once_the_address_is_confirmed(shop: Shop, post: SmtpSink) -> None:
    order = shop.order()
    accounts.register(ALICE, "Alice", SECRET)
    before = shop.placed(order.id).user_id

    user = accounts.confirm_address(link(post), SECRET)

    assert before is None
    assert shop.placed(order.id).user_id == user.id
    assert [row.user_id for row in shop.rows(Order, Order.email == BOB)] == [None]


def test_a_reset_link_works_once_for_an_hour_and_ends_every_session(shop: Shop, post: SmtpSink, alice: User) -> None:
    accounts.request_reset(ALICE)
    token = link(post)

    accounts.reset_password(token, OTHER)

    assert accounts.load(alice.get_id()) is None
    assert accounts.sign_in(ALICE, OTHER).id == alice.id
    with pytest.raises(NotFound):
        accounts.reset_password(token, "a third password")
    accounts.request_reset(ALICE)
    late = link(post)
    shop.clock.advance(minutes=61)
    with pytest.raises(NotFound, match="too old"):
        accounts.reset_password(late, "a third password")


def test_a_reset_link_is_no_confirmation_and_the_other_way_round(shop: Shop, post: SmtpSink, alice: User) -> None:
    accounts.request_reset(ALICE)
    token = link(post)

    with pytest.raises(NotFound):
        accounts.of_link("confirm", token)
    with pytest.raises(NotFound):
        accounts.of_link("reset", token + "x")


def test_a_reset_for_nobody_sends_nothing(shop: Shop, post: SmtpSink) -> None:
    accounts.request_reset("nobody@example.com")
    jobs.drain_outbox()

    assert post.mails == []


def test_a_changed_password_ends_other_sessions_and_open_reset_links(shop: Shop, post: SmtpSink, alice: User) -> None:
    accounts.request_reset(ALICE)
    token = link(post)
    with pytest.raises(InvalidInput) as wrong:
        accounts.change_password(alice.id, OTHER, "a third password")

    changed = accounts.change_password(alice.id, SECRET, OTHER)

    assert wrong.value.field == "old_password"
    assert accounts.load(alice.get_id()) is None
    assert accounts.load(changed.get_id()) is not None
    with pytest.raises(NotFound):
        accounts.reset_password(token, "a third password")


def test_signing_out_everywhere_ends_the_sessions_of_one_account(shop: Shop, alice: User) -> None:
    [bob] = shop.rows(User, User.email == BOB)

    accounts.end_sessions(alice.id)

    assert accounts.load(alice.get_id()) is None
    assert accounts.load(bob.get_id()) is not None
    assert accounts.load(str(alice.id)) is None


def test_a_new_mail_address_counts_once_it_is_confirmed_and_both_are_told(
    shop: Shop, post: SmtpSink, alice: User
) -> None:
    accounts.request_new_address(alice.id, "alice@example.org", SECRET)
    token = link(post)
    [bob] = shop.rows(User, User.email == BOB)
    with pytest.raises(NotFound):
        accounts.confirm_new_address(token, bob.id)
    post.mails.clear()

    changed = accounts.confirm_new_address(token, alice.id)
    accounts.confirm_new_address(token, alice.id)
    jobs.drain_outbox()

    assert changed.email == "alice@example.org"
    assert sorted(mail["To"] for mail in post.mails) == [ALICE, "alice@example.org"]


def test_moving_to_anothers_address_tells_the_other_and_moves_nothing(shop: Shop, post: SmtpSink, alice: User) -> None:
    accounts.request_new_address(alice.id, BOB, SECRET)
    jobs.drain_outbox()

    assert [mail["To"] for mail in post.mails] == [BOB]
    assert shop.rows(User, User.id == alice.id)[0].pending_email == ""


def test_an_old_hash_is_made_anew_at_the_next_sign_in(shop: Shop, alice: User) -> None:
    with unit_of_work(write=True) as session:
        session.get_one(User, alice.id).password_hash = PasswordHasher(time_cost=1, memory_cost=1024).hash(SECRET)

    accounts.sign_in(ALICE, SECRET)

    assert "m=1024" not in shop.rows(User, User.id == alice.id)[0].password_hash


def test_each_mail_is_sent_once_and_its_address_forgotten(shop: Shop, post: SmtpSink, alice: User) -> None:
    accounts.request_reset(ALICE)

    for _ in range(3):
        jobs.drain_outbox()

    assert len(post.mails) == 1
    assert {event.email for event in shop.rows(AccountEvent)} == {""}


@pytest.mark.parametrize(
    "poor",
    ["short", "password123", "P@ssw0rd2024", "1234567890", "qwertyuiop", "aaaaaaaaaaaa", "abcabcabcabc", ALICE,
     "iloveyou!!", "x" * 201],
)  # fmt: skip
def test_what_is_tried_first_is_no_password(shop: Shop, poor: str) -> None:
    with pytest.raises(InvalidInput):
        passwords.check(poor, ALICE)


@pytest.mark.parametrize("good", [SECRET, OTHER, "correct horse battery", "茶葉と海の風と鳥の歌"])
def test_length_is_what_a_password_needs(shop: Shop, good: str) -> None:
    passwords.check(good, ALICE)


def test_a_vat_id_is_checked_by_its_digits(shop: Shop, alice: User) -> None:
    user = accounts.set_details(alice.id, "Alice", "Ashdown GmbH", "DE 136 695 976")
    with pytest.raises(InvalidInput) as wrong:
        accounts.set_details(alice.id, "Alice", "", "DE136695977")

    assert user.vat_id == "DE136695976"
    assert wrong.value.field == "vat_id"
