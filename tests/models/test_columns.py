"""What every table shares: moments with a zone, states that exist, ids that nobody confuses."""

from datetime import UTC, datetime, timedelta, timezone

import pytest
from sqlalchemy.dialects import sqlite

from shop.models.base import ALPHABET, EnumText, UtcDateTime, public_id
from shop.models.order import OrderState

DIALECT = sqlite.dialect()


def test_a_moment_without_a_zone_is_refused() -> None:
    with pytest.raises(ValueError, match="without zone"):
        UtcDateTime().process_bind_param(datetime(2026, 3, 29, 2, 30), DIALECT)  # noqa: DTZ001 - what is refused


def test_a_moment_in_any_zone_is_kept_in_utc() -> None:
    noon_in_tokyo = datetime(2026, 1, 1, 12, tzinfo=timezone(timedelta(hours=9)))

    kept = UtcDateTime().process_bind_param(noon_in_tokyo, DIALECT)
    read = UtcDateTime().process_result_value(datetime(2026, 1, 1, 3), DIALECT)  # noqa: DTZ001 - what SQLite returns

    assert kept == noon_in_tokyo
    assert kept is not None
    assert kept.tzinfo is UTC
    assert read == noon_in_tokyo


def test_a_state_that_does_not_exist_is_refused() -> None:
    column = EnumText(OrderState)

    assert column.process_bind_param("paid", DIALECT) == "paid"
    assert column.process_result_value("paid", DIALECT) is OrderState.PAID
    with pytest.raises(ValueError, match="payed"):
        column.process_bind_param("payed", DIALECT)


def test_public_ids_can_be_read_over_the_telephone_and_do_not_repeat() -> None:
    ids = [public_id() for _ in range(1000)]

    assert len(set(ids)) == 1000
    assert {len(each) for each in ids} == {16}
    assert not set("".join(ids)) & set("0O1IL")
    assert set("".join(ids)) <= set(ALPHABET)
