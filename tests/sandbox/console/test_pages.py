"""Every page answers, shows what is there, and each action does what its button says."""

from __future__ import annotations

import pytest

from sandbox.paypal.funding import SOURCES
from sandbox.stripe.banks import ROWS as ACCOUNTS
from sandbox.stripe.cards import ROWS as CARDS
from tests.sandbox.waiting import eventually

PAGES = ("/", "/objects", "/cards", "/webhooks", "/requests", "/faults", "/clock", "/mailbox/")


@pytest.mark.parametrize("path", PAGES)
def test_a_page_answers_while_the_sandbox_is_empty(console, path: str):
    answer = console.get(path)

    assert answer.status_code == 200
    assert 'aria-current="page"' in answer.text


@pytest.mark.parametrize("path", PAGES)
def test_a_page_answers_when_there_is_something_to_show(console, payment: str, path: str):
    assert console.get(path).status_code == 200


def test_the_overview_names_every_address_and_key(console, sandbox):
    page = console.get("/").text

    for words in (
        sandbox.stripe_api,
        f"{sandbox.stripe_origin}/stripe.js",
        f"{sandbox.paypal_origin}/web-sdk/v6/core",
        f"smtp://127.0.0.1:{sandbox.settings.smtp_port}",
        "sk_test_sandbox",
        "whsec_sandbox",
        "sandbox-client",
    ):
        assert words in page


def test_every_test_card_account_and_funding_source_is_listed_once(console):
    page = console.get("/cards").text
    _, _, tables = page.partition('id="succeeds"')

    for number in [card.number for card in CARDS] + [account.iban for account in ACCOUNTS]:
        assert tables.count(f'data-copy="{number}"') == 1
    for source in SOURCES.values():
        assert source.label in page


def test_an_object_links_to_the_objects_it_names_and_to_what_happened(console, payment: str, sandbox):
    page = console.get(f"/objects/stripe.payment_intent/{payment}").text

    charge = next(iter(sandbox.world.store.table("stripe.charge")))
    assert f'href="/objects/stripe.charge/{charge}"' in page
    assert "payment_intent.succeeded" in page
    assert "Keemun &lt;b&gt;100 g&lt;/b&gt;" in page


def test_an_object_is_found_by_a_part_of_its_id(console, payment: str):
    page = console.get(f"/objects?id={payment[5:15]}").text

    assert f"/objects/stripe.payment_intent/{payment}" in page


def test_an_amount_is_listed_for_reading(console, payment: str):
    assert "24.50 EUR" in console.get("/objects/stripe.payment_intent").text


def test_secrets_and_bookkeeping_are_no_objects(console, payment: str):
    assert console.get("/objects/paypal.certificate").status_code == 404
    assert console.get("/objects/stripe.idempotency/console-2").status_code == 404
    assert "PRIVATE KEY" not in console.get("/objects").text


def test_a_replayed_request_is_told_apart_from_one_that_ran(console, payment: str):
    page = console.get("/requests?provider=stripe").text

    assert "console-2" in page
    assert "executed" in page
    assert "console-2" not in console.get("/requests?provider=paypal").text


def test_the_clock_moves_on_and_what_was_planned_has_run_before_the_next_page(console, payment: str, sandbox):
    planned = sandbox.world.agenda.after(3_000, "stripe.settle_charge", charge_id="ch_unknown")

    page = console.post("/clock/advance", {"hours": "24", "back": "/"})

    assert page.url == f"{console.address}/"
    assert "The clock moved on by 1 d" in page.text
    assert "1 d ahead" in page.text
    assert planned not in sandbox.world.store.table("sandbox.agenda")


@pytest.mark.parametrize("hours", ["", "-1", "0", "nan", "1e9", "x"])
def test_a_step_that_makes_no_sense_is_refused_with_the_reason(console, sandbox, hours: str):
    page = console.post("/clock/advance", {"hours": hours})

    assert "Say how many hours" in page.text
    assert sandbox.world.clock.offset == 0


def test_a_fault_is_set_seen_and_cleared(console, sandbox):
    page = console.post(
        "/faults/set", {"provider": "stripe", "kind": "slow", "times": "2", "seconds": "1.5", "method": "POST"}
    )
    assert "2 times more" in page.text
    assert sandbox.world.faults.active()[0]["seconds"] == 1.5

    page = console.post("/faults/clear", {"provider": "stripe"})
    assert "Stripe works again" in page.text
    assert sandbox.world.faults.active() == []


@pytest.mark.parametrize(
    "form",
    [
        {"provider": "nobody", "kind": "down"},
        {"provider": "stripe", "kind": "gone"},
        {"provider": "stripe", "kind": "down", "times": "0"},
        {"provider": "stripe", "kind": "slow", "seconds": "0"},
        {"provider": "stripe", "kind": "slow", "seconds": "nan"},
    ],
)
def test_a_fault_that_makes_no_sense_is_refused(console, sandbox, form: dict[str, str]):
    assert "notice-bad" in console.post("/faults/set", form).text
    assert sandbox.world.faults.active() == []


def test_a_fault_of_the_api_leaves_the_console_working(console):
    console.post("/faults/set", {"provider": "stripe", "kind": "down"})

    assert console.get("/faults").status_code == 200


def test_a_delivery_shows_what_was_sent_and_what_came_back(console, payment: str, sandbox):
    delivered = eventually(lambda: [d for d in sandbox.world.dispatcher.deliveries() if d["state"] == "delivered"])

    page = console.get(f"/webhooks/{delivered[0]['id']}").text

    assert "Stripe-Signature" in page
    assert delivered[0]["event_id"] in page
    assert "200" in page


def test_a_delivery_is_sent_again_and_once_more_with_a_bad_signature(console, payment: str, sandbox, shop):
    delivered = eventually(lambda: [d for d in sandbox.world.dispatcher.deliveries() if d["state"] == "delivered"])
    path = f"/webhooks/{delivered[0]['id']}"

    def attempts() -> list[dict[str, object]]:
        found = next(d for d in sandbox.world.dispatcher.deliveries() if d["id"] == delivered[0]["id"])
        return list(found["attempts"])

    assert "Sent again." in console.post(f"{path}/resend").text
    eventually(lambda: len(attempts()) == 2)
    assert "bad signature" in console.post(f"{path}/resend", {"bad_signature": "1"}).text
    eventually(lambda: len(attempts()) == 3)

    assert [attempt["bad_signature"] for attempt in attempts()] == [False, False, True]
    assert console.post("/webhooks/dlv_unknown/resend").status_code == 404


def test_the_knobs_are_turned_and_turned_back(console, sandbox):
    page = console.post("/webhooks/knobs/paypal", {"drop": "on", "delay_seconds": "2"})
    assert "PayPal: from now on: drop, 2 s late." in page.text
    assert sandbox.world.dispatcher.knobs("paypal").drop
    assert not sandbox.world.dispatcher.knobs("stripe").drop

    page = console.post("/webhooks/knobs/paypal", {"delay_seconds": "0"})
    assert "deliveries go out as they should" in page.text
    assert not sandbox.world.dispatcher.knobs("paypal").drop


def test_a_reset_forgets_everything_and_the_clock_is_real_again(console, payment: str, sandbox):
    console.post("/clock/advance", {"hours": "24"})
    console.post("/faults/set", {"provider": "stripe", "kind": "down"})

    page = console.post("/reset")

    assert "Everything is forgotten" in page.text
    assert console.get(f"/objects/stripe.payment_intent/{payment}").status_code == 404
    assert sandbox.world.faults.active() == []
    assert sandbox.world.clock.offset == 0


def test_an_unknown_object_delivery_or_table_is_not_found(console):
    for path in ("/objects/stripe.nothing", "/objects/stripe.charge/ch_none", "/webhooks/dlv_none"):
        assert console.get(path).status_code == 404
