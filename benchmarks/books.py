"""`python -m benchmarks.books`: columns of schedules against column engines; `--write` writes the section of the page.

All find the next due date after a day for the same rows: from the schedule, the start and the day, and from the rule and the
day. Peers get two tables that are made beforehand: a calendar of the due dates of all rules in use, sorted by day or with a row for
each rule and day, and the rule of each schedule and start.
"""

from __future__ import annotations

import gc
import os
import statistics
import sys
import tracemalloc
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime, time
from functools import partial
from time import perf_counter
from typing import Any, NamedTuple

os.environ.setdefault("POLARS_MAX_THREADS", "1")  # all peers use one thread; to be set before Polars is imported

import duckdb
import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pyarrow.compute as pc
from dateutil.rrule import rrulestr

from benchmarks.measuring import three_digits
from benchmarks.publishing import publish
from benchmarks.report import surroundings, table
from recurring_schedule import DueDates, Rule, Schedule
from recurring_schedule.batch import ScheduleArray
from recurring_schedule.books import synthetic

ASKED = np.datetime64("2026-01-01")
OURS = "recurring_schedule"


class Effort(NamedTuple):
    """How much is measured."""

    rows: tuple[int, ...]
    memory_rows: tuple[int, ...]
    rounds: int
    sample: int
    """The number of rows for peers that answer one row at a time."""


FULL = Effort((1_000_000, 10_000_000), (1_000_000, 10_000_000, 50_000_000), 5, 2000)
QUICK = Effort((20_000,), (20_000, 50_000), 2, 200)


class Rows(NamedTuple):
    """A book as columns: the index of the schedule, the start, and the day to look up."""

    schedules: list[Schedule]
    codes: Any
    start: pa.Array
    after: pa.Array

    @classmethod
    def of(cls, rows: int, schedules: int = 200, years: int = 1) -> Rows:
        """Return rows whose days to look up are spread over `years`."""
        codes, start, _ = synthetic.codes_and_days(rows, schedules, seed=1)
        days = np.random.default_rng(2).integers(0, 365 * years, rows)
        return cls(synthetic.distinct_schedules(schedules), codes, pa.array(start), pa.array(ASKED + days))

    def array(self) -> ScheduleArray:
        """Return the column of schedules, with nothing cached."""
        return ScheduleArray.from_codes(self.codes, self.schedules)

    def keys(self) -> tuple[Any, list[Rule]]:
        """Return the index of each row's rule, and the rules."""
        starts, which = np.unique(np.asarray(self.start), return_inverse=True)
        pairs, index = np.unique(self.codes.astype(np.int64) * len(starts) + which, return_inverse=True)
        rules = [self.schedules[pair // len(starts)].rule(starts[pair % len(starts)].item()) for pair in pairs.tolist()]
        numbers = {rule: number for number, rule in enumerate(dict.fromkeys(rules))}
        return np.array([numbers[rule] for rule in rules], np.int32)[index], list(numbers)


def calendars(rules: Sequence[Rule], first: date, last: date) -> tuple[pa.Table, pa.Table]:
    """Return the due dates of all rules, sorted by day, and the next due date of each rule after each day."""
    keys, dues = [], []
    for number, rule in enumerate(rules):
        due = DueDates(rule, first)
        found = [*due.between(first, last)]
        if (following := due.after(last)) is not None:
            found.append(following)
        keys.append(np.full(len(found), number, np.int32))
        dues.append(np.array(found, "datetime64[D]"))
    by_day = pa.table({"key": np.concatenate(keys), "due": np.concatenate(dues)}).sort_by("due")
    days = np.arange(np.datetime64(first), np.datetime64(last) + 1)
    none = np.datetime64("NaT")
    columns = {
        "key": np.repeat(np.arange(len(rules), dtype=np.int32), len(days)),
        "after": np.tile(days, len(rules)),
        "due": np.concatenate([np.append(found, none)[np.searchsorted(found, days, side="right")] for found in dues]),
    }
    return by_day, pa.table(columns)


def timed(work: Callable[[], object], rounds: int) -> float:
    """Return the median of the seconds that `work` takes."""
    found = []
    for _ in range(rounds):
        gc.collect()
        began = perf_counter()
        result = work()
        found.append(perf_counter() - began)
        del result
    return statistics.median(found)


def as_days(column: Any) -> Any:
    return np.asarray(column).astype("datetime64[D]")


class Engine(NamedTuple):
    """A way to find the next due dates."""

    from_start: Callable[[], Any]
    """From the index of the schedule, the start and the day of each row."""
    from_rule: Callable[[], Any]
    """From the number of the rule and the day of each row."""
    in_order: Callable[[Any], Any]
    """Returns the dates of a result in the order of the rows."""


def engines(rows: Rows) -> dict[str, Engine]:
    """Return the engines, each with its tables prepared: the calendars, and the rule of each schedule and start."""
    keys, rules = rows.keys()
    first, last = date.fromisoformat(str(ASKED)), pc.max(rows.after).as_py()
    calendar, dense = calendars(rules, first, last)
    number = np.arange(len(keys))
    asked = pa.table({"schedule": rows.codes, "start": rows.start, "after": rows.after, "number": number})
    keyed = pa.table({"key": keys, "after": rows.after, "number": number})
    pairs = pa.table({"schedule": rows.codes, "start": rows.start, "key": keys}).group_by(["schedule", "start", "key"])
    which = pairs.aggregate([])

    in_seconds = {"start": "datetime64[s]", "after": "datetime64[s]", "due": "datetime64[s]"}
    asked_frame, keyed_frame, which_frame, calendar_frame = (
        table.to_pandas().astype({name: kind for name, kind in in_seconds.items() if name in table.column_names})
        for table in (asked, keyed, which, calendar)
    )

    def by_pandas(has_key: bool) -> Any:
        left = keyed_frame if has_key else asked_frame.merge(which_frame, on=["schedule", "start"])
        return pd.merge_asof(
            left.sort_values("after"),
            calendar_frame,
            left_on="after",
            right_on="due",
            by="key",
            direction="forward",
            allow_exact_matches=False,
        )

    columns: list[Any] = [pl.from_arrow(table) for table in (asked, keyed, which, calendar)]
    columns[3] = columns[3].with_columns(pl.col("due").alias("found"))

    def by_polars(has_key: bool) -> Any:
        left = columns[1] if has_key else columns[0].join(columns[2], on=["schedule", "start"])
        return left.sort("after").join_asof(
            columns[3], left_on="after", right_on="found", by="key", strategy="forward", allow_exact_matches=False
        )

    connection = duckdb.connect()
    connection.execute("SET threads = 1")
    tables = {"asked": asked, "keyed": keyed, "which": which, "calendar": calendar, "dense": dense}
    for name, one in tables.items():
        connection.register("given", one)
        connection.table("given").create(name)
    joins = {
        "DuckDB, ASOF join": "ASOF LEFT JOIN calendar ON rows.key = calendar.key AND rows.after < calendar.due",
        "DuckDB, join with a row for each rule and day": "LEFT JOIN dense calendar USING (key, after)",
    }

    def by_duckdb(join: str, has_key: bool) -> Any:
        left = "keyed" if has_key else "(FROM asked JOIN which USING (schedule, start))"
        return connection.sql(f"SELECT number, calendar.due FROM {left} rows {join}").to_arrow_table()  # noqa: S608  # texts above

    schedules = rows.array()
    plan = schedules.due_dates(rows.start)

    def in_order(answer: Any) -> Any:
        numbers, due = np.asarray(answer["number"]), as_days(answer["due"])
        return due[np.argsort(numbers)]

    def engine(ask: Callable[[bool], Any]) -> Engine:
        return Engine(partial(ask, False), partial(ask, True), in_order)

    return {
        OURS: Engine(lambda: schedules.after(rows.after, rows.start), lambda: plan.after(rows.after), as_days),
        "pandas, merge_asof": engine(by_pandas),
        "Polars, join_asof": engine(by_polars),
        **{name: engine(partial(by_duckdb, join)) for name, join in joins.items()},
    }


def loop(rows: Rows, sample: int) -> Callable[[], Any]:
    """Return a loop over the core, one row at a time."""
    some = list(
        zip(rows.codes[:sample].tolist(), rows.start[:sample].to_pylist(), rows.after[:sample].to_pylist(), strict=True)
    )
    return lambda: [rows.schedules[code].due_dates(start).after(after) for code, start, after in some]


def with_rrule(rows: Rows, sample: int) -> tuple[Callable[[], Any], list[int]]:
    """Return python-dateutil, one row at a time, and its rows: monthly ones up to the 28th, which it expresses easily."""
    monthly = rows.schedules.index(Schedule("monthly"))
    wanted = [
        row
        for row, (code, start) in enumerate(zip(rows.codes.tolist(), rows.start.to_pylist(), strict=True))
        if code == monthly and start.day <= 28
    ][:sample]
    starts, afters = rows.start.take(pa.array(wanted)).to_pylist(), rows.after.take(pa.array(wanted)).to_pylist()

    def ask() -> Any:
        found = []
        for start, after in zip(starts, afters, strict=True):
            rule = rrulestr(f"DTSTART:{start:%Y%m%d}\nRRULE:FREQ=MONTHLY")
            following: Any = rule.after(datetime.combine(after, time()))
            found.append(following.date())
        return found

    return ask, wanted


class Seconds(NamedTuple):
    """Seconds a row: right after other engines have run, and then again."""

    cold: float
    warm: float


class Compared(NamedTuple):
    """Seconds of each engine, from the start of each row and from its rule."""

    from_start: dict[str, Seconds]
    from_rule: dict[str, Seconds]


def compare(rows: Rows, effort: Effort, tell: Callable[[str], object]) -> Compared:
    """Return the seconds a row of each engine. Raises AssertionError if results differ."""
    asked = engines(rows)
    expected = asked[OURS].in_order(rows.array().after(rows.after, rows.start))
    for name, engine in asked.items():
        for ask in (engine.from_start, engine.from_rule):
            if not np.array_equal(engine.in_order(ask()), expected, equal_nan=True):
                raise AssertionError(f"{name}: got other dates")
    for _ in range(5):  # until the days have a window
        asked[OURS].from_start()
    gc.collect()
    gc.freeze()  # the collector need not scan what is prepared
    found = Compared(
        side_by_side({name: engine.from_start for name, engine in asked.items()}, effort.rounds, len(rows.codes)),
        side_by_side({name: engine.from_rule for name, engine in asked.items()}, effort.rounds, len(rows.codes)),
    )
    gc.unfreeze()
    found.from_start.update(one_by_one(rows, effort, expected))
    columns = [rows.codes, np.asarray(rows.start).astype(np.int32), np.asarray(rows.after).astype(np.int32)]
    for figures, copied, what in zip(
        found, (columns, columns[1:]), ("from schedule and start", "from the rule"), strict=True
    ):
        seconds = timed(partial(copy, copied, [*map(np.copy, copied)]), 5 * effort.rounds) / len(rows.codes)
        figures[COPY] = Seconds(seconds, seconds)
        for name, (cold, warm) in figures.items():
            tell(f"{len(rows.codes):,} rows, {what}: {name}: {cold * 1e9:.2f} ns a row cold, {warm * 1e9:.2f} warm")
    return found


def side_by_side(asks: Mapping[str, Callable[[], Any]], rounds: int, rows: int) -> dict[str, Seconds]:
    """Return the seconds a row of each engine, cold and warm; each runs once in every round."""
    times: dict[str, list[Seconds]] = {name: [] for name in asks}
    for _ in range(rounds):
        for name, ask in asks.items():
            cold = timed(ask, 1) / rows
            times[name].append(Seconds(cold, timed(ask, 3) / rows))
    return {name: Seconds(*map(statistics.median, zip(*taken, strict=True))) for name, taken in times.items()}


def one_by_one(rows: Rows, effort: Effort, expected: Any) -> dict[str, Seconds]:
    """Return the seconds a row of those that take one row at a time. Raises AssertionError if results differ."""
    sample = min(effort.sample * 10, len(rows.codes))
    by_rrule, monthly = with_rrule(rows, effort.sample)
    found = {}
    for name, ask, wanted, rounds in (
        (LOOP, loop(rows, sample), list(range(sample)), effort.rounds),
        (RRULE, by_rrule, monthly, 1),
    ):
        if ask() != expected[wanted].tolist():
            raise AssertionError(f"{name}: got other dates")
        seconds = timed(ask, rounds) / len(wanted)
        found[name] = Seconds(seconds, seconds)
    return found


def copy(columns: Sequence[Any], copies: Sequence[Any]) -> None:
    """Read the columns, and write as much."""
    for column, into in zip(columns, copies, strict=True):
        np.copyto(into, column)


def own(rows: Rows, effort: Effort) -> dict[str, float]:
    """Return the seconds a row of the other lookups of `ScheduleArray`."""
    schedules, size = rows.array(), len(rows.codes)
    texts = pa.array(synthetic.texts(rows.schedules)).take(pa.array(rows.codes))
    first, month, year = date(2026, 3, 1), date(2026, 3, 31), date(2027, 2, 28)
    start64, after64 = np.asarray(rows.start), np.asarray(rows.after)
    for _ in range(5):
        schedules.after(rows.after, rows.start)
    plan = schedules.due_dates(rows.start)

    asked: dict[str, Callable[[], object]] = {
        "`after`, Arrow columns": lambda: schedules.after(rows.after, rows.start),
        "`after`, NumPy columns": lambda: schedules.after(after64, start64),
        "`after`, one day for all": lambda: schedules.after(first, rows.start),
        "`after`, rules known": lambda: plan.after(rows.after),
        "`due_dates`, which finds the rules": lambda: schedules.due_dates(rows.start),
        "`after`, nothing cached": partial(ask_anew, rows),
        "`after`, from Arrow's strings": lambda: ScheduleArray.from_wire(texts).after(rows.after, rows.start),
        "`before`": lambda: schedules.before(rows.after, rows.start),
        "`contains`": lambda: schedules.contains(rows.after, rows.start),
        "`count`, of a year": lambda: schedules.count(first, year, rows.start),
        "`between`, a month": lambda: schedules.between(first, month, rows.start),
        "`forecast`, a year": lambda: schedules.forecast(first, year, rows.start),
    }
    return {name: timed(ask, effort.rounds) / size for name, ask in asked.items()}


def ask_anew(rows: Rows) -> object:
    """Return the next due dates, with nothing cached."""
    return rows.array().after(rows.after, rows.start)


def after(schedules: ScheduleArray, rows: Rows, rounds: int) -> float:
    """Return the seconds a row once the tables are made."""
    for _ in range(5):
        schedules.after(rows.after, rows.start)
    return timed(partial(schedules.after, rows.after, rows.start), rounds) / len(rows.codes)


def memory(rows: Rows) -> float:
    """Return the peak bytes of `after`, without its result and without the cached tables."""
    schedules = rows.array()
    for _ in range(5):
        schedules.after(rows.after, rows.start)
    tracemalloc.start()
    answer = schedules.after(rows.after, rows.start)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    return float(peak - answer.nbytes)


LOOP = "a loop over the core"
COPY = "a copy of the columns"
RRULE = "python-dateutil, one rrule a row, monthly rows only"
GOALS = {"pandas, merge_asof": 15, "Polars, join_asof": 13, "DuckDB": 10, LOOP: 100, RRULE: 50_000}


def _heads(sizes: Iterable[int]) -> list[str]:
    return [f"{size:,} rows, {when}" for size in sizes for when in ("cold", "warm")]


def compared_table(rows: dict[int, dict[str, Seconds]]) -> str:
    """Return the table of nanoseconds a row, and of the ratios to ours."""

    def cells(name: str) -> Iterator[str]:
        for row in rows.values():
            for other, ours in zip(row[name], row[OURS], strict=True):
                yield f"{three_digits(other * 1e9)} ({three_digits(other / ours)}x)"

    return table(["ns a row", *_heads(rows)], ([name, *cells(name)] for name in next(iter(rows.values()))))


def goals_table(rows: dict[int, dict[str, Seconds]]) -> str:
    """Return the table of goals. Warm figures decide, and the better join of DuckDB counts."""
    lines = []
    for name, goal in GOALS.items():
        ratios = []
        for row in rows.values():
            others = [seconds for one, seconds in row.items() if one == name or one.startswith(name + ",")]
            ratios.append([min(other) / ours for other, ours in zip(zip(*others, strict=True), row[OURS], strict=True)])
        reached = "yes" if all(ratio[-1] >= goal for ratio in ratios) else "**no**"
        shown = (f"{three_digits(ratio)}x" for pair in ratios for ratio in pair)
        lines.append([name, f"at least {goal:,}x", *shown, reached])
    return table(["faster than", "goal", *_heads(rows), "reached, warm"], lines)


def section(effort: Effort, tell: Callable[[str], object]) -> str:
    """Return all figures, as Markdown."""
    compared = {size: compare(Rows.of(size), effort, tell) for size in effort.rows}
    from_start = {size: found.from_start for size, found in compared.items()}
    from_rule = {size: found.from_rule for size, found in compared.items()}
    parts = [surroundings(("numpy", "pandas", "polars", "duckdb", "pyarrow", "python-dateutil"))]
    parts += ["### Next due dates, from schedule, start and day", compared_table(from_start)]
    parts += ["### Goals", goals_table(from_start)]
    parts += ["### Next due dates, from rule and day", compared_table(from_rule)]
    parts.append("### Other lookups")
    others = {size: own(Rows.of(size), effort) for size in effort.rows}
    parts.append(
        table(
            ["ns a row", *(f"{size:,} rows" for size in others)],
            (
                [name, *(three_digits(row[name] * 1e9) for row in others.values())]
                for name in next(iter(others.values()))
            ),
        )
    )
    parts.append("### Cost by number of schedules and spread of days")
    size = effort.rows[0]
    lines = []
    for schedules in (1, 200, 5000):
        line = [f"{schedules:,} schedule{'s' if schedules > 1 else ''}"]
        for years in (1, 10, 100):
            some = Rows.of(size, schedules, years)
            known = some.array()
            line.append(three_digits(after(known, some, effort.rounds) * 1e9))
        line.append(three_digits(timed(partial(ask_anew, some), 2) / size * 1e9))
        lines.append(line)
        tell(" ".join(line))
    head = [f"ns a row, {size:,} rows", "days of 1 year", "10 years", "100 years", "100 years, nothing cached"]
    parts.append(table(head, lines))
    parts.append("### Memory")
    used = [[f"{number:,}", f"{memory(Rows.of(number)) / 1e6:.2f} MB"] for number in effort.memory_rows]
    parts.append(table(["rows", "peak memory, without the result and the cached tables"], used))
    return "\n\n".join(parts) + "\n"


def main(arguments: Sequence[str] | None = None) -> None:
    def figures(is_quick: bool) -> str:
        return section(QUICK if is_quick else FULL, lambda line: print(line, file=sys.stderr))

    publish(
        arguments,
        "benchmarks.books",
        __doc__,
        figures,
        quick="few rows and rounds: the figures mean little",
    )


if __name__ == "__main__":
    main()
