"""For authors of billing engines: strategies for Hypothesis, the day-by-day reference, and a check of an engine against it.

>>> reference_due_dates(Schedule("monthly"), date(2024, 1, 31), date(2024, 2, 1), date(2024, 3, 31))
[datetime.date(2024, 2, 29), datetime.date(2024, 3, 31)]

Needs the extra `testing`.
"""

from __future__ import annotations

import calendar
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import Enum
from functools import cache, lru_cache
from random import Random
from typing import Any, TypeGuard, TypeVar

from recurring_schedule.core.calendars import LAST_DAY
from recurring_schedule.core.checks import plain_date, short_repr
from recurring_schedule.core.due_dates import DueDates, Period
from recurring_schedule.core.frequencies import Dialect, Divisor, Frequency, Offset, period_numbers
from recurring_schedule.core.rule import Rule
from recurring_schedule.core.schedule import Schedule

__all__ = ["EngineError", "check_engine", "due_dates", "reference_due_dates", "retry_days", "schedules", "start_dates"]


def _register() -> None:
    """Tell Hypothesis how the types of this package are drawn: it calls this when it is imported."""
    from hypothesis.strategies import builds, register_type_strategy

    register_type_strategy(Schedule, lambda _: schedules(dialects=Dialect))
    register_type_strategy(Rule, lambda _: builds(Schedule.rule, schedules(dialects=Dialect), start_dates()))
    register_type_strategy(DueDates, lambda _: due_dates(schedules(dialects=Dialect)))
    register_type_strategy(Period, lambda _: _periods())


# Below `_register`: where this module is imported first, the next line imports Hypothesis, which calls it at once.
try:
    from hypothesis import Phase, find, settings
    from hypothesis import strategies as st
    from hypothesis.errors import Flaky, NoSuchExample
except ImportError as error:
    raise ImportError(
        "recurring_schedule.testing needs Hypothesis: pip install 'recurring-schedule[testing]'"
    ) from error


# Strategies.

_DAY = timedelta(days=1)
_PLAIN = date(2000, 1, 1)  # the simplest date, as it is for Hypothesis
_EDGE_YEARS = (1900, 2000, 2015, 2016, 2020, 2021, 2024, 2026, 2100)  # centuries, leap years, and at an ISO week 53
_LARGEST_DIVISOR = 2**53 - 1  # RFC 8259, section 6: up to here all JSON readers agree on an integer

_Member = TypeVar("_Member", bound=Enum)


def schedules(
    *,
    frequencies: Frequency | str | Iterable[Frequency | str] = Frequency,
    dialects: Dialect | str | Iterable[Dialect | str] = Dialect.INTERGIRO,
    anchored: bool | None = None,
    never_due: bool | None = None,
) -> st.SearchStrategy[Schedule]:
    """Schedules in every spelling, of these frequencies and dialects; the simplest is a bare frequency.

    `anchored` asks for those whose offset leaves something to the start date, or for those whose leaves nothing; `never_due`
    for those without a due date, or for those with some. The dialect is INTERGIRO if not given: the wire form does not say
    its dialect, and who reads it without being told one reads that.

    >>> schedules(frequencies="daily", anchored=True)
    Traceback (most recent call last):
    ValueError: there is no such schedule: name a frequency and a dialect; no daily schedule is anchored
    """
    of = [one for one in _members(Frequency, frequencies) if not (anchored and one is Frequency.DAILY)]
    written_in = _members(Dialect, dialects)
    if not of or not written_in:
        raise ValueError("there is no such schedule: name a frequency and a dialect; no daily schedule is anchored")
    return _schedules(of, written_in, anchored, never_due)


def _members(kind: type[_Member], wanted: object) -> list[_Member]:
    """Those wanted, one or several, in the order of the enumeration: the first is the simplest."""
    found = set(map(kind, [wanted] if isinstance(wanted, str) else wanted))  # type: ignore[call-overload]  # is iterable
    return [member for member in kind if member in found]


@st.composite
def _schedules(
    draw: st.DrawFn, of: list[Frequency], written_in: list[Dialect], anchored: bool | None, never_due: bool | None
) -> Schedule:
    frequency, dialect = draw(st.sampled_from(of)), draw(st.sampled_from(written_in))
    divisor = draw(_divisors(period_numbers(frequency, dialect)[-1], never_due))
    return Schedule(frequency, divisor, draw(_offsets(frequency, dialect, anchored)), dialect)


@cache
def _divisors(last: int, never_due: bool | None) -> st.SearchStrategy[Divisor]:
    """`last` is the largest number that a period has: a larger divisor, or remainder, picks none."""
    picking = st.just(1) | _mostly_low(2, last) | st.integers(last - 1, last) | _pairs(1, last)
    idle = st.integers(last + 1, _LARGEST_DIVISOR) | _pairs(last + 1, _LARGEST_DIVISOR - 1)
    if never_due:
        return idle
    some = picking if never_due is False else picking | idle
    return st.booleans().flatmap(lambda is_written: some if is_written else st.none())


@st.composite
def _pairs(draw: st.DrawFn, first: int, last: int) -> tuple[int, int]:
    remainder = draw(_mostly_low(first, last))
    return remainder, draw(_mostly_low(remainder + 1, _LARGEST_DIVISOR))


def _mostly_low(first: int, last: int) -> st.SearchStrategy[int]:
    return st.integers(first, min(first + 3, last)) | st.integers(first, last)


@cache
def _offsets(frequency: Frequency, dialect: Dialect, anchored: bool | None) -> st.SearchStrategy[Offset]:
    if frequency is Frequency.DAILY:
        return st.none()
    first = dialect.first_day
    days = st.sampled_from([*range(first, first + 31), *range(-1, -32, -1)])
    days |= st.sampled_from([first, -1, first + 28, first + 29, first + 30, -29, -30, -31])
    leaving: st.SearchStrategy[Offset] = st.none()
    fixing: st.SearchStrategy[Offset] = st.integers(0, 6) if frequency is Frequency.WEEKLY else days
    if frequency.months > 1:
        months = st.sampled_from(range(frequency.months)) | st.sampled_from((1, 2))  # 1 is February
        leaving, fixing = leaving | months, st.tuples(months, days)
    return leaving | fixing if anchored is None else leaving if anchored else fixing


def start_dates(min_value: date = date.min, max_value: date = date.max) -> st.SearchStrategy[date]:
    """Dates, often at the calendar's edges: month ends, 29 February, ISO weeks 52, 53 and 1, centuries, both bounds.

    The simplest is 2000-01-01, or what is nearest to it.

    >>> start_dates(date(2024, 1, 1), date(2023, 12, 31))
    Traceback (most recent call last):
    ValueError: max_value: got 2023-12-31, expected a date from 2024-01-01, which is min_value

    Raises TypeError for bounds that are no dates.
    """
    return _bounded(min_value, "min_value", max_value, "max_value")


def _bounded(lo: date, lo_name: str, hi: date, hi_name: str) -> st.SearchStrategy[date]:
    lo, hi = plain_date(lo, lo_name), plain_date(hi, hi_name)
    if lo > hi:
        raise ValueError(f"{hi_name}: got {hi}, expected a date from {lo}, which is {lo_name}")
    return _dates(lo, hi)


@st.composite
def _dates(draw: st.DrawFn, lo: date, hi: date) -> date:
    year = draw(_around(_PLAIN.year, lo.year, hi.year, (*_EDGE_YEARS, lo.year, hi.year)))
    at_lo, at_hi = year == lo.year, year == hi.year
    first, last = lo.month if at_lo else 1, hi.month if at_hi else 12
    month = draw(_around(1, first, last, (first,) * at_lo + (last,) * at_hi or (1, 2, 2, 12)))
    at_lo, at_hi = at_lo and month == lo.month, at_hi and month == hi.month
    first, last = lo.day if at_lo else 1, hi.day if at_hi else calendar.monthrange(year, month)[1]
    return date(year, month, draw(_around(1, first, last, (first,) * at_lo + (last,) * at_hi or (1, 28, 29, 30, 31))))


@lru_cache(maxsize=64)
def _around(plain: int, first: int, last: int, edges: Sequence[int]) -> st.SearchStrategy[int]:
    """Integers from `first` to `last`, half of the time one of the edges; the simplest is the one nearest to `plain`."""
    anywhere, near = (
        [value for value in sorted(values, key=lambda value: abs(value - plain)) if first <= value <= last]
        for values in (range(first, last + 1), edges)
    )
    # Twice, for an edge that is alone would take no draw, and so be thought simpler than all else.
    return st.sampled_from(anywhere) | st.sampled_from(near * 2) if near else st.sampled_from(anywhere)


_SCHEDULES = schedules()
_STARTS = start_dates()


def due_dates(
    schedules: st.SearchStrategy[Schedule] = _SCHEDULES, start_dates: st.SearchStrategy[date] = _STARTS
) -> st.SearchStrategy[DueDates]:
    """The due dates of these schedules from these starts, with or without an end, which may be before the start.

    >>> from hypothesis import given
    >>> @given(due_dates(schedules(never_due=True)))
    ... def nothing_is_due(due):
    ...     assert not due
    >>> nothing_is_due()
    """
    return _due_dates(schedules, start_dates)


@st.composite
def _due_dates(
    draw: st.DrawFn, schedules: st.SearchStrategy[Schedule], start_dates: st.SearchStrategy[date]
) -> DueDates:
    start = draw(start_dates)
    days = draw(st.none() | st.integers(-40, 4000) | st.integers(-LAST_DAY, LAST_DAY))
    return draw(schedules).due_dates(start, None if days is None else _shifted(start, days))


def _shifted(day: date, days: int) -> date:
    """`day` moved by that many days, at most to either end of the calendar."""
    return date.fromordinal(min(max(day.toordinal() + days, 1), LAST_DAY))


@st.composite
def _periods(draw: st.DrawFn) -> Period:
    start = draw(_STARTS)
    days = draw(st.integers(1, LAST_DAY + 1 - start.toordinal()))
    end = None if start.toordinal() + days > LAST_DAY else start + timedelta(days)
    return Period(start, end, draw(st.booleans()))


def retry_days(max_value: int = 366) -> st.SearchStrategy[list[int]]:
    """Lists of retry days up to `max_value`: what `retry_dates` takes for a payment due so many days before 9999-12-31.

    >>> from hypothesis import given
    >>> @given(retry_days(30))
    ... def is_retried_within_a_month(days):
    ...     assert all(day <= 30 for day in days)
    >>> is_retried_within_a_month()
    """
    return st.lists(st.integers(1, max(max_value, 1)), unique=True, max_size=min(max_value, 10)).map(sorted)


# The reference.


def reference_due_dates(schedule: Schedule, start: date, first: date, last: date) -> list[date]:
    """The due dates from `first` to `last`, both included, of a schedule that starts on `start`, found by looking at every day.

    It says in code what the definition says in words, and shares no code with the rest of this package.

    >>> reference_due_dates(Schedule("weekly", 2), date(2020, 12, 25), date(2020, 12, 25), date(2021, 1, 28))
    [datetime.date(2020, 12, 25), datetime.date(2021, 1, 15)]
    """
    days = _days(max(start, first), last)
    return [day for day in days if _is_picked(schedule, day) and _is_payment_day(schedule, start, day)]


def _days(first: date, last: date) -> Iterator[date]:
    return map(date.fromordinal, range(first.toordinal(), last.toordinal() + 1))


def _number(schedule: Schedule, day: date) -> int:
    """The number of the period in which `day` falls."""
    if schedule.frequency == "daily":
        return day.day
    if schedule.frequency == "weekly":
        return day.isocalendar().week
    if schedule.frequency == "monthly":
        return day.month - 1 if schedule.dialect == "intergiro_prose" else day.month
    if schedule.frequency == "quarterly":
        return (day.month - 1) // 3 + 1
    return day.year


def _is_picked(schedule: Schedule, day: date) -> bool:
    number, divisor = _number(schedule, day), schedule.divisor
    if divisor is None or divisor == 1:
        return True
    if isinstance(divisor, int):
        return number > 0 and number % divisor == 0
    return number % divisor[1] == divisor[0]


def _is_payment_day(schedule: Schedule, start: date, day: date) -> bool:
    if schedule.frequency == "daily":
        return True
    if schedule.frequency == "weekly":
        return day.isoweekday() % 7 == _weekday(schedule, start)
    return day == _payment_day(schedule, start, day)


def _weekday(schedule: Schedule, start: date) -> int:
    """The payment day of a week: 0 is Sunday, with which the ISO week that `_number` gives ends."""
    return schedule.offset if isinstance(schedule.offset, int) else start.isoweekday() % 7


def _payment_day(schedule: Schedule, start: date, day: date) -> date:
    """The payment day of the month, quarter or year in which `day` falls."""
    months, month, number = _place(schedule, start)
    month += (day.month - 1) // months * months + 1
    length = calendar.monthrange(day.year, month)[1]
    return date(day.year, month, min(number, length) if number > 0 else max(length + 1 + number, 1))


def _place(schedule: Schedule, start: date) -> tuple[int, int, int]:
    """How many months a period has, in which of them the payment day is, from 0, and on which day, from 1 or from -1."""
    months = {"monthly": 1, "quarterly": 3, "yearly": 12}[schedule.frequency]
    month, day = _written(schedule)
    if month is None:
        month = (start.month - 1) % months
    if day is None:
        return months, month, start.day
    return months, month, day + 1 if day >= 0 and schedule.dialect == "payfunc" else day


def _written(schedule: Schedule) -> tuple[int | None, int | None]:
    """The month and the day that the offset fixes; `None` for what it leaves to the start."""
    if isinstance(schedule.offset, tuple):
        return schedule.offset
    return (None, schedule.offset) if schedule.frequency == "monthly" else (schedule.offset, None)


# The check of an engine.


@dataclass(eq=False)
class EngineError(AssertionError):
    """An engine answers a call wrongly: the simplest such call that was found, and in words, why it should answer otherwise."""

    schedule: Schedule
    start: date
    after: date
    expected: date | None
    """The due date, or `None` if there is none."""
    answer: object
    """What the engine answered; `None` too if it raised."""
    raised: Exception | None = None
    is_repeatable: bool = True
    """Whether the engine answered calls that were made again as it did before."""

    def __str__(self) -> str:
        return "\n- ".join(_report(self))


def check_engine(
    next_due: Callable[[Any, date, date], date | None],
    *,
    schedules: st.SearchStrategy[Schedule] = _SCHEDULES,
    start_dates: st.SearchStrategy[date] | None = None,
    first: date = date.min,
    last: date = date.max,
    max_examples: int = 1000,
    seed: int = 0,
) -> None:
    """Compare an engine with this package: `next_due(wire, start, after)` is to be the first due date after `after`, or None.

    `wire` is the wire form of one of the `schedules`. Every `after`, and every start if no `start_dates` are given, is from
    `first` to `last`; calls whose due date is past `last` are not made. An example is up to 24 calls, each after the due date
    before. The same `seed` gives the same examples: a check that passes goes on passing until something changes.

    >>> monthly = schedules(frequencies="monthly")
    >>> check_engine(lambda wire, start, after: after + timedelta(days=30), schedules=monthly)  # doctest: +ELLIPSIS
    Traceback (most recent call last):
    recurring_schedule.testing.EngineError: next_due('monthly', ...) answered 2000-01-31, expected 2000-02-01
    - 2000-02-01 is the payment day of February 2000: day 1 from the start
    - 2000-01-31 is not the payment day of January 2000, which is day 1 from the start

    Raises EngineError with the simplest call found that is answered wrongly, ValueError for bounds in the wrong order.
    """
    found: list[EngineError] = []

    def is_wrong(example: tuple[int, Schedule, date, date]) -> bool:
        error = _error(next_due, last, *example)
        if error:
            found[:] = [error]
        return error is not None

    dates = _bounded(first, "first", last, "last")
    examples = _examples(schedules, dates if start_dates is None else start_dates, dates, first, last)
    phases = Phase.generate, Phase.shrink
    chosen = settings(max_examples=max_examples, phases=phases, database=None, deadline=None, derandomize=False)
    try:
        find(examples, is_wrong, settings=chosen, random=Random(seed))
    except NoSuchExample:
        return
    except Flaky:
        found[0].is_repeatable = False
    else:
        if start_dates is None:  # Hypothesis may stop at dates that have no simpler neighbour, so try the simplest too.
            days = _days(plain := min(max(_PLAIN, first), last), min(_shifted(plain, 59), last))
            simple = (_error(next_due, last, 30, found[0].schedule, day, day) for day in days)
            found = [next(filter(None, simple), found[0])]
    raise found[0] from found[0].raised


@st.composite
def _examples(
    draw: st.DrawFn,
    schedules: st.SearchStrategy[Schedule],
    starts: st.SearchStrategy[date],
    dates: st.SearchStrategy[date],
    first: date,
    last: date,
) -> tuple[int, Schedule, date, date]:
    """How many calls to make, for which schedule and start, and the first `after`: mostly at due dates and near them."""
    calls, schedule, start = draw(st.sampled_from(range(1, 25))), draw(schedules), draw(starts)
    days = [st.just(start), dates]
    if due := schedule.due_dates(start).between(first, last):
        days.append(st.integers(0, min(40, len(due)) - 1).map(due.__getitem__))
    # February of a century is too rare to be met by chance, and only there do the rules of leap years differ.
    if centuries := [day for year in (2000, 2100) if first <= (day := date(year, 1, 28)) <= last]:
        days.append(st.sampled_from(centuries))
    after = _shifted(draw(st.one_of(days)), draw(st.sampled_from((0, 0, 0, -1, 1)) | st.integers(-8, 8)))
    return calls, schedule, start, min(max(after, first), last)


def _error(
    next_due: Callable[[Any, date, date], object], last: date, calls: int, schedule: Schedule, start: date, after: date
) -> EngineError | None:
    """What is wrong with the first of these calls that is answered wrongly."""
    due = schedule.due_dates(start)
    for _ in range(calls):
        expected = due.after(after)
        if expected is not None and expected > last:
            break
        try:
            answer = next_due(schedule.to_wire(), start, after)
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
    """What went wrong, then facts about it, each of them checked."""
    schedule, start, after, expected, answer = error.schedule, error.start, error.after, error.expected, error.answer
    did = f"answered {answer if _is_date(answer) else short_repr(answer)}"
    if error.raised:
        did = f"raised {type(error.raised).__name__}: {error.raised}"
    dates = f"{start!r}, {after!r}".replace("datetime.", "")
    yield f"next_due({schedule.to_wire()!r}, {dates}) {did}, expected {expected}"
    if not error.is_repeatable:
        yield "calls that were made again got other answers: they depend on more than the arguments"
    if schedule.dialect is not Dialect.INTERGIRO:
        yield f"the schedule is written in {schedule.dialect!r}"
    due = schedule.due_dates(start)
    if expected:
        yield _why(schedule, start, expected)
    elif schedule.never_due:
        yield f"the schedule is never due: {schedule.never_due}"
    else:
        yield f"the last due date is {due[-1]}" if due else f"no day from {start} to {date.max} is due"
    if _is_date(answer):
        yield from _why_not(schedule, start, after, expected, plain_date(answer, "answer"))
    elif answer is not None:
        yield f"the answer is a {type(answer).__name__}, not a datetime.date or None"


def _why_not(schedule: Schedule, start: date, after: date, expected: date | None, answer: date) -> Iterator[str]:
    if answer <= after:
        yield f"{answer} is not after {after}"
    yield _why(schedule, start, answer)
    if expected is None or answer <= after:
        return
    due = schedule.due_dates(start)
    if expected < answer:
        more = len(due.between(expected, answer - _DAY)) - 1
        yield f"{answer} skips {expected}" + (f" and {more} more" if more else "")
    if schedule.frequency is Frequency.WEEKLY and schedule.divisor not in (None, 1):
        for day in _days(after, expected):
            if day.isocalendar().week == 53:
                yield f"{day.isocalendar().year} has an ISO week 53, which begins on {day - day.weekday() * _DAY}"
                break
    if schedule.frequency.months and _written(schedule)[1] is None:
        payment_day = _payment_day(schedule, start, answer)
        earlier = [day for day in (*due.between(start, after), after) if day.day == answer.day]
        if earlier and answer.month == payment_day.month and answer.day != payment_day.day:
            yield f"{answer} has drifted: its day {answer.day} is that of {earlier[-1]}, not the start's day {start.day}"


def _why(schedule: Schedule, start: date, day: date) -> str:
    """Why `day` is due, or why not."""
    if day < start:
        return f"{day} is before the start, {start}"
    if not _is_picked(schedule, day):
        sunday = schedule.frequency is Frequency.WEEKLY and day.isoweekday() == 7
        return f"{day} is not due: {_picking(schedule, day)}" + "; Sunday is the last day of the ISO week" * sunday
    picking = "every day is" if schedule.divisor in (None, 1) else _picking(schedule, day)
    if schedule.frequency is Frequency.DAILY:
        return f"{day} is due: {picking}"
    period, where = _period(schedule, day), _where(schedule, start, day)
    if not _is_payment_day(schedule, start, day):
        return f"{day} is not the payment day of {period}, which is {where}"
    return f"{day} is the payment day of {period}: {where}" + f"; {picking}" * (schedule.divisor not in (None, 1))


_NAMES = dict(zip(Frequency, ("day of the month", "ISO week", "month", "quarter", "year"), strict=True))
_MONTHS = "January February March April May June July August September October November December".split()  # noqa: SIM905
_WEEKDAYS = "Sunday Monday Tuesday Wednesday Thursday Friday Saturday".split()  # noqa: SIM905  # lists take a line a name


def _period(schedule: Schedule, day: date) -> str:
    if schedule.frequency is Frequency.MONTHLY:
        return f"{_MONTHS[day.month - 1]} {day.year}"
    if schedule.frequency is Frequency.YEARLY:
        return str(day.year)
    year = day.isocalendar().year if schedule.frequency is Frequency.WEEKLY else day.year
    return f"{_NAMES[schedule.frequency]} {_number(schedule, day)} of {year}"


def _picking(schedule: Schedule, day: date) -> str:
    """What the divisor makes of the period in which `day` falls."""
    number, divisor = _number(schedule, day), schedule.divisor
    text = f"the {_NAMES[schedule.frequency]} is {number}, which "
    if isinstance(divisor, tuple):
        rest = number % divisor[1]
        return (
            text + f"leaves {rest}{'' if rest == divisor[0] else f', not {divisor[0]},'} when divided by {divisor[1]}"
        )
    return text + f"is {'a' if _is_picked(schedule, day) else 'no' if number else 'no positive'} multiple of {divisor}"


def _where(schedule: Schedule, start: date, day: date) -> str:
    """Which day is the payment day of the period in which `day` falls."""
    month_from, day_from = ("start" if number is None else "offset" for number in _written(schedule))
    if schedule.frequency is Frequency.WEEKLY:
        weekday = _weekday(schedule, start)
        return f"{_WEEKDAYS[weekday]} from the {month_from}{'' if weekday else ', the last day of the ISO week'}"
    payment_day, number = _payment_day(schedule, start, day), _place(schedule, start)[2]
    month, length = _MONTHS[payment_day.month - 1], calendar.monthrange(payment_day.year, payment_day.month)[1]
    text = f"day {number} from the {day_from}"
    if schedule.frequency is not Frequency.MONTHLY:
        text = f"{month} from the {month_from}, {text}"
    if abs(number) > length:
        text += f", clamped to the {'last' if number > 0 else 'first'} day of {month}"
    if payment_day.month == 2 and payment_day.year % 4 == 0 and not 0 < number < 29:
        text += f"; {payment_day.year} is {'a' if length == 29 else 'not a'} leap year"
    return text
