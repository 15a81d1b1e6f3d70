"""`python -m benchmarks.runs`: a billing run over a book, from Parquet to Parquet; `--write` writes the section of the page.

A job writes the occurrences, and counts what a run reports: repeated ids, the amount due in each currency, and the payments of
each day. Peers get a calendar that is made beforehand: the due dates of the month for each schedule and start of the book, with
their numbers. The floors read the same book and write the same occurrences, which they need not find; they count nothing. One
writes with the defaults of PyArrow, the other with the writer of runs.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Mapping, Sequence
from datetime import date, timedelta
from decimal import Decimal
from functools import partial
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from typing import NamedTuple

os.environ.setdefault("POLARS_MAX_THREADS", "1")  # all use one thread; to be set before Polars is imported

import duckdb
import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq

from benchmarks.books import timed
from benchmarks.measuring import three_digits
from benchmarks.publishing import publish
from benchmarks.report import surroundings, table
from recurring_schedule import Schedule
from recurring_schedule.books import Book, synthetic
from recurring_schedule.books.billing_run import run
from recurring_schedule.books.row_groups import RowGroups

OURS = "recurring_schedule"
FLOOR = "PyArrow, reads the book and writes the occurrences"
SAME_WRITER = "The same with our writer, reads the book and writes the occurrences"
FIRST, LAST = date(2026, 3, 1), date(2026, 3, 31)
GOALS = {FLOOR: "at least 0.5x", "Polars, join": "at least 1x", "DuckDB, join": "at least 1x"}
COLUMNS = "id, due, number, key, items, currency, CAST(amount AS DECIMAL(18, 2)) AS amount"


class Report(NamedTuple):
    """The figures that a run reports."""

    repeated: int
    """The number of rows with an id that an earlier row has."""
    amounts: dict[str, Decimal]
    """The amount that is due, by currency."""
    per_day: dict[date, int]
    """The number of payments on each day that has some."""


class Effort(NamedTuple):
    """How much is measured."""

    rows: tuple[int, ...]
    rounds: int


FULL = Effort((1_000_000, 10_000_000), 5)
QUICK = Effort((20_000,), 1)


def calendar(book: Path) -> pa.Table:
    """Return the due dates of the month for each schedule and start of the book, with their numbers."""
    pairs = duckdb.execute(f"SELECT DISTINCT schedule, start FROM '{book}'").fetchall()  # noqa: S608  # a file made here
    found = []
    for schedule, start in pairs:
        due = Schedule.parse(schedule).due_dates(start)
        found += [(schedule, start, day, due.index(day) + 1) for day in due.between(FIRST, LAST)]
    schedules, starts, days, numbers = zip(*found, strict=True)
    columns = {
        "schedule": pa.array(schedules),
        "start": pa.array(starts),
        "due": pa.array(days),
        "number": pa.array(numbers, pa.int32()),
    }
    return pa.table(columns)


def jobs(folder: Path, rows: int) -> dict[str, Callable[[], Report | None]]:
    """Return the jobs, each of which writes a file that bears its name; the floor reports nothing.

    The book and the calendar are prepared.
    """
    book, out = folder / "book.parquet", partial(output, folder)
    with pq.ParquetWriter(book, synthetic.SCHEMA) as writer:
        for batch in synthetic.book(rows):
            writer.write_batch(batch)
    prepared = calendar(book)
    frame = pl.DataFrame(prepared)
    connection = duckdb.connect()
    connection.execute("SET threads = 1")
    connection.register("given", prepared)
    connection.execute("CREATE TABLE calendar AS FROM given")

    def ours() -> Report:
        summary = run(Book(book, {}), FIRST, LAST, out(OURS), folder / "rejected.csv")
        per_day = {FIRST + timedelta(day): count for day, count in enumerate(summary.per_day.tolist()) if count}
        return Report(summary.repeated, dict(summary.amounts), per_day)

    def by_polars() -> Report:
        day, scanned = pl.col("due"), pl.scan_parquet(book)
        joined = scanned.join(frame.lazy(), on=["schedule", "start"])
        kept = joined.filter((day <= pl.col("end")) | pl.col("end").is_null())
        key = pl.concat_str(pl.col("id"), day.cast(pl.String), separator="@").alias("key")
        amount = pl.col("items").cast(pl.Decimal(18, 2)).alias("amount")
        due = kept.select("id", day, "number", key, "items", "currency", amount).collect()
        due.write_parquet(out("Polars, join"), compression="snappy")
        repeated = scanned.select(pl.len() - pl.col("id").n_unique()).collect().item()
        amounts = due.group_by("currency").agg(pl.col("amount").sum()).drop_nulls()
        return Report(repeated, dict(amounts.iter_rows()), dict(due.group_by("due").len().iter_rows()))

    def by_duckdb() -> Report:
        connection.execute(
            f"""CREATE OR REPLACE TEMP TABLE occurrences AS
                SELECT id, due, number, id || '@' || due AS key, items, currency, CAST(items AS DECIMAL(18, 2)) AS amount
                FROM '{book}' book JOIN calendar USING (schedule, start)
                WHERE due <= "end" OR "end" IS NULL"""  # noqa: S608  # a file made here
        )
        connection.execute(f"COPY occurrences TO '{out('DuckDB, join')}' (FORMAT parquet, COMPRESSION snappy)")
        asked = (
            f"SELECT count(*) - count(DISTINCT id) FROM '{book}'",  # noqa: S608  # likewise
            "SELECT currency, sum(amount) FROM occurrences WHERE amount IS NOT NULL GROUP BY currency",
            "SELECT due, count(*) FROM occurrences GROUP BY due",
        )
        ((repeated,),), amounts, per_day = (connection.execute(query).fetchall() for query in asked)
        return Report(repeated, dict(amounts), dict(per_day))

    def floor() -> None:
        for _ in pq.ParquetFile(book).iter_batches():
            pass
        with pq.ParquetWriter(out(FLOOR), occurrences.schema) as writer:
            writer.write_table(occurrences)

    def floor_of_our_writer() -> None:
        for _ in pq.ParquetFile(book).iter_batches():
            pass
        with out(SAME_WRITER).open("wb") as file:
            writer = RowGroups(file, occurrences.schema)
            for batch in occurrences.to_batches(262_144):
                writer.write_batch(batch)
            writer.close()

    ours()
    occurrences = pq.read_table(out(OURS)).combine_chunks()
    peers = {"Polars, join": by_polars, "DuckDB, join": by_duckdb}
    return {OURS: ours, FLOOR: floor, SAME_WRITER: floor_of_our_writer, **peers}


def output(folder: Path, name: str) -> Path:
    """Return the file that a job writes."""
    return folder / f"{name.partition(',')[0]}.parquet"


def assert_same(folder: Path, names: Sequence[str]) -> int:
    """Return the number of occurrences. Raises AssertionError if jobs wrote different ones."""
    ours = f"(SELECT {COLUMNS} FROM '{output(folder, OURS)}')"  # noqa: S608  # files made here
    for name in names:
        theirs = f"(SELECT {COLUMNS} FROM '{output(folder, name)}')"  # noqa: S608  # likewise
        for one, other in ((ours, theirs), (theirs, ours)):
            difference = duckdb.execute(f"SELECT count(*) FROM ({one} EXCEPT ALL {other})").fetchall()  # noqa: S608  # likewise
            if difference != [(0,)]:
                raise AssertionError(f"{name}: got other occurrences: {difference[0][0]}")
    return int(pq.ParquetFile(output(folder, OURS)).metadata.num_rows)


def measured(rows: int, rounds: int, tell: Callable[[str], object]) -> tuple[int, Mapping[str, float]]:
    """Return the number of occurrences, and the seconds of each job."""
    with TemporaryDirectory() as name:
        folder = Path(name)
        asked = jobs(folder, rows)
        reports = {name: ask() for name, ask in asked.items()}
        for job, report in reports.items():
            if report not in (None, reports[OURS]):
                raise AssertionError(f"{job}: got {report}, expected {reports[OURS]}")
        found = assert_same(folder, list(asked))
        taken = [{name: timed(ask, 1) for name, ask in asked.items()} for _ in range(rounds)]
        seconds = {name: median(one[name] for one in taken) for name in asked}
    for name, one in seconds.items():
        tell(f"{rows:,} rows: {name}: {one:.2f} s")
    return found, seconds


def section(effort: Effort, tell: Callable[[str], object]) -> str:
    """Return all figures, as Markdown."""
    found = {rows: measured(rows, effort.rounds, tell) for rows in effort.rows}
    lines = []
    for name in next(iter(found.values()))[1]:
        cells = []
        ratios = []
        for _, seconds in found.values():
            ratios.append(seconds[name] / seconds[OURS])
            cells.append(f"{three_digits(seconds[name])} s ({three_digits(ratios[-1])}x)")
        goal = GOALS.get(name, "")
        least = float(goal.removeprefix("at least ").removesuffix("x") or 0)
        reached = ("yes" if min(ratios) >= least else "**no**") if goal else ""
        lines.append([name, *cells, goal, reached])
    heads = [f"{rows:,} rows, {occurrences:,} occurrences" for rows, (occurrences, _) in found.items()]
    parts = [
        surroundings(("pyarrow", "polars", "duckdb")),
        table(["time (relative to ours)", *heads, "goal", "reached"], lines),
    ]
    return "\n\n".join(parts) + "\n"


def main(arguments: Sequence[str] | None = None) -> None:
    def figures(is_quick: bool) -> str:
        pa.set_cpu_count(1)
        return section(QUICK if is_quick else FULL, lambda line: print(line, file=sys.stderr))

    publish(arguments, "benchmarks.runs", __doc__, figures, quick="few rows and rounds: the figures mean little")


if __name__ == "__main__":
    main()
