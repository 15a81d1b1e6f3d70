"""The languages of the library, each in a JSON file of its names and phrases in this folder.

>>> swedish = language("sv-SE")
>>> swedish.say("every-weekday", weekday=swedish.weekdays[0])
'varje måndag'

A value goes where its name stands in braces. Where the words depend on a number or on the kind of
period, a phrase has variants, by that number or kind; "other" stands for all that are not listed.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date
from functools import cache
from pathlib import Path
from typing import NamedTuple, TypeVar

from recurring_schedule.core.calendars import MonthDay
from recurring_schedule.core.checks import short_repr
from recurring_schedule.core.errors import FieldError
from recurring_schedule.core.frequencies import residue
from recurring_schedule.core.schedule import NeverDue

_FOLDER = Path(__file__).parent  # importlib.resources would add 10 ms to every command
_TAG = re.compile("([A-Za-z]{2,3})([-_][A-Za-z0-9]{1,8})*")
_ALIASES = {"no": "nb"}
"""Codes of other languages, and the language that serves them."""
_MOST_LISTED = 6
"""Up to this many values are all listed; of more, the first three and the last."""

Value = TypeVar("Value")


def locales() -> tuple[str, ...]:
    """Return the codes of the languages, in the order of the alphabet.

    >>> locales()
    ('da', 'de', 'en', 'es', 'fi', 'fr', 'nb', 'sv')
    """
    return tuple(sorted(file.stem for file in _FOLDER.glob("*.json")))


@cache
def language(locale: str) -> Language:
    """Return the language of a tag. Only its first part counts: `de_AT` and `de-CH` are German.

    Raises ValueError, which lists the languages, for an unknown tag.
    """
    found = _TAG.fullmatch(locale) if isinstance(locale, str) else None
    code = found[1].lower() if found else ""
    code = _ALIASES.get(code, code)
    if code not in locales():
        raise FieldError("locale", locale, f"one of {', '.join(locales())}, or a tag such as en-GB")
    return Language(**json.loads((_FOLDER / f"{code}.json").read_text(encoding="utf-8")))


class Language(NamedTuple):
    """The names and phrases of a language."""

    months: Sequence[str]
    """The months, from January."""
    weekdays: Sequence[str]
    """The weekdays, from Monday."""
    phrases: Mapping[str, str | Mapping[str, str]]
    """The text of each phrase, or its variants."""

    def say(self, phrase: str, which: object = "other", /, **values: object) -> str:
        """Return a phrase with its values filled in; `which` chooses among its variants."""
        found = self.phrases[phrase]
        if not isinstance(found, str):
            found = found.get(str(which)) or found["other"]
        return found.format(**values)

    def listed(self, words: Iterable[str]) -> str:
        """Return the words as a list.

        >>> language("en").listed(["1", "4", "7"]), language("de").listed(["1"])
        ('1, 4 and 7', '1')
        """
        *others, last = words
        return self.say("and", first=", ".join(others), last=last) if others else last

    def abridged(self, values: Sequence[Value], written: Callable[[Value], str]) -> str:
        """Return values, as `written` writes them, as a list; of more than six, some.

        >>> language("en").abridged(range(1, 54, 3), str)
        '1, 4, 7, ..., 52'
        """
        if len(values) > _MOST_LISTED:
            return f"{', '.join(map(written, values[:3]))}, ..., {written(values[-1])}"
        return self.listed(map(written, values))

    def calendar(self, name: str) -> str:
        """Return a calendar of open days by its name.

        >>> language("en").calendar("TARGET"), language("de").calendar("")
        ('TARGET', 'der Kalender')
        """
        return self.say("calendar", "other" if name else "unnamed", name=name)

    def date(self, day: date) -> str:
        """Return a date in words.

        >>> language("en").date(date(2024, 1, 31)), language("es").date(date(2024, 1, 31))
        ('31 January 2024', '31 de enero de 2024')
        """
        return self.say("date", day.day, n=day.day, month=self.months[day.month - 1], year=day.year)

    def ordinal(self, number: int) -> str:
        """Return the number of a day of the month.

        >>> language("en").ordinal(22), language("fr").ordinal(1)
        ('22nd', '1er')
        """
        return self.say("ordinal", number, n=number)

    def month(self, case: str, month: int) -> str:
        """Return a month, from 1, as it stands after "of" or "in".

        >>> language("fr").month("of", 5), language("fi").month("in", 5)
        ('de mai', 'toukokuussa')
        """
        return self.say(f"{case}-month", month, month=self.months[month - 1])

    def day(self, day: MonthDay) -> str:
        """Return a day of the month, from 1, or back from its end, from -1, or an n-th weekday.

        >>> language("en").day(31), language("en").day(-2), language("de").day(31)
        ('the 31st', 'the second-to-last day', 'am 31.')
        >>> language("en").day((-1, 4)), language("de").day((2, 0))
        ('the last Friday', 'am zweiten Montag')
        """
        if isinstance(day, tuple):
            n, weekday = day
            phrase = "weekday-from-start" if n > 0 else "weekday-from-end"
            return self.say(phrase, abs(n), weekday=self.weekdays[weekday])
        return self.say("from-start" if day > 0 else "from-end", abs(day), ordinal=self.ordinal(abs(day)))

    def day_in(self, months: Sequence[int], day: MonthDay, note: str = "") -> str:
        """Return a day of one or several months, from 1; `note` says more about it.

        >>> language("en").day_in([7], 31), language("en").day_in([1, 7], -1)
        ('the 31st of July', 'the last day of January and July')
        """
        if len(months) == 1 and not isinstance(day, tuple) and day > 0:
            name = self.months[months[0] - 1]
            return self.say("date-in-month", day, ordinal=self.ordinal(day), month=name, note=note)
        listed = self.listed(self.month("of", month) for month in months)
        return self.say("day-in-months", len(months), day=self.day(day), months=listed, note=note)

    def day_in_year(self, month: int, day: MonthDay) -> str:
        """Return a day of a month, from 1, as it stands after "every year, on".

        >>> language("en").day_in_year(12, 13), language("en").day_in_year(12, -1)
        ('13 December', 'the last day of December')
        """
        if isinstance(day, tuple) or day < 0:
            return self.day_in([month], day)
        return self.say("date-in-year", day, n=day, month=self.months[month - 1])

    def reason(self, never: NeverDue) -> str:
        """Return the reason why a schedule is never due.

        >>> language("en").reason(Schedule("monthly", 13).never_due)
        'no month is number 13 or a multiple of it'
        """
        remainder, divisor = residue(never.divisor)
        none = self.say("no-period", f"{never.frequency.noun}{'-from-0' if never.numbers.start == 0 else ''}")
        values = {"none": none, "divisor": short_repr(divisor), "remainder": short_repr(remainder)}
        return self.say("no-remainder" if remainder else "no-multiple", **values)
