"""`python -m benchmarks.payments`: payment days next to due dates, and their columns next to NumPy, Polars, pandas and QuantLib."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, timedelta
from itertools import count
from typing import Any, NamedTuple

os.environ.setdefault("POLARS_MAX_THREADS", "1")  # all peers use one thread; to be set before Polars is imported

import numpy as np
import pandas as pd
import polars as pl
import QuantLib

from benchmarks.measuring import FULL, QUICK, Effort, Snippet, allocated, duration, measure
from benchmarks.publishing import publish
from benchmarks.report import Goal, surroundings, table, times
from benchmarks.running import Row
from recurring_schedule import parse
from recurring_schedule.batch import DueDatesArray, PaymentDaysArray, ScheduleArray
from recurring_schedule.batch.payment_columns import PaymentColumns
from recurring_schedule.batch.policy import STANDARD
from recurring_schedule.business import TARGET, BusinessCalendar, Convention, to_numpy

FIRST = date(2010, 1, 15)
ASKED = date(2030, 3, 29)  # a Friday on which TARGET is open
WEEKENDS = BusinessCalendar(name="weekends")
SCHEDULES = {
    "monthly": "monthly",
    "the last day of each month": {"frequency": "monthly", "offset": -1},
    "every second Friday": {"frequency": "weekly", "divisor": 2, "offset": 5},
    "the 1st and the 15th": ["monthly", {"frequency": "monthly", "offset": 1}],
    "daily": "daily",
}
QUESTIONS = {"after": "{}.after(day)", "before": "{}.before(day)", "in": "day in {}"}
GOALS = {"after": 2.5, "before": 2.5, "in": 3}
ROWS = 1_000_000
FEW_ROWS = 10_000
"""Rows for peers that take one row at a time."""


def lookups(wire: object, question: str, years: int) -> dict[str, Snippet]:
    """Return snippets for due dates and for payment days, asked on one day and on many, that many years from now."""
    due = parse(wire).due_dates(FIRST)
    # TARGET is known until 2199; far away, only weekends are closed.
    paid = due.adjusted(WEEKENDS if years else TARGET, "following")
    first = ASKED.replace(year=ASKED.year + years)
    days = [first + timedelta(days=29 * number) for number in range(1000)]
    listed = [*paid.between(first - timedelta(days=400), days[-1] + timedelta(days=400))]
    expected: dict[str, Any] = {
        "after": lambda day: next(one for one in listed if one > day),
        "before": lambda day: max(one for one in listed if one < day),
        "in": lambda day: day in listed,
    }
    code = QUESTIONS[question].format("paid")
    for day in days[::100]:
        if eval(code, {"paid": paid, "day": day}) != expected[question](day):
            raise AssertionError(f"{code}: {day} of {wire}")
    names = {"due": due, "paid": paid, "day": first, "days": days}
    found = {}
    for name in ("due", "paid"):
        once = QUESTIONS[question].format(name)
        found[f"{name}, on one day"] = Snippet(once, names)
        found[f"{name}, on many days"] = Snippet(f"[{once} for day in days]", names, len(days))
    return found


CONVENTIONS = [*Convention]


def forty(name: str = "drawn") -> list[tuple[BusinessCalendar, Convention]]:
    """Return 40 calendars of this name with conventions. Each has 110 drawn closed days from 2020 to 2029."""
    random, first = np.random.default_rng(40), np.datetime64("2020-01-01")
    closed = [(first + np.sort(random.choice(3653, 110, replace=False))).tolist() for _ in range(40)]
    calendars = [BusinessCalendar(days, known=("2020-01-01", "2029-12-31"), name=name) for days in closed]
    return [(calendar, CONVENTIONS[number % 4]) for number, calendar in enumerate(calendars)]


class Rows(NamedTuple):
    """Rows with schedules and starts, and the day to ask each for."""

    due: DueDatesArray
    days: Any
    one: PaymentDaysArray
    """Paid as TARGET and `following` say."""
    many: PaymentDaysArray
    """Paid as one of 40 calendars says, for each row."""

    @classmethod
    def of(cls, rows: int) -> Rows:
        """Return drawn rows. Raises AssertionError if a sample of answers differs from those of `PaymentDays`."""
        random = np.random.default_rng(2024)
        plans = [parse(wire) for name, wire in SCHEDULES.items() if name != "daily"]
        codes, which = random.integers(0, len(plans), rows), random.integers(0, 40, rows)
        starts = np.datetime64("2015-01-01") + random.integers(0, 3650, rows)
        days = np.datetime64("2026-01-01") + random.integers(0, 365, rows)
        due, adjustments = ScheduleArray.from_codes(codes, plans).due_dates(starts), forty()
        found = cls(due, days, due.adjusted(TARGET, "following"), due.adjusted_by(which, adjustments))
        answers = [(found.one.after(days), found.one.before(days)), (found.many.after(days), found.many.before(days))]
        for row in range(0, rows, max(rows // 1000, 1)):
            dates, day = plans[codes[row]].due_dates(starts[row].item()), days[row].item()
            for (after, before), adjustment in zip(
                answers, ((TARGET, "following"), adjustments[which[row]]), strict=True
            ):
                paid = dates.adjusted(*adjustment)
                if (after[row].item(), before[row].item()) != (paid.after(day), paid.before(day)):
                    raise AssertionError(f"row {row}: got {after[row]} and {before[row]}")
        return found

    def lookups(self) -> dict[str, dict[str, Snippet]]:
        """Return snippets for due dates and both kinds of payment days, by lookup."""
        found = {}
        for code in ("after(days)", "before(days)", "contains(days)", "count(days, last)"):
            names = {**self._asdict(), "last": date(2027, 1, 31)}
            found[code] = {name: Snippet(f"{name}.{code}", names, len(self.days)) for name in ("due", "one", "many")}
            for snippet in [*found[code].values()] * 5:  # until the days have a window
                eval(snippet.code, dict(snippet.names))
        return found

    def moves(self) -> dict[str, dict[str, Snippet]]:
        """Return snippets, by convention, that move the same due dates; all give the same payment days."""
        due, closed = self.due.after(self.days), [day for day in TARGET.closed if day.weekday() < 5]
        few = due[: min(FEW_ROWS, len(due))]
        calendar, quantlib, found = to_numpy(TARGET), QuantLib.TARGET(), {}
        business = pd.offsets.CustomBusinessDay(calendar=calendar)
        stamps = [*pd.DatetimeIndex(few)]
        theirs = [QuantLib.Date(day.day, day.month, day.year) for day in few.tolist()]
        names = {"np": np, "due": due, "calendar": calendar, "closed": closed, "adjust": quantlib.adjust}
        names |= {"series": pl.Series(due), "stamps": stamps, "theirs": theirs, "columns": PaymentColumns}
        for convention, (numpy, polars, pandas, ql) in PEERS.items():
            its = {**names, "adjustment": (TARGET, convention), "business": business, "ql": ql}
            its["columns"] = columns = PaymentColumns(((TARGET, convention),))
            row = {"recurring_schedule": Snippet("moved(columns, due)", {**its, "moved": moved}, len(due))}
            row["NumPy"] = Snippet(f"np.busday_offset(due, 0, roll={numpy!r}, busdaycal=calendar)", its, len(due))
            expected = moved(columns, due).astype("datetime64[D]")
            if polars:
                code = f"series.dt.add_business_days(0, holidays=closed, roll={polars!r})"
                row["Polars"] = Snippet(code, its, len(due))
            if pandas:
                row["pandas"] = Snippet(f"[business.{pandas}(day) for day in stamps]", its, len(few))
            row["QuantLib"] = Snippet("[adjust(day, ql) for day in theirs]", its, len(few))
            for name, snippet in row.items():
                answer = eval(snippet.code, dict(snippet.names))
                days = [day.to_date() if name == "QuantLib" else day for day in answer] if name != "Polars" else answer
                if not np.array_equal(np.array(days, "datetime64[D]"), expected[: len(answer)]):
                    raise AssertionError(f"{name}, {convention}: got other payment days")
            found[str(convention)] = row
        return found


PEERS = {
    Convention.FOLLOWING: ("forward", "forward", "rollforward", QuantLib.Following),
    Convention.PRECEDING: ("backward", "backward", "rollback", QuantLib.Preceding),
    Convention.MODIFIED_FOLLOWING: ("modifiedfollowing", "", "", QuantLib.ModifiedFollowing),
    Convention.MODIFIED_PRECEDING: ("modifiedpreceding", "", "", QuantLib.ModifiedPreceding),
}
"""The names of each convention in NumPy, Polars, pandas and QuantLib; empty if there is none."""


def moved(columns: PaymentColumns, due: Any) -> Any:
    """Return the payment days of a column of due dates, moved some rows at a time, as lookups do."""
    days = due.astype(np.int32)
    for first in range(0, len(days), STANDARD.part_rows):
        columns.pay(None, days[first : first + STANDARD.part_rows])
    return days


def years_of(calendar: BusinessCalendar, years: int) -> None:
    """Make the tables of payment days of some years from 2025 on."""
    tables = calendar.tables(Convention.FOLLOWING)
    for year in range(2025, 2025 + years):
        tables.made("least", year)


def memory() -> dict[str, float]:
    """Return the bytes of the tables of one calendar and convention, for each of ten years."""
    calendar = BusinessCalendar(TARGET.closed, known=TARGET.known)
    days = np.array(["2025-06-01", "2034-06-01"], "datetime64[D]")
    years_of(calendar, 10)  # which makes what all calendars share

    def columns() -> object:
        found = PaymentColumns(((calendar, Convention.FOLLOWING),))
        moved(found, days)
        return found

    columns()

    def rows() -> object:
        other = BusinessCalendar(TARGET.closed, known=TARGET.known)
        years_of(other, 10)
        return other.tables(Convention.FOLLOWING)

    def none() -> object:
        return BusinessCalendar(TARGET.closed, known=TARGET.known).tables(Convention.FOLLOWING)

    return {"rows": (allocated(rows) - allocated(none)) / 10, "columns": allocated(columns) / 10}


def first_questions() -> dict[str, Snippet]:
    """Return snippets that ask a calendar whose tables are not made, and one that makes the calendar only."""
    due = parse("monthly").due_dates(FIRST)
    numbers = count()
    array = ScheduleArray.from_wire(["monthly"] * 1000).due_dates(FIRST)
    names = {"make": lambda: BusinessCalendar(TARGET.closed, known=TARGET.known), "due": due, "array": array}
    # Each evaluation has calendars of another name, since columns with equal calendars share their tables.
    names |= {"day": ASKED, "forty": lambda: forty(str(next(numbers))), "which": np.arange(1000) % 40}
    names |= {"asked": date(2026, 3, 29)}
    return {
        "a calendar": Snippet("make()", names),
        "one due date": Snippet("due.adjusted(make(), 'following').after(day)", names),
        "40 calendars": Snippet("forty()", names),
        "a column with 40 calendars": Snippet("array.adjusted_by(which, forty()).after(asked)", names),
    }


class Results(NamedTuple):
    near: dict[str, dict[str, Row]]
    """By schedule and question."""
    far: dict[str, dict[str, Row]]
    columns: dict[str, Row]
    moves: dict[str, Row]
    first: Row
    memory: dict[str, float]


def run(effort: Effort, rows: int = ROWS) -> Results:
    """Measure everything, columns with this number of rows. Raises AssertionError if answers differ."""

    def timed(name: str, snippets: Mapping[str, Snippet]) -> Row:
        row = measure(snippets, effort)
        for what, figure in row.items():
            print(f"{name}: {what}: {figure}", file=sys.stderr)
        return row

    def compared(years: int) -> dict[str, dict[str, Row]]:
        return {
            name: {one: timed(f"{name}, {one}, {years} years", lookups(wire, one, years)) for one in QUESTIONS}
            for name, wire in SCHEDULES.items()
        }

    book = Rows.of(rows)
    return Results(
        near=compared(0),
        far=compared(6000),
        columns={code: timed(code, snippets) for code, snippets in book.lookups().items()},
        moves={name: timed(name, snippets) for name, snippets in book.moves().items()},
        first=timed("first", first_questions()),
        memory=memory(),
    )


def goals(results: Results) -> list[Goal]:
    found = []
    for question, bound in GOALS.items():
        values = {
            f"{name}{how}, {asked}": rows[name][question][f"paid, {asked}"].times(rows[name][question][f"due, {asked}"])
            for how, rows in (("", results.near), (", far", results.far))
            for name in rows
            for asked in ("on one day", "on many days")
        }
        found.append(Goal(f"cost of `{question}`, relative to due dates", bound, values))
    for name, what, nanoseconds in (("one", "one calendar", 6), ("many", "a calendar of 40 for each row", 10)):
        values = {f"`{code}`": row[name].more_than(row["due"]) for code, row in results.columns.items()}
        found.append(
            Goal(f"time that a row of a column costs more, {what}", nanoseconds * 1e-9, values, shown=duration)
        )
    return found


def section(results: Results) -> str:
    """Return the section of the page, as Markdown."""

    def questions() -> Iterable[list[str]]:
        for name in SCHEDULES:
            for question in QUESTIONS:
                cells = [f"{name}, `{question}`"]
                for rows, asked in (
                    (results.near, "on one day"),
                    (results.near, "on many days"),
                    (results.far, "on many days"),
                ):
                    row = rows[name][question]
                    due, paid = row[f"due, {asked}"], row[f"paid, {asked}"]
                    cells.append(f"{duration(paid.median)} ({times(paid.times(due))})")
                yield cells

    made = results.first
    first = [
        ["one calendar, one due date", duration(made["one due date"].more_than(made["a calendar"]))],
        [
            "40 calendars, a column of 1,000 rows",
            duration(made["a column with 40 calendars"].more_than(made["40 calendars"])),
        ],
    ]
    peers = [*next(iter(results.moves.values()))]
    return "\n".join(
        [
            surroundings(["numpy", "polars", "pandas", "QuantLib"]),
            "### Goals of payment days\n",
            table(["", "goal", "", "worst case", "reached"], [goal.row() for goal in goals(results)]),
            "### Lookups of payment days\n",
            table(["", "one day", "many days", "many days, far away"], questions()),
            "### Columns of payment days\n",
            table(
                ["a row", "due dates", "payment days, one calendar", "payment days, a calendar of 40 for each row"],
                [
                    [f"`{code}`", *(duration(figure.median) for figure in row.values())]
                    for code, row in results.columns.items()
                ],
            ),
            "### The same move of the same due dates\n",
            table(
                ["a row", *peers],
                [
                    [
                        f"`{name}`",
                        *(
                            f"{duration(row[peer].median)} ({times(row[peer].times(row[peers[0]]))})"
                            if peer in row
                            else "none"
                            for peer in peers
                        ),
                    ]
                    for name, row in results.moves.items()
                ],
            ),
            "### Tables of payment days\n",
            table(["a first question, two years or less", "time"], first),
            table(
                ["memory for each calendar, convention and year", ""],
                [[name, f"{size / 1000:.1f} KB"] for name, size in results.memory.items()],
            ),
        ]
    )


def main(arguments: Sequence[str] | None = None) -> None:
    publish(
        arguments,
        "benchmarks.payments",
        __doc__,
        lambda is_quick: section(run(QUICK, FEW_ROWS) if is_quick else run(FULL)),
    )


if __name__ == "__main__":
    main()
