"""Expressions for Polars, eager, lazy or streaming:
`pl.col("schedule").recurring_schedule.next_due("start", after)`.

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

from recurring_schedule.core.extras import extra

with extra("polars", "recurring_schedule.batch.adapters.polars needs Polars and PyArrow"):
    import polars as pl
    import pyarrow as pa

from recurring_schedule.batch.adapters import arrow
from recurring_schedule.batch.dictionary import BadSchedulesError
from recurring_schedule.batch.schedule_array import ScheduleReader

DayExpr = pl.Expr | str | date | None


@pl.api.register_expr_namespace("recurring_schedule")
class RecurringSchedule:
    """Lookups for an expression of schedules. Days are expressions, column names or dates."""

    def __init__(self, schedules: pl.Expr) -> None:
        self._schedules = schedules

    def next_due(self, start: DayExpr, after: DayExpr, end: DayExpr = None) -> pl.Expr:
        """Return each row's first due date after `after`, which is excluded, or null."""
        return self._lookup(arrow.next_due, pl.Date, start, after, end)

    def is_due(self, start: DayExpr, day: DayExpr, end: DayExpr = None) -> pl.Expr:
        """Return true for each row in which `day` is due; null where a value is missing."""
        return self._lookup(arrow.is_due, pl.Boolean, start, day, end)

    def _lookup(
        self, lookup: Callable[..., pa.Array], dtype: type[pl.DataType], start: DayExpr, day: DayExpr, end: DayExpr
    ) -> pl.Expr:
        reader = ScheduleReader()

        def answer(columns: Sequence[pl.Series]) -> pl.Series:
            schedules, *days = (column.to_arrow() for column in columns)
            # A literal is a column of one row that stands for all rows, even if there are none.
            rows = next((len(column) for column in columns if len(column) != 1), 1)
            if len(schedules) != rows:
                schedules = schedules.take(pa.nulls(0, pa.int64()) if not rows else pa.repeat(0, rows))
            days = [column if len(column) == rows else column[0] for column in days]
            try:
                return pl.Series(lookup(schedules, *days, reader=reader), dtype=dtype)
            except BadSchedulesError as error:
                raise ValueError(str(error)) from None  # Polars makes the error again, from its text

        days = [start, day] if end is None else [start, day, end]
        return pl.map_batches([self._schedules, *map(_expression, days)], answer, return_dtype=dtype)


def _expression(day: DayExpr) -> pl.Expr:
    return pl.col(day) if isinstance(day, str) else day if isinstance(day, pl.Expr) else pl.lit(day)


def billing_run(book: pl.LazyFrame | pl.DataFrame, first: date, last: date, **options: Any) -> pl.LazyFrame:
    """Return the due dates from `first` to `last`, both included, as `arrow.billing_run` does."""
    lazy = book.lazy()
    fields = arrow.added_fields(options.get("errors", "raise"))
    added = pl.from_arrow(pa.schema(fields).empty_table()).schema  # type: ignore[union-attr]  # a table is a frame

    def run(part: pl.DataFrame) -> pl.DataFrame:
        table = part.to_arrow()
        runs = arrow.billing_run(table.to_batches(), first, last, **options)
        return pl.DataFrame(pa.Table.from_batches(runs, pa.schema([*table.schema, *fields])))

    return lazy.map_batches(run, schema={**lazy.collect_schema(), **added}, streamable=True)
