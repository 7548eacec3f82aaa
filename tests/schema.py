"""`python -m tests.schema`: draw the payment records into docs/17_schema.md, from the models themselves."""

from __future__ import annotations

import re
from pathlib import Path

from sqlalchemy import Column, ForeignKeyConstraint, MetaData, Table, UniqueConstraint

from shop import models
from shop.extensions import db

PAGE = Path(__file__).resolve().parents[1] / "docs" / "17_schema.md"
# Tables between which money and its records hang together; what stands alone needs no drawing.
DRAWN = (
    "orders",
    "order_line",
    "payment",
    "attempt",
    "capture",
    "refund",
    "ledger_transaction",
    "ledger_entry",
    "document_series",
    "document",
    "outbox_message",
    "alarm",
)
ALSO = ("state", "amount", "currency", "total", "sequence")  # drawn beside the keys
BLOCK = re.compile(r"```mermaid\n.*?```", re.DOTALL)


def tables() -> MetaData:
    """Return what the models declare; importing them is what fills it."""
    assert models.Payment.__tablename__ == "payment"
    return db.metadata


def diagram() -> str:
    """Return the drawing, as GitHub and most editors show it."""
    lines = ["erDiagram"]
    for name in DRAWN:
        lines += _links(tables().tables[name])
    for name in DRAWN:
        lines += _entity(tables().tables[name])
    return "```mermaid\n" + "\n".join(lines) + "\n```"


def _links(table: Table) -> list[str]:
    found = []
    for constraint in sorted(_foreign(table), key=lambda one: one.column_keys):
        (element,) = constraint.elements
        if element.column.table.name in DRAWN:
            column = table.columns[constraint.column_keys[0]]
            end = "|o" if column.nullable else "||"
            found.append(f"    {element.column.table.name} {end}--o{{ {table.name} : {column.name}")
    return found


def _foreign(table: Table) -> list[ForeignKeyConstraint]:
    return [constraint for constraint in table.constraints if isinstance(constraint, ForeignKeyConstraint)]


def _entity(table: Table) -> list[str]:
    rows = [f"        {_kind(column)} {column.name}{_mark(column)}" for column in table.columns if _is_drawn(column)]
    return [f"    {table.name} {{", *rows, "    }"]


def _is_drawn(column: Column[object]) -> bool:
    return bool(_mark(column)) or column.name in ALSO


def _mark(column: Column[object]) -> str:
    marks = ["PK"] if column.primary_key else []
    marks += ["FK"] if column.foreign_keys else []
    alone = [c for c in column.table.constraints if isinstance(c, UniqueConstraint) and list(c.columns) == [column]]
    marks += ["UK"] if alone or column.unique else []
    return " " + ", ".join(marks) if marks else ""


def _kind(column: Column[object]) -> str:
    return re.sub(r"\W.*", "", str(column.type)).lower()


def main() -> None:
    """Write the drawing into the page."""
    PAGE.write_text(BLOCK.sub(lambda _: diagram(), PAGE.read_text(), count=1))


if __name__ == "__main__":
    main()
