"""ENCRYPTION_KEYS are changed while people are in the shop: every page shows what it showed, at every step.

The steps are those of docs/13_secrets_and_rotation.md: the new key opens first, then seals, everything is sealed anew,
and the old one is dropped.
"""

import pytest
from flask.testing import FlaskCliRunner
from sqlalchemy import text

from shop.errors import SettingsError
from shop.models import Document, User
from shop.services import addresses, rotation, seed, webhooks
from shop.services.addresses import Entry
from shop.services.unit_of_work import unit_of_work
from tests.rotation.running import Running
from tests.shop_app import ENVIRONMENT, Shop
from tests.test_crypto import made
from tests.views.visitor import ADDRESS, Visitor, words

OLD, NEW = ENVIRONMENT["ENCRYPTION_KEYS"], made("n")
BEFORE = {"ENCRYPTION_KEYS": OLD}
OPENS = {"ENCRYPTION_KEYS": f"{OLD},{NEW}"}  # every process gets this before any seals with the new one
SEALS = {"ENCRYPTION_KEYS": f"{NEW},{OLD}"}
AFTER = {"ENCRYPTION_KEYS": NEW}
HOME = Entry("Alice Ashdown", "Zwischendeich 17", "", "Husum", "", "25813", "DE")


def alice(running: Running) -> Visitor:
    """Return Alice's browser; she is signed in, and has an address in her book."""
    with running.shop.app.app_context():
        seed.seed()
        user = running.shop.rows(User, User.email == "alice@example.com")[0]
        addresses.add(user.id, HOME)
    visitor = running.browser()
    assert visitor.sign_in("alice@example.com", seed.DEMO_PASSWORD).status_code == 303
    return visitor


def buy(shop: Shop, visitor: Visitor) -> str:
    """Buy one of something to the end, and have a webhook tell of it; return the address of the receipt."""
    pay_page = visitor.order("BULK-1")
    begun = visitor.client.post(f"{pay_page}/stripe", headers={"X-CSRFToken": csrf(visitor, pay_page)})
    assert begun.status_code == 200
    with shop.app.app_context():
        payment = shop.payments()[-1]
        shop.approve(payment)
        shop.deliver(payment)
        webhooks.drain()
    return visitor.client.get(f"{pay_page}/return", follow_redirects=True).request.path


def csrf(visitor: Visitor, pay_page: str) -> str:
    return visitor.get(pay_page).text.split('data-csrf="', 1)[1].split('"', 1)[0]


def run(shop: Shop, *command: str) -> str:
    """Run a command of the shop as its merchant does; return what it says."""
    runner: FlaskCliRunner = shop.app.test_cli_runner()
    result = runner.invoke(args=["keys", *command])
    assert result.exit_code == 0, result.output
    return result.output


def test_nobody_notices_a_new_key(running_on_both: Running) -> None:
    running = running_on_both
    shop = running.start(**BEFORE)
    visitor = alice(running)
    receipts = [buy(shop, visitor)]

    for step in (OPENS, SEALS):
        shop = running.start(**step)
        assert all(ADDRESS["line1"] in words(visitor.get(receipt)) for receipt in receipts)
        assert HOME.line1 in words(visitor.get("/account/addresses"))
        receipts.append(buy(shop, visitor))

    assert "values still need key" in run(shop, "status")
    assert "Nothing is sealed with" in run(shop, "rotate")
    receipts.append(buy(shop, visitor))
    shop = running.start(**AFTER)
    receipts.append(buy(shop, visitor))

    assert len(set(receipts)) == 5
    assert all(ADDRESS["line1"] in words(visitor.get(receipt)) for receipt in receipts)
    assert HOME.line1 in words(visitor.get("/account/addresses"))
    with shop.app.app_context():
        assert len(shop.bodies()) == 5
        buyers = [document.snapshot["buyer"]["address"] for document in shop.rows(Document)]
    assert buyers == [[ADDRESS["line1"], f"{ADDRESS['postal_code']} {ADDRESS['city']}"]] * 5


def test_two_processes_that_have_not_changed_at_the_same_moment_read_each_other(running: Running) -> None:
    running.start(**OPENS)
    visitor = alice(running)

    for step in (SEALS, OPENS, SEALS, OPENS):
        receipt = buy(running.shop, visitor)
        running.start(**step)
        assert ADDRESS["line1"] in words(visitor.get(receipt))


def test_a_key_that_is_still_needed_cannot_be_dropped(running: Running) -> None:
    running.start(**BEFORE)
    visitor = alice(running)
    receipt = buy(running.shop, visitor)

    with pytest.raises(SettingsError, match="ENCRYPTION_KEYS does not open this database"):
        running.start(**AFTER)

    running.start(**SEALS)
    assert ADDRESS["line1"] in words(visitor.get(receipt))


def test_the_commands_tell_what_is_left_and_fail_where_something_cannot_be_read(running: Running) -> None:
    shop = running.start(**SEALS)
    alice(running)
    with shop.app.app_context():
        shop.order()

    told = run(shop, "status")

    new, old = shop.app.extensions["key_ring"].ids
    assert f"key {new} (seals and opens)" in told
    assert f"key {old} (opens only): 0 values" in told
    shop.app.extensions["key_ring"] = type(shop.app.extensions["key_ring"])([OLD])
    for command in ("status", "rotate"):
        result = shop.app.test_cli_runner().invoke(args=["keys", command])
        assert result.exit_code == 1
        assert f"{new}" in result.output
        assert "ENCRYPTION_KEYS lacks" in result.output


def test_a_value_in_clear_keeps_no_other_from_being_sealed_anew(running: Running) -> None:
    shop = running.start(**BEFORE)
    alice(running)
    with shop.app.app_context():
        shop.order()
        shop.order()
        with unit_of_work(write=True) as session:
            session.execute(text("UPDATE orders SET line1 = 'in clear' WHERE id = (SELECT min(id) FROM orders)"))

    shop = running.start(**SEALS)
    result = shop.app.test_cli_runner().invoke(args=["keys", "rotate"])

    with shop.app.app_context():
        report = rotation.status()
    left = {held.column for held in report.held if held.key != report.first}
    assert result.exit_code == 1
    assert "1 values were written past the shop" in result.output
    assert left == {"orders.line1", "installation.keys_known_by"}, "the old key is still needed for the check at start"
