"""The migrations of the store, with Alembic.

>>> from recurring_schedule.service.store import Store
>>> store = Store("sqlite://", b"a secret of the digests")
>>> revision(store), migrate(store), revision(store) == newest()
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
    """A database with another revision than this version of the service needs."""


def alembic_config() -> Config:
    """Return Alembic's configuration. Its commands expect a connection in the attributes."""
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations").replace("%", "%%"))
    config.set_main_option("path_separator", "newline")
    return config


@cache
def newest() -> str:
    """Return the revision that this version of the service needs."""
    return ScriptDirectory.from_config(alembic_config()).get_current_head() or ""


def revision(store: Store) -> str | None:
    """Return the revision of a database, or None if it has no tables."""
    with store.reading_connection() as connection:
        return MigrationContext.configure(connection).get_current_revision()


def migrate(store: Store) -> None:
    """Bring a database to the newest revision, in one transaction."""
    config = alembic_config()
    with store.engine.connect() as connection, connection.begin():
        config.attributes["connection"] = connection
        command.upgrade(config, "head")


def check(store: Store) -> None:
    """Raise MigrationError unless a database has the newest revision."""
    found = revision(store)
    if found != newest():
        raise MigrationError(
            f"database: got revision {found or 'none'}, expected {newest()}; run recurring-schedule migrate"
        )
