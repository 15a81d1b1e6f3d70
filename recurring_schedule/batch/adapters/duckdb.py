"""SQL functions for DuckDB: `next_due(schedule, start, after)` and `is_due(schedule, start, day)`.

>>> import duckdb
>>> connection = duckdb.connect()
>>> register(connection)
>>> connection.sql("SELECT next_due('monthly', DATE '2024-01-31', DATE '2024-02-29')").fetchall()
[(datetime.date(2024, 3, 31),)]

Needs the extra `duckdb`.
"""

from __future__ import annotations

from contextlib import suppress
from typing import Any

from recurring_schedule.core.extras import extra

with extra("duckdb", "recurring_schedule.batch.adapters.duckdb needs DuckDB"):
    import duckdb

from recurring_schedule.batch.adapters import arrow
from recurring_schedule.batch.schedule_array import ScheduleReader
from recurring_schedule.core.frequencies import Dialect


def register(connection: Any, dialect: Dialect | str | None = None) -> None:
    """Register the functions with a connection, instead of those of an earlier call. A null
    argument gives a null.

    Schedules are text: a frequency or JSON. A text that is not a schedule fails the query with the
    reason.
    """
    reader = ScheduleReader(dialect)

    def next_due(schedule: Any, start: Any, after: Any) -> Any:
        return arrow.next_due(schedule, start, after, reader=reader)

    def is_due(schedule: Any, start: Any, day: Any) -> Any:
        return arrow.is_due(schedule, start, day, reader=reader)

    for function, answer in ((next_due, "DATE"), (is_due, "BOOLEAN")):
        name, types = function.__name__, ["VARCHAR", "DATE", "DATE"]
        with suppress(duckdb.InvalidInputException):  # not registered yet
            connection.remove_function(name)
        connection.create_function(name, function, types, answer, type="arrow", null_handling="special")
