r"""RRULEs of RFC 5545 as schedules, with exactly the same dates.

>>> from_rrule("DTSTART:20240131\nRRULE:FREQ=MONTHLY;BYMONTHDAY=-1;COUNT=3")
ImportedSchedule(schedule=Schedule('monthly', offset=-1), start=datetime.date(2024, 1, 31), end=datetime.date(2024, 3, 31))
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import replace
from datetime import date
from itertools import chain
from typing import NamedTuple

from recurring_schedule.core.calendars import ISO, MONTH_STARTS
from recurring_schedule.core.due_dates import DueDates
from recurring_schedule.core.rule import Frame, Rule
from recurring_schedule.core.schedule import Schedule
from recurring_schedule.exchange.errors import ConversionError
from recurring_schedule.exchange.recognition import schedule_of, schedule_of_dates
from recurring_schedule.exchange.rrule_text import WEEKDAYS, RecurrenceRule, clamped_parts, read_rrule, write_parts


class ImportedSchedule(NamedTuple):
    """A schedule with the bounds that give it the dates of an RRULE."""

    schedule: Schedule
    start: date
    end: date | None


def from_rrule(text: str, *, ignore_time: bool = False) -> ImportedSchedule:
    r"""Return the schedule and bounds with exactly the dates of an RRULE and its DTSTART.

    >>> from_rrule("DTSTART:20240226\nRRULE:FREQ=WEEKLY;INTERVAL=2;COUNT=4").schedule
    Schedule('weekly', divisor=(1, 2), offset=1)
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
    schedule = schedule_of(rule)
    if schedule is None:
        raise ConversionError(_reason(rrule, start))
    due = DueDates(rule, start)
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
    schedule = schedule_of_dates(dates) if dates[:1] == [start] else None
    return ImportedSchedule(schedule, start, dates[-1]) if schedule else None


def _finite_dates(rrule: RecurrenceRule, start: date) -> list[date]:
    """Return all dates of an RRULE that ends, or [] if it does not, or lasts for centuries."""
    if (rrule.count is None and rrule.until is None) or (rrule.interval > 1 and rrule.byweekno):
        return []
    try:
        due = DueDates(_rule(replace(rrule, interval=1), start), start, rrule.until)
    except ConversionError:
        return []
    period = _PERIODS[rrule.freq]
    dates = [day for day in due[:_MOST_SCANNED] if (period(day) - period(start)) % rrule.interval == 0][: rrule.count]
    return dates if len(due) <= _MOST_SCANNED or len(dates) == rrule.count else []


_PERIODS: dict[str, Callable[[date], int]] = {
    "DAILY": date.toordinal,
    "WEEKLY": lambda day: (day.toordinal() - 1) // 7,
    "MONTHLY": lambda day: 12 * day.year + day.month,
    "YEARLY": lambda day: day.year,
}
"""The number of the period that contains a day, of which INTERVAL takes every n-th."""


def _reason(rrule: RecurrenceRule, start: date) -> str:
    """Return the reason why no schedule has the dates of the RRULE, with the fix if known."""
    for number in rrule.byyearday or ():
        if not -335 < number < 60:  # counted across all of February, or to its 29th day
            return f"BYYEARDAY={number}: that day has another date in leap years: write BYMONTH and BYMONTHDAY"
    no_schedule = f"{rrule.text}: no schedule has these dates"
    by_other_parts = any((rrule.byweekno, rrule.byyearday, rrule.byday, rrule.bysetpos))
    day, *others = rrule.bymonthday or (start.day,)
    if rrule.freq not in ("MONTHLY", "YEARLY") or by_other_parts or others or abs(day) <= 28:
        return no_schedule
    (_, interval), months0 = _years_and_months(rrule, start)
    if interval > 1 and len(months0) > 1:
        return no_schedule
    part = f"BYMONTHDAY={day}" if rrule.bymonthday else f"FREQ={rrule.freq}"
    return (
        f"{part}: the RRULE leaves out months without day {day}, but a schedule is due on their nearest day: "
        f"write {write_parts(clamped_parts(months0, day, interval))}"
    )


def _rule(rrule: RecurrenceRule, start: date) -> Rule:
    """Return a rule with the dates of the RRULE from `start` on. It may have others before."""
    if not any((rrule.bymonth, rrule.byweekno, rrule.byyearday, rrule.bymonthday, rrule.bysetpos)):
        rrule = _simplified(rrule, start)
    if rrule.freq == "WEEKLY" or rrule.byweekno:
        return _rule_of_weeks(rrule, start)
    return _rule_of_months(rrule, start)


def _simplified(rrule: RecurrenceRule, start: date) -> RecurrenceRule:
    """Return every day as FREQ=DAILY, and one weekday of every week as FREQ=WEEKLY."""
    if rrule.freq == "DAILY" and rrule.interval == 7:
        weekday = WEEKDAYS[start.weekday()]
        if rrule.byday and weekday not in rrule.byday:
            raise ConversionError(f"BYDAY: got {','.join(rrule.byday)}, expected {weekday}, the weekday of DTSTART")
        return replace(rrule, freq="WEEKLY", interval=1, byday=(weekday,))
    if rrule.interval == 1 and rrule.byday:
        if len(rrule.byday) == 7:
            return replace(rrule, freq="DAILY", byday=None)
        if len(rrule.byday) == 1:
            return replace(rrule, freq="WEEKLY")
    return rrule


def _rule_of_weeks(rrule: RecurrenceRule, start: date) -> Rule:
    for name in ("BYMONTH", "BYYEARDAY", "BYMONTHDAY", "BYSETPOS"):
        if getattr(rrule, name.lower()):
            raise ConversionError(f"{name} is not supported with weeks: a weekly schedule picks ISO weeks only")
    if rrule.interval > 1:
        raise ConversionError(
            f"INTERVAL={rrule.interval} is not supported with weeks: it counts weeks from DTSTART, but a schedule picks ISO weeks "
            "by number, from 1 in every year; an RRULE that ends within an ISO year is supported"
        )
    if rrule.byday and len(rrule.byday) > 1:
        raise ConversionError(f"BYDAY: got {','.join(rrule.byday)}, expected one weekday, or all seven")
    if rrule.byweekno:
        _check_week_numbers(rrule)
    weekday = WEEKDAYS.index(rrule.byday[0]) if rrule.byday else start.weekday()
    short, long = (_selected(range(weekday, length, 7), rrule.byweekno) for length in ISO.lengths)
    return Rule(Frame.ISO, (0, 1), short, long)


def _check_week_numbers(rrule: RecurrenceRule) -> None:
    if rrule.freq != "YEARLY":
        raise ConversionError(f"BYWEEKNO: got FREQ={rrule.freq}, expected FREQ=YEARLY")
    if rrule.wkst != "MO":
        raise ConversionError(f"WKST: got {rrule.wkst}, expected MO: the weeks of a schedule begin on Monday")
    if not rrule.byday:
        raise ConversionError("BYDAY: got nothing, expected a weekday: BYWEEKNO alone picks every day of its weeks")


def _rule_of_months(rrule: RecurrenceRule, start: date) -> Rule:
    """Return the rule of FREQ=DAILY, MONTHLY or YEARLY."""
    _check_months(rrule)
    is_every_day = rrule.freq == "DAILY" or rrule.byyearday or rrule.byday
    years, months0 = _years_and_months(rrule, start)
    days = rrule.bymonthday or (None if is_every_day else (start.day,))
    short, long = (_days_of_year(rrule, months0, days, month_starts) for month_starts in MONTH_STARTS)
    try:
        return Rule(Frame.CIVIL, years, short, long)
    except ValueError:  # only if the rule has both common years and leap years
        raise ConversionError(
            f"INTERVAL={rrule.interval} is not supported with these days: common years and leap years would have "
            "different numbers of dates"
        ) from None


def _check_months(rrule: RecurrenceRule) -> None:
    if rrule.byday and len(rrule.byday) < 7:
        raise ConversionError(
            f"BYDAY={','.join(rrule.byday)} is not supported with the other parts: a schedule has one weekday, in every "
            "week or in the weeks of BYWEEKNO"
        )
    if rrule.byyearday and rrule.freq != "YEARLY":
        raise ConversionError(f"BYYEARDAY: got FREQ={rrule.freq}, expected FREQ=YEARLY")
    if rrule.freq == "DAILY" and rrule.bysetpos:
        raise ConversionError("BYSETPOS is not supported with FREQ=DAILY: every set has one day")
    if rrule.freq == "DAILY" and rrule.interval > 1:
        raise ConversionError(
            f"INTERVAL={rrule.interval} is not supported with FREQ=DAILY: a schedule numbers the days of each month, and "
            "does not count them from the start"
        )


def _years_and_months(rrule: RecurrenceRule, start: date) -> tuple[tuple[int, int], list[int]]:
    """Return the years, as a remainder and a divisor, and their months, from 0."""
    interval, month0 = rrule.interval, start.month - 1
    years, months0 = (0, 1), range(12)
    if rrule.freq == "YEARLY":
        years = (start.year % interval, interval)
        if not (rrule.bymonth or rrule.byyearday or rrule.bymonthday or rrule.byday):
            months0 = range(month0, month0 + 1)
    elif interval % 12 == 0:
        years, months0 = (start.year % (interval // 12), interval // 12), range(month0, month0 + 1)
    elif 12 % interval == 0:
        months0 = range(month0 % interval, 12, interval)
    else:
        raise ConversionError(f"INTERVAL={interval} is not supported: the months would differ from year to year")
    return years, [month for month in months0 if not rrule.bymonth or month + 1 in rrule.bymonth]


def _days_of_year(
    rrule: RecurrenceRule, months0: Iterable[int], days: Collection[int] | None, month_starts: Sequence[int]
) -> list[int]:
    """Return the due days of a common year, or of a leap year, from 0."""
    sets = [_selected(range(month_starts[month], month_starts[month + 1]), days) for month in months0]
    if rrule.freq == "YEARLY":
        chosen = {*_selected(range(month_starts[-1]), rrule.byyearday)}
        sets = [[day for day in chain(*sets) if day in chosen]]
    return [day for one in sets for day in _selected(one, rrule.bysetpos)]


def _selected(values: Sequence[int], positions: Collection[int] | None) -> list[int]:
    """Return the values at these positions, from 1 or from -1, the last; all for None."""
    end = len(values) + 1
    return [
        value
        for position, value in enumerate(values, 1)
        if positions is None or position in positions or position - end in positions
    ]
