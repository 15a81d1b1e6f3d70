"""The rule of an RRULE: its dates, and the reason why no schedule has them."""

from __future__ import annotations

from collections.abc import Collection, Container, Iterable, Sequence
from datetime import date
from itertools import chain
from math import gcd, lcm

from recurring_schedule.core.calendars import CIVIL, ISO, MONTH_STARTS, MONTHS, clamp
from recurring_schedule.core.calendars import WEEKDAYS as BY_WEEKDAY
from recurring_schedule.core.compiler import NEVER, every_nth_day, every_nth_month
from recurring_schedule.core.rule import Rule
from recurring_schedule.core.year_rule import Frame, YearRule
from recurring_schedule.exchange.errors import ConversionError
from recurring_schedule.exchange.recognition import MONTH_DAYS
from recurring_schedule.exchange.rrule_text import (
    WEEKDAYS,
    RecurrenceRule,
    month_parts,
    period_number,
    write_parts,
    write_weekday,
)


def rule_of(rrule: RecurrenceRule, start: date) -> Rule:
    """Return a rule with the dates of the RRULE from `start` on. It may have others before.

    >>> rrule = RecurrenceRule("FREQ=MONTHLY;BYMONTHDAY=-1", "MONTHLY", bymonthday=(-1,))
    >>> rule_of(rrule, date(2024, 1, 31)) == Schedule("monthly", offset=-1).rule(date(2024, 1, 31))
    True

    Raises ConversionError, which names the part, if no rule has its dates.
    """
    _check_weekdays(rrule)
    if rrule.freq == "WEEKLY" or rrule.byweekno:
        return _rule_of_weeks(rrule, start)
    _check_months(rrule)
    if rrule.freq == "DAILY" and rrule.interval > 1:
        return _rule_of_days(rrule, start)
    if _is_uneven(rrule):
        return _rule_of_uneven_months(rrule, start)
    return _rule_of_years(rrule, start, *_years_and_months(rrule, start))


def leaves_months_out(rrule: RecurrenceRule, start: date) -> bool:
    """Return True if a month lacks a day, and the RRULE does not have its nearest day either."""
    days = rrule.bymonthday or (() if rrule.freq == "DAILY" else (start.day,))
    if rrule.freq == "WEEKLY" or any((rrule.byweekno, rrule.byyearday, rrule.byday, rrule.bysetpos)):
        return False
    _, months0 = _years_and_months(rrule, start)
    lengths = {starts[month + 1] - starts[month] for starts in MONTH_STARTS for month in months0}
    return any(clamp(day, length) not in _selected(range(1, length + 1), days) for length in lengths for day in days)


def why_no_schedule(rrule: RecurrenceRule, start: date) -> str:
    """Return the reason why no schedule has the dates of the RRULE, with the fix if known."""
    for number in rrule.byyearday or ():
        if not -335 < number < 60:  # counted across all of February, or to its 29th day
            return f"BYYEARDAY={number}: that day has another date in leap years: write BYMONTH and BYMONTHDAY"
    if rrule.byday and len(rrule.byday) == 1 and not rrule.byweekno:
        return _reason_of_weekday(rrule, *rrule.byday[0])
    return _reason_of_day(rrule, start) or f"{rrule.text}: no schedule has these dates"


def _reason_of_day(rrule: RecurrenceRule, start: date) -> str:
    """Return the reason if some months lack the day of BYMONTHDAY or DTSTART, or ""."""
    by_other_parts = any((rrule.byweekno, rrule.byyearday, rrule.byday, rrule.bysetpos))
    day, *others = rrule.bymonthday or (start.day,)
    if rrule.freq not in ("MONTHLY", "YEARLY") or by_other_parts or others or abs(day) <= 28:
        return ""
    (_, interval), months0 = _years_and_months(rrule, start)
    if _is_uneven(rrule):
        interval = rrule.interval
    if interval > 1 and (rrule.bymonth if _is_uneven(rrule) else len(months0) > 1):
        return ""
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
        raise ConversionError(why_no_schedule(rrule, start))
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
        raise ConversionError(why_no_schedule(rrule, start))
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
    raise ConversionError(why_no_schedule(rrule, start))


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
        raise ConversionError(why_no_schedule(rrule, start)) from None


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
