"""The functions that DuckDB and Spark register: `due_after`, `due_between` and so on, one for each
lookup, and `billing_run`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import lru_cache, partial
from typing import Any

import numpy as np
import pyarrow as pa

from recurring_schedule.batch.adapters import arrow
from recurring_schedule.batch.adapters.billing import added_columns, added_fields
from recurring_schedule.batch.day_columns import arrow_array
from recurring_schedule.batch.schedule_array import Errors, ScheduleArray, ScheduleReader
from recurring_schedule.core.frequencies import Dialect

Function = Callable[..., pa.Array]


@lru_cache(maxsize=8)
def _reader(dialect: Dialect | str | None, errors: Errors) -> ScheduleReader:
    """Return the reader of this process, so that all vectors and batches share its tables."""
    return ScheduleReader(dialect, errors)


def functions(dialect: Dialect | str | None, errors: Errors) -> Iterator[tuple[str, Function, pa.DataType]]:
    """Yield the name of each function, the function of columns, and the type of its result.

    >>> {name: str(answers) for name, _, answers in functions(None, "raise")}["due_between"]
    'list<item: date32[day]>'

    The arguments are the schedules and those of the lookup; an end may be left out. `billing_run`
    takes the schedules, the first and last day, the starts, and optionally the ends and the ids.
    """
    _reader(dialect, errors)  # refuses errors that do not exist

    def of_columns(answer: Callable[..., pa.Array]) -> Function:
        def function(*columns: pa.Array) -> pa.Array:
            schedules, *others = map(arrow_array, columns)
            return answer(_reader(dialect, errors).read(schedules), *others)

        return function

    for lookup, answers in arrow.LOOKUPS.items():
        yield f"due_{lookup}", of_columns(partial(arrow.look_up, lookup)), answers
    yield "billing_run", of_columns(partial(_occurrences, errors)), pa.list_(pa.struct(added_fields(errors)))


def _occurrences(errors: Errors, schedules: ScheduleArray, *columns: Any) -> pa.Array:
    """Return the list of each row's occurrences."""
    rows, added = added_columns(schedules, *columns, errors=errors)
    return arrow.lists(np.bincount(rows, minlength=len(schedules)), added.to_struct_array())
