"""Schedules as RRULEs of RFC 5545, with exactly the same dates.

>>> print(to_rrule(Schedule("monthly", offset=31), date(2024, 1, 31)))
DTSTART;VALUE=DATE:20240131
RRULE:FREQ=MONTHLY;BYMONTHDAY=-1
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date
from itertools import chain, islice
from math import gcd
from typing import TYPE_CHECKING, NamedTuple

from recurring_schedule.core.calendars import LAST_DAY, MONTHS, MonthDay
from recurring_schedule.core.due_dates import DueDates
from recurring_schedule.core.rule import Rule
from recurring_schedule.core.schedule import Schedule
from recurring_schedule.core.schedule_set import MOST_DAYS, Plan, ScheduleSet, check_plan
from recurring_schedule.core.set_rule import set_rule
from recurring_schedule.core.year_rule import YearRule
from recurring_schedule.exchange.errors import ConversionError, never_due_reason, refuse_payment_days
from recurring_schedule.exchange.recognition import schedule_of
from recurring_schedule.exchange.rrule_days import write_day
from recurring_schedule.exchange.rrule_text import WEEKDAYS, Parts, month_parts, period_number, write_parts

if TYPE_CHECKING:
    from recurring_schedule.business import BusinessCalendar, Convention

_EVERY_WEEK = 53


def to_rrule(
    schedule: Plan,
    start: date,
    end: date | None = None,
    *,
    plain_dtstart: bool = False,
    calendar: BusinessCalendar | None = None,
    convention: Convention | str | None = None,
) -> str:
    r"""Return DTSTART and RRULE with exactly the due dates from `start` to `end`, both included.

    >>> to_rrule(Schedule("weekly", offset=3), date(2024, 1, 31), plain_dtstart=True)
    'DTSTART:20240131\nRRULE:FREQ=WEEKLY;BYDAY=WE'
    >>> twice = ScheduleSet([Schedule("monthly", offset=1), Schedule("monthly", offset=15)])
    >>> to_rrule(twice, date(2024, 1, 31)).partition("RRULE:")[2]
    'FREQ=MONTHLY;BYMONTHDAY=1,15'

    DTSTART is the first due date, because the standard counts DTSTART as a date of the rule.
    Without an end, the RRULE has no UNTIL. A set has one RRULE if that can say its members, else
    several; its days are in EXDATE and RDATE. `plain_dtstart` writes `DTSTART:20240131` instead of
    the standard `DTSTART;VALUE=DATE:20240131`, which rrule.js ignores, and EXDATE and RDATE
    likewise: python-dateutil refuses the standard RDATE.

    Raises ConversionError if nothing is due, since an RRULE has at least one date, if no RRULEs
    with one DTSTART have the dates of a set, and for a calendar: an RRULE cannot say which days it
    closes.
    """
    refuse_payment_days("an RRULE", calendar, convention)
    due, patterns = due_dates_and_patterns(schedule, start, end)
    first = _first_day(due, patterns)
    excluded, added = _excluded_and_added(schedule, due, patterns, first, end)
    rrules = [write_pattern(pattern, end) for pattern in patterns if pattern.counts_from(first)]
    value = "" if plain_dtstart else ";VALUE=DATE"
    lines = [f"DTSTART{value}:{write_day(first)}", *(f"RRULE:{rrule}" for rrule in rrules or ["FREQ=YEARLY;COUNT=1"])]
    for name, days in (("EXDATE", excluded), ("RDATE", added)):
        if days:
            lines.append(f"{name}{value}:{','.join(map(write_day, sorted(days)))}")
    return "\n".join(lines)


def _excluded_and_added(
    schedule: Plan, due: DueDates, patterns: Iterable[Pattern], first: date, end: date | None
) -> tuple[set[date], set[date]]:
    """Return the days of EXDATE and RDATE if DTSTART is `first`."""
    in_step = [pattern for pattern in patterns if pattern.counts_from(first)]
    met = DueDates(set_rule([pattern.rule for pattern in in_step], (), ()), first, due.end)
    excluding, adding = days_of(schedule)
    listed = (_listed(pattern, due, end) for pattern in patterns if pattern not in in_step)
    excluded = {*filter(met.__contains__, excluding)} | ({first} if first not in due else set())
    added = {day for day in chain(adding, *listed) if day in due and day not in met}
    return excluded, added if in_step else added - {first}


def days_of(schedule: Plan) -> tuple[Sequence[date], Sequence[date]]:
    """Return the days that a set excludes and those that it adds; a schedule has none."""
    return (schedule.excluding, schedule.adding) if isinstance(schedule, ScheduleSet) else ((), ())


class Pattern(NamedTuple):
    """The parts of an RRULE without UNTIL, with the rule of its dates."""

    parts: Parts
    rule: Rule
    phase: int
    """The remainder of the numbers of its periods when they are divided by INTERVAL."""

    def counts_from(self, day: date) -> bool:
        """Return True if INTERVAL takes the periods of the rule if DTSTART is that day."""
        return _phase(self.parts, day) == self.phase


def due_dates_and_patterns(schedule: Plan, start: date, end: date | None) -> tuple[DueDates, list[Pattern]]:
    """Return the due dates, and RRULEs that together have those of all members.

    They are as few as possible. Raises ConversionError if nothing is due.
    """
    check_plan(schedule)
    due = schedule.due_dates(start, end)
    if not due:
        reason = never_due_reason(schedule) or f"no day from {due.start} to {due.end} is due"
        raise ConversionError(f"an RRULE has at least one date, but the schedule has none: {reason}")
    members: Sequence[Schedule] = [schedule] if isinstance(schedule, Schedule) else schedule.members
    if len(members) > 1:
        whole = schedule_of(set_rule([member.rule(start) for member in members], (), ()), start)
        members = [whole] if whole else members
    patterns: list[Pattern] = []
    for member in members:
        dates = member.due_dates(start, end)
        if dates:
            parts = rrule_parts(member, start)
            patterns = _with(
                patterns, Pattern(parts, dates.rule, _phase(parts, next(iter(dates)))), is_alone=len(members) == 1
            )
    return due, _with_days_of_years(patterns)


def write_pattern(pattern: Pattern, end: date | None) -> str:
    """Return the value of an RRULE line."""
    until: Parts = {} if end is None else {"UNTIL": (write_day(end),)}
    return write_parts(pattern.parts | until)


def _phase(parts: Parts, day: date) -> int:
    (freq,), (interval,) = parts["FREQ"], parts.get("INTERVAL", (1,))
    return period_number(str(freq), day) % int(interval)


def _first_day(due: DueDates, patterns: Iterable[Pattern]) -> date:
    """Return the day of DTSTART: the first due date, or an earlier day if only that is in step.

    RFC 5545 allows EXDATE to leave out DTSTART.
    """
    first = next(iter(due))
    firsts = [next(iter(DueDates(pattern.rule, due.start))) for pattern in patterns]
    for day in (first, min(firsts, default=first), due.start):
        if day <= first and all(pattern.counts_from(day) for pattern in patterns):
            return day
    return first


def _listed(pattern: Pattern, due: DueDates, end: date | None) -> list[date]:
    """Return the dates of a pattern up to the end."""
    dates = [*islice(DueDates(pattern.rule, due.start, due.end), MOST_DAYS + 1)]
    if end is None or len(dates) > MOST_DAYS:
        raise ConversionError(
            f"{write_parts(pattern.parts)} counts from another period than the first due date, which is the one DTSTART of all "
            f"RRULEs: RDATE can list its dates instead, if an end leaves at most {MOST_DAYS} of them"
        )
    return dates


def _with(patterns: Sequence[Pattern], new: Pattern, *, is_alone: bool) -> list[Pattern]:
    """Return the patterns and a new one, as one where a list of values can say both."""
    if is_alone:
        return [new]
    parts = new.parts
    if "BYMONTH" in parts and "INTERVAL" not in parts:
        parts = parts | {"FREQ": ("MONTHLY",)}
    for index, old in enumerate(patterns):
        both = _merged(old.parts, parts) if old.phase == new.phase else None
        if both:
            rest = [*patterns[:index], *patterns[index + 1 :]]
            return _with(rest, Pattern(both, set_rule([old.rule, new.rule], (), ()), new.phase), is_alone=False)
    return [*patterns, new._replace(parts=parts)]


def _merged(one: Parts, other: Parts) -> Parts | None:
    """Return parts with the dates of both, if they differ in one list at most."""
    differing = [name for name in one if one[name] != other.get(name)]
    if one.keys() != other.keys() or len(differing) > 1 or "BYSETPOS" in one:
        return None
    if differing and not differing[0].startswith("BY"):
        return None
    return one | {name: _in_order(dict.fromkeys([*one[name], *other[name]])) for name in differing}


def _in_order(values: Iterable[int | str]) -> tuple[int | str, ...]:
    """Return weekdays from Monday on; numbers from 1 on, then those from the end."""
    return tuple(
        sorted(values, key=lambda one: WEEKDAYS.index(one[-2:]) if isinstance(one, str) else (one < 0) * 400 + one)
    )


def _with_days_of_years(patterns: Sequence[Pattern]) -> list[Pattern]:
    """Return the patterns, with one in place of all that have the same days in every year.

    Several days beside BYMONTH are not in FREQ=MONTHLY, in which ical.js shows the first ones
    twice; and days from the end are not beside several months in FREQ=YEARLY, which it misreads.
    """
    yearly = [one for one in patterns if {*one.parts} - {"FREQ", "BYMONTH"} in ({"BYMONTHDAY"}, {"BYYEARDAY"})]
    if len(yearly) > 1 or any(_has_days_from_the_end(one.parts) for one in yearly):
        rule = set_rule([one.rule for one in yearly], (), ())
        numbers = _days_of_years(rule) if isinstance(rule, YearRule) else ()
        if numbers:
            parts: Parts = {"FREQ": ("YEARLY",), "BYYEARDAY": numbers}
            patterns = [Pattern(parts, rule, 0), *(one for one in patterns if one not in yearly)]
    return [_in_years(one) for one in patterns]


def _in_years(pattern: Pattern) -> Pattern:
    """Return the pattern in FREQ=YEARLY if BYMONTH is beside several days."""
    return (
        pattern._replace(parts=pattern.parts | {"FREQ": ("YEARLY",)}) if _has_days_of_months(pattern.parts) else pattern
    )


def _has_days_of_months(parts: Parts) -> bool:
    """Return True if BYMONTH is beside several days."""
    days = (*parts.get("BYMONTHDAY", ()), *parts.get("BYDAY", ()))
    return "BYMONTH" in parts and "INTERVAL" not in parts and len(days) > 1


def _has_days_from_the_end(parts: Parts) -> bool:
    """Return True if BYMONTH is beside several days, of which some are counted from the end."""
    return _has_days_of_months(parts) and parts["BYMONTHDAY"][-1] in range(-31, 0)


def _days_of_years(rule: YearRule) -> tuple[int, ...]:
    """Return the values of BYYEARDAY that say a rule of every year; none if there are none.

    Until February they count from the first day, and from its last day on, 28 or 29, from the end.

    >>> _days_of_years(YearRule(Frame.CIVIL, (0, 1), [0, 58, 364], [0, 59, 365]))
    (1, -307, -1)
    """
    due = {(kind, day) for kind, days in enumerate(rule.days) for day in days}
    left, found = {*due}, list[tuple[int, int]]()
    for number in (*range(1, 60), *range(-307, 0)):
        first = number - 1 if number > 0 else number + 365  # in a common year
        same = {(0, first), (1, first + (number < 0))}
        if same <= due and same & left:
            found.append((first, number))
            left -= same
    return () if left else tuple(number for _, number in sorted(found))


def rrule_parts(schedule: Schedule, start: date) -> Parts:
    """Return the parts of the RRULE without UNTIL.

    >>> rrule_parts(Schedule("weekly", 2, 3), date(2024, 1, 1))["FREQ"]
    ('YEARLY',)
    """
    frequency, periods = schedule.frequency, schedule.periods
    is_yearly = frequency.cycle == "calendar"  # the divisor of numbers that never begin again is an interval, too
    interval = schedule.interval or (periods.step if is_yearly else 1)
    interval = min(interval, LAST_DAY)  # a larger one has no second date either
    month, day = schedule.payment_day(start)
    if frequency.months:
        if interval == 1 and not is_yearly:
            return month_parts([frequency.months * (ordinal - 1) + month for ordinal in periods], day)
        first = (start.month - 1) // frequency.months * frequency.months + month
        return _every_nth_month(first, frequency.months * interval, day)
    if frequency.weeks:
        weekday = WEEKDAYS[day]  # type: ignore[index]  # no week has an n-th weekday
        return _week_parts(frequency.weeks, periods, interval, weekday)
    if interval > 1:
        return {"FREQ": ("DAILY",), "INTERVAL": (interval,)}
    return {"FREQ": ("DAILY",)} if periods.step == 1 else {"FREQ": ("MONTHLY",), "BYMONTHDAY": tuple(periods)}


def _week_parts(length: int, periods: Iterable[int], interval: int, weekday: str) -> Parts:
    """Return the parts for a weekday of the first week of periods, which have `length` weeks."""
    if interval > 1:
        return {"FREQ": ("WEEKLY",), "INTERVAL": (length * interval,), "BYDAY": (weekday,), "WKST": ("MO",)}
    weeks = tuple(length * (ordinal - 1) + 1 for ordinal in periods)
    if len(weeks) == _EVERY_WEEK:
        return {"FREQ": ("WEEKLY",), "BYDAY": (weekday,)}
    return {"FREQ": ("YEARLY",), "BYWEEKNO": weeks, "BYDAY": (weekday,), "WKST": ("MO",)}


def _every_nth_month(month: int, step: int, day: MonthDay) -> Parts:
    """Return the parts for a day of every `step`-th month, counted from a month of a year, from 0.

    A step of all months of the calendar has no second date, so it takes the place of larger ones.
    """
    step = min(step, MONTHS)
    gap = gcd(step, 12)
    return month_parts(range(month % gap, 12, gap), day, step // 12 if gap == 12 else step)
