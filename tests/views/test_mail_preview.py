"""The preview of mails in development: each of them, and nothing else."""

import re
from dataclasses import replace

import pytest

from shop import create_app
from shop.models import Document
from tests.shop_app import Shop
from tests.views.visitor import Visitor


def test_the_preview_of_mails_shows_each_of_them_and_no_real_customer(shop: Shop, alice: Visitor) -> None:
    with shop.app.app_context():
        payment = shop.paid()

    index = alice.get("/_preview/mails")
    links = re.findall(r'href="(/_preview/mails/[^"]+\.(?:html|txt|pdf)[^"]*)"', index.text)
    answers = {link: alice.get(link.replace("&amp;", "&")) for link in links}

    assert {answer.status_code for answer in answers.values()} == {200}
    assert {link.rpartition(".")[2][:3] for link in links} == {"htm", "txt", "pdf"}
    said = "".join(answer.text for link, answer in answers.items() if ".pdf" not in link)
    with shop.app.app_context():
        assert shop.placed(payment.order_id).number not in said
        assert len(shop.rows(Document)) == 1
    assert "alice@" not in said
    mail = alice.get("/_preview/mails/receipt.html")
    assert "default-src 'none'; style-src 'unsafe-inline'" in mail.headers["Content-Security-Policy"]
    assert "unsafe-inline" not in index.headers["Content-Security-Policy"]


@pytest.mark.parametrize("path", ["/_preview/mails/nothing.html", "/_preview/mails/cancelled.pdf"])
def test_the_preview_has_nothing_else(alice: Visitor, path: str) -> None:
    assert alice.get(path).status_code == 404


def test_there_is_no_preview_in_production(shop: Shop) -> None:
    app = create_app(replace(shop.context.settings, environment="production"))

    assert [rule.rule for rule in app.url_map.iter_rules() if "_preview" in rule.rule] == []
    assert app.test_client().get("/_preview/mails/receipt.html").status_code == 404
