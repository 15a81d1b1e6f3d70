"""The classes of bugs, in words, and the class that a wrong answer belongs to.

>>> question = {"ask": "next", "schedule": "monthly", "start": "2024-01-31", "day": "2024-02-29"}
>>> bug_of(question, "2024-03-31", "2024-03-29")
'drift'
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date
from typing import Any

from recurring_schedule.core.schedule import Schedule
from recurring_schedule.core.schedule_set import ScheduleSet, parse
from recurring_schedule.testing.conformance.questions import Question
from recurring_schedule.testing.reference import drift, week_53

_LAST = "9999-12-31"
BUGS = {
    "drift": "the day is that of an earlier due date, not the start's",
    "leap-years": "29 February is in the wrong years: of the centuries, only every fourth is a leap year",
    "week-53": "an ISO year with 53 weeks is treated as one with 52",
    "sunday": "a week begins on Sunday, but ISO weeks begin on Monday and end on Sunday",
    "stuck": "the date after a day is not after it, so whoever asks again and again never gets on",
    "bound": "a due date on a bound is lost, or one outside the bounds is found: start, end, first and last are included",
    "skip": "a due date is left out",
    "extra": "a day that is not due is found",
    "count": "the number of due dates is wrong",
    "overlap": "a billing period has days that another one has",
    "gap": "a billing period lacks days that no other one has",
    "stub": "a period is called a stub that is none, or the reverse",
    "share": "the share of the period that has elapsed is wrong",
    "retries": "the dates of retries are wrong, or wrong numbers of days are accepted",
    "cursor": "the next due date is worked out from the day of payment, not from the schedule",
    "payment-day": "a payment is on another day than the convention says",
    "guess": "a payment day that depends on an unknown day is guessed",
    "wire-form": "a wrong wire form is accepted, a legal one is refused, or another field is named",
    "digest": "some due dates of 400 years are wrong",
    "crash": "the engine ended, or raised an exception",
    "hang": "the engine did not answer in time",
    "garbage": "the answer does not have the form that the protocol says",
    "slow": "the answer took longer than allowed",
    "unrepeatable": "the same question was answered differently another time",
}
"""A sentence for each class."""


def bug_of(question: Question, expected: Any, answered: Any) -> str:
    """Return the class of a wrong answer that has the right form."""
    return _CLASSES[question["ask"]](question, expected, answered)


def _of_date(question: Question, expected: str | None, answered: str | None) -> str:
    """Return the class of a wrong date after or before a day; None stands for nothing."""
    is_next, day, end = question["ask"] == "next", question["day"], question.get("end")
    if _is_leap_day(expected, answered):
        return "leap-years"
    if answered is not None and (answered <= day if is_next else answered >= day):
        return "stuck"
    if answered is not None and not question["start"] <= answered <= (end or _LAST):
        return "bound"
    if expected is not None and expected in (question["start"], end):
        return "bound"
    return _of_calendar(question, expected, answered) or _of_order(expected, answered, is_next=is_next)


def _of_order(expected: str | None, answered: str | None, *, is_next: bool) -> str:
    """Return the class of a wrong date that nothing else explains."""
    if expected is None or answered is None:
        return "extra" if expected is None else "skip"
    return "skip" if (answered > expected) is is_next else "extra"


def _is_leap_day(*days: str | None) -> bool:
    """Return True if days differ around the end of February in a year that divides by 100."""
    return any(day is not None and day[2:7] in ("00-02", "00-03") for day in days) and all(
        day is None or "02-27" <= day[5:] <= "03-02" for day in days
    )


def _of_calendar(question: Question, expected: str | None, answered: str | None) -> str | None:
    """Return the class of a wrong date that the calendar explains, or None."""
    plan, start = parse(question["schedule"]), date.fromisoformat(question["start"])
    members = plan.members if isinstance(plan, ScheduleSet) else (plan,)
    if any(_has_drifted(member, start, answered) for member in members):
        return "drift"
    known = [*filter(None, map(_date, filter(None, (expected, answered, question["day"]))))]
    weekly = [schedule for schedule in members if schedule.frequency.weeks]
    if weekly and (weekly[0].offset == 0 or 7 in map(date.isoweekday, known)):
        return "sunday"
    return "week-53" if any(week_53(schedule, min(known), max(known)) for schedule in weekly) else None


def _has_drifted(schedule: Schedule, start: date, answered: str | None) -> bool:
    wrong = _date(answered) if answered else None
    if wrong is None or wrong < start:
        return False
    earlier = reversed(schedule.due_dates(start).between(start, wrong))
    return drift(schedule, start, wrong, (day for day in earlier if day < wrong)) is not None


def _date(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:  # such as 2100-02-29
        return None


def _of_dates(question: Question, expected: Sequence[str], answered: Sequence[str]) -> str:
    """Return the class of a wrong list of dates: that of the first one that differs."""
    if [*answered] != sorted({*answered}):
        return "stuck"
    first = min({*expected} ^ {*answered})
    lacks = first in expected
    bounds = question["first"], question["last"], question["start"], question.get("end") or _LAST
    if (lacks and first in bounds) or not max(bounds[0], bounds[2]) <= first <= min(bounds[1], bounds[3]):
        return "bound"
    nearest = min((day for day in answered if day > first), default=None) if lacks else first
    after = max((day for day in expected if day < first), default=question["start"])
    return _of_date({**question, "ask": "next", "day": after}, first if lacks else None, nearest)


def _of_number(question: Question, expected: int | None, answered: int | None) -> str:
    """Return the class of a wrong index or count."""
    if expected is None or answered is None:
        return "extra" if expected is None else "skip"
    if question["ask"] == "count" and abs(answered - expected) <= 2:
        plan, start = parse(question["schedule"]), date.fromisoformat(question["start"])
        bounds = {question["first"], question["last"], question["start"], question.get("end")} - {None}
        if any(date.fromisoformat(day) in plan.due_dates(start) for day in bounds):
            return "bound"
    return "count"


def _of_period(question: Question, expected: Any, answered: Any) -> str:
    if expected is None or answered is None:
        return "overlap" if expected is None else "gap"
    (begin, end), (own_begin, own_end) = (
        (period["start"], period["end"] or "9999-12-32") for period in (expected, answered)
    )
    if (begin, end) == (own_begin, own_end):
        return "stub"
    return "overlap" if own_begin < begin or own_end > end else "gap"


def _of_payments(question: Question, expected: Any, answered: Any) -> str:
    due, own_due = [day for day, _ in expected], [day for day, _ in answered]
    if due == own_due:
        unknown = [paid is None for _, paid in expected]
        return "guess" if unknown != [paid is None for _, paid in answered] else "payment-day"
    moved = {paid[8:] for day, paid in expected if paid not in (None, day)}
    is_cursor = not moved.isdisjoint(day[8:] for day in {*own_due} - {*due})
    return "cursor" if is_cursor else _of_dates(question, due, own_due)


_CLASSES: dict[str, Callable[[Question, Any, Any], str]] = {
    "next": _of_date,
    "previous": _of_date,
    "between": _of_dates,
    "index": _of_number,
    "count": _of_number,
    "period": _of_period,
    "share": lambda question, expected, answered: "share",
    "retries": lambda question, expected, answered: "retries",
    "refusal": lambda question, expected, answered: "wire-form",
    "payments": _of_payments,
    "digest": lambda question, expected, answered: "digest",
}
