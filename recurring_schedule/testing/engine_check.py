"""Checks that compare a billing engine with this library, and say in words what is wrong.

>>> check_engine(lambda wire, start, after: Schedule.parse(wire).due_dates(start).after(after), max_examples=10)
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import chain, islice
from random import Random
from typing import Any, TypeGuard

from hypothesis import Phase, find, settings
from hypothesis import strategies as st
from hypothesis.errors import Flaky, NoSuchExample

from recurring_schedule.core.checks import plain_date, short_repr
from recurring_schedule.core.frequencies import Dialect
from recurring_schedule.core.schedule_set import Plan, ScheduleSet, parse
from recurring_schedule.testing.conformance import Declaration, FunctionEngine, Question, as_text, run, vectors
from recurring_schedule.testing.conformance.questions import fields_of
from recurring_schedule.testing.reference import drift, reasons, week_53
from recurring_schedule.testing.strategies import ANY_SCHEDULE, SIMPLEST_DATE, dates_between, shifted

Engine = Callable[[Any, date, date], date | None]


class AnswersError(AssertionError):
    """Wrong answers to questions of the conformance kit. Its text is the report."""


@dataclass(eq=False)
class EngineError(AssertionError):
    """The simplest wrong answer of an engine that was found, with the reasons in words."""

    schedule: Plan
    start: date
    after: date
    expected: date | None
    """The due date, or None if there is none."""
    answer: object
    """The answer of the engine, or None if it raised an exception."""
    raised: Exception | None = None
    is_repeatable: bool = True
    """False if the engine answered the same call differently another time."""

    def __str__(self) -> str:
        return "\n- ".join(_report(self))


def check_engine(
    next_due: Engine,
    *,
    schedules: st.SearchStrategy[Plan] = ANY_SCHEDULE,
    start_dates: st.SearchStrategy[date] | None = None,
    first: date = date.min,
    last: date = date.max,
    max_examples: int = 1000,
    seed: int = 0,
) -> None:
    """Check that `next_due(wire, start, after)` returns the first due date after `after`, or None.

    `wire` is the wire form of one of the `schedules`, which may be sets. Every `after` is from
    `first` to `last`, both inclusive, and so is every start unless `start_dates` is given. Calls
    whose due date is past `last` are not made. An example is up to 24 calls, each after the due
    date of the one before. The same `seed` gives the same examples, so a check that passes keeps
    passing until something changes.

    Unless `schedules` or `start_dates` are given, the vectors of the conformance kit that ask for a
    next due date come first, so that bugs which are seldom drawn are found with every seed.

    >>> from recurring_schedule.testing import schedules
    >>> monthly = schedules(frequencies="monthly")
    >>> check_engine(lambda wire, start, after: after + timedelta(days=30), schedules=monthly)  # doctest: +ELLIPSIS
    Traceback (most recent call last):
    recurring_schedule.testing.EngineError: next_due('monthly', ...) answered 2000-01-31, expected 2000-02-01
    - 2000-02-01 is the payment day of February 2000: day 1 from the start
    - 2000-01-31 is not the payment day of January 2000, which is day 1 from the start

    Raises EngineError with the simplest wrong answer found, ValueError if the bounds are in the
    wrong order, TypeError if one is not a date.
    """
    dates = dates_between(first, "first", last, "last")
    known = _known(first, last) if schedules is ANY_SCHEDULE and start_dates is None else ()
    missed = next(filter(None, (_first_error(next_due, last, 1, *one) for one in known)), None)
    found: list[EngineError] = []

    def is_wrong(example: tuple[int, Plan, date, date]) -> bool:
        error = _first_error(next_due, last, *example)
        if error:
            found[:] = [error]
        return error is not None

    examples = _examples(schedules, dates if start_dates is None else start_dates, dates, first, last)
    phases = Phase.generate, Phase.shrink
    chosen = settings(max_examples=max_examples, phases=phases, database=None, deadline=None, derandomize=False)
    try:
        find(examples, is_wrong, settings=chosen, random=Random(seed))
    except NoSuchExample:
        if missed is None:
            return
        found = [missed]
    except Flaky:
        found[0].is_repeatable = False
    else:
        if start_dates is None:  # Hypothesis may stop at dates that have no simpler neighbour, so try the simplest too.
            simplest = min(max(SIMPLEST_DATE, first), last)
            days = (simplest + timedelta(days=number) for number in range(min(59, (last - simplest).days) + 1))
            errors = (_first_error(next_due, last, 30, found[0].schedule, day, day) for day in days)
            found = [next(filter(None, errors), found[0])]
    raise found[0] from found[0].raised


def _known(first: date, last: date) -> Iterator[tuple[Plan, date, date]]:
    """Yield the schedule, the start and the day of each vector that a check may ask."""
    for question in (one.question for one in vectors()):
        if question["ask"] == "next" and not question.get("end") and "set" not in fields_of(question["schedule"]):
            start, day = (date.fromisoformat(question[name]) for name in ("start", "day"))
            if first <= min(start, day) and max(start, day) <= last:
                yield parse(question["schedule"]), start, day


def check_answers(
    answer: Callable[[Question], Any],
    declaration: Declaration | None = None,
    *,
    max_examples: int = 300,
    seed: int = 0,
    certificate: bool = False,
) -> None:
    """Check that a function answers the questions of the conformance kit: next and previous due
    dates up to an end, periods, shares, retries, and more.

    It is asked what its declaration allows, or everything without one: all vectors, then
    `max_examples` drawn questions of each kind, then with `certificate` the digests of 400 years.

    >>> from recurring_schedule.testing.conformance import answer
    >>> def periods(question):
    ...     found = answer(question)
    ...     return found and {**found, "stub": False}
    >>> only = Declaration("mine", asks=frozenset(["period"]))
    >>> check_answers(periods, only, max_examples=0)  # doctest: +ELLIPSIS
    Traceback (most recent call last):
    recurring_schedule.testing.AnswersError: mine
    vectors: ...
    stub (...): a period is called a stub that is none, or the reverse
    ...

    Raises AnswersError with the report if an answer is wrong.
    """
    engine, known = FunctionEngine(answer), declaration or Declaration()
    report = run(engine, known, examples=max_examples, certificate=certificate, seed=seed)
    if not report.has_passed:
        raise AnswersError(as_text(report))


@st.composite
def _examples(
    draw: st.DrawFn,
    schedules: st.SearchStrategy[Plan],
    starts: st.SearchStrategy[date],
    dates: st.SearchStrategy[date],
    first: date,
    last: date,
) -> tuple[int, Plan, date, date]:
    """Draw a number of calls, a schedule or a set, a start, and `after`, mostly near a due date."""
    calls, schedule, start = draw(_CALLS), draw(schedules), draw(starts)
    due = [*islice(schedule.due_dates(start).between(first, last), 40)]
    written = [*schedule.excluding, *schedule.adding] if isinstance(schedule, ScheduleSet) else []
    # Chance seldom draws the February of a century, and only there do the rules of leap years differ.
    centuries = [day for year in (2000, 2100) if first <= (day := date(year, 1, 28)) <= last]
    known = [[start], *filter(None, (due, written, centuries))]
    index = draw(st.integers(0, len(known)))
    days = known[index] if index < len(known) else [draw(dates)]
    after = shifted(days[draw(st.integers(0, len(days) - 1))], draw(_SHIFTS))
    return calls, schedule, start, min(max(after, first), last)


_CALLS = st.sampled_from(range(1, 25))
_SHIFTS = st.sampled_from((0, 0, 0, -1, 1)) | st.integers(-8, 8)


def _first_error(
    next_due: Engine, last: date, calls: int, schedule: Plan, start: date, after: date
) -> EngineError | None:
    """Make the calls in turn and return the first error, or None."""
    due = schedule.due_dates(start)
    for _ in range(calls):
        expected = due.after(after)
        if expected is not None and expected > last:
            break
        try:
            answer: object = next_due(schedule.to_wire(), start, after)
        except Exception as error:
            return EngineError(schedule, start, after, expected, None, error)
        if not (answer is None if expected is None else _is_date(answer) and answer == expected):
            return EngineError(schedule, start, after, expected, answer)
        if expected is None:
            break
        after = expected
    return None


def _is_date(answer: object) -> TypeGuard[date]:
    return isinstance(answer, date) and not isinstance(answer, datetime)


def _report(error: EngineError) -> Iterator[str]:
    """Yield what went wrong, then facts about it, all of them worked out from the reference."""
    schedule, start, after, expected, answer = error.schedule, error.start, error.after, error.expected, error.answer
    did = f"answered {answer if _is_date(answer) else short_repr(answer)}"
    if error.raised:
        did = f"raised {type(error.raised).__name__}: {error.raised}"
    dates = f"{start!r}, {after!r}".replace("datetime.", "")
    yield f"next_due({schedule.to_wire()!r}, {dates}) {did}, expected {expected}"
    if not error.is_repeatable:
        yield "the same call was answered differently another time: the answer depends on more than the arguments"
    if schedule.dialect is not Dialect.INTERGIRO:
        yield f"the schedule is written in {schedule.dialect!r}"
    due = schedule.due_dates(start)
    if expected:
        yield from reasons(schedule, start, expected)
    elif never_due := schedule.never_due:
        yield f"the schedule is never due: {'; '.join(map(str, never_due if isinstance(never_due, tuple) else [never_due]))}"
    else:
        yield f"the last due date is {due[-1]}" if due else f"no day from {start} to {date.max} is due"
    if _is_date(answer):
        yield from _wrong_date(schedule, start, after, expected, plain_date(answer, "answer"))
    elif answer is not None:
        yield f"the answer is a {type(answer).__name__}, not a datetime.date or None"


def _wrong_date(schedule: Plan, start: date, after: date, expected: date | None, answer: date) -> Iterator[str]:
    """Yield the facts that make the date `answer` wrong."""
    if answer <= after:
        yield f"{answer} is not after {after}"
    yield from reasons(schedule, start, answer)
    if expected is None or answer <= after:
        return
    due = schedule.due_dates(start)
    if expected < answer:
        more = len(due.between(expected, answer - timedelta(days=1))) - 1
        yield f"{answer} skips {expected}" + (f" and {more} more" if more else "")
    notes: list[str | None] = []
    for member in schedule.members if isinstance(schedule, ScheduleSet) else (schedule,):
        notes.append(week_53(member, after, expected))
        if answer not in due:
            earlier = chain([after], reversed(member.due_dates(start).between(start, after)))
            notes.append(drift(member, start, answer, earlier))
    yield from filter(None, dict.fromkeys(notes))
