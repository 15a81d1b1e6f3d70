"""Spark, for books too large for one machine: the SQL functions `next_due` and `is_due`, and the
billing run.

    session = SparkSession.builder.getOrCreate()
    register(session)
    session.sql("SELECT next_due(schedule, start, DATE '2024-02-29') FROM book")
    billing_run(session.table("book"), date(2024, 3, 1), date(2024, 3, 31)).write.parquet("run")

Needs the extra `spark`, in an environment of its own, since PySpark does not accept pandas 3; and
Java 17.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date
from functools import lru_cache
from typing import Any

from recurring_schedule.core.extras import extra

with extra("spark", "recurring_schedule.batch.adapters.spark needs PySpark"):
    import pyarrow as pa
    from pyspark.sql.functions import arrow_udf
    from pyspark.sql.pandas.types import from_arrow_schema

from recurring_schedule.batch.adapters import arrow
from recurring_schedule.batch.schedule_array import ScheduleReader
from recurring_schedule.core.frequencies import Dialect


@lru_cache(maxsize=8)
def _reader(dialect: Dialect | str | None) -> ScheduleReader:
    """Return the reader of a worker process, which serves all of its batches."""
    return ScheduleReader(dialect)


def register(session: Any, dialect: Dialect | str | None = None) -> None:
    """Register `next_due(schedule, start, after)` and `is_due(schedule, start, day)` with a
    session.

    Schedules are text: a frequency or JSON. A null argument gives a null. A text that is not a
    schedule fails the job with the reason.
    """

    def next_due(schedule: pa.Array, start: pa.Array, after: pa.Array) -> pa.Array:
        return arrow.next_due(schedule, start, after, reader=_reader(dialect))

    def is_due(schedule: pa.Array, start: pa.Array, day: pa.Array) -> pa.Array:
        return arrow.is_due(schedule, start, day, reader=_reader(dialect))

    for function, answer in ((next_due, "date"), (is_due, "boolean")):
        session.udf.register(function.__name__, arrow_udf(function, answer))


def billing_run(dataframe: Any, first: date, last: date, **options: Any) -> Any:
    """Return the due dates from `first` to `last`, both included, as `arrow.billing_run` does."""
    added = from_arrow_schema(pa.schema(arrow.added_fields(options.get("errors", "raise"))))
    schema = type(dataframe.schema)([*dataframe.schema.fields, *added.fields])

    def run(batches: Iterable[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        return arrow.billing_run(batches, first, last, **options)

    return dataframe.mapInArrow(run, schema)
