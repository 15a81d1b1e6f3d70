"""The definition of due dates and payment days as a program that looks at every day.

The library is tested against this module. The two share no code: this one reads what a `Schedule`
and a `ScheduleSet` hold, asks calendars for single days, and uses Python's `date` alone.

>>> schedule = Schedule("weekly", 2)
>>> reason(schedule, date(2020, 12, 25), date(2021, 1, 1))
'2021-01-01 is not due: the ISO week is 53, which is not a multiple of 2'
"""

from __future__ import annotations

import calendar
from collections.abc import Iterable, Iterator
from datetime import date, timedelta
from typing import TYPE_CHECKING, Protocol

from recurring_schedule.core.schedule_set import ScheduleSet

if TYPE_CHECKING:
    from recurring_schedule.core.schedule import Schedule
    from recurring_schedule.core.schedule_set import Plan


def reference_due_dates(schedule: Plan, start: date, first: date, last: date) -> list[date]:
    """Return the due dates from `first` to `last`, both included, of a schedule or a set with that
    start.

    This is the definition as a program. It looks at every day, and shares no code with the rest of
    the package.

    >>> reference_due_dates(Schedule("weekly", 2), date(2020, 12, 25), date(2020, 12, 25), date(2021, 1, 28))
    [datetime.date(2020, 12, 25), datetime.date(2021, 1, 15)]
    """
    return [day for day in _days(max(start, first), last) if _is_due(schedule, start, day)]


class _Calendar(Protocol):
    def is_open(self, day: date, /) -> bool: ...


def reference_payment_days(due_dates: Iterable[date], calendar: _Calendar, convention: str) -> list[date]:
    """Return the payment day of each due date. All that is asked of the calendar is `is_open`.

    This is the definition as a program: it goes from day to day until one is open.

    >>> from recurring_schedule.business import TARGET
    >>> reference_payment_days([date(2024, 3, 31)], TARGET, "following")
    [datetime.date(2024, 4, 2)]

    Raises the calendar's UnknownDayError if a walk meets a day that it does not know, OverflowError
    if it leaves the years 1 to 9999, ValueError for an unknown convention.
    """
    if convention not in ("following", "preceding", "modified_following", "modified_preceding"):
        raise ValueError(f"convention: got {convention!r}, expected 'following' or 'preceding', modified_ or not")
    return [_payment_day_walked(day, calendar, convention) for day in due_dates]


def _payment_day_walked(due: date, calendar: _Calendar, convention: str) -> date:
    step = timedelta(days=1 if convention.endswith("following") else -1)
    stays = convention.startswith("modified")  # in the month, as long as it is true
    day = due
    while not calendar.is_open(day):
        day += step
        if stays and day.month != due.month:  # the nearest open day is in another month: turn back
            step, day, stays = -step, due, False
    return day


def _is_due(schedule: Plan, start: date, day: date) -> bool:
    """Return True if `day`, which is not before the start, is due."""
    if isinstance(schedule, ScheduleSet):
        is_due = day in schedule.adding or any(_is_due(member, start, day) for member in schedule.members)
        return is_due and day not in schedule.excluding
    return _is_picked(schedule, start, day) and _is_payment_day(schedule, start, day)


def _days(first: date, last: date) -> Iterator[date]:
    return map(date.fromordinal, range(first.toordinal(), last.toordinal() + 1))


def _number(schedule: Schedule, day: date) -> int:
    """Return the number of the period that contains `day`."""
    if schedule.frequency == "daily":
        return day.day
    if schedule.frequency == "weekly":
        return day.isocalendar().week
    if schedule.frequency == "monthly":
        return day.month - 1 if schedule.dialect == "intergiro_prose" else day.month
    if schedule.frequency == "quarterly":
        return (day.month - 1) // 3 + 1
    return day.year


def _count(schedule: Schedule, start: date, day: date) -> int:
    """Return the number of periods from the one that contains the start to the one with `day`."""
    if schedule.frequency == "daily":
        return (day - start).days
    if schedule.frequency == "weekly":  # the day number of a Monday leaves 1 when divided by 7
        return (day.toordinal() - 1) // 7 - (start.toordinal() - 1) // 7
    months = {"monthly": 1, "quarterly": 3, "yearly": 12}[schedule.frequency]
    return (12 * day.year + day.month - 1) // months - (12 * start.year + start.month - 1) // months


def _is_picked(schedule: Schedule, start: date, day: date) -> bool:
    if schedule.interval is not None:
        return _count(schedule, start, day) % schedule.interval == 0
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
    """Return the payment day of a week. 0 is Sunday, the last day of the ISO week."""
    return schedule.offset if isinstance(schedule.offset, int) else start.isoweekday() % 7


def _payment_day(schedule: Schedule, start: date, day: date) -> date:
    """Return the payment day of the month, quarter or year that contains `day`."""
    months, month0, number = _position(schedule, start)
    month = (day.month - 1) // months * months + month0 + 1
    length = calendar.monthrange(day.year, month)[1]
    if schedule.weekday is not None:
        return _weekday_of_month(date(day.year, month, 1), length, *schedule.weekday)
    return date(day.year, month, min(number, length) if number > 0 else max(length + 1 + number, 1))


def _weekday_of_month(first: date, length: int, n: int, weekday: int) -> date:
    """Return the n-th of the month's days on that weekday; 0 is Sunday, and -1 the last of them."""
    days = [first + timedelta(days=number) for number in range(length)]
    found = [day for day in days if day.isoweekday() % 7 == weekday]
    return found[n - 1 if n > 0 else n]


def _position(schedule: Schedule, start: date) -> tuple[int, int, int]:
    """Return the months in a period, and the payment day's month, from 0, and day, from 1 or -1."""
    months = {"monthly": 1, "quarterly": 3, "yearly": 12}[schedule.frequency]
    month0, day = _fixed(schedule)
    if month0 is None:
        month0 = (start.month - 1) % months
    if day is None:
        return months, month0, start.day
    return months, month0, day + 1 if day >= 0 and schedule.dialect == "payfunc" else day


def _fixed(schedule: Schedule) -> tuple[int | None, int | None]:
    """Return the month and the day that the offset fixes, None for one that the start supplies."""
    if isinstance(schedule.offset, tuple):
        return schedule.offset
    return (None, schedule.offset) if schedule.frequency == "monthly" else (schedule.offset, None)


# In words.

_NOUNS = {
    "daily": "day of the month", "weekly": "ISO week", "monthly": "month", "quarterly": "quarter", "yearly": "year",
}  # fmt: skip
_MONTHS = "January February March April May June July August September October November December".split()  # noqa: SIM905  # a list would take twelve lines
_NTH = {
    1: "first", 2: "second", 3: "third", 4: "fourth",
    -1: "last", -2: "second-to-last", -3: "third-to-last", -4: "fourth-to-last",
}  # fmt: skip
_WEEKDAYS = "Sunday Monday Tuesday Wednesday Thursday Friday Saturday".split()  # noqa: SIM905  # or seven lines


def reasons(schedule: Plan, start: date, day: date) -> Iterator[str]:
    """Yield the reasons that `day` is due, or is not: of a set, those of the members that decide.

    >>> twice = ScheduleSet([Schedule("monthly", offset=1), Schedule("monthly", offset=15)], adding=["2024-03-20"])
    >>> for line in reasons(twice, date(2024, 1, 1), date(2024, 3, 2)):
    ...     print(line)
    2024-03-02 is not the payment day of March 2024, which is day 1 from the offset (any[0])
    2024-03-02 is not the payment day of March 2024, which is day 15 from the offset (any[1])
    >>> print(*reasons(twice, date(2024, 1, 1), date(2024, 3, 20)))
    2024-03-20 is due: it is added
    """
    if not isinstance(schedule, ScheduleSet):
        yield reason(schedule, start, day)
    elif day < start:
        yield reason(schedule.members[0], start, day)
    elif day in schedule.excluding:
        yield f"{day} is not due: it is excluded"
    elif day in schedule.adding:
        yield f"{day} is due: it is added"
    else:
        deciding = [*enumerate(schedule.members)]
        due = [(index, member) for index, member in deciding if _is_due(member, start, day)]
        yield from (f"{reason(member, start, day)} (any[{index}])" for index, member in due[:1] or deciding)


def reason(schedule: Schedule, start: date, day: date) -> str:
    """Return the reason that `day` is due, or is not, as one line.

    >>> reason(Schedule("monthly"), date(2024, 1, 31), date(2024, 4, 30))
    '2024-04-30 is the payment day of April 2024: day 31 from the start, clamped to the last day of April'
    >>> reason(Schedule("weekly", interval=3), date(2024, 1, 1), date(2024, 1, 29))
    '2024-01-29 is not due: the ISO week is number 4 counted from that of the start, which is not a multiple of 3'
    >>> reason(Schedule("monthly", weekday=(-1, 5)), date(2024, 1, 1), date(2024, 5, 31))
    '2024-05-31 is the payment day of May 2024: the last Friday of May 2024'
    """
    if day < start:
        return f"{day} is before the start, {start}"
    picks = _picks(schedule)
    if not _is_picked(schedule, start, day):
        is_sunday = schedule.frequency == "weekly" and day.isoweekday() == 7
        return (
            f"{day} is not due: {_picking(schedule, start, day)}"
            + "; Sunday is the last day of the ISO week" * is_sunday
        )
    if schedule.frequency == "daily":
        return f"{day} is due: {_picking(schedule, start, day) if picks else 'every day is'}"
    period, position = _period(schedule, day), _position_in_words(schedule, start, day)
    if not _is_payment_day(schedule, start, day):
        return f"{day} is not the payment day of {period}, which is {position}"
    return f"{day} is the payment day of {period}: {position}" + (
        f"; {_picking(schedule, start, day)}" if picks else ""
    )


def _picks(schedule: Schedule) -> bool:
    """Return True if not every period is picked."""
    return schedule.divisor not in (None, 1) or schedule.interval not in (None, 1)


def _period(schedule: Schedule, day: date) -> str:
    if schedule.frequency == "monthly":
        return f"{_MONTHS[day.month - 1]} {day.year}"
    if schedule.frequency == "yearly":
        return str(day.year)
    year = day.isocalendar().year if schedule.frequency == "weekly" else day.year
    return f"{_NOUNS[schedule.frequency]} {_number(schedule, day)} of {year}"


def _picking(schedule: Schedule, start: date, day: date) -> str:
    """Compare the number of the period that contains `day` with the divisor, or its count with the
    interval.
    """
    is_not = "is" if _is_picked(schedule, start, day) else "is not"
    if schedule.interval is not None:
        noun, count = _NOUNS[schedule.frequency].removesuffix(" of the month"), _count(schedule, start, day)
        return f"the {noun} is number {count} counted from that of the start, which {is_not} a multiple of {schedule.interval}"
    number, divisor = _number(schedule, day), schedule.divisor
    text = f"the {_NOUNS[schedule.frequency]} is {number}, which "
    if isinstance(divisor, tuple):
        wanted, modulus = divisor
        rest = number % modulus
        return f"{text}leaves {rest}{'' if rest == wanted else f', not {wanted},'} when divided by {modulus}"
    return f"{text}{is_not} a{'' if number else ' positive'} multiple of {divisor}"


def _position_in_words(schedule: Schedule, start: date, day: date) -> str:
    """Describe the payment day of the period that contains `day`."""
    month_from, day_from = ("start" if number is None else "offset" for number in _fixed(schedule))
    if schedule.frequency == "weekly":
        weekday = _weekday(schedule, start)
        return f"{_WEEKDAYS[weekday]} from the {month_from}{'' if weekday else ', the last day of the ISO week'}"
    payment_day, number = _payment_day(schedule, start, day), _position(schedule, start)[2]
    if schedule.weekday is not None:
        n, weekday = schedule.weekday
        text = f"the {_NTH[n]} {_WEEKDAYS[weekday]} of {_MONTHS[payment_day.month - 1]} {payment_day.year}"
        return text if schedule.frequency == "monthly" else f"{text}, the month from the {month_from}"
    text = f"day {number} from the {day_from}"
    if schedule.frequency != "monthly":
        text = f"{_MONTHS[payment_day.month - 1]} from the {month_from}, {text}"
    return text + _about_the_length(payment_day, number)


def _about_the_length(payment_day: date, number: int) -> str:
    """Say whether that day of the month is clamped, and whether February has 29 days."""
    month, length = _MONTHS[payment_day.month - 1], calendar.monthrange(payment_day.year, payment_day.month)[1]
    text = ""
    if abs(number) > length:
        text += f", clamped to the {'last' if number > 0 else 'first'} day of {month}"
    if payment_day.month == 2 and payment_day.year % 4 == 0 and not 0 < number < 29:
        text += f"; {payment_day.year} is {'a' if length == 29 else 'not a'} leap year"
    return text


def week_53(schedule: Schedule, first: date, last: date) -> str | None:
    """Return a note on the first ISO week 53 between two days, or None if it does not matter."""
    if schedule.frequency == "weekly" and _picks(schedule):
        for day in _days(first, last):
            year, week, weekday = day.isocalendar()
            if week == 53:
                return f"{year} has an ISO week 53, which begins on {day - timedelta(days=weekday - 1)}"
    return None


def drift(schedule: Schedule, start: date, answer: date, earlier: Iterable[date]) -> str | None:
    """Return a note if `answer` keeps the day of an earlier date instead of the start's, or None.

    `earlier` are the due dates before the answer, the latest first.
    """
    if schedule.frequency not in ("monthly", "quarterly", "yearly") or schedule.weekday is not None:
        return None
    if _fixed(schedule)[1] is not None:
        return None
    payment_day = _payment_day(schedule, start, answer)
    if answer.month != payment_day.month or answer.day == payment_day.day:
        return None
    for day in earlier:
        if day.day == answer.day:
            return f"{answer} has drifted: its day {answer.day} is that of {day}, not the start's day {start.day}"
    return None
