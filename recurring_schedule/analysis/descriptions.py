"""Schedules in words: what people read on a page, or in an agreement.

>>> describe(Schedule("quarterly", offset=[2, -1])), describe(Schedule("yearly", 2, [11, 13]))
('the last day of every quarter', 'every other year (even years), on 13 December')
>>> describe(Schedule("monthly", offset=31), locale="sv")
'den 31:a i varje månad, eller sista dagen om månaden är kortare'
"""

from __future__ import annotations

from calendar import isleap
from collections.abc import Callable, Collection, Iterable, Sequence
from datetime import date

from recurring_schedule.core.calendars import CYCLE_YEARS, MONTH_STARTS
from recurring_schedule.core.checks import plain_date
from recurring_schedule.core.frequencies import Frequency, residue
from recurring_schedule.core.schedule import Schedule, check_schedule
from recurring_schedule.languages import Language, language

_MOST_LISTED = 6
"""Up to this many numbers are all listed; of more, the first three and the last."""


def describe(schedule: Schedule, start: date | None = None, locale: str = "en") -> str:
    """Return the schedule in words; with a start, also what the start supplies and the first day.

    >>> describe(Schedule("monthly", 7))
    'in July, on the day of the month the subscription started'
    >>> describe(Schedule("monthly", 7), date(2024, 1, 31))
    'the 31st of July, from 31 January 2024'
    >>> describe(Schedule("monthly", 7), date(2024, 1, 31), "de-AT")
    'am 31. Juli, ab dem 31. Januar 2024'

    Schedules with different due dates read differently. Raises ValueError for an unknown language,
    TypeError if the start is not a date.
    """
    check_schedule(schedule)
    words = _Description(language(locale))
    if start is None:
        return words.of(schedule, date.min, schedule.anchor)
    start = plain_date(start, "start")
    return words.language.say("from", text=words.of(schedule, start, ()), date=words.language.date(start))


class _Description:
    """The descriptions of schedules in a language."""

    def __init__(self, language: Language) -> None:
        self.language = language
        self._say = language.say

    def of(self, schedule: Schedule, start: date, anchor: tuple[str, ...]) -> str:
        """Return the schedule in words, which leave the parts in `anchor` to the start."""
        frequency = schedule.frequency
        if schedule.never_due:
            return self._say("never", reason=self.language.reason(schedule.never_due))
        month, day = schedule.payment_day(start)
        if frequency.weeks:
            return self._weekly(frequency, schedule.periods, day, anchor)
        if not frequency.months:
            return self._daily(schedule.periods)
        if frequency.cycle == "calendar":
            return self._yearly(schedule, month, day, anchor)
        return self._monthly(frequency, schedule.periods, month, day, anchor)

    def _numbers(self, numbers: Sequence[int], written: Callable[[int], str]) -> str:
        if len(numbers) > _MOST_LISTED:
            return f"{', '.join(map(written, numbers[:3]))}, ..., {written(numbers[-1])}"
        return self.language.listed(map(written, numbers))

    def _daily(self, periods: range) -> str:
        if len(periods) == 31:
            return self._say("every-day")
        message = "days-of-some-months" if periods[-1] > 28 else "days-of-months"
        return self._say(message, len(periods), days=self._numbers(periods, self.language.ordinal))

    def _weekly(self, frequency: Frequency, periods: range, day: int, anchor: tuple[str, ...]) -> str:
        of_start = "-of-start" if anchor else ""
        weekday = self.language.weekdays[day]
        if periods.step == 1:
            return self._say(f"every-{frequency.noun}{of_start}", weekday=weekday)
        last, count = periods[-1], len(periods)
        note = self._say(f"{frequency.noun}-lacking", count, number=last) if last > frequency.always else ""
        numbers = self._numbers(periods, str)
        return self._say(f"{frequency.noun}s{of_start}", count, weekday=weekday, numbers=numbers, note=note)

    def _monthly(self, frequency: Frequency, periods: range, month: int, day: int, anchor: tuple[str, ...]) -> str:
        is_every = len(periods) == frequency.always
        if "month" in anchor:
            message = f"every-{frequency.noun}-of-start" if is_every else f"{frequency.noun}s-of-start"
            numbers, note = self._numbers(periods, str), self._say("or-last")  # each one has a month of under 31 days
            return self._say(message, len(periods), numbers=numbers, note=note)
        months = [frequency.months * (ordinal - 1) + month + 1 for ordinal in periods]
        is_every_month = len(months) == 12
        if anchor:
            message = "every-month-of-start" if is_every_month else "months-of-start"
            return self._say(message, months=self._in_months(months), note=self._anchored_note(months))
        day, note = self._day_and_note(day, _lengths(months), months)
        if is_every and frequency.months > 1 and (month, day) in ((0, 1), (frequency.months - 1, -1)):
            return self._say(f"every-{frequency.noun}-{'first' if day == 1 else 'last'}")
        if is_every_month:
            return self._say("every-month", day=self.language.day(day), note=note)
        return self.language.day_in(months, day, note)

    def _yearly(self, schedule: Schedule, month: int, day: int, anchor: tuple[str, ...]) -> str:
        years, month = self._years(schedule), month + 1
        if "month" in anchor:
            return self._say("in-years-of-start", years=years)
        if anchor:
            months, note = self._in_months([month]), self._anchored_note([month])
            return self._say("in-years-and-month-of-start", years=years, months=months, note=note)
        # Leap years repeat within the first 400 years that the divisor picks.
        lengths = _lengths(
            [month], {isleap(year) for year in schedule.periods[:CYCLE_YEARS]} if month == 2 else {False}
        )
        day, note = self._day_and_note(day, lengths, [month])
        return self._say("in-years", years=years, date=self.language.day_in_year(month, day), note=note)

    def _years(self, schedule: Schedule) -> str:
        remainder, divisor = residue(schedule.divisor)
        if divisor == 1:
            return self._say("every-year")
        if len(schedule.periods) == 1:
            return self._say("one-year", year=schedule.periods[0])
        if divisor == 2:
            return self._say("odd-years" if remainder else "even-years")
        return self._say("years-leaving" if remainder else "years-divisible", divisor=divisor, remainder=remainder)

    def _in_months(self, months: Iterable[int]) -> str:
        return self.language.listed(self.language.month("in", month) for month in months)

    def _day_and_note(self, day: int, lengths: Collection[int], months: Sequence[int]) -> tuple[int, str]:
        """Return the day, clamped if no month has it, and a note if only some have it."""
        if abs(day) > max(lengths):
            return -1 if day > 0 else 1, ""
        if abs(day) <= min(lengths):
            return day, ""
        return day, self._say(f"or-{'last' if day > 0 else 'first'}{'-in-year' if [*months] == [2] else ''}")

    def _anchored_note(self, months: Iterable[int]) -> str:
        """Return how the day of the start may be clamped in these months."""
        return self._say("or-last") if min(_lengths(months)) < 31 else ""


def _lengths(months: Iterable[int], leap: Iterable[bool] = (False, True)) -> set[int]:
    """Return the numbers of days that these months have, in leap years, others or both."""
    return {MONTH_STARTS[is_leap][month] - MONTH_STARTS[is_leap][month - 1] for is_leap in leap for month in months}
