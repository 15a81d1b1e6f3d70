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

import recurring_schedule.batch.adapters.pandas  # noqa: F401  # for the accessor
import recurring_schedule.batch.adapters.polars as adapter
from recurring_schedule import Schedule
from recurring_schedule.batch import BadSchedulesError, ScheduleArray, ScheduleReader
from recurring_schedule.batch.adapters import arrow
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


# Arrow


def test_arrow_columns_give_arrow_columns() -> None:
    assert arrow.next_due(BOOK["schedule"], BOOK["start"], DAY) == NEXT
    assert arrow.next_due(BOOK["schedule"], BOOK["start"], DAY, BOOK["end"]) == NEXT_WITH_END
    assert arrow.is_due(BOOK["schedule"], BOOK["start"], DAY) == IS_DUE
    assert NEXT.null_count > BOOK["schedule"].null_count


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
        ("c", "c@2024-03-31", None),
        ("a", None, "start: got nothing, expected a date"),
        ("b", None, "schedule: got nothing, expected a schedule"),
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


# Polars


@pytest.mark.parametrize("engine", ["in-memory", "streaming"])
def test_polars_expressions_answer(engine: Any) -> None:
    frame = pl.from_arrow(BOOK)
    assert isinstance(frame, pl.DataFrame)
    asked: Any = pl.col("schedule")
    found = (
        frame.lazy()
        .select(
            next=asked.recurring_schedule.next_due("start", DAY),
            ended=asked.recurring_schedule.next_due(pl.col("start"), pl.lit(DAY), "end"),
            due=asked.recurring_schedule.is_due("start", DAY),
        )
        .collect(engine=engine)
    )
    assert found["next"].to_list() == NEXT.to_pylist()
    assert found["ended"].to_list() == NEXT_WITH_END.to_pylist()
    assert found["due"].to_list() == IS_DUE.to_pylist()
    assert found.dtypes == [pl.Date, pl.Date, pl.Boolean]


@pytest.mark.parametrize("engine", ["in-memory", "streaming"])
def test_polars_bills_lazily(engine: Any) -> None:
    frame = pl.from_arrow(BOOK)
    assert isinstance(frame, pl.DataFrame)
    found = adapter.billing_run(frame, FIRST, LAST).collect(engine=engine).sort("id", "due").to_arrow()
    check_run(found)


def test_polars_answers_for_literals_and_frames_without_rows() -> None:
    frame = pl.DataFrame({"schedule": ["monthly", "weekly"], "start": [date(2024, 1, 31)] * 2})
    asked: Any = pl.col("schedule")
    for rows in (0, 1, 2):
        some = frame.head(rows)
        found = some.select(next=asked.recurring_schedule.next_due("start", DAY))["next"]
        assert found.to_list() == [date(2024, 3, 31), date(2024, 3, 6)][:rows]
        assert found.dtype == pl.Date
        lazy = some.lazy().filter(pl.col("start") > DAY)
        assert lazy.select(due=asked.recurring_schedule.is_due("start", DAY)).collect()["due"].to_list() == []
        literal: Any = pl.lit("monthly")
        found = some.with_columns(next=literal.recurring_schedule.next_due("start", DAY))["next"]
        assert found.to_list() == [date(2024, 3, 31)] * rows


def test_polars_names_a_value_that_is_not_a_schedule() -> None:
    frame = pl.DataFrame({"schedule": ["monthly", "quaterly"], "start": [date(2024, 1, 31)] * 2})
    asked: Any = pl.col("schedule")
    with pytest.raises(ValueError, match="did you mean 'quarterly'"):
        frame.select(asked.recurring_schedule.next_due("start", DAY))
    with pytest.raises(Exception, match="did you mean 'quarterly'"):
        adapter.billing_run(frame, FIRST, LAST).collect()


# pandas


def test_missing_values_of_pandas_are_missing() -> None:
    schedules: Any = pd.Series(["monthly", pd.NA, "monthly", "monthly"], dtype=object)
    start = pd.Series([date(2024, 1, 31), date(2024, 1, 31), pd.NA, date(2024, 1, 31)], dtype=object)
    end = pd.Series([pd.NA, None, None, date(2024, 3, 1)], dtype=object)
    found = schedules.recurring_schedule.next_due(start, DAY, end)
    assert found.astype(object).where(found.notna(), None).tolist() == [pd.Timestamp("2024-03-31"), None, None, None]


def test_the_accessor_of_pandas_keeps_the_index() -> None:
    frame: Any = BOOK.to_pandas(date_as_object=False).set_index("id")
    found = frame.schedule.recurring_schedule.next_due(frame.start, DAY)
    assert found.index.equals(frame.index)
    assert found.dtype.kind == "M"
    assert [None if one is pd.NaT else one.date() for one in found] == NEXT.to_pylist()
    ended = frame.schedule.recurring_schedule.next_due(frame.start, DAY, frame.end)
    assert [None if one is pd.NaT else one.date() for one in ended] == NEXT_WITH_END.to_pylist()
    is_due = frame.schedule.recurring_schedule.is_due(frame.start, DAY)
    assert is_due.tolist() == [bool(one) for one in IS_DUE.to_pylist()]
    run = frame.schedule.recurring_schedule.billing_run(FIRST, LAST, frame.start, frame.end)
    assert run.index.tolist() == PAIRS.row.tolist()
    assert [one.date() for one in run] == PAIRS.due.to_pylist()


# DuckDB


@pytest.fixture
def connection() -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect() as opened:
        yield opened


def test_duckdb_answers_in_sql(connection: duckdb.DuckDBPyConnection) -> None:
    register(connection)
    connection.register("book", BOOK)
    found = connection.sql(
        "SELECT next_due(schedule, start, DATE '2024-02-29'), is_due(schedule, start, DATE '2024-02-29') FROM book ORDER BY id"
    ).fetchall()
    assert [due for due, _ in found] == NEXT.to_pylist()
    assert [is_due for _, is_due in found] == IS_DUE.to_pylist()


def test_duckdb_takes_the_functions_registered_last(connection: duckdb.DuckDBPyConnection) -> None:
    register(connection, dialect="payfunc")
    register(connection)
    query = """SELECT next_due('{"frequency": "monthly", "offset": 1}', DATE '2024-01-31', DATE '2024-02-29')"""
    assert connection.sql(query).fetchall() == [(date(2024, 3, 1),)]


def test_duckdb_fails_a_query_on_a_text_that_is_not_a_schedule_with_the_reason(
    connection: duckdb.DuckDBPyConnection,
) -> None:
    register(connection)
    with pytest.raises(duckdb.Error, match="did you mean 'quarterly'"):
        connection.sql("SELECT next_due('quaterly', DATE '2024-01-31', DATE '2024-02-29')").fetchall()


def test_duckdb_reads_the_given_dialect(connection: duckdb.DuckDBPyConnection) -> None:
    register(connection, dialect="payfunc")
    query = """SELECT next_due('{"frequency": "monthly", "offset": 0}', DATE '2024-01-31', DATE '2024-02-29')"""
    assert connection.sql(query).fetchall() == [(date(2024, 3, 1),)]


# Missing engines


@pytest.mark.parametrize(
    ("module", "missing", "needs"),
    [
        ("arrow", "pyarrow", "PyArrow"),
        ("polars", "polars", "Polars and PyArrow"),
        ("pandas", "pandas", "pandas"),
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
