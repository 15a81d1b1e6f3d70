"""Schedules in words: what people read on a page, or in an agreement.

>>> describe(Schedule("quarterly", offset=[2, -1])), describe(Schedule("yearly", 2, [11, 13]))
('the last day of every quarter', 'every other year (even years), on 13 December')
>>> describe(Schedule("monthly", offset=31), locale="sv")
'den 31:a i varje månad, eller sista dagen om månaden är kortare'

Needs the extra `words`.
"""

from __future__ import annotations

from calendar import isleap
from collections.abc import Callable, Collection, Iterable
from datetime import date
from functools import cache
from importlib.resources import files
from math import gcd

from recurring_schedule.core.extras import extra

with extra("words", "recurring_schedule.analysis.describe needs Babel and fluent.runtime"):
    from babel import Locale
    from babel.dates import format_date
    from babel.lists import format_list
    from fluent.runtime import FluentBundle, FluentResource

from recurring_schedule.core.calendars import CYCLE_YEARS, MONTH_STARTS
from recurring_schedule.core.checks import plain_date
from recurring_schedule.core.frequencies import Frequency, residue
from recurring_schedule.core.schedule import Schedule

_LOCALES = files("recurring_schedule.analysis") / "locales"
_MOST_LISTED = 6
"""Up to this many numbers are all listed; of more, the first three and the last."""


def locales() -> tuple[str, ...]:
    """Return the languages of `describe`.

    >>> locales()
    ('en', 'sv')
    """
    return tuple(sorted(file.name.removesuffix(".ftl") for file in _LOCALES.iterdir() if file.name.endswith(".ftl")))


def describe(schedule: Schedule, start: date | None = None, locale: str = "en") -> str:
    """Return the schedule in words; with a start, also what the start supplies and the first day.

    >>> describe(Schedule("monthly", 7))
    'on the day of the month the subscription started, in July'
    >>> describe(Schedule("monthly", 7), date(2024, 1, 31))
    'the 31st of July, from 31 January 2024'

    Schedules with different due dates read differently. Raises ValueError for an unknown language,
    TypeError if the start is not a date.
    """
    return _language(locale).describe(schedule, None if start is None else plain_date(start, "start"))


@cache
def _language(locale: str) -> Language:
    if locale not in locales():
        raise ValueError(f"locale: got {locale!r}, expected one of {', '.join(locales())}")
    return Language(locale, (_LOCALES / f"{locale}.ftl").read_text(encoding="utf-8"))


class Language:
    """The sentences of a language: its Fluent messages, with the names and lists of the CLDR."""

    def __init__(self, name: str, messages: str) -> None:
        self._bundle = FluentBundle([name], use_isolating=False)
        self._bundle.add_resource(FluentResource(messages))
        self._locale = Locale.parse(self._say("cldr"))
        self._month_names = self._locale.months["format"]["wide"]

    def describe(self, schedule: Schedule, start: date | None) -> str:
        """Return the schedule in words; see the function `describe`."""
        text = self._schedule(schedule, start)
        if start is None:
            return text
        return self._say("from", text=text, start=format_date(start, "long", self._locale))

    def _say(self, message: str, **values: object) -> str:
        """Return a message of the file with its values filled in."""
        pattern = self._bundle.get_message(message).value
        if pattern is None:
            raise LookupError(f"{message} has no text")
        text, errors = self._bundle.format_pattern(pattern, {name: str(value) for name, value in values.items()})
        if errors:
            raise errors[0]
        return str(text)

    def _ordinal(self, message: str, number: int, **values: object) -> str:
        return self._say(message, n=number, form=self._locale.ordinal_form(number), **values)

    def _counted(self, message: str, numbers: Iterable[int], **values: object) -> str:
        listed = [*numbers]
        count = "one" if len(listed) == 1 else "other"
        return self._say(message, count=count, numbers=self._numbers(listed, str), **values)

    def _numbers(self, numbers: list[int], written: Callable[[int], str]) -> str:
        words = [*map(written, numbers)]
        if len(words) > _MOST_LISTED:
            return ", ".join([*words[:3], f"... {words[-1]}"])
        return format_list(words, locale=self._locale)

    def _months(self, months: Iterable[int]) -> str:
        return format_list([self._month_names[month] for month in months], locale=self._locale)

    def _schedule(self, schedule: Schedule, start: date | None) -> str:
        frequency = schedule.frequency
        if schedule.never_due:
            return self._never(schedule)
        anchor = schedule.anchor if start is None else ()
        month, day = schedule.payment_day(start or date.min)
        if frequency.weeks:
            return self._weekly(frequency, schedule.periods, day, anchor)
        if not frequency.months:
            return self._daily(schedule.periods)
        if frequency.cycle == "calendar":
            return self._yearly(schedule, month, day, anchor)
        return self._monthly(frequency, schedule.periods, month, day, anchor)

    def _never(self, schedule: Schedule) -> str:
        remainder, divisor = residue(schedule.divisor)
        frequency = schedule.frequency
        from_0 = "-from-0" if frequency.months == 1 and schedule.dialect.first_month == 0 else ""
        message = "never-remainder" if remainder else "never-multiple"
        return self._say(message, period=f"{frequency.noun}{from_0}", divisor=divisor, remainder=remainder)

    def _daily(self, periods: range) -> str:
        if len(periods) == 31:
            return self._say("every-day")
        days = self._numbers([*periods], lambda number: self._ordinal("ordinal", number))
        message = "days-of-some-months" if periods[-1] > 28 else "days-of-months"
        return self._say(message, days=days, count="one" if len(periods) == 1 else "other")

    def _weekly(self, frequency: Frequency, periods: range, day: int, anchor: tuple[str, ...]) -> str:
        of_start = "-of-start" if anchor else ""
        weekday = self._locale.days["format"]["wide"][day]
        if periods.step == 1:
            return self._say(f"every-{frequency.noun}{of_start}", weekday=weekday)
        return self._counted(f"{frequency.noun}s{of_start}", periods, weekday=weekday)

    def _monthly(self, frequency: Frequency, periods: range, month: int, day: int, anchor: tuple[str, ...]) -> str:
        is_every = len(periods) == frequency.always
        if "month" in anchor:
            message = f"every-{frequency.noun}-of-start" if is_every else f"{frequency.noun}s-of-start"
            return self._counted(message, periods, note=self._say("or-last"))  # each one has a month of under 31 days
        months = [frequency.months * (ordinal - 1) + month + 1 for ordinal in periods]
        message = "every-month" if len(months) == 12 else "months"
        if anchor:
            return self._say(f"{message}-of-start", months=self._months(months), note=self._anchored_note(months))
        if is_every and frequency.months > 1 and (month, day) in ((0, 1), (frequency.months - 1, -1)):
            return self._say(f"every-{frequency.noun}-{'first' if day == 1 else 'last'}")
        return self._say(message, day=self._day(day), months=self._months(months), note=self._note(day, months))

    def _yearly(self, schedule: Schedule, month: int, day: int, anchor: tuple[str, ...]) -> str:
        remainder, divisor = residue(schedule.divisor)
        years, name = self._years(remainder, divisor), self._month_names[month + 1]
        if anchor:
            message = "in-years-of-start" if "month" in anchor else "in-years-and-month-of-start"
            return self._say(message, years=years, months=name, note=self._anchored_note([month + 1]))
        message, said = ("date-in-month", {"n": day}) if day > 0 else ("day-of-month", {"day": self._day(day)})
        on = self._say(message, month=name, **said)
        step = gcd(divisor, CYCLE_YEARS)
        leap = {isleap(year) for year in range(remainder % step, CYCLE_YEARS, step)}
        return self._say("in-years", years=years, date=on, note=self._note(day, [month + 1], leap))

    def _years(self, remainder: int, divisor: int) -> str:
        if divisor == 1:
            return self._say("every-year")
        if divisor == 2:
            return self._say("odd-years" if remainder else "even-years")
        message = "years-leaving" if remainder else "years-divisible"
        return self._ordinal(message, divisor, divisor=divisor, remainder=remainder)

    def _day(self, day: int) -> str:
        if day in (-1, -2):
            return self._say("from-end-last" if day == -1 else "from-end-second")
        return self._ordinal("from-start" if day > 0 else "from-end", abs(day))

    def _note(self, day: int, months: list[int], leap: Collection[bool] = (False, True)) -> str:
        """Return how the day is clamped in months that lack it, in these kinds of years."""
        lengths = _lengths(months, leap)
        if abs(day) <= min(lengths):
            return ""
        when = "-always" if abs(day) > max(lengths) else "-in-year" if months == [2] else ""
        return self._say(f"or-{'last' if day > 0 else 'first'}{when}")

    def _anchored_note(self, months: list[int]) -> str:
        """Return how the day of the start may be clamped in these months."""
        return self._say("or-last") if min(_lengths(months)) < 31 else ""


def _lengths(months: Iterable[int], leap: Iterable[bool] = (False, True)) -> set[int]:
    """Return the numbers of days that these months have, in leap years, others or both."""
    return {MONTH_STARTS[is_leap][month] - MONTH_STARTS[is_leap][month - 1] for is_leap in leap for month in months}
