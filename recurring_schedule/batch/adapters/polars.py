"""Namespaces for Polars, and the billing run. Expressions are eager, lazy or streaming:
`pl.col("schedule").recurring_schedule.after(day, "start")`.

>>> import polars as pl
>>> import recurring_schedule.batch.adapters.polars
>>> book = pl.LazyFrame({"schedule": ["monthly", "weekly"], "start": [date(2024, 1, 31)] * 2})
>>> book.select(pl.col("schedule").recurring_schedule.after(date(2024, 2, 29), "start")).collect().to_series().to_list()
[datetime.date(2024, 3, 31), datetime.date(2024, 3, 6)]

Needs the extra `polars`.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import TYPE_CHECKING, Any

from recurring_schedule.core.extras import extra

with extra("polars", "recurring_schedule.batch.adapters.polars needs Polars and PyArrow"):
    import polars as pl
    import pyarrow as pa

from recurring_schedule.batch.adapters import arrow
from recurring_schedule.batch.adapters.billing import BillingRun, added_fields
from recurring_schedule.batch.dictionary import BadSchedulesError
from recurring_schedule.batch.schedule_array import ScheduleReader

if TYPE_CHECKING:
    from typing_extensions import Unpack  # in `typing` since Python 3.11


def _schema(fields: Any) -> pl.Schema:
    return pl.DataFrame(pa.schema(fields).empty_table()).schema


_TYPES = _schema(arrow.LOOKUPS.items())


@pl.api.register_expr_namespace("recurring_schedule")
class RecurringSchedule(arrow.Lookups[pl.Expr]):
    """Lookups for an expression of schedules. Days are expressions, column names or dates."""

    def look_up(self, lookup: str, days: dict[str, Any], **options: Unpack[arrow.Options]) -> pl.Expr:
        """Return an expression for the answers to one of the lookups."""
        reader = ScheduleReader(**options)

        def answer(columns: Sequence[pl.Series]) -> pl.Series:
            # A literal is a column of one row that stands for all rows, even if there are none.
            rows = next((len(column) for column in columns if len(column) != 1), 1)
            schedules = columns[0] if len(columns[0]) == rows else columns[0].new_from_index(0, rows)
            others = (column if len(column) == rows else column[0] for column in columns[1:])
            try:
                return pl.Series(arrow.look_up(lookup, reader.read(schedules), *others), dtype=_TYPES[lookup])
            except BadSchedulesError as error:
                raise ValueError(str(error)) from None  # Polars makes the error again, from its text

        columns = [self._schedules, *map(_expression, days.values())]
        # Elementwise: the rows of all groups are answered at once, and filters may come first.
        return pl.map_batches(columns, answer, return_dtype=_TYPES[lookup], is_elementwise=True)


def _expression(day: Any) -> pl.Expr:
    return pl.col(day) if isinstance(day, str) else day if isinstance(day, pl.Expr) else pl.lit(day)


@pl.api.register_series_namespace("recurring_schedule")
class SeriesLookups(arrow.Lookups[pl.Series]):
    """Lookups of a series of schedules. Days are series or dates."""

    def look_up(self, lookup: str, days: dict[str, Any], **options: Unpack[arrow.Options]) -> pl.Series:
        """Return the answers to one of the lookups, under the name of the schedules."""
        answers = super().look_up(lookup, days, **options)
        return pl.Series(self._schedules.name, answers, dtype=_TYPES[lookup])


def billing_run(book: pl.LazyFrame | pl.DataFrame, first: date, last: date, **options: Any) -> pl.LazyFrame:
    """Return the due dates from `first` to `last`, both included, as `arrow.billing_run` does."""
    lazy, billing = book.lazy(), BillingRun(first, last, **options)
    added = _schema(added_fields(options.get("errors", "raise")))

    def run(part: pl.DataFrame) -> pl.DataFrame:
        rows, columns = billing.occurrences(part.columns, lambda name: part[name].to_arrow())
        return part[pl.Series(rows)].hstack(pl.DataFrame(columns))

    return lazy.map_batches(run, schema={**lazy.collect_schema(), **added}, streamable=True)
