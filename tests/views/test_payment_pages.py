"""The inventory of the payment pages (shop/payment_pages.toml) against what is served: each script and each header."""

import hashlib
import re
import tomllib
from collections.abc import Iterator
from html import unescape
from pathlib import Path
from typing import Any

import pytest
from werkzeug.test import TestResponse

from shop.config.reading import PAYPAL_LIVE_SDK, STRIPE_JS
from shop.gateways.base import Provider
from shop.services import inventory, payments, seed
from shop.views.policy import PAYMENT_PAGES
from tests.shop_app import Shop
from tests.views.visitor import Visitor

ROOT = Path(__file__).resolve().parents[2]
INVENTORY: dict[str, Any] = tomllib.loads((ROOT / "shop" / "payment_pages.toml").read_text())
OURS = [script for script in INVENTORY["script"] if "sha256" in script]
THEIRS = [script for script in INVENTORY["script"] if "setting" in script]
IMPORT = re.compile(r'^import .*? from "\./([\w.]+)";$', re.MULTILINE)
NONCE = re.compile(r"nonce-([\w-]{22})")


@pytest.fixture
def pages(public_shop: Shop, customer: Visitor) -> dict[str, TestResponse]:
    """Every page of the inventory, as somebody who is signed in gets it over HTTPS; by endpoint."""
    with public_shop.app.app_context():
        seed.seed()
    customer.sign_in("alice@example.com", seed.DEMO_PASSWORD)
    customer.put_in_cart()
    found = {"checkout.show": customer.get("/checkout")}
    pay_page = customer.check_out().location
    found["pay.page"] = customer.get(pay_page)
    with public_shop.app.app_context():
        payment = public_shop.payment(payments.start(public_shop.orders()[-1].id, Provider.STRIPE).payment_id)
        public_shop.stripe.process(payment.external_id or "")
    found["pay.return_page"] = customer.get(f"{pay_page}/return")
    found["cards.add"] = customer.get("/account/payment-methods/add")
    return found


def scripts_of(page: TestResponse) -> Iterator[str]:
    """Yield the address of every script that a page runs: its tags, what these import, and what they load by name."""
    tags = re.findall(r'<script [^>]*src="([^"]+)"', page.text)
    yield from re.findall(r'data-script="([^"]+)"', unescape(page.text))
    waiting, known = list(tags), set()
    while waiting:
        address = waiting.pop()
        if address in known:
            continue
        known.add(address)
        yield address
        text = (ROOT / address.lstrip("/")).read_text()
        waiting += [f"/static/js/{name}" for name in IMPORT.findall(text)]


def test_each_page_runs_the_scripts_of_the_inventory_and_no_other(
    public_shop: Shop, pages: dict[str, TestResponse]
) -> None:
    settings = public_shop.context.settings
    assert settings.stripe
    assert settings.paypal
    set_to = {"STRIPE_JS_URL": settings.stripe.js_url, "PAYPAL_SDK_URL": settings.paypal.sdk_url}

    for endpoint, page in pages.items():
        listed = [script for script in INVENTORY["script"] if endpoint in script["pages"]]

        assert page.status_code == 200, endpoint
        assert set(scripts_of(page)) == {set_to.get(script.get("setting"), script["from"]) for script in listed}


def test_the_providers_scripts_come_from_where_the_settings_say_by_themselves() -> None:
    assert {script["setting"]: script["from"] for script in THEIRS} == {
        "STRIPE_JS_URL": STRIPE_JS,
        "PAYPAL_SDK_URL": PAYPAL_LIVE_SDK,
    }


@pytest.mark.parametrize("script", OURS, ids=lambda script: str(script["name"]))
def test_a_script_that_changed_is_authorised_anew(script: dict[str, str]) -> None:
    found = hashlib.sha256((ROOT / script["from"].lstrip("/")).read_bytes()).hexdigest()

    told = f'{script["name"]} has changed: read the change, then write sha256 = "{found}" into shop/payment_pages.toml'
    assert script["sha256"] == found, told


def test_every_script_says_why_it_is_there_who_allowed_it_and_what_keeps_it_whole() -> None:
    for script in INVENTORY["script"]:
        assert all(script[told] for told in ("name", "from", "pages", "why", "authorised", "integrity"))


def test_every_page_that_shows_a_form_of_a_provider_is_in_the_inventory(pages: dict[str, TestResponse]) -> None:
    listed = {page["endpoint"] for page in INVENTORY["page"]}

    assert set(PAYMENT_PAGES) <= listed
    assert set(pages) == listed


def test_the_headers_of_each_page_are_those_of_the_inventory(pages: dict[str, TestResponse]) -> None:
    for page in INVENTORY["page"]:
        headers = pages[page["endpoint"]].headers
        for name, value in INVENTORY["headers"][page["headers"]].items():
            assert NONCE.sub("nonce-{nonce}", headers[name]) == value, (page["endpoint"], name)


def test_a_header_that_was_taken_away_or_weakened_is_noticed(customer: Visitor) -> None:
    served = dict(customer.get("/login").headers)
    weakened = served["Content-Security-Policy"].replace("script-src 'none'", "script-src *")

    assert inventory.altered(served) == []
    assert inventory.altered(served | {"Content-Security-Policy": weakened}) == ["Content-Security-Policy"]
    del served["Strict-Transport-Security"]
    assert inventory.altered(served) == ["Strict-Transport-Security"]


def test_every_script_tag_has_the_nonce_of_its_own_answer(customer: Visitor, pages: dict[str, TestResponse]) -> None:
    seen = set()
    for endpoint, page in pages.items():
        allowed = NONCE.findall(page.headers["Content-Security-Policy"])
        tags = re.findall(r"<script (?![^>]*ld\+json)[^>]*>", page.text)

        assert tags, endpoint
        assert {f'nonce="{nonce}"' in tag for tag in tags for nonce in allowed} == {True}
        seen |= set(allowed)

    assert len(seen) == len(pages)
