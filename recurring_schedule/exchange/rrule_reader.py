r"""RRULEs of RFC 5545 as schedules, with exactly the same dates.

>>> from_rrule("DTSTART:20240131\nRRULE:FREQ=MONTHLY;BYMONTHDAY=-1;COUNT=3")
ImportedSchedule(schedule=Schedule('monthly', offset=-1), start=datetime.date(2024, 1, 31), end=datetime.date(2024, 3, 31))
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Container, Iterable, Sequence
from dataclasses import replace
from datetime import date
from itertools import chain
from math import gcd, lcm
from typing import NamedTuple

from recurring_schedule.core.calendars import CIVIL, ISO, MONTH_STARTS, MONTHS
from recurring_schedule.core.calendars import WEEKDAYS as BY_WEEKDAY
from recurring_schedule.core.compiler import NEVER, every_nth_day, every_nth_month
from recurring_schedule.core.due_dates import DueDates
from recurring_schedule.core.rule import Rule
from recurring_schedule.core.schedule import Schedule
from recurring_schedule.core.year_rule import Frame, YearRule
from recurring_schedule.exchange.errors import ConversionError
from recurring_schedule.exchange.recognition import MONTH_DAYS, schedule_of, schedule_of_dates
from recurring_schedule.exchange.rrule_text import (
    WEEKDAYS,
    RecurrenceRule,
    month_parts,
    read_rrule,
    write_parts,
    write_weekday,
)


class ImportedSchedule(NamedTuple):
    """A schedule with the bounds that give it the dates of an RRULE."""

    schedule: Schedule
    start: date
    end: date | None


def from_rrule(text: str, *, ignore_time: bool = False) -> ImportedSchedule:
    r"""Return the schedule and bounds with exactly the dates of an RRULE and its DTSTART.

    >>> from_rrule("DTSTART:20240226\nRRULE:FREQ=WEEKLY;INTERVAL=2;COUNT=4").schedule
    Schedule('weekly', offset=1, interval=2)
    >>> from_rrule("DTSTART;VALUE=DATE:20240229\nRRULE:FREQ=YEARLY")
    Traceback (most recent call last):
    recurring_schedule.exchange.ConversionError: FREQ=YEARLY: the RRULE leaves out months without day 29, but a ...

    `text` has two lines of RFC 5545, one for DTSTART and one for the RRULE. DTSTART and UNTIL are
    dates; with `ignore_time`, they may be datetimes, of which the calendar day in the time zone of
    DTSTART is taken. `end` is None only if the RRULE has neither COUNT nor UNTIL. Raises
    ConversionError, which names the part, if the text is not an RRULE, or if no schedule has its
    dates.
    """
    start, rrule = read_rrule(text, ignore_time=ignore_time)
    try:
        return _recurring(rrule, start)
    except ConversionError:
        found = _finite(rrule, start)
        if found is None:
            raise
        return found


def _recurring(rrule: RecurrenceRule, start: date) -> ImportedSchedule:
    """Return a schedule that has the dates of the RRULE whether or not it ends."""
    rule = _rule(rrule, start)
    due = DueDates(rule, start)
    schedule = schedule_of(rule, due[0] if due else start)
    if schedule is None:
        raise ConversionError(_reason(rrule, start))
    if not due:
        raise ConversionError(f"DTSTART: got {start}, expected a date of the RRULE, which has no date from then on")
    if due[0] != start:
        raise ConversionError(f"DTSTART: got {start}, expected a date of the RRULE, such as {due[0]}")
    end = rrule.until
    if rrule.count is not None:
        end = due[min(rrule.count, len(due)) - 1]
    return ImportedSchedule(schedule, start, end)


_MOST_SCANNED = 36_525
"""The most dates in which those of an interval are looked up: the days of a century."""


def _finite(rrule: RecurrenceRule, start: date) -> ImportedSchedule | None:
    """Return a schedule that has the dates of an RRULE that ends, if there is one."""
    dates = _finite_dates(rrule, start)
    schedule = schedule_of_dates(dates) if dates else None
    return ImportedSchedule(schedule, start, dates[-1]) if schedule else None


def _finite_dates(rrule: RecurrenceRule, start: date) -> list[date]:
    """Return all dates of an RRULE that ends.

    Returns [] if it does not end, if it lasts for centuries, or if `start` is not its first date.
    """
    if (rrule.count is None and rrule.until is None) or (rrule.interval > 1 and rrule.byweekno):
        return []
    try:
        due = DueDates(_rule(replace(rrule, interval=1), start), start, rrule.until)
    except ConversionError:
        return []
    if start not in due:
        return []
    period, first_weekday = _PERIODS[rrule.freq], WEEKDAYS.index(rrule.wkst)
    first = period(start, first_weekday)
    dates = [day for day in due[:_MOST_SCANNED] if (period(day, first_weekday) - first) % rrule.interval == 0]
    dates = dates[: rrule.count]
    return dates if len(due) <= _MOST_SCANNED or len(dates) == rrule.count else []


_PERIODS: dict[str, Callable[[date, int], int]] = {
    "DAILY": lambda day, _: day.toordinal(),
    "WEEKLY": lambda day, first_weekday: (day.toordinal() - 1 - first_weekday) // 7,
    "MONTHLY": lambda day, _: _month_number(day),
    "YEARLY": lambda day, _: day.year,
}
"""The number of the period that contains a day, of which INTERVAL takes every n-th, by FREQ. Weeks
begin on a weekday from Monday, 0."""


def _month_number(day: date) -> int:
    """Return the number of the month; January of the year 1 is number 0."""
    return 12 * day.year + day.month - 13


def _reason(rrule: RecurrenceRule, start: date) -> str:
    """Return the reason why no schedule has the dates of the RRULE, with the fix if known."""
    for number in rrule.byyearday or ():
        if not -335 < number < 60:  # counted across all of February, or to its 29th day
            return f"BYYEARDAY={number}: that day has another date in leap years: write BYMONTH and BYMONTHDAY"
    no_schedule = f"{rrule.text}: no schedule has these dates"
    if rrule.byday and len(rrule.byday) == 1 and not rrule.byweekno:
        return _reason_of_weekday(rrule, *rrule.byday[0])
    by_other_parts = any((rrule.byweekno, rrule.byyearday, rrule.byday, rrule.bysetpos))
    day, *others = rrule.bymonthday or (start.day,)
    if rrule.freq not in ("MONTHLY", "YEARLY") or by_other_parts or others or abs(day) <= 28:
        return no_schedule
    (_, interval), months0 = _years_and_months(rrule, start)
    if _is_uneven(rrule):
        interval = rrule.interval
    if interval > 1 and (rrule.bymonth if _is_uneven(rrule) else len(months0) > 1):
        return no_schedule
    part = f"BYMONTHDAY={day}" if rrule.bymonthday else f"FREQ={rrule.freq}"
    return (
        f"{part}: the RRULE leaves out months without day {day}, but a schedule is due on their nearest day: "
        f"write {write_parts(month_parts(months0, day, interval))}"
    )


def _reason_of_weekday(rrule: RecurrenceRule, number: int, weekday: int) -> str:
    """Return the reason why no schedule has dates on that one weekday of BYDAY."""
    part, name = f"BYDAY={write_weekday((number, weekday))}", WEEKDAYS[weekday]
    if abs(number) > 4 and (rrule.bymonth or rrule.freq == "MONTHLY"):
        return (
            f"{part}: the RRULE leaves out months without a fifth {name}, but a schedule is due in all that it picks: "
            f"write BYDAY={'-' * (number > 0)}1{name}"
        )
    return (
        f"{part} is not supported with the other parts: a schedule has one weekday, in every n-th week or in the weeks "
        f"of BYWEEKNO, or the n-th of a month, such as -1{name}"
    )


def _rule(rrule: RecurrenceRule, start: date) -> Rule:
    """Return a rule with the dates of the RRULE from `start` on. It may have others before."""
    _check_weekdays(rrule)
    if rrule.freq == "WEEKLY" or rrule.byweekno:
        return _rule_of_weeks(rrule, start)
    _check_months(rrule)
    if rrule.freq == "DAILY" and rrule.interval > 1:
        return _rule_of_days(rrule, start)
    if _is_uneven(rrule):
        return _rule_of_uneven_months(rrule, start)
    return _rule_of_years(rrule, start, *_years_and_months(rrule, start))


_SEVERAL = "several payment days in a period take several schedules"


def _check_weekdays(rrule: RecurrenceRule) -> None:
    if not rrule.byday:
        return
    written = ",".join(map(write_weekday, rrule.byday))
    is_one_weekday = len(rrule.byday) == 1 or (rrule.freq == "DAILY" and rrule.interval % 7 == 0)
    if not is_one_weekday and [number for number, _ in rrule.byday] != [0] * 7:
        raise ConversionError(f"BYDAY: got {written}, expected one weekday, or all seven: {_SEVERAL}")
    if any(number for number, _ in rrule.byday):
        if rrule.freq not in ("MONTHLY", "YEARLY") or rrule.byweekno:
            raise ConversionError(
                f"BYDAY: got {written}, expected no number except in FREQ=MONTHLY, and FREQ=YEARLY without BYWEEKNO"
            )
        if rrule.bymonthday or rrule.byyearday:
            raise ConversionError(
                f"BYDAY={written} is not supported with BYMONTHDAY or BYYEARDAY: programs differ on its meaning"
            )


def _rule_of_weeks(rrule: RecurrenceRule, start: date) -> Rule:
    for name in ("BYMONTH", "BYYEARDAY", "BYMONTHDAY", "BYSETPOS"):
        if getattr(rrule, name.lower()):
            raise ConversionError(f"{name} is not supported with weeks: a weekly schedule picks ISO weeks only")
    if rrule.byweekno:
        _check_week_numbers(rrule)
    weekdays = [weekday for _, weekday in rrule.byday or [(0, start.weekday())]]
    if rrule.interval == 1:
        by_length = (
            [_selected(range(weekday, length, 7), rrule.byweekno) for weekday in weekdays] for length in ISO.lengths
        )
        return YearRule(Frame.ISO, (0, 1), *(chain(*days) for days in by_length))
    if len(weekdays) > 1:
        raise ConversionError(
            f"INTERVAL={rrule.interval}: got all seven days of BYDAY, expected one weekday: {_SEVERAL}"
        )
    first_weekday = WEEKDAYS.index(rrule.wkst)
    first_of_week = start.toordinal() - (start.weekday() - first_weekday) % 7
    return every_nth_day(first_of_week + (weekdays[0] - first_weekday) % 7, 7 * rrule.interval)


def _check_week_numbers(rrule: RecurrenceRule) -> None:
    if rrule.freq != "YEARLY":
        raise ConversionError(f"BYWEEKNO: got FREQ={rrule.freq}, expected FREQ=YEARLY")
    if rrule.wkst != "MO":
        raise ConversionError(f"WKST: got {rrule.wkst}, expected MO: the weeks of a schedule begin on Monday")
    if not rrule.byday:
        raise ConversionError("BYDAY: got nothing, expected a weekday: BYWEEKNO alone picks every day of its weeks")
    if rrule.interval > 1:
        raise ConversionError(
            f"INTERVAL={rrule.interval} is not supported with BYWEEKNO: a schedule has the weeks of every year"
        )


def _check_months(rrule: RecurrenceRule) -> None:
    """Check the parts of FREQ=DAILY, MONTHLY or YEARLY."""
    if rrule.byyearday and rrule.freq != "YEARLY":
        raise ConversionError(f"BYYEARDAY: got FREQ={rrule.freq}, expected FREQ=YEARLY")
    if rrule.freq == "DAILY" and rrule.bysetpos:
        raise ConversionError("BYSETPOS is not supported with FREQ=DAILY: every set has one day")
    if rrule.freq == "DAILY" and rrule.interval > 1 and (rrule.bymonth or rrule.bymonthday):
        raise ConversionError(
            f"INTERVAL={rrule.interval} is not supported with BYMONTH or BYMONTHDAY in FREQ=DAILY: a schedule picks every n-th "
            "day, or days of the month"
        )


def _rule_of_days(rrule: RecurrenceRule, start: date) -> Rule:
    """Return the rule of FREQ=DAILY with an interval."""
    weekdays = {(weekday + 1) % 7 for _, weekday in rrule.byday or ()}  # day number 1 is a Monday
    days, turn = _met(start.toordinal(), rrule.interval, 7, weekdays or range(7))
    return every_nth_day(days[0], turn // len(days)) if days else NEVER


def _met(first: int, interval: int, cycle: int, remainders: Container[int]) -> tuple[list[int], int]:
    """Return the numbers of an interval that leave one of these remainders, and when they repeat.

    They are divided by `cycle`, and repeat after the least common multiple.
    """
    turn = lcm(interval, cycle)
    return [number for number in range(first, first + turn, interval) if number % cycle in remainders], turn


def _is_uneven(rrule: RecurrenceRule) -> bool:
    """Return True if an interval takes other months in each year."""
    return rrule.freq == "MONTHLY" and gcd(rrule.interval, 12) not in (rrule.interval, 12)


def _rule_of_uneven_months(rrule: RecurrenceRule, start: date) -> Rule:
    """Return the rule with the one day that each month has, clamped or an n-th weekday."""
    months, turn = _met(
        _month_number(start), rrule.interval, 12, {number - 1 for number in rrule.bymonth or range(1, 13)}
    )
    if not months or months[0] >= MONTHS:
        return NEVER
    first, step = months[0], turn // len(months)
    if months == [*range(first, first + turn, step)]:
        gap = gcd(step, 12)
        every_year = _rule_of_years(rrule, start, (0, 1), range(first % gap, 12, gap))
        for day in MONTH_DAYS:
            if every_nth_month(first % gap, gap, day) == every_year:
                return every_nth_month(first, step, day)
    raise ConversionError(_reason(rrule, start))


def _years_and_months(rrule: RecurrenceRule, start: date) -> tuple[tuple[int, int], list[int]]:
    """Return the years, as a remainder and a divisor, and their months, from 0.

    If the months of an interval differ from year to year, they are all that it meets.
    """
    interval, month0 = rrule.interval, start.month - 1
    years, months0 = (0, 1), range(12)
    if rrule.freq == "YEARLY":
        years = (start.year % interval, interval)
        if not (rrule.bymonth or rrule.byyearday or rrule.bymonthday or rrule.byday):
            months0 = range(month0, month0 + 1)
    else:
        gap = gcd(interval, 12)
        months0 = range(month0 % gap, 12, gap)
        if gap == 12:
            years = (start.year % (interval // 12), interval // 12)
    return years, [month for month in months0 if not rrule.bymonth or month + 1 in rrule.bymonth]


def _rule_of_years(rrule: RecurrenceRule, start: date, years: tuple[int, int], months0: Sequence[int]) -> YearRule:
    """Return the rule of FREQ=DAILY, MONTHLY or YEARLY in these years, and these months of them."""
    is_every_day = rrule.freq == "DAILY" or rrule.byyearday or rrule.byday
    days = rrule.bymonthday or (None if is_every_day else (start.day,))
    frame, calendar = (Frame.WEEKDAYS, BY_WEEKDAY) if rrule.byday else (Frame.CIVIL, CIVIL)
    by_type = (_days_of_year(rrule, months0, days, *kind[:2]) for kind in calendar.kinds)
    try:
        return YearRule(frame, years, *by_type)
    except ValueError:  # the years have different numbers of dates, which no schedule has
        raise ConversionError(_reason(rrule, start)) from None


def _days_of_year(
    rrule: RecurrenceRule, months0: Iterable[int], days: Collection[int] | None, length: int, weekday: int = 0
) -> list[int]:
    """Return the due days of a year of `length` days that begins on that weekday, from 0."""
    starts = MONTH_STARTS[length - CIVIL.lengths[0]]
    sets = [_selected(range(starts[month], starts[month + 1]), days) for month in months0]
    if rrule.freq == "YEARLY" and not rrule.bymonth:
        sets = [[*chain(*sets)]]
    if rrule.byday:
        sets = [_on_weekdays(one, rrule.byday, weekday) for one in sets]
    if rrule.freq == "YEARLY":
        chosen = {*_selected(range(length), rrule.byyearday)}
        sets = [[day for day in chain(*sets) if day in chosen]]
    return [day for one in sets for day in _selected(one, rrule.bysetpos)]


def _on_weekdays(days: Sequence[int], byday: Iterable[tuple[int, int]], first: int) -> list[int]:
    """Return the days on each weekday, or the n-th of them; `first` is the weekday of day 0."""
    found = (
        _selected([day for day in days if (first + day) % 7 == weekday], (number,) if number else None)
        for number, weekday in byday
    )
    return sorted(chain(*found))


def _selected(values: Sequence[int], positions: Collection[int] | None) -> list[int]:
    """Return the values at these positions, from 1 or from -1, the last; all for None."""
    if positions is None:
        return [*values]
    end = len(values) + 1
    return [value for position, value in enumerate(values, 1) if position in positions or position - end in positions]
