"""The migrations of the store, with Alembic.

>>> from recurring_schedule.service.store import Store
>>> store = Store("sqlite://", b"a secret of the digests")
>>> state(store), migrate(store), state(store) == newest()
(None, None, True)
"""

from __future__ import annotations

from functools import cache
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory

from recurring_schedule.service.store import Store


class MigrationError(Exception):
    """A database that is not as this version needs it."""


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations").replace("%", "%%"))
    config.set_main_option("path_separator", "newline")
    return config


@cache
def newest() -> str:
    """The revision that this version needs."""
    return ScriptDirectory.from_config(_config()).get_current_head() or ""


def state(store: Store) -> str | None:
    """The revision that a database has; `None` for one without tables."""
    with store.reading_connection() as connection:
        return MigrationContext.configure(connection).get_current_revision()


def migrate(store: Store) -> None:
    """Bring a database to the newest revision, in one transaction."""
    config = _config()
    with store.engine.connect() as connection, connection.begin():
        config.attributes["connection"] = connection
        command.upgrade(config, "head")


def check(store: Store) -> None:
    """Raise MigrationError unless a database has the newest revision."""
    found = state(store)
    if found != newest():
        raise MigrationError(
            f"database: got revision {found or 'none'}, expected {newest()}; run recurring-schedule migrate"
        )
