"""The migrations of the store, with Alembic.

>>> from recurring_schedule.service.store import Store
>>> store = Store("sqlite://", b"a secret of the digests")
>>> revision(store), migrate(store), revision(store) == newest()
(None, None, True)
"""

from __future__ import annotations

from functools import cache
from pathlib import Path

import sqlalchemy as sa
from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory

from recurring_schedule.service.schema import SETTING
from recurring_schedule.service.store import Store

_DIGEST_KEY = "digest key"
_REMEMBERED = sa.select(SETTING.c.value).filter_by(name=_DIGEST_KEY)


class MigrationError(Exception):
    """A database with another revision or another digest key than this service's."""


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
    return store.read(lambda unit: MigrationContext.configure(unit.connection).get_current_revision())


def migrate(store: Store) -> None:
    """Bring a database to the newest revision, in one transaction.

    A new database remembers the key of its digests. Raises MigrationError if it is another one.
    """
    config = alembic_config()
    with store.engine.connect() as connection, connection.begin():
        config.attributes["connection"] = connection
        command.upgrade(config, "head")
        if connection.execute(_REMEMBERED).scalar() is None:
            connection.execute(sa.insert(SETTING).values(name=_DIGEST_KEY, value=store.digest(_DIGEST_KEY)))
        _check_digest_key(store, connection)


def check(store: Store) -> None:
    """Raise MigrationError unless a database has the newest revision."""
    found = revision(store)
    if found != newest():
        raise MigrationError(
            f"database: got revision {found or 'none'}, expected {newest()}; run recurring-schedule migrate"
        )


def check_digest_key(store: Store) -> None:
    """Raise MigrationError unless the digests of a database were made with the store's key."""
    store.read(lambda unit: _check_digest_key(store, unit.connection))


def _check_digest_key(store: Store, connection: sa.Connection) -> None:
    if connection.execute(_REMEMBERED).scalar() != store.digest(_DIGEST_KEY):
        raise MigrationError("database: got another digest key than that of its used tokens; restore that key")
