"""Expressions of Polars, eager, lazy or streaming: `pl.col("schedule").recurring_schedule.next_due("start", after)`.

>>> import polars as pl
>>> import recurring_schedule.batch.adapters.polars
>>> book = pl.LazyFrame({"schedule": ["monthly", "weekly"], "start": [date(2024, 1, 31)] * 2})
>>> book.select(pl.col("schedule").recurring_schedule.next_due("start", date(2024, 2, 29))).collect().to_series().to_list()
[datetime.date(2024, 3, 31), datetime.date(2024, 3, 6)]

Needs the extra `polars`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date
from typing import Any

try:
    import polars as pl
    import pyarrow as pa
except ImportError as error:
    raise ImportError(
        "recurring_schedule.batch.adapters.polars needs Polars and PyArrow: pip install 'recurring-schedule[polars]'"
    ) from error

from recurring_schedule.batch.adapters import arrow
from recurring_schedule.batch.dictionary import BadSchedulesError
from recurring_schedule.batch.schedule_array import ScheduleReader

Days = pl.Expr | str | date | None


@pl.api.register_expr_namespace("recurring_schedule")
class RecurringSchedule:
    """The lookups of an expression of schedules. Days are expressions, names of columns, or dates."""

    def __init__(self, schedules: pl.Expr) -> None:
        self._schedules = schedules

    def next_due(self, start: Days, after: Days, end: Days = None) -> pl.Expr:
        """The first due date of each row after `after`, which is excluded; null for none."""
        return self._ask(arrow.next_due, pl.Date, start, after, end)

    def is_due(self, start: Days, day: Days, end: Days = None) -> pl.Expr:
        """Whether `day` is due in each row; null where something is missing."""
        return self._ask(arrow.is_due, pl.Boolean, start, day, end)

    def _ask(
        self, question: Callable[..., pa.Array], answer: type[pl.DataType], start: Days, day: Days, end: Days
    ) -> pl.Expr:
        reader = ScheduleReader()
        given = [start, day] if end is None else [start, day, end]

        def ask(columns: Sequence[pl.Series]) -> pl.Series:
            schedules, *days = (column.to_arrow() for column in columns)
            # A literal is a column of one row, which stands for all, of which there may be none.
            rows = next((len(column) for column in columns if len(column) != 1), 1)
            if len(schedules) != rows:
                schedules = schedules.take(pa.nulls(0, pa.int64()) if not rows else pa.repeat(0, rows))
            days = [one if len(one) == rows else one[0] for one in days]
            try:
                return pl.Series(question(schedules, *days, reader=reader), dtype=answer)
            except BadSchedulesError as error:
                raise ValueError(str(error)) from None  # of text, of which Polars makes the error again

        asked: list[pl.Expr | str] = [self._schedules, *map(_expression, given)]
        return pl.map_batches(asked, ask, return_dtype=answer)


def _expression(days: Days) -> pl.Expr:
    return pl.col(days) if isinstance(days, str) else days if isinstance(days, pl.Expr) else pl.lit(days)


def billing_run(book: pl.LazyFrame | pl.DataFrame, first: date, last: date, **options: Any) -> pl.LazyFrame:
    """The due dates from `first` to `last` of all rows, each with the row's own columns, as `arrow.billing_run` gives them."""
    lazy = book.lazy()
    fields = arrow.added_fields(options.get("errors", "raise"))
    added = pl.from_arrow(pa.schema(fields).empty_table()).schema  # type: ignore[union-attr]  # a table is a frame

    def run(part: pl.DataFrame) -> pl.DataFrame:
        schema = pa.schema([*part.to_arrow().schema, *fields])
        runs = arrow.billing_run(part.to_arrow().to_batches(), first, last, **options)
        return pl.DataFrame(pa.Table.from_batches(runs, schema))

    return lazy.map_batches(run, schema={**lazy.collect_schema(), **added}, streamable=True)
