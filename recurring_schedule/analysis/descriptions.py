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

try:
    from babel import Locale
    from babel.dates import format_date
    from babel.lists import format_list
    from fluent.runtime import FluentBundle, FluentResource
except ImportError as error:
    raise ImportError(
        "recurring_schedule.analysis.describe needs Babel and fluent.runtime: pip install 'recurring-schedule[words]'"
    ) from error

from recurring_schedule.core.calendars import CYCLE_YEARS, MONTH_STARTS
from recurring_schedule.core.checks import plain_date
from recurring_schedule.core.frequencies import MONTHS, Frequency, payment_place, picked_periods
from recurring_schedule.core.periods import divisor_of, open_parts
from recurring_schedule.core.schedule import Schedule

_LOCALES = files("recurring_schedule.analysis") / "locales"
_SOME = 6  # So many numbers are all listed; of more, the first three and the last.
_PERIODS = {
    Frequency.DAILY: "day",
    Frequency.WEEKLY: "week",
    Frequency.MONTHLY: "month",
    Frequency.QUARTERLY: "quarter",
    Frequency.YEARLY: "year",
}


def locales() -> tuple[str, ...]:
    """The languages that there are.

    >>> locales()
    ('en', 'sv')
    """
    return tuple(sorted(file.name.removesuffix(".ftl") for file in _LOCALES.iterdir() if file.name.endswith(".ftl")))


def describe(schedule: Schedule, start: date | None = None, locale: str = "en") -> str:
    """The schedule in words; with a start, what the schedule takes of it, and from when on.

    >>> describe(Schedule("monthly", 7))
    'on the day of the month the subscription started, in July'
    >>> describe(Schedule("monthly", 7), date(2024, 1, 31))
    'the 31st of July, from 31 January 2024'

    Schedules, with starts, that are due on different days have different words. Raises ValueError for a language that is not there,
    and TypeError for a start that is no date.
    """
    start = None if start is None else plain_date(start, "start")
    words = _words(locale)
    text = words.schedule(schedule, start)
    return text if start is None else words("from", text=text, start=format_date(start, "long", words.locale))


class _Words:
    """Sentences of a language."""

    def __init__(self, name: str) -> None:
        self._bundle = FluentBundle([name], use_isolating=False)
        self._bundle.add_resource(FluentResource((_LOCALES / f"{name}.ftl").read_text(encoding="utf-8")))
        self.locale = Locale.parse(self("cldr"))

    def __call__(self, message: str, **values: object) -> str:
        """A message of the language's file."""
        pattern = self._bundle.get_message(message).value
        if pattern is None:
            raise LookupError(f"{message} has no text")
        text, errors = self._bundle.format_pattern(pattern, {name: str(value) for name, value in values.items()})
        if errors:
            raise errors[0]
        return str(text)

    def ordinal(self, message: str, number: int, **values: object) -> str:
        """A message that counts."""
        return self(message, n=number, form=self.locale.ordinal_form(number), **values)

    def counted(self, message: str, numbers: Iterable[int], **values: object) -> str:
        """A message about so many numbers."""
        listed = [*numbers]
        count = "one" if len(listed) == 1 else "other"
        return self(message, count=count, numbers=self._numbers(listed, str), **values)

    def _numbers(self, numbers: list[int], written: Callable[[int], str]) -> str:
        words = [*map(written, numbers)]
        if len(words) > _SOME:
            return ", ".join([*words[:3], f"... {words[-1]}"])
        return format_list(words, locale=self.locale)

    def months(self, numbers: Iterable[int]) -> str:
        names = self.locale.months["format"]["wide"]
        return format_list([names[number] for number in numbers], locale=self.locale)

    def schedule(self, schedule: Schedule, start: date | None) -> str:
        frequency = schedule.frequency
        if schedule.never_due:
            remainder, divisor = divisor_of(schedule)
            period = _PERIODS[frequency]
            if period == "month" and schedule.dialect.first_month == 0:
                period = "month-from-0"
            values = {"period": period, "divisor": divisor, "remainder": remainder}
            return self("never-remainder" if remainder else "never-multiple", **values)
        periods = picked_periods(frequency, schedule.divisor, schedule.dialect)
        is_open = open_parts(schedule) if start is None else ()
        month, day = payment_place(frequency, schedule.offset, schedule.dialect, start or date.min)
        if frequency is Frequency.DAILY:
            return self._daily(periods)
        if frequency is Frequency.WEEKLY:
            of_start = "-of-start" if is_open else ""
            weekday = self.locale.days["format"]["wide"][day]
            if periods.step == 1:
                return self(f"every-week{of_start}", weekday=weekday)
            return self.counted(f"weeks{of_start}", periods, weekday=weekday)
        if frequency is Frequency.YEARLY:
            return self._yearly(schedule, month, day, is_open)
        if "month" in is_open:
            message = "every-quarter-of-start" if len(periods) == 4 else "quarters-of-start"
            return self.counted(message, periods, note=self("or-last"))  # each quarter has a month of less than 31 days
        months = [MONTHS[frequency] * (number - 1) + month + 1 for number in periods]
        message = "every-month" if len(months) == 12 else "months"
        if is_open:
            return self(f"{message}-of-start", months=self.months(months), note=self._open_note(months))
        if frequency is Frequency.QUARTERLY and len(periods) == 4 and (month, day) in ((0, 1), (2, -1)):
            return self("every-quarter-first" if day == 1 else "every-quarter-last")
        return self(message, day=self._day(day), months=self.months(months), note=self._note(day, months))

    def _daily(self, periods: range) -> str:
        if len(periods) == 31:
            return self("every-day")
        days = self._numbers([*periods], lambda number: self.ordinal("ordinal", number))
        message = "days-of-some-months" if periods[-1] > 28 else "days-of-months"
        return self(message, days=days, count="one" if len(periods) == 1 else "other")

    def _day(self, day: int) -> str:
        if day in (-1, -2):
            return self("from-end-last" if day == -1 else "from-end-second")
        return self.ordinal("from-start" if day > 0 else "from-end", abs(day))

    def _note(self, day: int, months: list[int], leap: Collection[bool] = (False, True)) -> str:
        """What happens in months that do not have the day, if there are some, in years that are leap years or not."""
        lengths = _lengths(months, leap)
        if abs(day) <= min(lengths):
            return ""
        when = "-always" if abs(day) > max(lengths) else "-in-year" if months == [2] else ""
        return self(f"or-{'last' if day > 0 else 'first'}{when}")

    def _open_note(self, months: list[int]) -> str:
        """What may happen in months that do not have the day of the start, if there are some."""
        return self("or-last") if min(_lengths(months)) < 31 else ""

    def _yearly(self, schedule: Schedule, month: int, day: int, is_open: tuple[str, ...]) -> str:
        remainder, divisor = divisor_of(schedule)
        if divisor == 1:
            years = self("every-year")
        elif divisor == 2:
            years = self("odd-years" if remainder else "even-years")
        else:
            message = "years-leaving" if remainder else "years-divisible"
            years = self.ordinal(message, divisor, divisor=divisor, remainder=remainder)
        name = self.locale.months["format"]["wide"][month + 1]
        if is_open:
            message = "yearly-of-start" if "month" in is_open else "yearly-month-of-start"
            return self(message, years=years, months=name, note=self._open_note([month + 1]))
        on = ("date-in-month", {"n": day}) if day > 0 else ("day-of-month", {"day": self._day(day)})
        step = gcd(divisor, CYCLE_YEARS)
        leap = {isleap(year) for year in range(remainder % step, CYCLE_YEARS, step)}
        note = self._note(day, [month + 1], leap)
        return self("yearly", years=years, date=self(on[0], month=name, **on[1]), note=note)


def _lengths(months: Iterable[int], leap: Iterable[bool] = (False, True)) -> set[int]:
    """How many days these months may have, in years that are leap years or not."""
    return {MONTH_STARTS[is_leap][month] - MONTH_STARTS[is_leap][month - 1] for is_leap in leap for month in months}


@cache
def _words(locale: str) -> _Words:
    if locale not in locales():
        raise ValueError(f"locale: got {locale!r}, expected one of {', '.join(locales())}")
    return _Words(locale)
