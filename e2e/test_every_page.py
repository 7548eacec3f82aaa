"""Every page and state that the pictures show, examined for violations of WCAG; see `e2e.shots` for what they are."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from e2e import shots
from e2e.demo import Demo
from e2e.shots import Album, Taken


@pytest.fixture(params=[(390, "dark"), (1280, "light")], ids=["phone-dark", "desktop-light"])
def album(browser: Browser, demo: Demo, tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Album]:
    """A window as wide as a phone's or a desktop's, in one of the schemes."""
    width, scheme = request.param
    page = shots.window(browser, width, scheme)
    yield Album(page, demo.shop, tmp_path, f"{width}-{scheme}")
    page.context.close()


@pytest.mark.parametrize("take", shots.SETS, ids=lambda take: take.__name__)
def test_nothing_keeps_a_person_out(album: Album, take: Taken) -> None:
    take(album)

    assert album.found == []
    assert album.taken, "pages were examined"
