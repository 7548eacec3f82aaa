"""The page about the schema names tables and columns that exist, and its drawing is what the models say."""

import re

from tests import schema

PAGE = schema.PAGE.read_text()
TOLD = PAGE.partition("## Orders")[2].partition("## What the database itself refuses")[0]
# Words between backticks that are no columns: the providers' own names, and what stands in a column.
OTHERS = {"metadata", "custom_id", "sweep"}
# Hangs on an order, and is told of elsewhere: docs/2_checkout.md.
ELSEWHERE = {"redemption"}


def told() -> dict[str, str]:
    """Return what the page says of each table, by its name in bold."""
    parts = re.split(r"\*\*([a-z_]+)\*\*", TOLD)
    return dict(zip(parts[1::2], parts[2::2], strict=True))


def test_every_table_of_the_page_exists() -> None:
    assert len(told()) > 15
    assert set(told()) - set(schema.tables().tables) == set()


def test_every_column_of_the_page_is_one_of_its_table() -> None:
    wrong, before = [], set()
    for table, text in told().items():
        columns = set(schema.tables().tables[table].columns.keys())
        prose = re.sub(r"^#.*$", "", text, flags=re.MULTILINE)
        named = set(re.findall(r"`([a-z_0-9]+)`", prose)) - OTHERS
        # Two tables that are told in one breath: what stands behind the second may be the first one's.
        wrong += [f"{table}.{name}" for name in sorted(named - columns - before)]
        before = columns

    assert wrong == []


def test_what_hangs_on_an_order_or_a_payment_is_told() -> None:
    owners = {"orders", "payment"}
    hanging = {
        table.name
        for table in schema.tables().tables.values()
        if any(key.column.table.name in owners for column in table.columns for key in column.foreign_keys)
    }

    assert hanging - set(told()) - ELSEWHERE == set()


def test_the_drawing_is_what_the_models_say() -> None:
    assert schema.diagram() in PAGE, "run `.venv/bin/python -m tests.schema`"
