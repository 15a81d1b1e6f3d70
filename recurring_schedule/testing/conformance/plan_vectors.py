"""Vectors for one schedule: the questions that code for just that schedule should answer.

>>> one = vectors_of(Schedule("monthly"), date(2024, 1, 31))[0]
>>> one.id, one.question["ask"], one.question["day"], one.answer
('bounds/1', 'next', '0001-01-01', '2024-01-31')
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date
from itertools import islice
from typing import Any

from recurring_schedule.core.calendars import CYCLE_YEARS, LAST_DAY
from recurring_schedule.core.due_dates import DueDates
from recurring_schedule.core.errors import ScheduleError
from recurring_schedule.core.schedule_set import Plan, check_plan, parse
from recurring_schedule.testing.conformance.questions import Question, answer
from recurring_schedule.testing.conformance.vectors import Vector

_NOTES = {
    "bounds": "The start and the end are both included, and the calendar has a first and a last day.",
    "due-dates": "The day is not due, or the due date itself is returned.",
    "month-ends": "A day that the month does not have is clamped, and comes back in the next month.",
    "leap-days": "February has 29 days in 2000, 2024 and 2400, but not in 2100.",
    "iso-weeks": "Days at the turn of the year are in the last week of the old year or in week 1 of the new one.",
    "digests": "A day in 400 years is wrong.",
}
_FIRST_DUE_DATES = 12
_LEAP_DAYS = [
    date(year, month, day) for year in (2000, 2024, 2100, 2400) for month, day in ((2, 27), (2, 28), (3, 1))
] + [date(year, 2, 29) for year in (2000, 2024, 2400)]
_TURNS = [
    date(year, month, day) for year in (2020, 2021, 2026, 2027) for month, day in ((12, 27), (12, 31), (1, 1), (1, 4))
]


def vectors_of(schedule: Plan, start: date, end: date | None = None) -> tuple[Vector, ...]:
    """Return questions about a schedule or a set from `start` to `end`, with the right answers.

    They ask `next`, `previous`, `between` and `digest`, on the days where code is often wrong.

    Raises ValueError for a schedule whose numbers mean other dates in the dialect "intergiro",
    which is that of all questions.
    """
    check_plan(schedule)
    if not _means_the_same(schedule, start):
        raise ValueError(
            "schedule: questions are in the dialect 'intergiro', in which this schedule means other dates or nothing; "
            "write it in that one"
        )
    about: dict[str, Any] = {"schedule": schedule.to_wire(), "start": str(start)} | ({"end": str(end)} if end else {})
    numbers: dict[str, int] = {}
    found = []
    for group, asked in _questions(schedule.due_dates(start, end)):
        numbers[group] = numbers.get(group, 0) + 1
        question = {"ask": asked["ask"], **about, **asked}
        vector_id = f"{group}/{numbers[group]}"
        found.append(Vector(vector_id, question, answer(question), (group,), _NOTES[group]))
    return tuple(found)


def _means_the_same(schedule: Plan, start: date) -> bool:
    """Return True if the wire form has the same dates, although it does not name the dialect."""
    try:
        return parse(schedule.to_wire()).rule(start) == schedule.rule(start)
    except ScheduleError:
        return False


def _questions(due: DueDates) -> Iterator[tuple[str, Question]]:
    """Yield each group with a question, without the schedule and its bounds."""
    start, end = due.start, due.end
    firsts = [*islice(due, _FIRST_DUE_DATES)]
    ends = [date.min, date.max, *_around(start), *_around(end), *(_around(due[-1]) if due else ())]
    month_ends = [
        date.fromordinal(date(2023 + month // 12, month % 12 + 1, 1).toordinal() - 1) for month in range(1, 26)
    ]
    for group, days in (
        ("bounds", ends),
        ("due-dates", [day for one in firsts for day in _around(one)]),
        ("month-ends", month_ends),
        ("leap-days", _LEAP_DAYS),
        ("iso-weeks", _TURNS),
    ):
        for day in sorted({*days}):
            for ask in ("next", "previous"):
                yield group, {"ask": ask, "day": str(day)}
    yield "bounds", _range("between", date.min, min(start.toordinal() + 800, LAST_DAY))
    yield "bounds", _range("between", date.fromordinal(max(end.toordinal() - 800, 1)), LAST_DAY)
    yield "digests", _range("digest", start, min(start.toordinal() + 365 * CYCLE_YEARS + 96, LAST_DAY))


def _around(day: date) -> Iterable[date]:
    """Return the day, and those before and after it."""
    number = day.toordinal()
    return [date.fromordinal(near) for near in range(max(number - 1, 1), min(number + 1, LAST_DAY) + 1)]


def _range(ask: str, first: date, last: int) -> Question:
    return {"ask": ask, "first": str(first), "last": str(date.fromordinal(last))}
