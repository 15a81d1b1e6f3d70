"""Due dates as a careful engineer writes them on `datetime`: always from the start, so nothing drifts, and without a search."""

from __future__ import annotations

from calendar import monthrange
from datetime import date, timedelta

ONE_DAY = timedelta(days=1)
ONE_WEEK = timedelta(days=7)


def plus_months(start: date, months: int) -> date:
    """Return the same day `months` later, clamped to the last day of that month."""
    year, month0 = divmod(start.year * 12 + start.month - 1 + months, 12)
    return date(year, month0 + 1, min(start.day, monthrange(year, month0 + 1)[1]))


def after_months(start: date, day: date, step: int = 1) -> date:
    """Due every `step` months on the start's day."""
    if day < start:
        return start
    months = (day.year - start.year) * 12 + day.month - start.month
    months -= months % step
    due = plus_months(start, months)
    return due if due > day else plus_months(start, months + step)


def count_months(start: date, last: date, step: int = 1) -> int:
    months = (last.year - start.year) * 12 + last.month - start.month
    months -= months % step
    return months // step + (plus_months(start, months) <= last)


def list_months(start: date, last: date, step: int = 1) -> list[date]:
    return [plus_months(start, step * number) for number in range(count_months(start, last, step))]


def after_days(start: date, day: date) -> date:
    return day + ONE_DAY if day >= start else start


def count_days(start: date, last: date) -> int:
    return (last - start).days + 1


def list_days(start: date, last: date) -> list[date]:
    return [start + timedelta(days=number) for number in range(count_days(start, last))]


def after_weeks(start: date, day: date) -> date:
    return day + timedelta(days=7 - (day - start).days % 7) if day >= start else start


def count_weeks(start: date, last: date) -> int:
    return (last - start).days // 7 + 1


def list_weeks(start: date, last: date) -> list[date]:
    return [start + timedelta(days=7 * number) for number in range(count_weeks(start, last))]


def quarter_end(year: int, quarter0: int) -> date:
    return date(year, 3 * quarter0 + 3, 31 if quarter0 in (0, 3) else 30)


def after_quarter_ends(start: date, day: date) -> date:
    """Due on the last day of each quarter."""
    if day < start:
        day = start - ONE_DAY
    quarter0 = (day.month - 1) // 3
    due = quarter_end(day.year, quarter0)
    if due > day:
        return due
    return quarter_end(day.year, quarter0 + 1) if quarter0 < 3 else quarter_end(day.year + 1, 0)


def count_quarter_ends(start: date, last: date) -> int:
    quarters = (last.year - start.year) * 4 + (last.month - 1) // 3 - (start.month - 1) // 3
    return quarters + (quarter_end(last.year, (last.month - 1) // 3) <= last)


def list_quarter_ends(start: date, last: date) -> list[date]:
    first = start.year * 4 + (start.month - 1) // 3
    return [quarter_end(*divmod(first + number, 4)) for number in range(count_quarter_ends(start, last))]


def after_even_weeks(start: date, day: date) -> date:
    """Due on Wednesday of every even ISO week."""
    if day < start:
        day = start - ONE_DAY
    due = day + timedelta(days=2 - day.weekday())
    if due <= day:
        due += ONE_WEEK
    while due.isocalendar()[1] % 2:  # twice after a week 53
        due += ONE_WEEK
    return due


def list_even_weeks(start: date, last: date) -> list[date]:
    dates = []
    due = after_even_weeks(start, start - ONE_DAY)
    while due <= last:
        dates.append(due)
        due = after_even_weeks(start, due)
    return dates


def count_even_weeks(start: date, last: date) -> int:
    return len(list_even_weeks(start, last))
