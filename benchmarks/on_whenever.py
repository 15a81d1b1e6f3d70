"""The same as `on_datetime`, with the `Date` of whenever, whose methods clamp and step."""

from __future__ import annotations

from whenever import Date, Weekday


def after_months(start: Date, day: Date, step: int = 1) -> Date:
    """Due every `step` months on the start's day."""
    if day < start:
        return start
    months = (day.year - start.year) * 12 + day.month - start.month
    months -= months % step
    due = start.add(months=months)
    return due if due > day else start.add(months=months + step)


def count_months(start: Date, last: Date, step: int = 1) -> int:
    months = (last.year - start.year) * 12 + last.month - start.month
    months -= months % step
    return months // step + (start.add(months=months) <= last)


def list_months(start: Date, last: Date, step: int = 1) -> list[Date]:
    return [start.add(months=step * number) for number in range(count_months(start, last, step))]


def after_days(start: Date, day: Date) -> Date:
    return day.next_day() if day >= start else start


def count_days(start: Date, last: Date) -> int:
    return int(last.since(start, total="days")) + 1


def list_days(start: Date, last: Date) -> list[Date]:
    return [start.add(days=number) for number in range(count_days(start, last))]


def after_weeks(start: Date, day: Date) -> Date:
    return day.nth_weekday(1, start.day_of_week()) if day >= start else start


def count_weeks(start: Date, last: Date) -> int:
    return int(last.since(start, total="days")) // 7 + 1


def list_weeks(start: Date, last: Date) -> list[Date]:
    return [start.add(days=7 * number) for number in range(count_weeks(start, last))]


def quarter_end(year: int, quarter0: int) -> Date:
    return Date(year, 3 * quarter0 + 3, 31 if quarter0 in (0, 3) else 30)


def after_quarter_ends(start: Date, day: Date) -> Date:
    """Due on the last day of each quarter."""
    if day < start:
        day = start.prev_day()
    quarter0 = (day.month - 1) // 3
    due = quarter_end(day.year, quarter0)
    if due > day:
        return due
    return quarter_end(day.year, quarter0 + 1) if quarter0 < 3 else quarter_end(day.year + 1, 0)


def count_quarter_ends(start: Date, last: Date) -> int:
    quarters = (last.year - start.year) * 4 + (last.month - 1) // 3 - (start.month - 1) // 3
    return quarters + (quarter_end(last.year, (last.month - 1) // 3) <= last)


def list_quarter_ends(start: Date, last: Date) -> list[Date]:
    first = start.year * 4 + (start.month - 1) // 3
    return [quarter_end(*divmod(first + number, 4)) for number in range(count_quarter_ends(start, last))]


def after_even_weeks(start: Date, day: Date) -> Date:
    """Due on Wednesday of every even ISO week."""
    if day < start:
        day = start.prev_day()
    due = day.nth_weekday(1, Weekday.WEDNESDAY)
    while due.iso_week_date().week % 2:  # twice after a week 53
        due = due.add(days=7)
    return due


def list_even_weeks(start: Date, last: Date) -> list[Date]:
    dates = []
    due = after_even_weeks(start, start.prev_day())
    while due <= last:
        dates.append(due)
        due = after_even_weeks(start, due)
    return dates


def count_even_weeks(start: Date, last: Date) -> int:
    return len(list_even_weeks(start, last))
