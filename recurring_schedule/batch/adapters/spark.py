"""Spark, for books too large for one machine: a SQL function for each lookup, such as
`due_after(schedule, day, start)`, and the billing run.

    session = SparkSession.builder.getOrCreate()
    register(session)
    session.sql("SELECT due_after(schedule, DATE '2024-02-29', start) FROM book")
    billing_run(session.table("book"), date(2024, 3, 1), date(2024, 3, 31)).write.parquet("run")

Needs the extra `spark`, in an environment of its own, since PySpark does not accept pandas 3; and
Java 17.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date
from typing import Any

from recurring_schedule.core.extras import extra

with extra("spark", "recurring_schedule.batch.adapters.spark needs PySpark"):
    import pyarrow as pa
    from pyspark.sql.functions import arrow_udf
    from pyspark.sql.pandas.types import from_arrow_schema, from_arrow_type

from recurring_schedule.batch.adapters import arrow
from recurring_schedule.batch.adapters.billing import added_fields
from recurring_schedule.batch.adapters.sql import functions
from recurring_schedule.batch.schedule_array import Errors
from recurring_schedule.core.frequencies import Dialect


def register(session: Any, dialect: Dialect | str | None = None, errors: Errors = "raise") -> None:
    """Register the functions with a session, instead of those of an earlier call.

    Schedules are text, a frequency or JSON, or structs. `due_between` gives an array of dates, and
    `billing_run(schedule, first, last, start, end, id)` an array of occurrences, for `inline`. A
    missing value gives a null, but a missing end means no end. A value that is not a schedule fails
    the job with the reason, unless `errors` is "null".
    """
    for name, function, answers in functions(dialect, errors):
        session.udf.register(name, arrow_udf(function, from_arrow_type(answers)))


def billing_run(dataframe: Any, first: date, last: date, **options: Any) -> Any:
    """Return the due dates from `first` to `last`, both included, as `arrow.billing_run` does."""
    added = from_arrow_schema(pa.schema(added_fields(options.get("errors", "raise"))))
    schema = type(dataframe.schema)([*dataframe.schema.fields, *added.fields])

    def run(batches: Iterable[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        return arrow.billing_run(batches, first, last, **options)

    return dataframe.mapInArrow(run, schema)
