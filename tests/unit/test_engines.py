"""The adapters on the real engines: the same answers as `ScheduleArray`, nulls and bad rows
included.
"""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta
from typing import Any

import duckdb
import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pyarrow.compute as pc
import pytest

import recurring_schedule.batch.adapters.polars as adapter
from recurring_schedule import Schedule
from recurring_schedule.batch import BadSchedulesError, ScheduleArray, ScheduleReader
from recurring_schedule.batch.adapters import arrow
from recurring_schedule.batch.adapters import pandas as on_pandas
from recurring_schedule.batch.adapters.duckdb import register
from recurring_schedule.batch.dictionary import ScheduleDictionary
from recurring_schedule.books.synthetic import distinct_schedules, texts

ROWS = 5000
DAY = date(2024, 2, 29)
FIRST, LAST = date(2024, 3, 1), date(2024, 4, 30)
TEXTS = [
    "monthly",
    "weekly",
    '{"frequency": "quarterly", "offset": [2, -1]}',
    '{"frequency": "monthly", "divisor": 13}',
    None,
]


def book(rows: int = ROWS) -> pa.Table:
    rng = np.random.default_rng(0)
    start = (np.datetime64("2020-01-01") + rng.integers(0, 1800, rows)).tolist()
    end = [one + timedelta(900) if row % 3 == 0 else None for row, one in enumerate(start)]
    start[10] = None
    return pa.table(
        {
            "id": pa.array(range(rows), pa.int64()),
            "schedule": pa.array([TEXTS[code] for code in rng.integers(0, 5, rows).tolist()]),
            "start": pa.array(start, pa.date32()),
            "end": pa.array(end, pa.date32()),
        }
    )


BOOK = book()
SCHEDULES = ScheduleArray.from_wire(BOOK["schedule"])
NEXT = SCHEDULES.after(DAY, BOOK["start"])
NEXT_WITH_END = SCHEDULES.after(DAY, BOOK["start"], BOOK["end"])
IS_DUE = SCHEDULES.contains(DAY, BOOK["start"])
PAIRS = SCHEDULES.between(FIRST, LAST, BOOK["start"], BOOK["end"])


def check_run(found: pa.Table) -> None:
    """Check a billing run of the book, in the order of the rows."""
    assert found["id"].to_pylist() == PAIRS.row.tolist()
    assert found["due"].to_pylist() == PAIRS.due.to_pylist()
    assert found["schedule"].to_pylist() == BOOK["schedule"].take(PAIRS.row).to_pylist()
    keys = [f"{row}@{due}" for row, due in zip(PAIRS.row.tolist(), PAIRS.due.to_pylist(), strict=True)]
    assert found["key"].to_pylist() == keys
    assert len(set(keys)) == len(keys) > ROWS
    for index in range(0, len(found), 97):
        row = found.slice(index, 1).to_pylist()[0]
        due = Schedule.parse(row["schedule"]).due_dates(row["start"], row["end"])
        assert due[row["number"] - 1] == row["due"]


@pytest.fixture
def connection() -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect() as opened:
        yield opened


# Arrow


@pytest.mark.parametrize("size", [1, 777, ROWS])
def test_a_stream_is_billed_one_batch_at_a_time(size: int) -> None:
    read: list[int] = []

    def batches() -> Any:
        for number, batch in enumerate(BOOK.slice(0, ROWS if size > 1 else 300).to_batches(max_chunksize=size)):
            read.append(number)
            yield batch

    run = arrow.billing_run(batches(), FIRST, LAST)
    found = [next(run)]
    assert read == [0]
    found += run
    assert len(found) == len(read)
    if size > 1:
        check_run(pa.Table.from_batches(found))


def test_a_stream_of_any_engine_is_billed(connection: duckdb.DuckDBPyConnection) -> None:
    connection.register("book", BOOK)
    streams: list[Any] = [BOOK, BOOK.to_reader(), pl.from_arrow(BOOK), connection.sql("FROM book ORDER BY id")]
    for stream in streams:
        check_run(pa.Table.from_batches(arrow.billing_run(stream, FIRST, LAST)))


def test_a_rerun_and_an_overlapping_run_have_the_same_keys() -> None:
    def keys(first: date, last: date) -> set[str]:
        found = pa.Table.from_batches(arrow.billing_run(BOOK.to_batches(), first, last))
        return set(found["key"].to_pylist())

    whole = keys(FIRST, LAST)
    assert keys(FIRST, LAST) == whole
    assert keys(FIRST, date(2024, 4, 5)) | keys(date(2024, 3, 20), LAST) == whole


def test_bad_rows_come_with_their_reason_on_request() -> None:
    bad = BOOK.set_column(1, "schedule", pc.if_else(pc.equal(BOOK["id"], 7), "quaterly", BOOK["schedule"]))
    with pytest.raises(BadSchedulesError, match="row 7: frequency: got 'quaterly'"):
        list(arrow.billing_run(bad.to_batches(), FIRST, LAST))
    found = pa.Table.from_batches(arrow.billing_run(bad.to_batches(), FIRST, LAST, errors="null"))
    wrong = {row["id"]: row for row in found.filter(pc.is_valid(found["error"])).to_pylist()}
    missing = [
        row for row in range(ROWS) if row != 7 and not (BOOK["schedule"][row].is_valid and BOOK["start"][row].is_valid)
    ]
    assert sorted(wrong) == sorted([7, *missing])
    assert all((row["due"], row["number"], row["key"]) == (None, None, None) for row in wrong.values())
    assert wrong[7]["error"].endswith("did you mean 'quarterly'?")
    assert found.num_rows == len(wrong) + sum(row != 7 for row in PAIRS.row.tolist())
    assert pc.sum(pc.is_null(found["due"])).as_py() == len(wrong)


def test_rows_with_a_missing_value_come_with_the_reason_on_request() -> None:
    book = pa.table(
        {
            "id": ["a", "b", "c", None],
            "schedule": ["monthly", None, "monthly", "monthly"],
            "start": pa.array([None, *[date(2024, 1, 31)] * 3], pa.date32()),
        }
    )
    found = pa.Table.from_batches(arrow.billing_run(book.to_batches(), FIRST, date(2024, 3, 31), errors="null"))
    assert [(row["id"], row["key"], row["error"]) for row in found.to_pylist()] == [
        ("a", None, "start: got nothing, expected a date"),
        ("b", None, "schedule: got nothing, expected a schedule"),
        ("c", "c@2024-03-31", None),
        (None, None, "id: got nothing, expected an id to make a key from"),
    ]


def test_threads_may_share_a_reader(monkeypatch: pytest.MonkeyPatch) -> None:
    hashed = Schedule.__hash__

    def slow(schedule: Schedule) -> int:
        time.sleep(0)  # lets other threads run
        return hashed(schedule)

    monkeypatch.setattr(Schedule, "__hash__", slow)
    wires = texts(distinct_schedules(400))
    expected = {wire: Schedule.parse(wire).due_dates(FIRST).after(DAY) for wire in wires}
    reader = ScheduleReader()

    def wrong(seed: int) -> int:
        rows = np.random.default_rng(seed).choice(wires, 300).tolist()
        found = reader.read(pa.array(rows)).after(DAY, FIRST).to_pylist()
        return sum(expected[wire] != due for wire, due in zip(rows, found, strict=True))

    with ThreadPoolExecutor(8) as pool:
        assert sum(pool.map(wrong, range(40))) == 0


def test_only_some_values_that_are_not_schedules_are_remembered() -> None:
    dictionary = ScheduleDictionary(Schedule.parse, most_errors=4096)
    for number in range(0, 12_000, 3000):
        _, bad = dictionary.codes(pa.array([f"x{number + row}" for row in range(3000)]))
        assert [one.rows.tolist() for one in bad] == [[row] for row in range(3000)]
    assert all((one.error.__traceback__, one.error.__context__) == (None, None) for one in bad)
    assert 0 < len(dictionary.errors) <= 4096


def test_columns_may_have_other_names_and_end_and_id_may_be_missing() -> None:
    other = BOOK.select(["schedule", "start"]).rename_columns(["plan", "since"])
    found = pa.Table.from_batches(arrow.billing_run(other.to_batches(), FIRST, LAST, schedule="plan", start="since"))
    assert found["due"].to_pylist() == SCHEDULES.between(FIRST, LAST, BOOK["start"]).due.to_pylist()
    assert found["key"].null_count == len(found)


def test_a_batch_without_schedules_or_starts_is_refused() -> None:
    for column in ("schedule", "start"):
        with pytest.raises(ValueError, match=f"no column '{column}' among: id, "):
            list(arrow.billing_run(BOOK.drop_columns([column]).to_batches(), FIRST, LAST))


def test_a_window_that_ends_before_its_first_day_is_refused() -> None:
    books: list[tuple[Any, Any]] = [(arrow, BOOK), (adapter, pl.from_arrow(BOOK)), (on_pandas, frame())]
    for engine, engine_book in books:
        with pytest.raises(ValueError, match=r"last: got 2024-03-01, expected 2024-04-30 \(the first day\) or later"):
            list(engine.billing_run(engine_book, LAST, FIRST))


def test_a_second_column_has_only_its_new_values_parsed() -> None:
    parsed: list[object] = []

    def parse(value: object) -> Schedule:
        parsed.append(value)
        return Schedule.parse(value)

    dictionary = ScheduleDictionary(parse)
    codes = [
        dictionary.codes(pa.array(column))[0].tolist()
        for column in (["monthly", "weekly"], ["weekly", "yearly", "monthly"])
    ]
    assert codes == [[0, 1], [1, 2, 0]]
    assert parsed == ["monthly", "weekly", "yearly"]
    assert dictionary.schedules == (Schedule("monthly"), Schedule("weekly"), Schedule("yearly"))


@pytest.mark.parametrize("dtype", [pa.string(), pa.large_string(), pa.string_view()])
def test_a_reader_reads_a_column_as_the_first_time_whatever_it_has_read(dtype: pa.DataType) -> None:
    columns: list[list[str | None]] = [
        TEXTS,
        TEXTS[:2] * 3,
        [None, None],
        ["quaterly", *TEXTS],
        ["yearly", *TEXTS],
        [],
        TEXTS[1:4] * 2,
    ]
    reader = ScheduleReader(errors="null")
    for column in [*columns, *columns]:
        found, fresh = (one.read(pa.array(column, dtype)) for one in (reader, ScheduleReader(errors="null")))
        assert [*found] == [*fresh]
        assert [str(one) for one in found.bad] == [str(one) for one in fresh.bad]
        assert [one is None for one in found] == [text in (None, "quaterly") for text in column]


# Polars


def test_polars_bills_a_stream() -> None:
    frame = pl.from_arrow(BOOK)
    assert isinstance(frame, pl.DataFrame)
    check_run(adapter.billing_run(frame, FIRST, LAST).collect(engine="streaming").sort("id", "due").to_arrow())


def test_polars_keeps_the_types_of_a_book_that_is_billed() -> None:
    plan = pl.Series(["monthly", "weekly"], dtype=pl.Enum(["weekly", "monthly"]))
    frame = pl.DataFrame({"schedule": plan, "start": [DAY] * 2, "unit": pl.Series([1, 2], dtype=pl.UInt8)})
    found = adapter.billing_run(frame, FIRST, LAST).collect()
    assert found.schema == {**frame.schema, "due": pl.Date, "number": pl.Int32, "key": pl.String}


@pytest.mark.parametrize(
    "query",
    [
        lambda book, after: book.group_by("group").agg(due=after),
        lambda book, after: book.select("group", due=after.implode().over("group")).unique(),
    ],
    ids=["group_by", "over"],
)
def test_polars_answers_the_rows_of_all_groups_at_once(query: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    calls: list[int] = []
    read = ScheduleReader.read

    def counted(reader: ScheduleReader, column: Any) -> ScheduleArray:
        calls.append(len(column))
        return read(reader, column)

    frame: Any = pl.from_arrow(BOOK)
    book = frame.with_columns(group=pl.col("id") % 1000)
    schedule: Any = pl.col("schedule")
    monkeypatch.setattr(ScheduleReader, "read", counted)
    found = query(book.lazy(), schedule.recurring_schedule.after(DAY, "start")).collect()
    assert sum(calls) == ROWS
    assert len(calls) <= pl.thread_pool_size() < 1000
    due = NEXT.to_pylist()
    groups = dict(found.select("group", "due").iter_rows())
    assert groups == {group: due[group::1000] for group in range(1000)}


def test_polars_answers_after_a_filter_where_the_filter_leaves_rows_out() -> None:
    lazy = pl.LazyFrame(
        {"schedule": ["quaterly", "monthly"], "start": [date(2024, 1, 31)] * 2, "is_old": [True, False]}
    )
    schedule: Any = pl.col("schedule")
    found = lazy.with_columns(due=schedule.recurring_schedule.after(DAY, "start")).filter(~pl.col("is_old"))
    assert found.collect()["due"].to_list() == [date(2024, 3, 31)]


@pytest.mark.parametrize("engine", ["in-memory", "streaming"])
def test_polars_answers_for_literals_and_frames_without_rows(engine: Any) -> None:
    frame = pl.DataFrame({"schedule": ["monthly", "weekly"], "start": [date(2024, 1, 31)] * 2})
    asked, literal = pl.col("schedule"), pl.lit("monthly")
    for rows in (0, 1, 2):
        some = frame.head(rows).lazy()
        for schedule, expected in ((asked, [date(2024, 3, 31), date(2024, 3, 6)]), (literal, [date(2024, 3, 31)] * 2)):
            lookups: Any = schedule.recurring_schedule  # type: ignore[attr-defined]  # a namespace that is registered
            found = some.with_columns(due=lookups.after(DAY, "start"), none=lookups.between(DAY, None, "start"))
            collected = found.collect(engine=engine)
            assert collected["due"].to_list() == expected[:rows]
            assert collected["none"].to_list() == [None] * rows
            assert collected.dtypes[2:] == [pl.Date, pl.List(pl.Date)]


def test_a_series_of_polars_keeps_its_name_and_pairs_no_series_of_another_length() -> None:
    schedules: Any = pl.Series("plan", ["monthly", "weekly"])
    assert schedules.recurring_schedule.count(FIRST, LAST, DAY).equals(pl.Series("plan", [2, 8], dtype=pl.Int32))
    with pytest.raises(ValueError, match="start: got 1 rows, expected 2"):
        schedules.recurring_schedule.after(DAY, pl.Series([DAY]))


# pandas


def frame() -> Any:
    """Return rows whose labels are not their positions."""
    return pd.DataFrame(
        {
            "schedule": ["monthly", "weekly", "yearly"],
            "start": pd.to_datetime(["2024-01-31", "2024-01-15", "2024-02-29"]),
            "end": pd.to_datetime(["2024-03-30", None, None]),
        },
        index=["c", "a", "b"],
    )


@pytest.mark.parametrize("name", ["day", "start", "end"])
def test_pandas_pairs_rows_by_their_labels(name: str) -> None:
    """Each row has its own day, however the series is sorted."""
    book = frame().assign(day=pd.to_datetime(["2024-02-29", "2024-01-31", "2024-12-31"]))
    columns = {one: book[one] for one in ("day", "start", "end")}
    expected = [
        Schedule.parse(row.schedule).due_dates(row.start.date(), row.end.date() if row.end is not pd.NaT else None)
        .after(row.day.date()) for row in book.itertuples()
    ]  # fmt: skip  # a line for each step
    found = book.schedule.recurring_schedule.after(**columns | {name: book[name].sort_index()})
    assert [None if one is pd.NaT else one.date() for one in found] == expected
    assert found.index.tolist() == ["c", "a", "b"]


@pytest.mark.parametrize(
    "change",
    [
        lambda start: start.reset_index(drop=True),
        lambda start: start.iloc[:2],
        lambda start: pd.concat([start, start.rename({"a": "d", "b": "e", "c": "f"})]),
        lambda start: start.set_axis(["c", "a", "a"]),
    ],
    ids=["other labels", "fewer labels", "more labels", "repeated labels"],
)
def test_pandas_refuses_a_series_with_other_labels(change: Any) -> None:
    book = frame()
    for name in ("day", "start", "end"):
        columns: dict[str, Any] = {"day": DAY, "start": DAY, "end": None, name: change(book.start)}
        message = f"{name}: got a series whose index is not that of the schedules, expected the same labels; "
        with pytest.raises(ValueError, match=message):
            book.schedule.recurring_schedule.contains(**columns)


def test_pandas_refuses_labels_that_the_schedules_repeat() -> None:
    schedules: Any = pd.Series(["monthly"] * 3, index=["a", "a", "b"])
    for labels in (["a", "b", "c"], ["a", "b", "a"], ["a", "b", "b"]):
        with pytest.raises(ValueError, match="start: got a series whose index is not that of the schedules"):
            schedules.recurring_schedule.after(DAY, pd.Series([DAY] * 3, index=labels))


def test_pandas_pairs_columns_without_an_index_and_equal_repeated_labels_by_position() -> None:
    book = frame().set_axis(["a", "a", "b"])
    due = [date(2024, 3, 31), date(2024, 3, 4), date(2025, 2, 28)]
    for start in (book.start, book.start.to_numpy(), book.start.dt.date.tolist(), pa.array(book.start)):
        found = book.schedule.recurring_schedule.after(DAY, start)
        assert [one.date() for one in found] == due
        assert found.index.tolist() == ["a", "a", "b"]


def test_the_accessor_of_pandas_reads_a_series_again_after_it_has_changed() -> None:
    schedules: Any = pd.Series(["monthly"])
    assert schedules.recurring_schedule.contains(FIRST, FIRST).tolist() == [True]
    schedules[0] = "yearly"
    assert schedules.recurring_schedule.count(FIRST, LAST, FIRST).tolist() == [1]


def test_missing_values_of_pandas_are_missing() -> None:
    schedules: Any = pd.Series(["monthly", pd.NA, "monthly", "monthly"], dtype=object)
    start = pd.Series([date(2024, 1, 31), date(2024, 1, 31), pd.NA, date(2024, 1, 31)], dtype=object)
    end = pd.Series([pd.NA, None, None, date(2024, 3, 1)], dtype=object)
    found = schedules.recurring_schedule.after(DAY, start, end)
    assert found.astype(object).where(found.notna(), None).tolist() == [pd.Timestamp("2024-03-31"), None, None, None]
    assert schedules.recurring_schedule.contains(DAY, start).tolist() == [True, pd.NA, pd.NA, True]
    assert schedules.recurring_schedule.count(FIRST, LAST, start).tolist() == [2, pd.NA, pd.NA, 2]


def test_a_billing_run_of_pandas_keeps_the_rows_and_their_labels() -> None:
    book = frame().assign(schedule=["monthly", {"frequency": "weekly"}, "yearly"], start=[DAY, pd.NA, DAY])
    found = on_pandas.billing_run(book, FIRST, LAST, errors="null")
    assert found.index.tolist() == ["c", "a"]
    assert found.drop(columns=["due", "number", "key", "error"]).equals(book.loc[found.index])


# DuckDB


def test_duckdb_takes_the_functions_registered_last(connection: duckdb.DuckDBPyConnection) -> None:
    register(connection, dialect="payfunc")
    register(connection)
    query = """SELECT due_after('{"frequency": "monthly", "offset": 1}', DATE '2024-02-29', DATE '2024-01-31')"""
    assert connection.sql(query).fetchall() == [(date(2024, 3, 1),)]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ("'monthly', DATE '2024-01-31'", "missing 1 required positional argument: 'start'"),
        ("'monthly', '2024-01-31', DATE '2024-01-31'", "day: got a column of string, expected a column of date32"),
        (
            "DATE '2024-01-31', 'monthly', NULL",
            r"schedule: got datetime.date\(2024, 1, 31\), expected a frequency, a mapping",
        ),
    ],
)
def test_duckdb_names_what_is_wrong_with_arguments(
    connection: duckdb.DuckDBPyConnection, arguments: str, message: str
) -> None:
    register(connection)
    with pytest.raises(duckdb.Error, match=message):
        connection.sql(f"SELECT due_after({arguments})").fetchall()  # the texts above


# Missing engines


@pytest.mark.parametrize(
    ("module", "missing", "needs"),
    [
        ("arrow", "pyarrow", "PyArrow"),
        ("polars", "polars", "Polars and PyArrow"),
        ("pandas", "pandas", "pandas and PyArrow"),
        ("duckdb", "duckdb", "DuckDB"),
        ("spark", "pyspark", "PySpark"),
    ],
)
def test_the_error_for_a_missing_engine_names_the_extra(module: str, missing: str, needs: str) -> None:
    lines = f"import sys; sys.modules[{missing!r}] = None; import recurring_schedule.batch.adapters.{module}"
    done = subprocess.run([sys.executable, "-c", lines], capture_output=True, text=True, check=False)
    assert done.stderr.strip().split("\n")[-1] == (
        f"ImportError: recurring_schedule.batch.adapters.{module} needs {needs}: pip install 'recurring-schedule[{module}]'"
    )
