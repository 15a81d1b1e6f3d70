"""SQL functions for DuckDB: a function for each lookup, such as `due_after(schedule, day, start)`,
and `billing_run`.

>>> import duckdb
>>> connection = duckdb.connect()
>>> register(connection)
>>> connection.sql("SELECT due_after('monthly', DATE '2024-02-29', DATE '2024-01-31')").fetchall()
[(datetime.date(2024, 3, 31),)]

Needs the extra `duckdb`.
"""

from __future__ import annotations

from contextlib import suppress
from typing import Any

from recurring_schedule.core.extras import extra

with extra("duckdb", "recurring_schedule.batch.adapters.duckdb needs DuckDB"):
    import duckdb
    import pyarrow as pa

from recurring_schedule.batch.adapters.sql import functions
from recurring_schedule.batch.schedule_array import Errors
from recurring_schedule.core.frequencies import Dialect


def register(connection: Any, dialect: Dialect | str | None = None, errors: Errors = "raise") -> None:
    """Register the functions with a connection, instead of those of an earlier call.

    Schedules are text, a frequency or JSON, or structs. `due_between` gives a list of dates, and
    `billing_run(schedule, first, last, start, end, id)` a list of occurrences, to unnest:

    >>> connection = duckdb.connect()
    >>> register(connection)
    >>> connection.sql('''SELECT unnest(
    ...     billing_run('monthly', DATE '2024-02-01', DATE '2024-03-31', DATE '2024-01-31', NULL, 'a'), recursive := true
    ... )''').fetchall()
    [(datetime.date(2024, 2, 29), 2, 'a@2024-02-29'), (datetime.date(2024, 3, 31), 3, 'a@2024-03-31')]

    A missing value gives a null, but a missing end means no end. A value that is not a schedule
    fails the query with the reason, unless `errors` is "null".
    """
    for name, function, answers in functions(dialect, errors):
        with suppress(duckdb.InvalidInputException):  # not registered yet
            connection.remove_function(name)
        (result,) = connection.from_arrow(pa.schema([("answers", answers)]).empty_table()).types
        # No types of parameters: any number of columns of any type.
        connection.create_function(name, function, None, result, type="arrow", null_handling="special")
