"""What the shop can say of its own health."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from pathlib import Path

from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy.exc import SQLAlchemyError

from shop.errors import DatabaseAway
from shop.services.providers import context
from shop.services.unit_of_work import unit_of_work

MIGRATIONS = Path(__file__).resolve().parents[2] / "migrations"


@dataclass(frozen=True)
class Report:
    """What /readyz answers. `workers` counts the workers of each queue; empty when Redis is away."""

    database: str
    migrations: str
    redis: str
    workers: dict[str, int]
    breakers: dict[str, str]

    @property
    def is_ready(self) -> bool:
        """Tell whether the shop can serve: the database answers and is up to date."""
        return self.database == "up" and self.migrations == "up to date"

    def as_dict(self) -> dict[str, object]:
        """Return the report as JSON wants it."""
        return {"ready": self.is_ready, **asdict(self)}


def report() -> Report:
    """Look at everything the shop depends on, without waiting long for any of it."""
    ctx = context()
    database, migrations = _database()
    return Report(
        database=database,
        migrations=migrations,
        redis="up" if ctx.queues.is_up() else "down",
        workers=ctx.queues.workers(),
        breakers={provider: breaker.state for provider, breaker in ctx.breakers.items()},
    )


def _database() -> tuple[str, str]:
    try:
        with unit_of_work() as session:
            current = MigrationContext.configure(session.connection()).get_current_revision()
    except (SQLAlchemyError, DatabaseAway):
        return "down", "unknown"
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    newest = ScriptDirectory.from_config(config).get_current_head()
    return "up", "up to date" if current == newest else f"at {current}, newest is {newest}"
