"""Schedules in words: what people read on a page, or in an agreement.

>>> describe(Schedule("quarterly", offset=[2, -1])), describe(Schedule("yearly", 2, [11, 13]))
('the last day of every quarter', 'every other year (even years), on 13 December')
>>> describe(Schedule("monthly", offset=31), locale="sv")
'den 31:a i varje månad, eller sista dagen om månaden är kortare'
>>> describe(Schedule("monthly", interval=2, weekday=(-1, 5)))
'every second month, on the last Friday, counted from the month of the start'
"""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Iterable, Set
from datetime import date
from functools import lru_cache
from typing import TYPE_CHECKING

from recurring_schedule.analysis.payments import payment_days
from recurring_schedule.core.calendars import CYCLE_YEARS, LAST_DAY, MONTHS, MonthDay
from recurring_schedule.core.checks import plain_date
from recurring_schedule.core.frequencies import residue
from recurring_schedule.core.periods import payment_of, period_of
from recurring_schedule.core.schedule import Schedule
from recurring_schedule.core.schedule_set import Plan, ScheduleSet, check_plan
from recurring_schedule.languages import Language, language

if TYPE_CHECKING:
    from recurring_schedule.business import BusinessCalendar, Convention


def describe(
    schedule: Plan,
    start: date | None = None,
    locale: str = "en",
    *,
    calendar: BusinessCalendar | None = None,
    convention: Convention | str | None = None,
) -> str:
    """Return the schedule in words; with a start, also what the start supplies and the first day.

    >>> describe(Schedule("monthly", 7))
    'in July, on the day of the month the subscription started'
    >>> describe(Schedule("monthly", 7), date(2024, 1, 31))
    'the 31st of July, from 31 January 2024'
    >>> describe(Schedule("monthly", 7), date(2024, 1, 31), "de-AT")
    'am 31. Juli, ab dem 31. Januar 2024'

    An interval counts from the period of the start. With a start, the words say so only where its
    first due date is not in that period:

    >>> every_second_monday = Schedule("weekly", interval=2, offset=1)
    >>> describe(every_second_monday, date(2024, 1, 1))
    'every second week on Monday, from 1 January 2024'
    >>> describe(every_second_monday, date(2024, 1, 3))  # 1 January was the Monday of its week
    'every second week on Monday, counted from the week of the start, from 3 January 2024'

    The words of a set name its members, then all added and excluded days:

    >>> days = [{"frequency": "monthly", "offset": 1}, {"frequency": "monthly", "offset": 15}]
    >>> describe(ScheduleSet(days, excluding=["2024-12-15"], adding=["2024-12-13"]))
    'the 1st of every month and the 15th of every month, and also on 13 December 2024, but not on 15 December 2024'

    With a calendar and a convention, they say where a due date on a closed day is moved:

    >>> from recurring_schedule.business import TARGET
    >>> describe(Schedule("monthly", offset=-1), calendar=TARGET, convention="following")
    'the last day of every month, each paid on the following open day if TARGET is closed'

    Schedules and sets with different due dates read differently, and so do payments by different
    conventions, or by calendars with different names. Raises ValueError for an unknown language,
    TypeError if the start is not a date, or for a calendar without a convention.
    """
    check_plan(schedule)
    words = language(locale)
    if start is not None:
        start = plain_date(start, "start")
    members = schedule.members if isinstance(schedule, ScheduleSet) else (schedule,)
    parts, separator = _joined((_Description(words, member, start).text() for member in members), words)
    if start is not None:
        parts.append(words.say("from", date=words.date(start)))
    if isinstance(schedule, ScheduleSet):
        for phrase, days in (("and-also", schedule.adding), ("but-not", schedule.excluding)):
            if days:
                parts.append(words.say(phrase, len(days), dates=words.listed(map(words.date, sorted(days)))))
    payments = payment_days(schedule, start or date.min, None, calendar, convention)
    if payments is not None and not schedule.never_due:
        parts.append(words.say("each-paid", payments.convention, calendar=words.calendar(payments.calendar.name)))
    return separator.join(parts)


def _joined(members: Iterable[str], words: Language) -> tuple[list[str], str]:
    """Return the first parts of a sentence, which name all members, and the separator of its parts.

    It is a semicolon, which no member's text contains, if the text of one of several members
    contains a list, a note or a reason.
    """
    texts = [*dict.fromkeys(members)]
    marks = (",", ": ", words.say("and", first="", last=""))
    if len(texts) > 1 and any(mark in text for mark in marks for text in texts):
        return texts, words.say("semicolon")
    return [words.listed(texts)], ", "


class _Description:
    """The description of a schedule in a language. Without a start, it leaves the anchor open."""

    def __init__(self, language: Language, schedule: Schedule, start: date | None) -> None:
        self._language, self._say = language, language.say
        self._schedule, self._start = schedule, start
        self._interval = schedule.interval or 1
        self._open = () if start else schedule.anchor
        """The parts that the words leave to the start."""
        self._month, self._day = schedule.payment_day(start or date.min)

    def text(self) -> str:
        schedule, frequency = self._schedule, self._schedule.frequency
        if schedule.never_due:
            return self._say("never", reason=self._language.reason(schedule.never_due))
        if frequency.weeks:
            text = self._weekly()
        elif not frequency.months:
            text = self._daily()
        else:
            text = self._yearly() if frequency.cycle == "calendar" else self._monthly()
        return self._say("counted", frequency.noun, text=text) if self._is_counted() else text

    def _is_counted(self) -> bool:
        """Return True if the first due date does not show from where the interval counts."""
        schedule, start = self._schedule, self._start
        if self._interval == 1 or start is None:
            return self._interval > 1
        day = payment_of(schedule, start, period_of(schedule, start)).day
        return day is not None and day < start

    def _every(self) -> str:
        number = min(self._interval, LAST_DAY)  # which is already beyond the calendar
        return self._say(f"every-{self._schedule.frequency.noun}", number, n=number)

    def _daily(self) -> str:
        periods = self._schedule.periods
        if len(periods) == 31:
            return self._every()
        message = "days-of-some-months" if periods[-1] > 28 else "days-of-months"
        return self._say(message, len(periods), days=self._language.abridged(periods, self._language.ordinal))

    def _weekly(self) -> str:
        frequency, periods = self._schedule.frequency, self._schedule.periods
        of_start = "-of-start" if "weekday" in self._open else ""
        weekday = self._language.weekdays[self._day]  # type: ignore[index]  # no week has an n-th weekday
        if periods.step == 1:
            if of_start:
                return self._say("week-of-start", every=self._every())
            message = "spaced-weekday" if self._interval * frequency.weeks > 1 else "every-weekday"
            return self._say(message, every=self._every(), weekday=weekday)
        last, count = periods[-1], len(periods)
        note = self._say(f"{frequency.noun}-lacking", count, number=last) if last > frequency.always else ""
        numbers = self._language.abridged(periods, str)
        return self._say(f"{frequency.noun}s{of_start}", count, weekday=weekday, numbers=numbers, note=note)

    def _monthly(self) -> str:
        frequency, periods, month, day = self._schedule.frequency, self._schedule.periods, self._month, self._day
        is_every = len(periods) == frequency.always
        if self._is_spaced():
            return self._spaced(self._every() if is_every else self._in_periods())
        months = [frequency.months * (ordinal - 1) + month + 1 for ordinal in periods]
        if "day" in self._open:
            return self._say("months-of-start", months=self._in_months(months), note=self._anchored_note())
        day, note = self._day_and_note()
        if is_every and frequency.months > 1 and (month, day) in ((0, 1), (frequency.months - 1, -1)):
            return self._say(f"every-{frequency.noun}-{'first' if day == 1 else 'last'}")
        if len(months) == 12:
            return self._say("day-of-every-month", day=self._language.day(day), note=note)
        return self._language.day_in(months, day, note)

    def _in_periods(self) -> str:
        noun, periods = self._schedule.frequency.noun, self._schedule.periods
        return self._say(f"in-{noun}s", len(periods), numbers=self._language.abridged(periods, str))

    def _is_spaced(self) -> bool:
        """Return True if the words do not name months."""
        frequency, periods = self._schedule.frequency, self._schedule.periods
        is_every_month = len(periods) == frequency.always and frequency.months == 1
        return "month" in self._open or self._interval > 1 or ("day" in self._open and is_every_month)

    def _spaced(self, every: str) -> str:
        """Return the payment day in periods whose months the words do not name."""
        frequency, where = self._schedule.frequency, ""
        if frequency.months > 1:
            which = "of-start" if "month" in self._open else self._month + 1
            where = self._say(f"month-of-{frequency.noun}", which)
        if "day" not in self._open:
            day, note = self._day_and_note()
            return self._say("spaced-day", every=every, where=where, day=self._language.day(day), note=note)
        if "month" in self._open:
            return self._say(f"{frequency.noun}-of-start", every=every, note=self._say("or-last"))
        return self._say("month-of-start", every=every, where=where, note=self._anchored_note())

    def _yearly(self) -> str:
        years, month = self._years(), self._month + 1
        if "month" in self._open:
            if self._schedule.weekday:
                return self._say("in-years-on-weekday-of-start", years=years, day=self._language.day(self._day))
            return self._say("in-years-of-start", years=years)
        if "day" in self._open:
            months, note = self._in_months([month]), self._anchored_note()
            return self._say("in-years-and-month-of-start", years=years, months=months, note=note)
        day, note = self._day_and_note()
        return self._say("in-years", years=years, date=self._language.day_in_year(month, day), note=note)

    def _years(self) -> str:
        remainder, divisor = residue(self._schedule.divisor)
        if divisor == 1:
            return self._every()
        if len(self._schedule.periods) == 1:
            return self._say("one-year", year=self._schedule.periods[0])
        if divisor == 2:
            return self._say("odd-years" if remainder else "even-years")
        return self._say("years-leaving" if remainder else "years-divisible", divisor=divisor, remainder=remainder)

    def _in_months(self, months: Iterable[int]) -> str:
        return self._language.listed(self._language.month("in", month) for month in months)

    def _day_and_note(self) -> tuple[MonthDay, str]:
        """Return the day, clamped if no month has it, and a note if only some have it."""
        day = self._day
        if isinstance(day, tuple) or abs(day) <= 28:
            return day, ""
        months = self._months()
        lengths = {length for _, length in months}
        if abs(day) > max(lengths):
            return -1 if day > 0 else 1, ""
        if abs(day) <= min(lengths):
            return day, ""
        is_in_february = {month for month, _ in months} == {2}
        return day, self._say(f"or-{'last' if day > 0 else 'first'}{'-in-year' if is_in_february else ''}")

    def _anchored_note(self) -> str:
        """Return how the day of the start may be clamped."""
        return self._say("or-last") if min(length for _, length in self._months()) < 31 else ""

    def _months(self) -> Set[tuple[int, int]]:
        """Return each month that has a payment day, from 1, with its possible lengths."""
        frequency, periods, month, start = self._schedule.frequency, self._schedule.periods, self._month, self._start
        if start and self._interval > 1:
            ahead = (start.month - 1) % frequency.months
            return _months_from(12 * start.year + start.month - 13 - ahead + month, frequency.months * self._interval)
        if frequency.cycle == "calendar":
            # Only February differs, and leap years repeat within the first 400 years that the divisor picks.
            years = periods[: CYCLE_YEARS if month == 1 else 1]
            return {(month + 1, monthrange(year, month + 1)[1]) for year in years}
        months = [frequency.months * (ordinal - 1) + month + 1 for ordinal in periods]
        return {(month, monthrange(year, month)[1]) for month in months for year in (2023, 2024)}


@lru_cache(maxsize=256)  # it takes milliseconds
def _months_from(first: int, step: int) -> Set[tuple[int, int]]:
    """Return every `step`-th month of the calendar, with their numbers of days.

    January of the year 1 is number 0. After 400 years' worth of months, all are known.
    """
    places = (divmod(number, 12) for number in range(first, MONTHS, step)[: 12 * CYCLE_YEARS])
    return {(month0 + 1, monthrange(year0 + 1, month0 + 1)[1]) for year0, month0 in places}
