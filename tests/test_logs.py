"""Logs: no secret and no card number in any of them, however deep, and the ids of what a line is about."""

import json
import logging
import smtplib
from typing import Any

import pytest
import structlog

from shop import logs

CARD = "4242424242424242"


def written(capsys: pytest.CaptureFixture[str], **fields: Any) -> dict[str, Any]:
    """Write a line and return it as it came out."""
    root = logging.getLogger()
    handlers, level = root.handlers, root.level
    logs.configure("INFO")
    try:
        structlog.get_logger("test").info("told", **fields)
    finally:
        root.handlers = handlers
        root.setLevel(level)
    line: dict[str, Any] = json.loads(capsys.readouterr().err.splitlines()[-1])
    return line


@pytest.mark.parametrize(
    "secret",
    [CARD, "4242 4242 4242 4242", "5555-5555-5555-4444", "378282246310005", "sk_live_51Mara", "rk_test_mara",
     "pk_test_mara", "whsec_mara", "pi_1_secret_abc", "Bearer abc.def", "Basic bWFyYQ==", "sk_test_mara",
     "4242\u00a04242\u00a04242\u00a04242", "IllSNVA3VkFXUUZWRThGWUIi.dWhBO6ZqikytNIxd3797L0YYyOI",
     "eyJjYXJ0Ijoi.aSWd3g.R8xJq2u0mBo1kZ-4XeT7wqYpL9s"],
)  # fmt: skip
def test_a_secret_is_blotted_out_wherever_it_stands(capsys: pytest.CaptureFixture[str], secret: str) -> None:
    deep = {"list": [{"in": f"({secret})"}], secret: 1}

    line = written(capsys, plain=f"before {secret} after.", deep=deep, error=ValueError(secret))

    assert secret not in json.dumps(line)
    assert line["plain"] == f"before {logs.GONE} after."


def test_a_mail_address_is_masked_wherever_it_stands(capsys: pytest.CaptureFixture[str]) -> None:
    refused = smtplib.SMTPRecipientsRefused({"alice@example.com": (550, b"no <alice@example.com> here")})

    line = written(capsys, error=refused, plain="to alice@example.com, at once")

    assert "alice" not in json.dumps(line)
    assert line["plain"] == "to a***@example.com, at once"


def test_a_card_number_that_is_a_number_is_blotted_out_too(capsys: pytest.CaptureFixture[str]) -> None:
    assert written(capsys, given=int(CARD))["given"] == logs.GONE


@pytest.mark.parametrize(
    "harmless",
    ["4242424242424241", "0.4242424242424242", "ch_4242424242424242", "TT-7K3XQ2-00042",
     "tests.services.test_documents.TestWhateverIsCalledLikeThis", "https://api-m.sandbox.paypal.com/v2/checkout/orders"],
)
def test_what_only_looks_like_one_stays(capsys: pytest.CaptureFixture[str], harmless: str) -> None:
    assert written(capsys, plain=harmless)["plain"] == harmless


def test_an_exception_is_written_without_what_it_carried(capsys: pytest.CaptureFixture[str]) -> None:
    try:
        raise ValueError(f"the key sk_test_mara and the card {CARD}")
    except ValueError:
        line = written(capsys, exc_info=True)

    assert "ValueError" in line["exception"]
    assert "sk_test_mara" not in line["exception"]
    assert CARD not in line["exception"]


def test_ids_stand_in_every_line_of_their_work_and_in_none_after_it(capsys: pytest.CaptureFixture[str]) -> None:
    with logs.bound(event_id="evt_1"):
        during = written(capsys)
    after = written(capsys)

    assert during["event_id"] == "evt_1"
    assert "event_id" not in after


def test_a_job_is_named_in_its_lines(capsys: pytest.CaptureFixture[str]) -> None:
    @logs.told_of
    def sweep() -> dict[str, Any]:
        return written(capsys)

    line = sweep()

    assert (line["job"], len(line["run"])) == ("sweep", 12)
