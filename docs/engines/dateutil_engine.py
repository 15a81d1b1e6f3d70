"""Recurring schedules as the rules of python-dateutil, and the conformance protocol around them.

`python dateutil_engine.py` answers with the mapping that passes, with `naive` at the end by the one that comes to mind first.
"""

import hashlib
import json
import sys
from datetime import date, datetime, time

from dateutil.rrule import DAILY, MONTHLY, SU, WEEKLY, YEARLY, rrule, rruleset, weekdays

ASKS = ["next", "previous", "between", "count", "index", "digest"]
FIRST, LAST = "1900-01-01", "2400-12-31"  # a rule walks from its start: the year 9999 takes long
UNTIL = datetime.fromisoformat(LAST)
MONTHS = {"monthly": 1, "quarterly": 3, "yearly": 12}  # the months in a period
NUMBERS = {"daily": 31, "weekly": 53, "monthly": 12, "quarterly": 4, "yearly": 9999}  # the largest number of a period
ON_SUNDAY_0 = (SU, *weekdays[:6])


def midnight(day):
    return datetime.combine(day, time())


def naive(schedule, start):
    """The first mapping that comes to mind: every d-th period, and a day is a day of the month."""
    frequency, divisor, offset = schedule["frequency"], schedule.get("divisor"), schedule.get("offset")
    interval = schedule.get("interval") or (divisor[1] if isinstance(divisor, list) else divisor) or 1
    month, day = offset if isinstance(offset, list) else (None, offset) if frequency == "monthly" else (offset, None)
    weekday = (
        {"byweekday": ON_SUNDAY_0[schedule["weekday"][1]](schedule["weekday"][0])} if schedule.get("weekday") else {}
    )
    common = {"dtstart": midnight(start), "until": UNTIL}
    if frequency == "daily":
        return rrule(DAILY, interval=interval, **common)
    if frequency == "weekly":
        return rrule(WEEKLY, interval=interval, byweekday=None if offset is None else ON_SUNDAY_0[offset], **common)
    if frequency == "yearly":
        month = None if month is None else month + 1
        return rrule(YEARLY, interval=interval, bymonth=month, bymonthday=day, **weekday, **common)
    return rrule(MONTHLY, interval=MONTHS[frequency] * interval, bymonthday=day, **weekday, **common)


def careful(schedule, start):
    """The mapping that passes: None if no period is ever picked."""
    frequency, divisor, interval = (schedule.get(name) for name in ("frequency", "divisor", "interval"))
    rest, by = divisor if isinstance(divisor, list) else (0, divisor or 1)
    numbers = [number for number in range(1, NUMBERS[frequency] + 1) if number % by == rest]
    if not numbers:
        return None
    if frequency == "daily":
        bymonthday = numbers if divisor else None
        return rrule(DAILY, dtstart=midnight(start), until=UNTIL, interval=interval or 1, bymonthday=bymonthday)
    if frequency == "weekly":
        weekday = weekdays[start.weekday()] if schedule.get("offset") is None else ON_SUNDAY_0[schedule["offset"]]
        # From a Monday and week by week: with YEARLY, a week of the ISO year before may be lost, such as 1994-01-01 in week 52.
        monday = midnight(date.fromordinal(start.toordinal() - start.weekday()))
        byweekno = numbers if divisor else None
        return rrule(WEEKLY, dtstart=monday, until=UNTIL, interval=interval or 1, byweekno=byweekno, byweekday=weekday)
    return by_month(schedule, start, numbers, by)


def by_month(schedule, start, numbers, by):
    """The rule of a schedule whose periods are months, quarters or years: it walks months, and starts on the first of one."""
    months, offset, interval = MONTHS[schedule["frequency"]], schedule.get("offset"), schedule.get("interval")
    month, day = offset if isinstance(offset, list) else (None, offset) if months == 1 else (offset, None)
    month = (start.month - 1) % months if month is None else month
    parts = {"until": UNTIL, **on_day(start.day if day is None else day, schedule.get("weekday"))}
    if months == 12 and not interval:
        first = next((year for year in numbers if year >= start.year), None)
        return first and rrule(MONTHLY, dtstart=datetime(first, month + 1, 1), interval=12 * by, **parts)
    if interval:
        first = start.month - 1 - (start.month - 1) % months + month
        return rrule(MONTHLY, dtstart=datetime(start.year, first + 1, 1), interval=months * interval, **parts)
    bymonth = [months * (number - 1) + month + 1 for number in numbers]
    return rrule(MONTHLY, dtstart=datetime(start.year, start.month, 1), bymonth=bymonth, **parts)


def on_day(day, weekday):
    """The parts for a day of the month: the last of the days 28 to 31 that the month has is the clamped 31."""
    if weekday:
        return {"byweekday": ON_SUNDAY_0[weekday[1]](weekday[0])}
    if day > 28:
        return {"bymonthday": range(28, day + 1), "bysetpos": -1}
    if day < -28:
        return {"bymonthday": range(day, -27), "bysetpos": 1}
    return {"bymonthday": day}


def due_rule(schedule, start, end, mapping):
    """The rules of a schedule or a set, as a set of rules."""
    if isinstance(schedule, list):
        schedule = {"any": schedule}
    if isinstance(schedule, str) or "any" not in schedule:
        schedule = {"any": [schedule]}
    dates = rruleset()
    for member in schedule["any"]:
        rule = mapping({"frequency": member} if isinstance(member, str) else member, start)
        if rule is not None:
            dates.rrule(rule)
    for day in schedule.get("adding") or ():
        dates.rdate(datetime.fromisoformat(day))
    for day in schedule.get("excluding") or ():
        dates.exdate(datetime.fromisoformat(day))
    return Due(dates, midnight(start), midnight(end))


class Due:
    """Due dates from the start to the end. A rule begins with the period of the start, so that it may have days before it."""

    def __init__(self, dates, start, end):
        self.dates, self.start, self.end = dates, start, end

    def next(self, day):
        found = self.dates.after(max(day, self.start), inc=day < self.start)
        return found if found and found <= self.end else None

    def previous(self, day):
        found = self.dates.before(min(day, self.end), inc=day > self.end)
        return found if found and found >= self.start else None

    def between(self, first, last):
        return self.dates.between(max(first, self.start), min(last, self.end), inc=True)


def text(day):
    return day and f"{day:%Y-%m-%d}"


def answer(question, mapping):
    start, end, first, last, day = (
        datetime.fromisoformat(question.get(name, otherwise))
        for name, otherwise in {"start": FIRST, "end": LAST, "first": FIRST, "last": LAST, "day": FIRST}.items()
    )
    due = due_rule(question["schedule"], start.date(), end.date(), mapping)
    match question["ask"]:
        case "next":
            return text(due.next(day))
        case "previous":
            return text(due.previous(day))
        case "between":
            return [text(one) for one in due.between(first, last)]
        case "count":
            return len(due.between(first, last))
        case "index":
            *before, found = due.between(start, day) or [None]
            return len(before) if found == day else None
        case "digest":
            days = [text(one) for one in due.between(first, last)]
            return {
                "count": len(days),
                "sha256": hashlib.sha256("".join(f"{one}\n" for one in days).encode()).hexdigest(),
            }


def reply(question, mapping):
    if question["ask"] == "declare":
        return {"answer": {"name": f"python-dateutil, {mapping.__name__}", "asks": ASKS, "first": FIRST, "last": LAST}}
    return {"answer": answer(question, mapping)}


if __name__ == "__main__":
    chosen = naive if "naive" in sys.argv[1:] else careful
    for line in sys.stdin:
        print(json.dumps(reply(json.loads(line), chosen)), flush=True)
