"""The contract of the adapters: the questions that every engine is asked, and the answers of the core's `DueDates`."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from datetime import date, timedelta
from functools import cache
from itertools import product
from typing import Any, NamedTuple

import pyarrow as pa

from recurring_schedule import DueDates, Rule, Schedule, ScheduleError, ScheduleSet, parse
from recurring_schedule.batch.schedule_array import Errors

FIRST, LAST, DAY = date(2024, 2, 20), date(2024, 4, 30), date(2024, 2, 29)
EACH = 300  # rows of each wire form: more in all than DuckDB has in a vector
WIRES: list[dict[str, Any] | None] = [
    {"frequency": "monthly"},
    {"frequency": "weekly"},
    {"frequency": "weekly", "divisor": 2},
    {"frequency": "monthly", "offset": 1},  # another day in each dialect
    {"frequency": "monthly", "divisor": 13},
    {"frequency": "yearly"},
    {"frequency": "weekly", "interval": 2},
    {"frequency": "monthly", "weekday": [-1, 5]},
    None,
]
SETS: list[dict[str, Any]] = [
    {
        "any": [{"frequency": "monthly", "offset": 1}, {"frequency": "weekly", "offset": 5}],
        "excluding": ["2024-03-01"],
        "adding": ["2024-03-05"],
    }
]
"""Sets, in text only. Their rules take nothing from a start."""
WRONG = {"frequency": "quaterly"}
REASON = "did you mean 'quarterly'"
STRUCT = pa.struct(
    {"frequency": pa.string(), "divisor": pa.int32(), "offset": pa.int32(), "interval": pa.int32()}
    | {"weekday": pa.list_(pa.int32())}
)


def _book() -> pa.Table:
    """Return rows in which every column has nulls. `day` and `last` lie before some starts, and after some ends."""
    rng = random.Random(0)  # noqa: S311  # rows that are the same in every run

    def days(spread: int) -> list[date | None]:
        return [None if rng.random() < 0.05 else FIRST + timedelta(rng.randint(-spread, spread)) for _ in wires]

    wires = [wire for wire, _ in product([*WIRES, *SETS, WRONG], range(EACH))]
    texts = [None if wire is None else _text(wire) for wire in wires]
    wires = [None if wire in SETS else wire for wire in wires]
    columns = {"text": texts, "struct": pa.array(wires, STRUCT), "start": days(400), "until": days(400)}
    columns |= {"day": days(300), "first": days(60), "last": days(200)}
    return pa.table({"id": [f"sub_{row}" for row in range(len(wires))], **columns})


def _text(wire: dict[str, Any]) -> str:
    return str(wire["frequency"]) if len(wire) == 1 else str(wire).replace("'", '"')


BOOK = _book()
GOOD = BOOK.slice(0, len([*WIRES, *SETS]) * EACH)
"""The rows without those that are not schedules."""
IN_STRUCTS = GOOD.slice(0, len(WIRES) * EACH)
"""The rows whose schedules are structs too."""


class Question(NamedTuple):
    """A lookup of all rows of `BOOK`, which has the columns `start`, `until`, `day`, `first` and `last`."""

    lookup: str
    days: Sequence[str]
    """The names of the columns of days."""
    is_by_row: bool = True
    """False if the days are those of `CONSTANT`, and no row has an end."""
    wire: str = "text"
    """The name of the column of schedules."""
    dialect: str = "intergiro"
    errors: Errors = "raise"
    book: pa.Table = GOOD

    def __str__(self) -> str:
        return f"{self.lookup}-{'by row' if self.is_by_row else 'constant'}-{self.wire}-{self.dialect}-{self.errors}"


CONSTANT = {"day": DAY, "first": FIRST, "last": LAST}
ASKS: dict[str, tuple[Sequence[str], Callable[..., Any]]] = {
    "after": (["day"], DueDates.after),
    "on_or_after": (["day"], DueDates.on_or_after),
    "before": (["day"], DueDates.before),
    "on_or_before": (["day"], DueDates.on_or_before),
    "contains": (["day"], DueDates.__contains__),
    "count": (["first", "last"], lambda due, first, last: len(due.between(first, last))),
    "between": (["first", "last"], lambda due, first, last: list(due.between(first, last))),
}
QUESTIONS = [
    form
    for lookup, (days, _) in ASKS.items()
    for form in (
        Question(lookup, days),
        Question(lookup, days, is_by_row=False),
        Question(lookup, days, wire="struct", book=IN_STRUCTS),
        Question(lookup, days, dialect="payfunc", errors="null", book=BOOK),
    )
]
RUNS: list[tuple[str, Errors]] = [("intergiro", "raise"), ("payfunc", "null")]


@cache
def _plan(text: str, dialect: str) -> Schedule | ScheduleSet | None:
    try:
        return parse(text, dialect)
    except ScheduleError:
        return None


@cache  # since a set's rule prepares a table to count
def _rule_of_set(plan: ScheduleSet) -> Rule:
    return plan.rule(FIRST)


def _due_dates(row: dict[str, Any], dialect: str, has_end: bool) -> DueDates | None:
    plan = None if row["text"] is None else _plan(row["text"], dialect)
    if plan is None or row["start"] is None:
        return None
    rule = _rule_of_set(plan) if isinstance(plan, ScheduleSet) else plan.rule(row["start"])
    return DueDates(rule, row["start"], row["until"] if has_end else None)


def expected(question: Question) -> list[Any]:
    """Return the answer for each row, None if a value is missing or nothing is due."""
    answers: list[Any] = []
    for row in question.book.to_pylist():
        due = _due_dates(row, question.dialect, question.is_by_row)
        days = [row[name] if question.is_by_row else CONSTANT[name] for name in question.days]
        answers.append(None if due is None or None in days else ASKS[question.lookup][1](due, *days))
    return answers


def check_lookup(question: Question, answers: list[Any]) -> None:
    """Check the answers of an engine, row by row."""
    wanted = expected(question)
    assert answers == wanted
    assert {type(answer) for answer in answers} == {type(answer) for answer in wanted}  # 1 is not True
    assert None in wanted
    assert len({str(answer) for answer in wanted}) > 1


def sql(question: Question) -> str:
    """Return the query, which DuckDB and Spark understand."""
    days = [name if question.is_by_row else f"DATE '{CONSTANT[name]}'" for name in question.days]
    arguments = [question.wire, *days, "start", *["until"] * question.is_by_row]
    return f"SELECT due_{question.lookup}({', '.join(arguments)}) FROM book"  # noqa: S608  # the names above


def run_book(errors: Errors) -> pa.Table:
    """Return the book to bill; its columns have the names that a run expects, but that of the end is `until`."""
    book = (BOOK if errors == "null" else GOOD).select(["id", "text", "start", "until"])
    return book.rename_columns(["id", "schedule", "start", "until"])


def check_run(occurrences: list[dict[str, Any]], dialect: str, errors: Errors) -> None:
    """Check a run from `FIRST` to `LAST`: the row's id and what is added, in the order of the rows."""
    wanted = []
    for row in (BOOK if errors == "null" else GOOD).to_pylist():
        due = _due_dates(row, dialect, has_end=True)
        if due is None and errors == "null":
            wanted.append({"id": row["id"], "due": None, "number": None, "key": None})
        for day in due.between(FIRST, LAST) if due is not None else ():
            number, key = due.index(day) + 1, f"{row['id']}@{day}"  # type: ignore[union-attr]  # it has this day
            wanted.append({"id": row["id"], "due": day, "number": number, "key": key})
    reasons = [row.pop("error", None) for row in occurrences]
    assert occurrences == wanted
    assert [reason is None for reason in reasons] == [row["due"] is not None for row in wanted]
    assert sum(REASON in (reason or "") for reason in reasons) == (EACH if errors == "null" else 0)
    assert len({row["key"] for row in wanted}) > len(GOOD) / 2
