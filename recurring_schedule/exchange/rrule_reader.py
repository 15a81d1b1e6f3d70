r"""RRULEs of RFC 5545 as schedules, with exactly the same dates.

>>> from_rrule("DTSTART:20240131\nRRULE:FREQ=MONTHLY;BYMONTHDAY=-1;COUNT=3")
ImportedSchedule(schedule=Schedule('monthly', offset=-1), start=datetime.date(2024, 1, 31), end=datetime.date(2024, 3, 31))
"""

from __future__ import annotations

from collections.abc import Collection, Container, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date, timedelta
from itertools import chain, islice
from math import gcd, lcm
from typing import Any, NamedTuple

from recurring_schedule.core.calendars import CIVIL, ISO, MONTH_STARTS, MONTHS, clamp
from recurring_schedule.core.calendars import WEEKDAYS as BY_WEEKDAY
from recurring_schedule.core.compiler import NEVER, every_nth_day, every_nth_month
from recurring_schedule.core.due_dates import DueDates
from recurring_schedule.core.errors import ScheduleError
from recurring_schedule.core.frequencies import Dialect
from recurring_schedule.core.rule import Rule
from recurring_schedule.core.schedule import Schedule
from recurring_schedule.core.schedule_set import MOST_DAYS, MOST_MEMBERS, Plan, ScheduleSet
from recurring_schedule.core.set_rule import set_rule
from recurring_schedule.core.year_rule import Frame, YearRule
from recurring_schedule.exchange.errors import ConversionError
from recurring_schedule.exchange.recognition import MONTH_DAYS, schedule_of, schedule_of_dates, schedules_of
from recurring_schedule.exchange.rrule_text import (
    WEEKDAYS,
    RecurrenceRule,
    month_parts,
    period_number,
    read_rrules,
    write_parts,
    write_weekday,
)


class ImportedSchedule(NamedTuple):
    """A schedule, or a set of schedules, with the bounds that give it the dates of an RRULE."""

    schedule: Plan
    start: date
    end: date | None


def from_rrule(text: str, *, ignore_time: bool = False) -> ImportedSchedule:
    r"""Return the schedule and bounds with exactly the dates of an RRULE and its DTSTART.

    >>> from_rrule("DTSTART:20240226\nRRULE:FREQ=WEEKLY;INTERVAL=2;COUNT=4").schedule
    Schedule('weekly', offset=1, interval=2)
    >>> from_rrule("DTSTART:20240101\nRRULE:FREQ=MONTHLY;BYMONTHDAY=1,15\nEXDATE:20240115").schedule
    ScheduleSet([Schedule('monthly', offset=1), Schedule('monthly', offset=15)], excluding=['2024-01-15'])
    >>> from_rrule("DTSTART;VALUE=DATE:20240229\nRRULE:FREQ=YEARLY")
    Traceback (most recent call last):
    recurring_schedule.exchange.ConversionError: FREQ=YEARLY: the RRULE leaves out months without day 29, but a ...

    `text` has lines of RFC 5545: one for DTSTART, one or more for RRULEs, and any for EXDATE and
    RDATE. The dates of several RRULEs, of a list of days, or with EXDATE or RDATE are those of a
    `ScheduleSet`. All are dates; with `ignore_time`, they may be datetimes, of which the calendar
    day in the time zone of DTSTART is taken. `end` is None only if an RRULE has neither COUNT nor
    UNTIL. Raises ConversionError, which names the part, if the text is not an RRULE, or if no
    schedule or set has its dates.
    """
    start, rrules, excluded, added = read_rrules(text, ignore_time=ignore_time)
    parts = [_part(rrule, start, is_alone=len(rrules) == 1) for rrule in rrules]
    first = min(part.first for part in parts)
    if start not in (first, *excluded, *added):
        raise ConversionError(_not_a_date(start, first))
    if added and min(added) < start:
        raise ConversionError(f"RDATE: got {min(added)}, expected {start} (DTSTART) or later")
    return _together(parts, start, excluded, added)


class _Part(NamedTuple):
    """Schedules that together have the dates of one RRULE."""

    members: dict[Rule, Schedule]
    """Each with the rule that it has to have, with DTSTART as its start."""
    rule: Rule
    first: date
    end: date | None


def _part(rrule: RecurrenceRule, start: date, *, is_alone: bool) -> _Part:
    """Return schedules that have the dates of an RRULE until it ends.

    Those of an RRULE that is not alone are INTERGIRO, so that they may be in one set.
    """
    try:
        members, rule, first = _recurring(rrule, start, is_alone=is_alone)
    except ConversionError:
        dates = _finite_dates(rrule, start)
        schedule = schedule_of_dates(dates) if dates else None
        if schedule is None or not (is_alone or schedule.dialect is Dialect.INTERGIRO):
            raise
        return _Part({schedule.rule(start): schedule}, schedule.rule(start), start, dates[-1])
    end = rrule.until
    if rrule.count is not None:
        if first != start:  # programs differ on whether it counts
            raise ConversionError(_not_a_date(start, first))
        end = _nth_or_last(DueDates(rule, start), rrule.count)
    return _Part(members, rule, first, end)


def _nth_or_last(due: DueDates, number: int) -> date:
    """Return the date with that number, from 1; the last date if they are fewer."""
    if number > _MOST_SCANNED:
        return due[min(number, len(due)) - 1]
    *_, found = islice(due, number)  # which needs no table of a set
    return found


def _recurring(rrule: RecurrenceRule, start: date, *, is_alone: bool) -> tuple[dict[Rule, Schedule], Rule, date]:
    """Return schedules that have the dates of the RRULE whether or not it ends.

    Returns their rule and its first date, too.
    """
    members = _members(rrule, start, is_alone=is_alone)
    _check_number(rrule, members)
    rule = set_rule(members, (), ())
    first = DueDates(rule, start).on_or_after(start)
    if first is None:
        raise ConversionError(f"DTSTART: got {start}, expected a date of the RRULE, which has no date from then on")
    if any(schedule.rule(start) != own for own, schedule in members.items()):
        raise ConversionError(_not_a_date(start, first) if first != start else _OTHER_PERIODS)
    return members, rule, first


_OTHER_PERIODS = "INTERVAL: not all dates count from the period of DTSTART, in weeks from Monday, as those of a set do"


def _not_a_date(start: date, near: date) -> str:
    return f"DTSTART: got {start}, expected a date of the RRULE, such as {near}"


def _together(parts: Sequence[_Part], start: date, excluded: Sequence[date], added: Sequence[date]) -> ImportedSchedule:
    """Return the schedule or the set of all parts, without the excluded days and with the added.

    A part that ends before the others gives its dates, not its schedules.
    """
    ends = [part.end for part in parts if part.end]
    end = max(ends) if len(ends) == len(parts) else None
    lasting = [part for part in parts if part.end is None or DueDates(part.rule, start, end).after(part.end) is None]
    members = {rule: schedule for part in lasting for rule, schedule in part.members.items()}
    rule = set_rule(members, (), ())
    wanted, unwanted = [*added], [*excluded]
    for part in parts:
        if part not in lasting and part.end:
            wanted += _listed("RRULE", DueDates(part.rule, start, part.end))
    if end and max(wanted, default=end) > end:
        later = _listed("RDATE", DueDates(rule, end + timedelta(days=1), max(wanted)))
        unwanted += {*later} - {*wanted}
        end = max(wanted)
    due = DueDates(rule, start, end)
    excluding = sorted({day for day in unwanted if day in due})
    adding = sorted({*wanted} - {*unwanted} - {*filter(due.__contains__, wanted)})
    return ImportedSchedule(_plan(members, rule, start, excluding, adding), start, end)


def _listed(name: str, due: DueDates) -> list[date]:
    """Return the dates if a set may have them as days."""
    found = [*islice(due, MOST_DAYS + 1)]
    if len(found) > MOST_DAYS:
        raise ConversionError(
            f"{name}: the RRULEs end on different days, and a set cannot list more than {MOST_DAYS} dates in their place"
        )
    return found


def _plan(
    members: Mapping[Rule, Schedule], rule: Rule, start: date, excluding: Sequence[date], adding: Sequence[date]
) -> Plan:
    """Return a schedule that has the rule, if there is one, or a set, without and with the days."""
    whole = schedule_of(rule, start) if len(members) > 1 else None
    schedules = [whole] if whole else [*members.values()]
    if len(schedules) == 1 and not excluding and not adding:
        return schedules[0]
    try:
        return ScheduleSet(schedules, excluding=excluding, adding=adding)
    except ScheduleError as error:
        raise ConversionError(f"the RRULE takes a set that is too large: {error}") from None


def _members(rrule: RecurrenceRule, start: date, *, is_alone: bool) -> dict[Rule, Schedule]:
    """Return schedules by their rules, which together are that of the RRULE."""
    lacks_days = _leaves_months_out(rrule, start)
    try:
        rule = _rule(rrule, start)
        due = DueDates(rule, start)
        one = schedule_of(rule, start) or (schedule_of(rule, due[0]) if due else None)
        if one and (is_alone or (rule.count and one.dialect is Dialect.INTERGIRO)):
            return {rule: one}
        several = [] if lacks_days else schedules_of(rule)
        if several or not (rule.count or lacks_days):
            return {member.rule(start): member for member in several}
        reason = ConversionError(_reason(rrule, start))
    except ConversionError as error:
        reason = error
    divided = [] if lacks_days and len(rrule.bymonthday or ()) < 2 else _divided(rrule, start)
    if not divided:
        raise reason
    members: dict[Rule, Schedule] = {}
    for part in divided:
        members |= _members(part, start, is_alone=False)
        _check_number(rrule, members)
    return members


def _check_number(rrule: RecurrenceRule, members: Collection[Rule]) -> None:
    if len(members) > MOST_MEMBERS:
        raise ConversionError(f"{rrule.text}: it takes more than {MOST_MEMBERS} schedules, the most that a set has")


def _leaves_months_out(rrule: RecurrenceRule, start: date) -> bool:
    """Return True if a month lacks a day, and the RRULE does not have its nearest day either."""
    days = rrule.bymonthday or (() if rrule.freq == "DAILY" else (start.day,))
    if rrule.freq == "WEEKLY" or any((rrule.byweekno, rrule.byyearday, rrule.byday, rrule.bysetpos)):
        return False
    _, months0 = _years_and_months(rrule, start)
    lengths = {starts[month + 1] - starts[month] for starts in MONTH_STARTS for month in months0}
    return any(clamp(day, length) not in _selected(range(1, length + 1), days) for length in lengths for day in days)


def _divided(rrule: RecurrenceRule, start: date) -> list[RecurrenceRule]:
    """Return RRULEs with fewer values that together have the same dates; none if there are none.

    A list of values has the dates of each of them, but for the lists of which BYSETPOS chooses.
    """
    byday = rrule.byday or (((0, start.weekday()),) if rrule.freq == "WEEKLY" else ())
    if rrule.bysetpos:
        names = ["bysetpos", "bymonth"] if rrule.freq == "MONTHLY" else ["bysetpos"]
    elif [number for number, _ in byday] == [0] and _may_be_numbered(rrule):
        ((_, weekday),) = byday
        freq = rrule.freq if rrule.freq == "YEARLY" else "MONTHLY"
        return [replace(rrule, freq=freq, byday=((number, weekday),)) for number in (1, 2, 3, 4, -1)]
    else:
        names = ["byday", "byyearday", "byweekno", "bymonth"] if byday else ["bymonthday", "byyearday", "bymonth"]
    for name in names:
        single: list[dict[str, Any]] = [{name: (value,)} for value in getattr(rrule, name) or ()]
        if len(single) > 1:
            return [replace(rrule, **parts) for parts in single]
    return []


def _may_be_numbered(rrule: RecurrenceRule) -> bool:
    """Return True if a weekday is that of all weeks of months: the first four, and the last."""
    if rrule.bymonthday or rrule.byyearday or rrule.byweekno:
        return False
    return rrule.freq == "MONTHLY" or bool(rrule.bymonth and (rrule.freq == "YEARLY" or rrule.interval == 1))


_MOST_SCANNED = 36_525
"""The most dates in which those of an interval are looked up: the days of a century."""


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
    first_weekday = WEEKDAYS.index(rrule.wkst)
    first = period_number(rrule.freq, start, first_weekday)
    dates = [
        day
        for day in due[:_MOST_SCANNED]
        if (period_number(rrule.freq, day, first_weekday) - first) % rrule.interval == 0
    ]
    dates = dates[: rrule.count]
    return dates if len(due) <= _MOST_SCANNED or len(dates) == rrule.count else []


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


def _check_weekdays(rrule: RecurrenceRule) -> None:
    if not rrule.byday:
        return
    written = ",".join(map(write_weekday, rrule.byday))
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
        raise ConversionError(_reason(rrule, start))
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
    if len(days) > 1 and len(weekdays) not in (0, 7):
        raise ConversionError(_reason(rrule, start))
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
        period_number("MONTHLY", start), rrule.interval, 12, {number - 1 for number in rrule.bymonth or range(1, 13)}
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
