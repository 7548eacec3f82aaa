"""What a browser is told with every answer: what it may load, embed, keep and tell; and what is refused at the gate."""

import re

import pytest
from flask import g, render_template_string
from werkzeug.exceptions import (
    BadRequest,
    Forbidden,
    HTTPException,
    MethodNotAllowed,
    NotFound,
    RequestEntityTooLarge,
    UnsupportedMediaType,
)

from shop.services import metrics
from shop.services.shelf import Shelves
from shop.views import catalogue, errors
from shop.views.policy import PAYMENT_PAGES
from tests.shop_app import Shop
from tests.views.visitor import Visitor, words

PLAIN = ("/", "/teas/sen-100", "/cart", "/login", "/register", "/forgot", "/orders/lookup", "/nothing", "/robots.txt")
PROVIDERS = re.compile("stripe|paypal|link.com")


@pytest.mark.parametrize("path", PLAIN)
def test_a_page_without_a_form_of_a_provider_names_no_host_but_ours(customer: Visitor, path: str) -> None:
    policy = customer.get(path).headers["Content-Security-Policy"]

    assert not PROVIDERS.search(policy)
    assert "unsafe" not in policy
    assert not re.search(r"https?://|\*", policy)
    for directive in ("default-src 'none'", "object-src 'none'", "base-uri 'none'", "frame-ancestors 'none'"):
        assert directive in policy
    assert "form-action 'self'" in policy
    assert "upgrade-insecure-requests" in policy


@pytest.mark.parametrize("path", ["/pay/nothing", "/account/payment-methods/add"])
def test_an_error_or_a_redirect_at_the_address_of_a_payment_page_names_no_host(customer: Visitor, path: str) -> None:
    answer = customer.get(path)

    assert answer.status_code in {302, 404}
    assert not PROVIDERS.search(answer.headers["Content-Security-Policy"])
    assert "payment=()" in answer.headers["Permissions-Policy"]


def test_the_pages_that_show_a_form_of_a_provider_exist(public_shop: Shop) -> None:
    endpoints = {rule.endpoint for rule in public_shop.app.url_map.iter_rules()}

    assert set(PAYMENT_PAGES) <= endpoints


def test_a_page_without_a_script_may_run_none(customer: Visitor) -> None:
    page = customer.get("/")

    assert "script-src 'none'" in page.headers["Content-Security-Policy"]
    assert "<script" not in page.text


def test_a_page_that_visitors_share_has_a_nonce_and_a_token_of_its_own_for_each(
    shop: Shop, alice: Visitor, bob: Visitor, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = []

    def page(*_: object, **values: object) -> str:
        made.append(g.get("is_shared_page"))
        source = '<script nonce="{{ csp_nonce() }}"></script><input value="{{ csrf_token() }}">'
        return render_template_string(source, **values)

    monkeypatch.setattr(catalogue, "product_page", page)
    shop.change_context(shelves=Shelves(600))

    pages = [visitor.get("/teas/sen-100") for visitor in (alice, bob)]

    shop.change_context(shelves=Shelves(0))
    nonces = [re.findall(r'nonce="([^"]+)"', answer.text)[0] for answer in pages]
    tokens = [re.findall(r'value="([^"]+)"', answer.text)[0] for answer in pages]
    assert made == [True]
    assert nonces[0] != nonces[1]
    assert tokens[0] != tokens[1]
    for answer, own in zip(pages, nonces, strict=True):
        assert f"script-src 'nonce-{own}'" in answer.headers["Content-Security-Policy"]


def test_each_answer_has_another_nonce(customer: Visitor) -> None:
    customer.put_in_cart()

    policies = [customer.get("/cart").headers["Content-Security-Policy"] for _ in range(5)]

    assert len({re.findall(r"nonce-([\w-]{22})", policy)[0] for policy in policies}) == 5


def test_over_https_the_browser_is_told_to_stay_there_and_plain_http_is_led_there(
    public_shop: Shop, customer: Visitor
) -> None:
    plain = public_shop.app.test_client().get("/cart", base_url="http://tea.example")

    assert customer.get("/cart").headers["Strict-Transport-Security"] == "max-age=31556926; includeSubDomains"
    assert plain.status_code == 302
    assert plain.location == "https://tea.example/cart"


@pytest.mark.parametrize("path", ["/cart", "/login", "/orders/lookup", "/nothing"])
def test_what_hangs_on_a_person_is_kept_by_nobody(customer: Visitor, path: str) -> None:
    headers = customer.get(path).headers

    assert headers["Cache-Control"] == "private, no-store"
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["X-Frame-Options"] == "DENY"
    assert headers["Cross-Origin-Opener-Policy"] == "same-origin"


def test_a_link_that_lets_somebody_in_is_told_to_no_other_site(customer: Visitor) -> None:
    pages = [customer.get(path) for path in ("/orders/x/receipt", "/account/reset/x", "/account/confirm/x")]

    assert {page.headers["Referrer-Policy"] for page in pages} == {"same-origin"}


@pytest.mark.parametrize(
    "host", ["evil.example", "evil.example:8000", "tea.example.evil.example", "[", "a b", "tea.example@evil.example"]
)
def test_a_host_that_is_not_ours_is_refused_before_any_page_names_it(
    shop: Shop, alice: Visitor, customer: Visitor, host: str
) -> None:
    for visitor in (alice, customer):
        answer = visitor.client.get("/sitemap.xml", headers={"Host": host}, base_url=visitor.origin)

        assert answer.status_code == 400
        assert "evil" not in answer.text


def test_in_public_this_machines_own_names_are_not_the_shops_but_its_watchers_may_use_them(customer: Visitor) -> None:
    page = customer.client.get("/login", headers={"Host": "127.0.0.1"}, base_url=customer.origin)
    health = customer.client.get("/healthz", base_url="http://10.0.0.7:8000")

    assert (page.status_code, health.status_code) == (400, 200)


def test_a_host_that_a_proxy_passes_on_is_not_believed_either(shop: Shop, alice: Visitor) -> None:
    answer = alice.client.get("/sitemap.xml", headers={"X-Forwarded-Host": "evil.example"})

    assert answer.status_code == 200
    assert "evil" not in answer.text


def test_files_are_taken_nowhere(shop: Shop, alice: Visitor) -> None:
    token = alice.get("/login").text.split('name="csrf_token" value="', 1)[1].split('"', 1)[0]

    for path in ("/cart", "/checkout", "/login", "/orders/lookup"):
        answer = alice.client.post(path, data={"csrf_token": token}, content_type="multipart/form-data")
        assert answer.status_code == 415
        assert "takes forms and no files" in words(answer)


def test_what_is_larger_than_any_form_of_ours_is_refused_everywhere(shop: Shop, alice: Visitor) -> None:
    for path in ("/cart", "/checkout", "/login", "/pay/x/stripe", "/reports/csp"):
        answer = alice.client.post(path, data="x=" + "y" * 70_000, content_type="application/x-www-form-urlencoded")

        assert answer.status_code in {413, 415}, path
        assert "Traceback" not in answer.text


@pytest.mark.parametrize("method", ["PUT", "DELETE", "PATCH", "TRACE"])
def test_a_method_that_no_page_has_is_told_so(shop: Shop, alice: Visitor, method: str) -> None:
    answer = alice.client.open("/cart", method=method)

    assert answer.status_code == 405
    assert "does not work here" in words(answer)


@pytest.mark.parametrize(
    "error",
    [BadRequest, Forbidden, NotFound, MethodNotAllowed, RequestEntityTooLarge, UnsupportedMediaType],
    ids=lambda error: str(error.code),
)
def test_whatever_is_refused_is_told_in_the_shops_look(shop: Shop, error: type[HTTPException]) -> None:
    with shop.app.test_request_context("/nothing"):
        page, code, _headers = errors.http(error("secret insides"))  # type: ignore[misc]

    assert code == error.code
    assert "tokens.css" in page
    assert "insides" not in page
    assert "<h1>" in page


REPORT = {
    "csp-report": {
        "document-uri": "https://tea.example/pay/IllSNVA3VkFXUUZWRThGWUIi.dWhBO6ZqikytNIxd3797L0YYyOI?secret=1",
        "effective-directive": "script-src-elem",
        "blocked-uri": "https://evil.example/skimmer.js?card=4242",
    }
}
NEWER = [
    {
        "type": "csp-violation",
        "body": {"documentURL": "https://tea.example/cart", "effectiveDirective": "img-src", "blockedURL": "data"},
    },
    {"type": "deprecation", "body": {}},
]


@pytest.fixture
def told(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, dict[str, str]]]:
    """The lines that reports left in the log."""
    lines: list[tuple[str, dict[str, str]]] = []

    class Log:
        def warning(self, event: str, **fields: str) -> None:
            lines.append((event, fields))

    monkeypatch.setattr("shop.services.violations.log", Log())
    return lines


def test_a_browsers_report_is_one_line_and_one_count_without_the_address(
    shop: Shop, alice: Visitor, told: list[tuple[str, dict[str, str]]]
) -> None:
    before = metrics.policy_violations.labels("payment", "script-src-elem")._value.get()

    answer = alice.client.post("/reports/csp", json=REPORT, content_type="application/csp-report")

    assert answer.status_code == 204
    assert told == [
        (
            "policy_violation",
            {
                "page": "payment",
                "page_route": "/pay/<token>",
                "directive": "script-src-elem",
                "blocked": "https://evil.example",
            },
        )
    ]
    assert metrics.policy_violations.labels("payment", "script-src-elem")._value.get() == before + 1


def test_reports_of_the_newer_kind_come_as_a_list(
    shop: Shop, alice: Visitor, told: list[tuple[str, dict[str, str]]]
) -> None:
    answer = alice.client.post("/reports/csp", json=NEWER * 20, content_type="application/reports+json")

    assert answer.status_code == 204
    assert len(told) <= 10
    assert {fields["page_route"] for _event, fields in told} == {"/cart"}


@pytest.mark.parametrize(
    ("body", "kind", "code"),
    [
        ("not json", "application/csp-report", 400),
        ("[" * 5000, "application/csp-report", 400),
        ("null", "application/csp-report", 204),
        ('{"csp-report": []}', "application/csp-report", 204),
        ('[1, {"type": "csp-violation", "body": 3}]', "application/reports+json", 204),
        ("{}", "text/plain", 415),
        ("{}", "application/x-www-form-urlencoded", 415),
        ("[" + " " * 20_000 + "]", "application/reports+json", 413),
    ],
)
def test_what_is_no_report_leaves_nothing(
    shop: Shop, alice: Visitor, told: list[tuple[str, dict[str, str]]], body: str, kind: str, code: int
) -> None:
    answer = alice.client.post("/reports/csp", data=body, content_type=kind)

    assert answer.status_code == code
    assert told == []


@pytest.mark.parametrize(
    ("page", "blocked"),
    [
        ("https://tea.example/nothing\nlevel=error", "https://evil.example forged"),
        ("", ""),
        ("http://[", "http://["),
        ("/pay", "javascript:alert(1)"),
        ("/\x00", "https://" + "a" * 5000),
    ],
)
def test_a_made_up_report_puts_no_words_of_its_own_into_the_log(
    shop: Shop, alice: Visitor, told: list[tuple[str, dict[str, str]]], page: str, blocked: str
) -> None:
    report = {"document-uri": page, "effective-directive": "made-up", "blocked-uri": blocked}

    answer = alice.client.post("/reports/csp", json={"csp-report": report}, content_type="application/csp-report")

    assert answer.status_code == 204
    _event, fields = told[0]
    assert fields == {"page": "other", "page_route": "", "directive": "other", "blocked": "other"}
