"""Columns of schedules: the answers of `DueDates` for each row, in every form of a column."""

from __future__ import annotations

import copy
import multiprocessing
import pickle
import subprocess
import sys
import threading
import tracemalloc
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from datetime import date, datetime, timedelta
from itertools import chain, product
from typing import Any, NamedTuple, cast

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
from capsules import CapsuleArray, CapsuleStream
from effort import examples
from hypothesis import given
from hypothesis import strategies as st

from recurring_schedule import Dialect, DueDates, Frequency, Schedule, ScheduleError
from recurring_schedule.batch import BadSchedulesError, DueDatesArray, Policy, ScheduleArray, ScheduleReader
from recurring_schedule.batch.dictionary import ScheduleDictionary
from recurring_schedule.batch.policy import STANDARD
from recurring_schedule.batch.window_cache import Window
from recurring_schedule.testing import schedules, start_dates
from recurring_schedule.testing.reference import reference_due_dates

Dates = list[date | None]
LOOKUPS = ("after", "on_or_after", "before", "on_or_before")
START = date(2024, 1, 31)
MOMENT = datetime(2024, 1, 31)  # noqa: DTZ001  # with a zone it is refused all the same


class Book(NamedTuple):
    """Rows of schedules with columns of days; some schedules and some days are missing."""

    schedules: list[Schedule]
    codes: list[int]
    start: Dates
    end: Dates
    day: Dates
    other: Dates

    def array(self, policy: Policy = STANDARD) -> ScheduleArray:
        return ScheduleArray.from_codes(self.codes, self.schedules, policy)

    def rows(self, ask: Callable[[DueDates, date, date], object], nothing: object = None) -> list[object]:
        """Return the answers of the core, one row at a time."""
        return [
            nothing
            if code < 0 or start is None or day is None or other is None
            else ask(self.schedules[code].due_dates(start, end), day, other)
            for code, start, end, day, other in zip(*self[1:], strict=True)
        ]


@st.composite
def counting_or_by_weekday(draw: st.DrawFn) -> Schedule:
    """Draw a schedule with an interval, an n-th weekday, or both."""
    plain = draw(schedules(dialects=Dialect))
    few = st.integers(1, 40) | st.sampled_from([48, 365, 1200, 9999, 119_987, 3_652_058])
    interval = draw(st.none() | few | st.sampled_from([2**31, 2**64, 10**600]))
    weekday = None
    if plain.frequency.months and draw(st.booleans()):
        weekday = draw(st.tuples(st.sampled_from([1, 2, 3, 4, -1, -2, -3, -4]), st.integers(0, 6)))
    offset = plain.offset
    if weekday and offset is not None:
        month = offset[0] if isinstance(offset, tuple) else offset
        offset = None if plain.frequency.months == 1 else month % plain.frequency.months
    divisor = None if interval else plain.divisor
    return Schedule(plain.frequency, divisor, offset, plain.dialect, interval=interval, weekday=weekday)


NEAR = st.dates(date(2015, 1, 1), date(2030, 12, 31))


@st.composite
def books(draw: st.DrawFn, most: int = 150) -> Book:
    kinds = schedules(dialects=Dialect) | counting_or_by_weekday()
    distinct = draw(st.lists(kinds, min_size=1, max_size=12))
    size = draw(st.integers(1, most))
    day = st.none() | NEAR | NEAR | start_dates()
    columns = [draw(st.lists(day, min_size=size, max_size=size)) for _ in range(4)]
    codes = draw(st.lists(st.integers(-1, len(distinct) - 1), min_size=size, max_size=size))
    return Book(distinct, codes, *columns)


def asked(name: str) -> Callable[[DueDates, date, date], object]:
    return lambda due, day, _: getattr(due, name)(day)


def listed(column: Any) -> Any:
    return column.to_pylist() if isinstance(column, pa.Array) else column.tolist()


STRATEGIES = {
    "by windows": Policy(few_rows=0, most_entries=10**5, rows_per_entry=0, outlier_share=3, outside_share=1),
    "by tables": Policy(few_rows=0, most_entries=0),
    "by the rules": Policy(few_rows=10**9, most_entries=0),
}


@pytest.mark.parametrize("strategy", STRATEGIES)
@pytest.mark.parametrize("form", [list, lambda days: pa.array(days, pa.date32())], ids=["numpy", "arrow"])
@pytest.mark.parametrize("is_planned", [False, True], ids=["at once", "planned"])
@examples(0.4)
@given(books())
def test_every_lookup_is_that_of_due_dates_row_for_row(
    strategy: str, form: Callable[[Dates], Any], is_planned: bool, book: Book
) -> None:
    start, end, day, other = map(form, book[2:])
    is_arrow = isinstance(start, pa.Array)
    everyone = book._replace(other=[START] * len(book.codes))
    no_end = everyone._replace(end=[None] * len(book.codes))
    array = book.array(STRATEGIES[strategy])
    plans = array.due_dates(start, end), array.due_dates(start)

    def ask(name: str, *days: Any, has_end: bool = True) -> Any:
        if is_planned:
            return listed(getattr(plans[0 if has_end else 1], name)(*days))
        return listed(getattr(array, name)(*days, start, *[end] * has_end))

    for name in LOOKUPS:
        assert ask(name, day) == everyone.rows(asked(name))
        assert ask(name, day, has_end=False) == no_end.rows(asked(name))
    assert ask("contains", day) == everyone.rows(lambda due, day, _: day in due, None if is_arrow else False)
    assert ask("count", day, other) == book.rows(
        lambda due, day, other: len(due.between(day, other)), None if is_arrow else 0
    )
    for cache in (array.kernel.next_due, array.kernel.previous_due, array.kernel.ranks):
        assert (cache.window is not None) <= (strategy == "by windows")
        assert (cache.lookup.table.rows > 0) <= (strategy != "by the rules")


@examples(0.6)
@given(books(most=60), start_dates(date(2, 1, 1), date(9990, 1, 1)), st.integers(0, 800))
def test_the_billing_run_and_its_forecast_hold_the_due_dates_of_all_rows_in_order(
    book: Book, first: date, days: int
) -> None:
    last = first + timedelta(days)
    expected = [
        (row, due)
        for row, (code, start, end) in enumerate(zip(book.codes, book.start, book.end, strict=True))
        if code >= 0 and start is not None
        for due in book.schedules[code].due_dates(start, end).between(first, last)
    ]
    sums = np.bincount([(due - first).days for _, due in expected], minlength=days + 1).tolist()
    array = book.array()
    planned = array.due_dates(book.start, book.end)
    for pairs in (array.between(first, last, book.start, book.end), planned.between(first, last)):
        assert [*zip(pairs.row.tolist(), pairs.due.tolist(), strict=True)] == expected
    in_parts = book.array(STANDARD._replace(part_rows=7))
    for found in (
        in_parts.between_parts(first, last, book.start, book.end),
        in_parts.due_dates(book.start, book.end).between_parts(first, last),
    ):
        parts = [[*zip(pairs.row.tolist(), pairs.due.tolist(), strict=True)] for pairs in found]
        assert [*chain(*parts)] == expected
        assert all(part[-1][0] - part[0][0] < 7 for part in parts if part)
    assert array.forecast(first, last, book.start, book.end).tolist() == sums
    assert planned.forecast(first, last).tolist() == sums


def test_a_billing_run_in_parts_takes_the_memory_of_a_part() -> None:
    array, start, _ = realistic(400_000, STANDARD._replace(part_rows=4096))
    due, last = array.due_dates(start), START + timedelta(90)
    due.after(START)  # makes the tables
    peaks = []
    for run in (lambda: [due.between(START, last)], lambda: due.between_parts(START, last)):
        tracemalloc.start()
        assert sum(len(pairs.due) for pairs in run()) > 400_000
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
    assert peaks[1] < peaks[0] / 8


def check_billing_run(book: Book) -> None:
    """Compare a billing run whose bounds are columns with the core."""
    pairs = book.array().between(book.day, book.other, book.start, book.end)
    found = book.rows(lambda due, day, other: list(due.between(day, other)), [])
    expected = [(row, due) for row, dates in enumerate(found) for due in dates]  # type: ignore[attr-defined]  # lists
    assert [*zip(pairs.row.tolist(), pairs.due.tolist(), strict=True)] == expected


@examples(0.3)
@given(books(), st.integers(0, 8000))
def test_bounds_of_a_billing_run_may_be_columns(book: Book, days: int) -> None:
    latest = [date.fromordinal(min(day.toordinal() + days, date.max.toordinal())) if day else None for day in book.day]
    other = [one and other and min(one, other) for one, other in zip(latest, book.other, strict=True)]
    check_billing_run(book._replace(other=other))


@examples(0.05)
@given(books(most=10))
def test_bounds_of_a_billing_run_may_be_millennia_apart(book: Book) -> None:
    check_billing_run(book)


EDGES = [date.min, date(1, 1, 31), date(1, 2, 1), date(1, 12, 31), date(9999, 1, 1), date(9999, 11, 30), date.max]
LONG = [2, 3, 12, 27, 100, 9997, 9998, 9999, 119_986, 119_987, 119_988, 521_721, 521_722]
LONG += [3_652_057, 3_652_058, 3_652_059, 2**31 - 1, 2**31, 2**32, 2**63, 10**600]


@pytest.mark.parametrize("most_rules", [STANDARD.most_rules, 0])
@pytest.mark.parametrize("frequency", Frequency)
def test_intervals_as_long_as_the_calendar_and_beyond_do_not_overflow(frequency: Frequency, most_rules: int) -> None:
    distinct = [Schedule(frequency, interval=interval) for interval in LONG]
    if frequency.months:
        distinct += [Schedule(frequency, interval=interval, weekday=(-4, 0)) for interval in LONG]
    rows = [*product(range(len(distinct)), EDGES, EDGES)]
    codes, start, day = map(list, zip(*rows, strict=True))
    due = ScheduleArray.from_codes(codes, distinct, Policy(few_rows=0, most_rules=most_rules)).due_dates(start)
    of_rows = [(distinct[code].due_dates(start), day) for code, start, day in rows]
    for name in LOOKUPS:
        assert getattr(due, name)(day).tolist() == [getattr(one, name)(day) for one, day in of_rows]
    assert due.count(date.min, day).tolist() == [len(one.between(date.min, day)) for one, day in of_rows]


def test_intervals_and_weekdays_are_due_on_the_days_of_the_definition() -> None:
    array = ScheduleArray.from_wire(
        [
            {"frequency": "weekly", "interval": 2},
            {"frequency": "weekly", "interval": 2, "offset": 1},
            {"frequency": "daily", "interval": 10},
            {"frequency": "monthly", "interval": 5},
            {"frequency": "quarterly", "interval": 2, "offset": [2, -1]},
            {"frequency": "yearly", "interval": 4},
            {"frequency": "monthly", "weekday": [-1, 5]},
            {"frequency": "quarterly", "divisor": 2, "weekday": [2, 0]},
            {"frequency": "yearly", "offset": 1, "divisor": [1, 3], "weekday": [4, 3]},
            {"frequency": "monthly", "interval": 7, "weekday": [1, 1]},
        ]
    )
    for start in (date(2020, 12, 25), date(2024, 1, 3), date(2024, 2, 29), date(1700, 5, 31), date(9990, 8, 31)):
        last = date.fromordinal(min(start.toordinal() + 4000, date.max.toordinal()))
        pairs = array.between(start, last, start)
        expected = [
            (row, day)
            for row, schedule in enumerate(array)
            for day in reference_due_dates(cast("Schedule", schedule), start, start, last)
        ]
        assert [*zip(pairs.row.tolist(), pairs.due.tolist(), strict=True)] == expected


def test_a_count_may_begin_with_the_rules_and_end_with_their_tables() -> None:
    distinct = [Schedule("daily", interval=10), Schedule("monthly", interval=5), Schedule("monthly", weekday=(1, 1))]
    array = ScheduleArray.from_codes([0, 1, 2], distinct, Policy(few_rows=3))
    last = date(2026, 1, 1)
    expected = [len(schedule.due_dates(START).between(START, last)) for schedule in distinct]
    assert array.count(START, last, START).tolist() == expected
    assert array.kernel.ranks.lookup.table.rows > 0


def test_an_interval_with_many_phases_makes_no_rule_for_each_start() -> None:
    distinct = [Schedule("daily", interval=100_000), Schedule("yearly", interval=1000), Schedule("weekly", interval=2)]
    array = ScheduleArray.from_codes(np.arange(30_000) % 3, distinct)
    start = np.datetime64("1990-01-01") + np.arange(30_000) // 3
    expected = [distinct[row % 3].due_dates(start[row].item()).after(START) for row in range(30_000)]
    assert array.after(START, start).tolist() == expected
    assert len(array.kernel.rules.rules) == 15  # one stands for the rows of both long intervals


def test_phases_take_at_most_half_of_the_rules_that_tables_hold() -> None:
    distinct = [Schedule("daily", interval=interval) for interval in range(2, 40)]
    array = ScheduleArray.from_codes(np.arange(40_000) % 38, distinct, Policy(most_rules=200))
    start = np.datetime64("2020-01-01") + np.arange(40_000) // 38
    expected = [distinct[row % 38].due_dates(start[row].item()).after(START) for row in range(40_000)]
    assert array.after(START, start).tolist() == expected
    assert 90 < len(array.kernel.rules.rules) <= 101


def test_rules_of_weekdays_have_rows_of_their_own_width() -> None:
    distinct = [Schedule("monthly", weekday=(n, w)) for n in (1, 2, 3, 4, -1, -2, -3, -4) for w in range(7)]
    distinct += [Schedule("monthly", offset=day) for day in range(1, 32)] + [Schedule("weekly", offset=3)]
    codes = np.tile(np.arange(len(distinct)), 400)
    array = ScheduleArray.from_codes(codes, distinct, Policy(few_rows=0, most_entries=0))
    day = np.datetime64("1800-01-01") + np.random.default_rng(1).integers(0, 150_000, len(codes))
    got = array.after(day, date.min).tolist()
    of = [one.due_dates(date.min) for one in distinct]
    assert got == [of[code].after(one) for code, one in zip(codes.tolist(), day.tolist(), strict=True)]
    assert array.kernel.next_due.lookup.table.rows == len(distinct)


@pytest.mark.parametrize("strategy", STRATEGIES)
def test_bounds_belong_to_the_due_dates_in_every_lookup(strategy: str) -> None:
    due = Schedule("monthly", offset=31).due_dates(date(2024, 1, 31), date(2024, 3, 31))
    days = [date(2024, 1, 1) + timedelta(day) for day in range(150)]
    array = ScheduleArray.from_codes([0] * len(days), [Schedule("monthly", offset=31)], STRATEGIES[strategy])
    starts, ends = [due.start] * len(days), [due.end] * len(days)
    for _ in range(2):
        for name in LOOKUPS:
            assert getattr(array, name)(days, starts, ends).tolist() == [getattr(due, name)(day) for day in days]
        assert array.contains(days, starts, ends).tolist() == [day in due for day in days]
        assert array.count(days, due.end, starts, ends).tolist() == [len(due.between(day, due.end)) for day in days]
        assert array.count(due.start, days, starts, ends).tolist() == [len(due.between(due.start, day)) for day in days]
    assert (array.kernel.next_due.window is not None) == (strategy == "by windows")
    assert due.start in due
    assert due.end in due


def test_pairs_of_an_arrow_column_are_arrow_columns() -> None:
    array = ScheduleArray.from_wire(pa.array(["monthly", None]))
    pairs = array.between(START, date(2024, 3, 31), pa.array([START, START]))
    assert isinstance(pairs.due, pa.Date32Array)
    assert [*zip(pairs.row.tolist(), pairs.due.to_pylist(), strict=True)] == [
        (0, date(2024, 1, 31)),
        (0, date(2024, 2, 29)),
        (0, date(2024, 3, 31)),
    ]
    nothing = array[1:].between(START, START, START)
    assert (nothing.row.dtype, len(nothing.due)) == (np.intp, 0)


# Columns


def realistic(rows: int, policy: Policy = STANDARD) -> tuple[ScheduleArray, Any, Any]:
    """Return rows of a hundred schedules, starts within ten years, and days within one year."""
    rng = np.random.default_rng(0)
    distinct = [Schedule("monthly"), Schedule("yearly"), Schedule("weekly"), Schedule("yearly", 2), Schedule("daily")]
    distinct += [Schedule("quarterly", offset=[month, day]) for month in range(3) for day in range(1, 32)]
    codes = rng.integers(0, len(distinct), rows, np.int32)
    first = np.datetime64("2014-01-01")
    start, day = first + rng.integers(0, 3650, rows), first + rng.integers(3650, 4015, rows)
    return ScheduleArray.from_codes(codes, distinct, policy), start, day


COLUMNS: list[tuple[str, Callable[[Any], Any]]] = [
    ("datetime64[D]", lambda days: days),
    ("datetime64[s]", lambda days: days.astype("datetime64[s]")),
    ("objects", lambda days: days.astype(object)),
    ("a list", lambda days: days.tolist()),
    ("date32", pa.array),
    ("date32 in chunks", lambda days: pa.chunked_array([pa.array(days[:1000]), pa.array(days[1000:])])),
    ("a slice of date32", lambda days: pa.concat_arrays([pa.array(days[:7]), pa.array(days)])[7:]),
    ("timestamps", lambda days: pa.array(days).cast(pa.timestamp("us"))),
    ("date64", lambda days: pa.array(days).cast(pa.date64())),
    ("a dictionary", lambda days: pa.array(days).dictionary_encode()),
    ("pandas", lambda days: pd.Series(days.astype("datetime64[s]"))),
    ("pandas, nanoseconds", lambda days: pd.Series(days.astype("datetime64[ns]"))),
    ("pandas on arrow", lambda days: pd.Series(pa.array(days), dtype=pd.ArrowDtype(pa.date32()))),
    ("pandas, objects", lambda days: pd.Series(days.tolist(), dtype=object)),
    ("polars", pl.Series),
    ("a capsule of an array", CapsuleArray),
    ("a capsule of a stream", CapsuleStream),
]
IN_NUMPY = ("datetime64[D]", "datetime64[s]", "objects", "a list")  # and pandas


@pytest.mark.parametrize(("form", "made"), COLUMNS, ids=[form for form, _ in COLUMNS])
@pytest.mark.parametrize("has_nulls", [False, True])
def test_a_column_of_days_may_be_written_in_many_ways(form: str, made: Callable[[Any], Any], has_nulls: bool) -> None:
    schedules_, start, day = realistic(3000)
    if has_nulls:
        day[[0, 1500, 2999]] = start[[1, 2000]] = np.datetime64("NaT")
    got: Any = schedules_.after(made(day), made(start))
    is_arrow = form not in IN_NUMPY and not form.startswith("pandas")
    assert type(got) is (pa.Date32Array if is_arrow else np.ndarray)
    column: Any = got
    if is_arrow:
        column.validate(full=True)
        assert column.null_count == 5 * has_nulls
    assert listed(got) == schedules_.after(day, start).tolist()
    assert schedules_.contains(made(day), made(start)).sum() if is_arrow else True
    assert listed(got)[3] == schedules_[3].due_dates(start[3].item()).after(day[3].item())  # type: ignore[union-attr]  # is there


def test_one_day_may_stand_for_all_rows() -> None:
    schedules_, start, _ = realistic(500)
    days = np.datetime64("2024-06-07"), pa.scalar(date(2024, 6, 7)), pd.Timestamp("2024-06-07")
    for one in (date(2024, 6, 7), *days):
        assert schedules_.after(one, start).tolist() == schedules_.after([date(2024, 6, 7)] * 500, start).tolist()
    assert np.isnat(schedules_.after(None, start)).all()
    assert np.isnat(schedules_.after(np.datetime64("NaT"), start)).all()
    assert np.isnat(schedules_.after(pd.NaT, start)).all()
    assert schedules_.after(date(2024, 6, 7), start, end=date(2024, 6, 8)).tolist() == [
        None if (due := schedule.due_dates(one, date(2024, 6, 8)).after(date(2024, 6, 7))) is None else due  # type: ignore[union-attr]  # is there
        for schedule, one in zip(schedules_, start.tolist(), strict=True)
    ]


def test_days_in_date32_are_neither_copied_nor_changed() -> None:
    schedules_, start, day = realistic(400_000)
    columns = pa.array(start), pa.array(day)
    for _ in range(5):  # until there is a window
        schedules_.after(columns[1], columns[0])
    tracemalloc.start()
    got = schedules_.after(columns[1], columns[0])
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak - got.nbytes < 3 * 2**20 < 2 * got.nbytes  # the working memory, and no copy of a column
    assert columns == (pa.array(start), pa.array(day))


@pytest.mark.parametrize(
    ("column", "error", "message"),
    [
        ("2024-01-31", TypeError, "day: got '2024-01-31', expected a date or a column of dates"),
        (5, TypeError, "day: got 5, expected a date or a column of dates"),
        (MOMENT, TypeError, "day: got the datetime 2024-01-31 00:00:00, expected a date"),
        (pd.Timestamp(MOMENT, tz="UTC"), TypeError, "day: got the datetime 2024-01-31 00:00:00"),
        (pd.Timestamp(MOMENT) + pd.Timedelta(1), ValueError, "day.*: got 2024-01-31T00:00:00.000000001, expected a day"),
        ([START, MOMENT], TypeError, r"day\[1\]: got the datetime 2024-01-31 00:00:00"),
        ([START, "2024-01-31"], TypeError, r"day\[1\]: got '2024-01-31', expected a datetime.date"),
        (np.arange(2), TypeError, "day: got a 1-dimensional array of int64, expected a column of datetime64"),
        (np.zeros((2, 2), "M8[D]"), TypeError, "day: got a 2-dimensional array"),
        (
            np.array(["2024-01-31", "2024-01-31T12"], "M8[s]"),
            ValueError,
            r"day\[1\]: got 2024-01-31T12:00:00, expected a day without a time of day",
        ),
        (
            np.array(["2024-01-31", "10000-01-01"], "M8[D]"),
            ValueError,
            r"day\[1\]: got day 2932897 from 1970-01-01, expected a day from 0001-01-01 to 9999-12-31",
        ),
        (np.array(["0000-12-31", "2024-01-31"], "M8[D]"), ValueError, r"day\[0\]: got day -719163"),
        (pa.array([START, None, START]), ValueError, "day: got 3 rows, expected 2"),
        (pa.array([1, 2]), TypeError, "day: got a column of int64, expected a column of date32"),
        (pa.array([10**6, 10**7], pa.int32()).cast(pa.date32()), ValueError, r"day\[1\]: got day 10000000"),
        (
            pa.array([MOMENT.replace(hour=5), None]),
            ValueError,
            r"day\[0\]: got 2024-01-31T05:00:00.000000, expected a day without a time of day",
        ),
        (pa.array([None, None], pa.timestamp("s", "UTC")), TypeError, "day: got a column of timestamp"),
        (pd.Series(pd.to_datetime(["2024-01-31", "2024-01-31"]).tz_localize("UTC")), TypeError, "time zone"),
        (pl.Series([5, None]), TypeError, "day: got a column of int64, expected a column of date32"),
        (pl.Series([MOMENT.replace(hour=5), None]), ValueError, r"day\[0\]: got 2024-01-31T05:00:00.000000, expected"),
        (CapsuleArray(["monthly"]), TypeError, "day: got a column of string, expected a column of date32"),
        (pa.table({"day": [START]}), TypeError, "day: got "),
    ],
    ids=range(22),
)  # fmt: skip  # a line each
def test_a_value_that_is_not_a_column_of_days_is_refused(column: object, error: type[Exception], message: str) -> None:
    with pytest.raises(error, match=message):
        ScheduleArray.from_wire(["monthly", "monthly"]).after(column, START)


def test_the_error_for_a_column_of_another_length_names_it() -> None:
    with pytest.raises(ValueError, match="start: got 1 rows, expected 2, one for each schedule"):
        ScheduleArray.from_wire(["monthly", "monthly"]).after(START, [START])


# Schedules

WIRES: list[Any] = ["monthly", {"frequency": "monthly", "divisor": [1, 2]}, '{"frequency": "weekly"}', None, "monthly"]
TEXTS = ["monthly", '{"frequency": "quarterly", "offset": [2, -1]}', None, "weekly", "monthly"]
STRUCTS = [{"frequency": "monthly", "offset": None}, {"frequency": "monthly", "offset": 5}, None]
COUNTING = [
    {"frequency": "weekly", "interval": 2, "weekday": None},
    {"frequency": "monthly", "interval": 10**9, "weekday": [-1, 5]},
    {"frequency": "monthly", "interval": None, "weekday": [1, 1]},
]
LISTS = [{"frequency": f, "offset": day} for f, day in product(["quarterly", "yearly"], [[2, -1], [0, 1], None])]
WRITTEN: list[tuple[str, Any, list[Any]]] = [
    ("a list", WIRES, WIRES),
    ("a tuple", tuple(WIRES), WIRES),
    ("objects", np.array(WIRES, object), WIRES),
    ("NumPy's strings", np.array(["monthly", "weekly", "monthly"]), ["monthly", "weekly", "monthly"]),
    ("an iterator", None, WIRES),
    ("strings of arrow", pa.array(TEXTS), TEXTS),
    ("views", pa.array(TEXTS, pa.large_string()), TEXTS),
    ("chunks", pa.chunked_array([TEXTS, TEXTS[1:]]), [*TEXTS, *TEXTS[1:]]),
    ("a dictionary", pa.array(TEXTS).dictionary_encode(), TEXTS),
    (
        "chunks with two dictionaries",
        pa.chunked_array([pa.array(TEXTS).dictionary_encode(), pa.array(["yearly"]).dictionary_encode()]),
        [*TEXTS, "yearly"],
    ),
    ("structs", pa.array(STRUCTS), STRUCTS),
    ("structs of intervals and weekdays", pa.array([*COUNTING, None, *COUNTING]), [*COUNTING, None, *COUNTING]),
    ("structs of lists", pa.array([*LISTS, None, *LISTS]), [*LISTS, None, *LISTS]),
    (
        "structs of words in dictionaries",
        pa.StructArray.from_arrays([pa.array(["weekly", "daily", "weekly"]).dictionary_encode()], ["frequency"]),
        ["weekly", "daily", "weekly"],
    ),
    ("nothing but nulls", pa.nulls(3), [None] * 3),
    ("pandas", pd.Series(TEXTS), TEXTS),
    ("pandas, objects", pd.Series(WIRES, dtype=object), WIRES),
    ("pandas, categories", pd.Series(TEXTS, dtype="category"), TEXTS),
    ("pandas on arrow", pd.Series(TEXTS, dtype=pd.ArrowDtype(pa.string())), TEXTS),
    ("polars", pl.Series(TEXTS), TEXTS),
    ("polars, categories", pl.Series(TEXTS, dtype=pl.Categorical), TEXTS),
    ("polars, structs", pl.Series(STRUCTS), STRUCTS),
    ("polars, structs of intervals and weekdays", pl.Series(COUNTING), COUNTING),
    ("a capsule of an array", CapsuleArray(TEXTS), TEXTS),
    ("a capsule of a stream", CapsuleStream(TEXTS), TEXTS),
    ("a capsule of structs", CapsuleStream(STRUCTS), STRUCTS),
    ("schedules", [Schedule("weekly", 2), Schedule("weekly", 2)], [Schedule("weekly", 2)] * 2),
    ("nothing", [], []),
]


@pytest.mark.parametrize(("form", "column", "values"), WRITTEN, ids=[form for form, *_ in WRITTEN])
def test_a_column_of_schedules_may_be_written_in_many_ways(form: str, column: Any, values: list[Any]) -> None:
    got = ScheduleArray.from_wire(iter(values) if form == "an iterator" else column)
    assert list(got) == [None if value is None else Schedule.parse(value) for value in values]
    assert (len(got), got.null_count) == (len(values), values.count(None))
    assert len(got.schedules) == len({one for one in got if one})
    assert got.bad == ()


def test_a_struct_of_nulls_is_not_a_null() -> None:
    column = pa.array([{"frequency": None, "divisor": None}, None, {"frequency": "weekly", "divisor": None}])
    got = ScheduleArray.from_wire(column, errors="null")
    assert [*got] == [None, None, Schedule("weekly")]
    assert [one.rows.tolist() for one in got.bad] == [[0]]


def test_each_distinct_value_is_parsed_once() -> None:
    parsed: list[object] = []

    def parse(value: object) -> Schedule:
        parsed.append(value)
        return Schedule.parse(value)

    dictionary = ScheduleDictionary(parse)
    for _ in range(2):
        dictionary.codes([*TEXTS, {"frequency": "daily"}, {"frequency": "daily"}] * 100)
    assert parsed == [TEXTS[0], TEXTS[1], TEXTS[3], {"frequency": "daily"}]


def test_wire_forms_are_read_in_the_given_dialect() -> None:
    got = ScheduleArray.from_wire([{"frequency": "monthly", "offset": 0}], dialect="payfunc")
    assert got[0] == Schedule("monthly", offset=0, dialect=Dialect.PAYFUNC)
    assert got.after(START, START).tolist() == [date(2024, 2, 1)]


BAD = ["monthly", "quaterly", {"frequency": "weekly", "offset": 7}, "quaterly", 2, True, 2.0, None] + ["x"] * 9


def test_the_error_names_values_that_are_not_schedules_with_their_first_rows() -> None:
    with pytest.raises(BadSchedulesError) as caught:
        ScheduleArray.from_wire(BAD)
    lines = str(caught.value).split("\n")
    assert lines[0] == "15 rows without a valid schedule:"
    assert lines[1].startswith("- rows 1, 3: frequency: got 'quaterly', expected 'daily'")
    assert lines[2] == "- row 2: offset: got 7, expected a weekday, 0 (Sunday) to 6 (Saturday); Sunday is 0"
    assert lines[3] == "- row 4: schedule: got 2, expected a frequency, a mapping, or the JSON text of either"
    assert lines[-1] == "- and 1 more value"
    assert isinstance(caught.value, ValueError)
    everywhere = caught.value.bad[-1]
    assert str(everywhere).startswith("rows 8, 9, 10, 11, 12, ...: frequency: got 'x'")
    assert all(isinstance(one.error, ScheduleError) for one in caught.value.bad)


def test_values_that_are_not_schedules_are_null_on_request() -> None:
    got = ScheduleArray.from_wire(BAD, errors="null")
    assert (got.null_count, len(got.bad)) == (16, 6)
    assert sorted(row for one in got.bad for row in one.rows.tolist()) == [1, 2, 3, 4, 5, 6, *range(8, 17)]
    due = got.after(START, START)
    assert due[0] == np.datetime64("2024-02-29")
    assert np.isnat(due[1:]).all()
    with pytest.raises(ValueError, match="errors: got 'ignore', expected 'raise' or 'null'"):
        ScheduleArray.from_wire(BAD, errors="ignore")  # type: ignore[arg-type]  # that is what is tested


@pytest.mark.parametrize("column", ["monthly", {"frequency": "monthly"}.values, 5, b"monthly"])
def test_a_value_that_is_not_a_column_of_schedules_is_refused(column: object) -> None:
    with pytest.raises(TypeError, match=r"schedules: got .*, expected a column of schedules"):
        ScheduleArray.from_wire(column)


@pytest.mark.parametrize(
    ("codes", "message"),
    [
        ([0, 2], r"codes\[1\]: got 2, expected -1 for a null, or an index from 0 to 1"),
        ([0, -2], r"codes\[1\]: got -2, expected"),
        (np.array([0, 2**63], np.uint64), r"codes\[1\]: got 9223372036854775808, expected"),
        ([0.0], "codes: got a 1-dimensional array of float64, expected a column of integers"),
        ([[0]], "codes: got a 2-dimensional array of int64"),
        (0, "codes: got a 0-dimensional array of int64"),
    ],
)
def test_codes_without_a_schedule_are_refused(codes: object, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        ScheduleArray.from_codes(codes, [Schedule("monthly"), Schedule("weekly")])


def test_only_schedules_have_codes() -> None:
    with pytest.raises(TypeError, match=r"schedules\[0\]: got 'monthly', expected a Schedule"):
        ScheduleArray.from_codes([0], ["monthly"])  # type: ignore[list-item]  # that is what is tested


def test_changing_the_codes_afterwards_changes_nothing() -> None:
    codes = np.zeros(1000, np.int32)
    got = ScheduleArray.from_codes(codes, [Schedule("monthly")])
    codes[500] = 7
    assert got.after(START, START)[500] == np.datetime64("2024-02-29")
    with pytest.raises(ValueError, match="read-only"):
        got.codes[500] = 7


def test_a_column_without_rows_or_schedules_has_no_answers() -> None:
    for empty in (ScheduleArray.from_wire([]), ScheduleArray.from_codes([], [])):
        assert empty.after(START, START).tolist() == []
        assert empty.count(START, START, START).tolist() == []
        assert empty.between(START, START, START).row.tolist() == []
        assert empty.forecast(START, START, START).tolist() == [0]
    assert ScheduleArray.from_wire([None] * 100).after(START, START).tolist() == [None] * 100
    assert ScheduleArray.from_wire(["monthly"]).forecast(START, START - timedelta(1), START).tolist() == []


def test_a_slice_is_a_column_of_its_own() -> None:
    schedules_, start, day = realistic(5000)
    for part in (slice(100, 200), slice(-50, None), slice(0, 0), slice(None, None, -7)):
        assert schedules_[part].after(day[part], start[part]).tolist() == schedules_.after(day, start)[part].tolist()
    with pytest.raises(IndexError):
        schedules_[5000]


def test_an_array_prints_its_size() -> None:
    assert repr(ScheduleArray.from_wire(WIRES)) == "<ScheduleArray: 5 rows, 3 distinct schedules, 1 null>"


# Many rows


def test_many_rows_have_the_answers_of_each_row_alone() -> None:
    schedules_, start, day = realistic(200_000)
    end = start + 3700
    some = np.random.default_rng(1).integers(0, 200_000, 500)
    for name in LOOKUPS:
        got = getattr(schedules_, name)(day, start, end)
        assert got[some].tolist() == [
            getattr(schedules_[row].due_dates(start[row].item(), end[row].item()), name)(day[row].item())
            for row in some.tolist()
        ]
    first, last = date(2024, 1, 1), date(2024, 1, 31)
    pairs = schedules_.between(first, last, start, end)
    counts = schedules_.count(first, last, start, end)
    assert np.bincount(pairs.row, minlength=200_000).tolist() == counts.tolist()
    assert (np.diff(pairs.row) >= 0).all()
    assert (np.diff(pairs.due)[np.diff(pairs.row) == 0] > np.timedelta64(0)).all()
    days = np.bincount((pairs.due - np.datetime64(first)).astype(int), minlength=31)
    assert schedules_.forecast(first, last, start, end).tolist() == days.tolist()


@pytest.mark.parametrize(("rows", "days"), [(20_000, 31), (50, 4000)], ids=["many in a month", "some in years"])
def test_a_forecast_counts_rows_that_start_or_end_within_its_bounds(rows: int, days: int) -> None:
    schedules_, start, _ = realistic(rows)
    first = date(2019, 1, 1)
    last = first + timedelta(days - 1)
    start = np.datetime64(first) - 40 + start.astype(int) % (days + 60)
    end = start + np.arange(rows) % 900
    pairs = schedules_.between(first, last, start, end)
    expected = np.bincount((pairs.due - np.datetime64(first)).astype(int), minlength=days)
    forecast = schedules_.forecast(first, last, start, end)
    assert forecast.dtype == np.int64
    assert forecast.tolist() == expected.tolist()
    assert expected.sum() > rows / 4


def test_an_error_names_the_wrong_bound_of_a_forecast() -> None:
    array = ScheduleArray.from_wire(["monthly"])
    with pytest.raises(TypeError, match=r"^first: got the datetime"):
        array.forecast(MOMENT, START, START)
    with pytest.raises(TypeError, match=r"^last: got '2024-01-31'"):
        array.forecast(START, "2024-01-31", START)  # type: ignore[arg-type]  # that is what is tested
    assert array.forecast(START, START - timedelta(1), START).dtype == np.int64


def test_rules_beyond_those_in_the_tables_are_asked_one_by_one() -> None:
    schedules_, start, day = realistic(3000, Policy(most_rules=50))
    rows = [*zip(schedules_, start.tolist(), day.tolist(), strict=True)]
    for name in LOOKUPS:
        got = getattr(schedules_, name)(day, start)
        assert got.tolist() == [
            getattr(schedule.due_dates(one), name)(asked)  # type: ignore[union-attr]  # is there
            for schedule, one, asked in rows
        ]
    last = date(2026, 1, 1)
    assert schedules_.count(day, last, start).tolist() == [
        len(schedule.due_dates(one).between(asked, last))  # type: ignore[union-attr]  # is there
        for schedule, one, asked in rows
    ]
    kernel = schedules_.kernel
    assert len(kernel.rules.rules) > 150
    assert {cache.lookup.table.rows for cache in (kernel.next_due, kernel.previous_due, kernel.ranks)} == {50}


def test_lookups_of_few_rows_make_tables_once_they_have_asked_for_enough() -> None:
    schedules_ = ScheduleArray.from_wire(["monthly", "weekly"])
    table = schedules_.kernel.next_due.lookup.table
    made = []
    for day in pd.date_range("2024-01-01", periods=60).date:
        expected = [schedule.due_dates(date(2024, 1, 1)).after(day) for schedule in schedules_ if schedule]
        assert schedules_.after(day, date(2024, 1, 1)).tolist() == expected
        made.append(table.rows)
    assert made[0] == 0
    assert made[-1] == 2


def test_a_stream_starts_afresh_once_it_has_more_rules_than_the_tables_hold() -> None:
    reader = ScheduleReader(policy=Policy(most_rules=50))
    day = np.datetime64("2024-01-01") + np.arange(3000)
    for _ in range(3):
        got = reader.read(["yearly"] * 3000)
        assert len(got.kernel.rules.rules) == 0
        assert got.after(START, day)[1] == np.datetime64("2025-01-02")
    assert len(reader.read(["yearly"]).kernel.rules.rules) == 0


# Windows


def window(schedules_: ScheduleArray) -> Window:
    """Return the window of the next due dates."""
    found = schedules_.kernel.next_due.window
    assert found is not None
    return found


def days_of(found: Window) -> tuple[np.datetime64, np.datetime64]:
    return np.datetime64(found.first, "D"), np.datetime64(found.last, "D")


def answers_as_a_new_array(schedules_: ScheduleArray, start: Any, day: Any) -> bool:
    """Return True if an array with a history answers as an array without one."""
    anew = ScheduleArray.from_codes(schedules_.codes, schedules_.schedules)
    got, expected = schedules_.on_or_after(day, start), anew.on_or_after(day, start)
    return np.array_equal(got, expected, equal_nan=True)


def test_days_that_are_looked_up_often_get_a_window() -> None:
    schedules_, start, day = realistic(200_000)
    for _ in range(3):
        assert answers_as_a_new_array(schedules_, start, day)
    assert days_of(window(schedules_)) == (day.min() - 1, day.max() + 1)
    assert window(schedules_).answers.size <= 600_000


def test_on_or_after_has_its_days_in_the_window_of_after() -> None:
    schedules_, start, day = realistic(200_000)
    for _ in range(3):
        schedules_.after(day, start)
    first, last = days_of(window(schedules_))
    assert first <= day.min() < day.max() <= last


def test_a_window_moves_with_the_days_that_are_looked_up() -> None:
    schedules_, start, _ = realistic(100_000)
    for day in np.arange("2024-01-01", "2024-03-01", dtype="M8[D]"):
        assert answers_as_a_new_array(schedules_, start, day.item())
        first, last = days_of(window(schedules_))
        assert first <= day <= last


def test_days_far_from_the_window_get_one_of_their_own() -> None:
    schedules_, start, day = realistic(100_000)
    for _ in range(6):
        assert answers_as_a_new_array(schedules_, start, day)
    before = days_of(window(schedules_))
    for _ in range(6):
        assert answers_as_a_new_array(schedules_, start, day + 40_000)
    assert days_of(window(schedules_)) == (before[0] + 40_000, before[1] + 40_000)


def test_a_few_outliers_do_not_widen_the_window() -> None:
    schedules_, start, day = realistic(100_000)
    usual = day.min(), day.max()
    day[:300:3] = np.datetime64("9999-12-31")
    day[1:300:3] = np.datetime64("0001-01-01")
    start[[1, 4]] = np.datetime64("0001-01-01"), np.datetime64("9990-05-06")
    for _ in range(6):
        assert answers_as_a_new_array(schedules_, start, day)
    found = days_of(window(schedules_))
    assert usual[0] - 1 <= found[0] < found[1] <= usual[1] + 1
    assert found[1] - found[0] > np.timedelta64(355)


def test_new_rules_are_added_to_the_window() -> None:
    schedules_, start, day = realistic(200_000)
    some = (start < np.datetime64("2014-02-01")).nonzero()[0]
    few = schedules_.take(np.tile(some, 20))
    for _ in range(8):
        assert answers_as_a_new_array(few, np.tile(start[some], 20), np.tile(day[some], 20))
    before = window(few).rules
    for _ in range(3):
        assert answers_as_a_new_array(schedules_, start, day)
    assert before < window(schedules_).rules == len(schedules_.kernel.rules.rules)


def test_days_over_many_years_get_no_window_that_costs_more_than_it_saves() -> None:
    schedules_, start, _ = realistic(200_000)
    day = np.datetime64("1900-01-01") + np.random.default_rng(3).integers(0, 90_000, 200_000)
    for _ in range(4):
        assert answers_as_a_new_array(schedules_, start, day)
    assert schedules_.kernel.next_due.window is None


# Plans


def test_a_plan_answers_as_the_schedules_do() -> None:
    schedules_, start, day = realistic(100_000)
    start[[3, 50_000]] = np.datetime64("NaT")
    plan = schedules_.due_dates(pa.array(start))
    assert isinstance(plan, DueDatesArray)
    assert len(plan) == 100_000
    assert repr(plan) == "<DueDatesArray: 100000 rows, 98 distinct schedules>"
    got = plan.after(day)
    assert got.null_count == 2
    assert np.array_equal(np.asarray(got), schedules_.after(day, start), equal_nan=True)


def test_a_plan_copies_columns_of_64_bits() -> None:
    schedules_, start, day = realistic(1000)
    plan, expected = schedules_.due_dates(start), schedules_.after(day, start)
    start[:] = np.datetime64("9999-12-31")
    assert (plan.after(day) == expected).all()


def test_wrong_starts_and_ends_are_refused_when_the_plan_is_made() -> None:
    array = ScheduleArray.from_wire(["monthly", "monthly"])
    with pytest.raises(ValueError, match="start: got 1 rows, expected 2"):
        array.due_dates([START])
    with pytest.raises(ValueError, match=r"end\[1\]: got day 3000000 from 1970-01-01"):
        array.due_dates(START, np.array([0, 3_000_000], "M8[D]"))
    with pytest.raises(ValueError, match="day: got 3 rows, expected 2"):
        array.due_dates(START).after([START] * 3)


def test_threads_may_share_an_array() -> None:
    schedules_, start, day = realistic(100_000)
    expected = ScheduleArray.from_codes(schedules_.codes, schedules_.schedules).after(day, start)
    found: list[Any] = []
    threads = [threading.Thread(target=lambda: found.append(schedules_.after(day, start))) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert all((got == expected).all() for got in found)
    assert len(found) == 4


def test_an_outlier_does_not_change_the_answers_of_other_rows() -> None:
    schedules_, start, day = realistic(100_000)
    usual = schedules_.after(day, start)
    day[5], start[7] = np.datetime64("9999-12-31"), np.datetime64("0001-01-01")
    got = schedules_.after(day, start)
    others = np.delete(np.arange(100_000), [5, 7])
    assert (got[others] == usual[others]).all()
    assert np.isnat(got[5])
    assert schedules_[7].due_dates(date.min).after(day[7].item()) == got[7].item()  # type: ignore[union-attr]  # is there


# Copies


def pickled(value: Any) -> Any:
    return pickle.loads(pickle.dumps(value))  # noqa: S301  # what was just pickled


COPIES: list[Callable[[Any], Any]] = [pickled, copy.deepcopy, copy.copy]
FORMS = pytest.mark.parametrize("form", [lambda days: days, pa.array], ids=["numpy", "arrow"])


@pytest.mark.parametrize("copied", COPIES, ids=["pickled", "deep", "shallow"])
@FORMS
def test_a_copy_of_a_column_has_the_same_answers(copied: Callable[[Any], Any], form: Callable[[Any], Any]) -> None:
    schedules_, start, day = realistic(3000)
    schedules_ = schedules_.take(np.arange(3000))
    wires: Any = [
        *[schedule.frequency.value for schedule in schedules_ if isinstance(schedule, Schedule)],
        None,
        "quaterly",
    ]
    start, day = (form(np.append(days, days[:2])) for days in (start, day))
    for original in (
        ScheduleArray.from_wire(wires, errors="null"),
        ScheduleArray.from_wire(pa.array(wires), errors="null"),
    ):
        expected = original.after(day, start)
        found = copied(original)
        assert (listed(found.after(day, start)), type(found.after(day, start))) == (listed(expected), type(expected))
        assert (found.schedules, found.codes.tolist()) == (original.schedules, original.codes.tolist())
        assert [*map(str, found.bad)] == [*map(str, original.bad)] != []
        with pytest.raises(ValueError, match="read-only"):
            found.codes[0] = 0


@pytest.mark.parametrize("copied", COPIES, ids=["pickled", "deep", "shallow"])
@FORMS
def test_a_copy_of_a_plan_has_the_same_answers(copied: Callable[[Any], Any], form: Callable[[Any], Any]) -> None:
    schedules_, start, day = realistic(3000)
    first, last = date(2024, 1, 1), date(2024, 3, 31)
    start[5] = np.datetime64("NaT")
    end = start + 4000
    end[7] = np.datetime64("NaT")
    schedules_.after(day, day)  # so that the original has other rules, with other numbers
    original = schedules_.due_dates(form(start), form(end))
    found = copied(original)
    assert repr(found) == repr(original)
    for plan in (found, copied(found)):
        assert listed(plan.after(day)) == listed(original.after(day))
        assert listed(plan.before(form(day))) == listed(original.before(form(day)))
        assert listed(plan.count(first, last)) == listed(original.count(first, last))
        assert listed(plan.between(first, last).due) == listed(original.between(first, last).due)
        assert plan.forecast(first, last).tolist() == original.forecast(first, last).tolist()


@pytest.mark.parametrize("copied", COPIES, ids=["pickled", "deep", "shallow"])
def test_a_copy_of_a_reader_has_its_settings_and_has_read_nothing(copied: Callable[[Any], Any]) -> None:
    reader = ScheduleReader("payfunc", errors="null", policy=Policy(most_rules=50))
    column = [{"frequency": "monthly", "offset": 0}, "quaterly"]
    reader.read(["weekly"])
    read, expected = copied(reader).read(column), reader.read(column)
    assert read.after(START, START).tolist() == expected.after(START, START).tolist() == [date(2024, 2, 1), None]
    assert [*map(str, read.bad)] == [*map(str, expected.bad)]
    assert (len(read.schedules), len(expected.schedules)) == (1, 2)
    assert read.kernel.rules.policy == Policy(most_rules=50)


def test_a_pickle_has_no_tables() -> None:
    schedules_, start, day = realistic(100_000)
    for _ in range(6):
        schedules_.after(day, start)
    assert window(schedules_)
    plan = schedules_.due_dates(pa.array(start))
    assert len(pickle.dumps(schedules_)) < 4 * 100_000 + 20_000
    assert len(pickle.dumps(plan)) < 8 * 100_000 + 20_000
    assert pickled(schedules_).kernel.next_due.window is None


def test_a_column_and_its_plan_share_their_tables_in_a_copy_too() -> None:
    schedules_, start, day = realistic(1000)
    found, plan = copy.deepcopy((schedules_, schedules_.due_dates(start)))
    assert plan.after(day).tolist() == schedules_.after(day, start).tolist()
    assert found.kernel is not schedules_.kernel
    assert found.kernel.next_due.lookup.table.rows == len(found.kernel.rules.rules) > 0


def test_processes_answer_for_columns_and_plans() -> None:
    schedules_, start, day = realistic(1000)
    with ProcessPoolExecutor(1, multiprocessing.get_context("spawn")) as pool:
        by_schedules = pool.submit(schedules_.after, day, start)
        by_plan = pool.submit(schedules_.due_dates(start).after, day)
        expected = schedules_.after(day, start).tolist()
        assert by_schedules.result().tolist() == by_plan.result().tolist() == expected


# Packaging


def test_the_error_for_missing_numpy_names_the_extra() -> None:
    lines = "import sys; sys.modules['numpy'] = None; import recurring_schedule.batch"
    done = subprocess.run([sys.executable, "-c", lines], capture_output=True, text=True, check=False)
    assert done.stderr.strip().split("\n")[-1] == (
        "ImportError: recurring_schedule.batch needs NumPy: pip install 'recurring-schedule[batch]'"
    )


def test_numpy_alone_is_enough() -> None:
    lines = (
        "import sys; sys.modules.update(dict.fromkeys(('pandas', 'polars', 'pyarrow')));"
        "from datetime import date; from recurring_schedule.batch import ScheduleArray;"
        "print(ScheduleArray.from_wire(['monthly'] * 99).after(date(2024, 1, 31), date(2024, 1, 31))[98])"
    )
    done = subprocess.run([sys.executable, "-c", lines], capture_output=True, text=True, check=True)
    assert done.stdout == "2024-02-29\n"


def test_the_errors_can_be_pickled() -> None:
    with pytest.raises(BadSchedulesError) as caught:
        ScheduleArray.from_wire(["x"])
    assert str(pickled(caught.value)) == str(caught.value)
