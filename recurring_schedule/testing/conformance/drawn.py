"""Questions that Hypothesis draws: what no list has, made simpler until the bug shows.

>>> from hypothesis import find
>>> find(drawn_questions("next", Declaration()), lambda question: True)["schedule"]
'daily'
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from itertools import islice
from typing import Any, TypeVar

from hypothesis import strategies as st

from recurring_schedule.business.business_calendar import WEEKDAYS
from recurring_schedule.core.schedule import Schedule
from recurring_schedule.core.schedule_set import Plan, ScheduleSet
from recurring_schedule.testing.conformance.declarations import Declaration
from recurring_schedule.testing.conformance.questions import Question, fields_of
from recurring_schedule.testing.strategies import dates_between, retry_days, schedule_sets, schedules, shifted

_Value = TypeVar("_Value", date, Plan)

_BARE = [Schedule(frequency) for frequency in ("monthly", "yearly", "quarterly", "weekly")]
_OF_WEEKS = [
    *(Schedule("weekly", divisor, 0) for divisor in (2, 53, (1, 2))),
    *(Schedule("weekly", None, offset, interval=2) for offset in (None, 0)),
    *(Schedule("monthly", weekday=(number, weekday)) for number in (2, 4, -1) for weekday in (0, 5)),
]
_OF_MONTHS = [
    *(Schedule("monthly", None, day) for day in (29, 30, 31, -1, -30, -31)),
    *(Schedule("monthly", divisor) for divisor in (2, 7, (1, 2))),
    *(Schedule("monthly", interval=interval) for interval in (1, 5, 18)),
    *(Schedule("quarterly", divisor, (1, 31)) for divisor in (None, 2, (1, 2))),
    *(Schedule("yearly", divisor, (1, 29)) for divisor in (None, 2, 4)),
    *(Schedule("yearly", None, month) for month in (0, 1)),
]
_EDGES = [*map(date.fromisoformat, ("2023-01-31", "2024-02-29", "2023-04-30", "2020-12-31", "2096-02-29"))]
_CONVENTIONS = ("following", "preceding", "modified_following", "modified_preceding")
_WEEKENDS = st.sampled_from([("sat", "sun"), ("sun",), ("fri", "sat")])


def drawn_questions(ask: str, declaration: Declaration) -> st.SearchStrategy[Question]:
    """Return a strategy for questions of that kind, other than `refusal` and `digest`."""
    days = dates_between(declaration.first, "first", declaration.last, "last")
    if ask == "retries":
        return st.builds(lambda day, numbers: {"ask": ask, "day": str(day), "days": numbers}, days, retry_days(400))
    return _questions(ask, days, _plans(declaration), declaration)


def _plans(declaration: Declaration) -> st.SearchStrategy[Plan]:
    """Return a strategy for the schedules and sets that the engine knows."""

    def is_known(plan: Plan) -> bool:
        return fields_of(plan.to_wire()) <= declaration.fields

    any_plan: st.SearchStrategy[Plan] = schedules(extensions=not declaration.fields.isdisjoint(("interval", "weekday")))
    if "set" in declaration.fields:
        any_plan |= schedule_sets()
    edges = [known for plans in (_BARE, _OF_WEEKS, _OF_MONTHS) if (known := [*filter(is_known, plans)])]
    return _or_edge(any_plan.filter(is_known), [[None], [None], *edges])


@st.composite
def _or_edge(draw: st.DrawFn, anything: st.SearchStrategy[_Value], edges: Sequence[Sequence[_Value | None]]) -> _Value:
    """Draw one of the edges, of any group; for None draw anything."""
    drawn = draw(anything)  # always: with fewer draws, Hypothesis would take an edge for simpler
    return draw(st.sampled_from(draw(st.sampled_from(edges)))) or drawn


@st.composite
def _questions(
    draw: st.DrawFn,
    ask: str,
    days: st.SearchStrategy[date],
    plans: st.SearchStrategy[Plan],
    declaration: Declaration,
) -> Question:
    edges = [day for day in _EDGES if declaration.first <= day <= declaration.last]
    schedule, start = draw(plans), draw(_or_edge(days, [[None], edges or [None]]))
    near = _days_near(schedule, start, declaration)
    question: dict[str, Any] = {"ask": ask, "schedule": schedule.to_wire(), "start": str(start)}
    if draw(st.booleans()):
        question["end"] = str(draw(near | days))
    if ask in ("between", "count", "payments"):
        first = draw(near | days)
        longest = timedelta(days=draw(st.sampled_from((0, 30, 366, 1500))))
        last = declaration.last if declaration.last - first < longest else first + longest
        question |= {"first": str(first), "last": str(last)}
    else:
        question["day"] = str(draw(near | days))
    if ask == "payments":
        weekend = draw(_WEEKENDS)
        closed = draw(st.sets(near, max_size=4))
        opened = {day for day in draw(st.sets(near, max_size=4)) - closed if WEEKDAYS[day.weekday()] in weekend}
        bounds = draw(st.sampled_from(((declaration.first, declaration.last), (first, last))))
        known = (min([bounds[0], *closed, *opened]), max([bounds[1], *closed, *opened]))
        question |= {"convention": draw(st.sampled_from(_CONVENTIONS)), "weekend": [*weekend]}
        for name, found in (("closed", sorted(closed)), ("opened", sorted(opened)), ("known", known)):
            question[name] = [*map(str, found)]
    return question


def _days_near(schedule: Plan, start: date, declaration: Declaration) -> st.SearchStrategy[date]:
    """Return a strategy for days on and beside due dates, the start, and ends of February."""
    first, last = declaration.first, declaration.last
    due = [*islice(schedule.due_dates(start).between(first, last), 40)]
    written = [*schedule.excluding, *schedule.adding] if isinstance(schedule, ScheduleSet) else []
    centuries = [day for year in (1900, 2000, 2100) if first <= (day := date(year, 2, 28)) <= last]
    known = [day for day in (start, *due, *written, *centuries) if first <= day <= last]
    return st.builds(
        lambda day, by: min(max(shifted(day, by), first), last), st.sampled_from(known), st.integers(-8, 8) | st.just(0)
    )
