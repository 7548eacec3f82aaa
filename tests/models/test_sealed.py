"""Sealed columns: named after themselves, bounded like the plain ones, and of no use to a query."""

import pytest
from sqlalchemy import Dialect, select, update
from sqlalchemy.dialects import sqlite

from shop.extensions import db
from shop.models import Address, Document, InboxEvent, Order
from shop.models.sealed import SealedJson, SealedText

DIALECT: Dialect = sqlite.dialect()
PLACES = {"line1", "line2", "street", "city", "town", "region", "postal_code", "postcode", "phone", "fax"}


def test_every_sealed_column_is_sealed_under_its_own_name() -> None:
    names = {
        f"{table.name}.{column.name}": column.type.label
        for table in db.metadata.sorted_tables
        for column in table.columns
        if isinstance(column.type, SealedText | SealedJson)
    }

    assert len(names) > 15
    assert {name: label for name, label in names.items() if name != label} == {}


def test_no_part_of_an_address_and_no_telephone_number_is_stored_in_clear() -> None:
    clear = [
        f"{table.name}.{column.name}"
        for table in db.metadata.sorted_tables
        for column in table.columns
        if column.name.removeprefix("billing_") in PLACES and not isinstance(column.type, SealedText)
    ]

    assert clear == ["tax_rate.region"]  # where a rate is good: nobody's address


@pytest.mark.parametrize("column", [Order.city, Address.postal_code, InboxEvent.body, Document.snapshot])
def test_a_query_that_compares_a_sealed_column_is_refused_and_not_left_to_find_nothing(column: object) -> None:
    for wrong in (
        lambda: column == "Hamburg",
        lambda: column != "Hamburg",
        lambda: column.in_(["Hamburg"]),  # type: ignore[attr-defined]
        lambda: column.like("Ham%"),  # type: ignore[attr-defined]
        lambda: column < "I",  # type: ignore[operator]
        lambda: column.desc(),  # type: ignore[attr-defined]
    ):
        with pytest.raises(TypeError, match="sealed: the database cannot compare it"):
            wrong()


def test_whether_there_is_anything_may_be_asked_and_it_may_be_changed() -> None:
    asked = select(InboxEvent.id).where(InboxEvent.body.is_not(None))
    changed = update(InboxEvent).where(InboxEvent.body.is_(None)).values(body=None)

    assert "body IS NOT NULL" in str(asked)
    assert "SET body=" in str(changed)


def test_what_is_too_long_is_refused_as_a_plain_column_would() -> None:
    with pytest.raises(ValueError, match=r"orders\.city holds at most 80 characters, not 81"):
        SealedText("orders.city", 80).process_bind_param("x" * 81, DIALECT)


def test_nothing_is_sealed_where_there_is_nothing() -> None:
    column = SealedText("orders.line2", 120)

    assert [column.process_bind_param(value, DIALECT) for value in ("", None)] == ["", None]
    assert [column.process_result_value(value, DIALECT) for value in ("", None)] == ["", None]
    assert SealedJson("inbox_event.body").process_bind_param(None, DIALECT) is None
