"""The test clock: a "now" that is set, and goes forward only.

>>> from recurring_schedule.service import migration
>>> store = Store("sqlite://", b"a secret of the digests")
>>> migration.migrate(store)
>>> clock = TestClock(store)
>>> clock.set(datetime(2024, 1, 31, 12, tzinfo=timezone.utc))
True
>>> clock.set(datetime(2024, 1, 30, 12, tzinfo=timezone.utc))
False
>>> clock()
datetime.datetime(2024, 1, 31, 12, 0, tzinfo=datetime.timezone.utc)

It is kept in the database, so all processes have the same. Until it is set, it is the machine's.
"""

from __future__ import annotations

from datetime import datetime, timedelta, timezone

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

from recurring_schedule.service.schema import TEST_CLOCK
from recurring_schedule.service.store import Store

FIRST_YEAR, LAST_YEAR = 1970, 9998
"""The years that it can be set to: every moment in them has a date in every time zone."""
_EPOCH, _MILLISECOND = datetime(1970, 1, 1, tzinfo=timezone.utc), timedelta(milliseconds=1)
_NOW = sa.select(TEST_CLOCK.c.now)


class TestClock:
    """A clock in a database, which is not in memory if works of the store call the clock."""

    __test__ = False  # for pytest

    def __init__(self, store: Store) -> None:
        self._store = store
        insert = sqlite.insert if store.is_sqlite else postgresql.insert
        added = insert(TEST_CLOCK).values(id=1, now=sa.bindparam("now"))
        self._set = added.on_conflict_do_update(
            index_elements=[TEST_CLOCK.c.id],
            set_={"now": added.excluded.now},
            where=TEST_CLOCK.c.now <= added.excluded.now,
        ).returning(TEST_CLOCK.c.now)

    def __call__(self) -> datetime:
        """Return the moment that was set, or that of the machine until then."""
        found = self._store.read(lambda unit: unit.connection.execute(_NOW).scalar())
        return datetime.now(timezone.utc) if found is None else _EPOCH + found * _MILLISECOND

    def set(self, now: datetime) -> bool:
        """Set the moment, to the millisecond. Return False, and change nothing, if it is earlier.

        The first moment may be any.
        """
        moment = {"now": (now - _EPOCH) // _MILLISECOND}
        return self._store.write(lambda unit: unit.connection.execute(self._set, moment).scalar()) is not None
