"""Only the console's own pages may drive it; a web page elsewhere may not."""

from __future__ import annotations

import pytest

ACTIONS = (
    "/reset",
    "/clock/advance",
    "/faults/set",
    "/faults/clear",
    "/mailbox/clear",
    "/webhooks/knobs/stripe",
    "/_sandbox/reset",
    "/_sandbox/clock",
    "/_sandbox/faults",
)


@pytest.mark.parametrize("path", ACTIONS)
@pytest.mark.parametrize("origin", ["https://evil.example", "null", "http://127.0.0.1:8000"])
def test_a_change_asked_for_by_another_origin_is_refused(console, sandbox, path: str, origin: str):
    answer = console.post(path, {"hours": "1", "provider": "stripe", "kind": "down"}, origin=origin)

    assert answer.status_code == 403
    assert sandbox.world.faults.active() == []
    assert sandbox.world.clock.offset == 0


def test_a_browser_that_names_the_other_site_only_by_fetch_metadata_is_refused(console):
    answer = console.session.post(console.address + "/reset", headers={"Sec-Fetch-Site": "cross-site"}, timeout=5)

    assert answer.status_code == 403


def test_a_name_that_merely_resolves_to_loopback_is_refused(console):
    assert console.get("/", Host="rebound.example").status_code == 403
    assert console.get("/_sandbox/objects", Host="rebound.example").status_code == 403


@pytest.mark.parametrize("host", ["127.0.0.1:1234", "localhost:1234", "[::1]:1234"])
def test_every_name_of_loopback_is_answered(console, host: str):
    assert console.get("/", Host=host).status_code == 200


def test_a_program_without_an_origin_may_use_the_control_plane(console):
    answer = console.post("/_sandbox/clock", {"seconds": "60"}, origin=None)

    assert answer.status_code == 200


def test_pages_forbid_what_they_do_not_need(console):
    policy = console.get("/").headers["Content-Security-Policy"]

    assert "default-src 'none'" in policy
    assert "frame-ancestors 'none'" in policy
    assert "unsafe-inline" not in policy


def test_a_form_leads_back_to_a_page_of_the_console_and_nowhere_else(console):
    for there in ("https://evil.example/", "//evil.example", "/\\evil.example"):
        answer = console.post("/clock/advance", {"hours": "1", "back": there})

        assert answer.url == f"{console.address}/clock"
