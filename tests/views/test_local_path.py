"""Where a form leads on to: whatever is written there, a browser stays in the shop."""

import re

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from shop.views.forms import local_path
from tests.shop_app import Shop
from tests.views.visitor import Visitor

NASTY = [
    "//evil.example",
    "///evil.example",
    "/\\evil.example",
    "\\\\evil.example",
    "/\t/evil.example",
    "/\r\n/evil.example",
    "\x00//evil.example",
    " //evil.example",
    "https://evil.example",
    "https:evil.example",
    "javascript:alert(1)",
    "/\x0b\\evil.example",
    "evil.example",
    "/ok\r\nSet-Cookie: a=b",
    "/ok\x7f",
    "http:///evil.example",
    "/\u3002/evil.example\\",
    "",
    "/" + "a" * 5000,
]


def host_a_browser_goes_to(location: str) -> str:
    """Return the host that a browser on https://tea.example goes to (url.spec.whatwg.org, the basic URL parser)."""
    text = re.sub(r"[\t\n\r]", "", location.strip("".join(map(chr, range(0x21)))))
    scheme = re.match(r"([a-zA-Z][a-zA-Z0-9+.-]*):", text)
    if scheme:
        return f"{scheme[1]}: {text[scheme.end():]}"
    slashes = re.match(r"[/\\]{2,}", text)
    return re.split(r"[/\\?#]", text[slashes.end() :])[0] if slashes else "tea.example"


@example("//evil.example")
@example("/\\evil.example")
@example("/\t/evil.example")
@given(st.text(st.sampled_from("/\\:.?#@%\t\r\n\x00 \x7f2fFevil") | st.characters(), max_size=40))
def test_whatever_is_written_a_browser_stays_here(text: str) -> None:
    path = local_path(text, "/")

    assert host_a_browser_goes_to(path) == "tea.example"
    assert path.startswith("/")
    assert not set("\r\n\x00") & set(path)


@pytest.mark.parametrize("path", NASTY)
def test_what_leads_away_leads_home(path: str) -> None:
    assert local_path(path, "/home") == "/home"


@pytest.mark.parametrize("path", ["/", "/checkout", "/?q=tea&page=2", "/teas/gyokuro?a=//b", "/%2f%2fevil.example"])
def test_what_stays_here_is_kept(path: str) -> None:
    assert local_path(path, "/home") == path


@pytest.mark.parametrize("path", NASTY)
def test_the_forms_that_lead_on_never_lead_away(shop: Shop, alice: Visitor, path: str) -> None:
    for form, field in (("/language", {"language": "de"}), ("/currency", {"currency": "EUR"})):
        answer = alice.post(form, next=path, **field)

        assert answer.status_code == 303
        assert answer.location == "/"
