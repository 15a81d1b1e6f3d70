"""Questions that Hypothesis draws: what no list has, made simpler until the bug shows.

>>> from hypothesis import find
>>> find(drawn_questions("next", Declaration()), lambda question: True)["schedule"]
'daily'
"""

from __future__ import annotations

from datetime import date, timedelta
from itertools import islice
from typing import Any

from hypothesis import strategies as st

from recurring_schedule.core.schedule_set import Plan, ScheduleSet
from recurring_schedule.testing.conformance.declarations import Declaration
from recurring_schedule.testing.conformance.questions import Question, fields_of
from recurring_schedule.testing.strategies import dates_between, retry_days, schedule_sets, schedules, shifted

_CONVENTIONS = ("following", "preceding", "modified_following", "modified_preceding")


def drawn_questions(ask: str, declaration: Declaration) -> st.SearchStrategy[Question]:
    """Return a strategy for questions of that kind, other than `refusal` and `digest`."""
    days = dates_between(declaration.first, "first", declaration.last, "last")
    if ask == "retries":
        return st.builds(lambda day, numbers: {"ask": ask, "day": str(day), "days": numbers}, days, retry_days(400))
    return _questions(ask, days, _plans(declaration), declaration)


def _plans(declaration: Declaration) -> st.SearchStrategy[Plan]:
    """Return a strategy for the schedules and sets that the engine knows."""
    of: st.SearchStrategy[Plan] = schedules(extensions=not declaration.fields.isdisjoint(("interval", "weekday")))
    if "set" in declaration.fields:
        of |= schedule_sets()
    return of.filter(lambda plan: fields_of(plan.to_wire()) <= declaration.fields)


@st.composite
def _questions(
    draw: st.DrawFn,
    ask: str,
    days: st.SearchStrategy[date],
    plans: st.SearchStrategy[Plan],
    declaration: Declaration,
) -> Question:
    schedule, start = draw(plans), draw(days)
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
        closed = draw(st.lists(near, unique=True, max_size=4))
        question |= {"convention": draw(st.sampled_from(_CONVENTIONS)), "closed": [*map(str, closed)]}
        question["known"] = [str(declaration.first), str(declaration.last)]
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
