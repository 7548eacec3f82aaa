"""The look keeps its promises: contrast, no inline style, a picture for every product, mails that stand alone."""

import re
from itertools import product
from pathlib import Path

import pytest

from shop.services import receipts
from shop.services.mail.orders import KINDS, about
from shop.services.mail.sending import compose
from shop.services.seed_catalogue import ENTRIES
from shop.views.illustrations import Wave, contour, tin
from tests.shop_app import Shop

ROOT = Path(__file__).parents[2]
WORDS = ("--ink", "--ink-muted", "--accent", "--calm", "--warning", "--danger")
SURFACES = ("--paper", "--paper-raised", "--paper-sunken")
LINES = ("--hairline-strong", "--accent-line", "--calm-line", "--warning-line", "--danger-line", "--focus")


def _tokens(scheme: str) -> dict[str, str]:
    css = (ROOT / "static/css/tokens.css").read_text()
    light, dark = css.split("@media (prefers-color-scheme: dark)")
    found = dict(re.findall(r"(--[\w-]+):\s*(#[0-9a-f]{3,6})", light))
    if scheme == "dark":
        found |= dict(re.findall(r"(--[\w-]+):\s*(#[0-9a-f]{3,6})", dark.split("@media")[0]))
    return found


def _luminance(colour: str) -> float:
    parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def _contrast(one: str, other: str) -> float:
    bright, dim = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (bright + 0.05) / (dim + 0.05)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_words_reach_seven_to_one_on_every_surface(scheme: str) -> None:
    tokens = _tokens(scheme)

    poor = [
        (word, surface) for word, surface in product(WORDS, SURFACES) if _contrast(tokens[word], tokens[surface]) < 7
    ]

    assert poor == []
    assert _contrast(tokens["--on-accent"], tokens["--accent"]) >= 7


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_lines_that_mean_something_reach_three_to_one(scheme: str) -> None:
    tokens = _tokens(scheme)

    poor = [(line, s) for line, s in product(LINES, SURFACES[:2]) if _contrast(tokens[line], tokens[s]) < 3]

    assert poor == []


def test_no_page_carries_inline_style_or_script() -> None:
    for path in (ROOT / "templates").rglob("*.html"):
        if "mail" in path.parts or path.name == "mail.html":
            continue  # mail programs know nothing else
        text = path.read_text()
        assert not re.search(r"\sstyle=|<style|\son[a-z]+=\"", text), path
        # A block of data is no script: browsers neither run it nor hold the policy against it.
        assert not re.search(r"<script(?![^>]*\bsrc=)(?! type=\"application/ld\+json\">)", text), path


def test_only_the_tokens_name_colours() -> None:
    for path in (ROOT / "static/css").glob("*.css"):
        if path.name != "tokens.css":
            raw = set(re.findall(r"#[0-9a-f]{3,8}\b", path.read_text())) - {"#000", "#fff"}
            assert raw == set(), path


def test_a_tide_line_has_only_level_and_upright_strokes() -> None:
    path = contour(Wave(amplitude=12, length=100, phase=0.3, step=4), baseline=50, columns=40)

    assert set(re.findall(r"[A-Za-z]", path)) == {"M", "h", "v"}
    assert sum(float(run) for run in re.findall(r"h([\d.]+)", path)) == 240


def test_no_two_products_wear_the_same_tin() -> None:
    drawings = [tin(entry.name, entry.facts) for entry in ENTRIES]

    assert len({drawing.lines for drawing in drawings}) == len(ENTRIES)
    assert len({(drawing.form, drawing.ground, drawing.number) for drawing in drawings}) == len(ENTRIES)


def test_a_product_without_facts_has_a_picture_all_the_same() -> None:
    drawing = tin("A Tea Nobody Has Described In Full Yet", {})

    assert drawing.form == "caddy"
    assert drawing.lines
    assert len(drawing.words) <= 3


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("currency", ["EUR", "JPY"])
def test_every_mail_tells_the_order_and_needs_nothing_from_outside(shop: Shop, kind: str, currency: str) -> None:
    with shop.app.app_context():
        payment = shop.paid(currency=currency)
        order = shop.placed(payment.order_id)
        composed = compose(about(kind, receipts.of(order)))
    subject, text, html = composed.subject, composed.text, composed.html

    assert order.number in subject
    assert "\n" not in subject
    assert order.number in text
    assert "<" not in text
    assert not re.search(r"<(img|link|script)|url\(", html)
    if kind == "receipt":
        assert payment.captures[0].external_id in text
        assert ("¥2,800" if currency == "JPY" else "€17.40") in html
