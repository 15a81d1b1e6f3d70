"""Words and codes of other systems that are not frequencies here, and what to write instead.

>>> print(hint_for("end of month", Dialect.INTERGIRO))
write {"frequency": "monthly", "offset": -1}
>>> print(hint_for("every 5 months", Dialect.INTERGIRO))
write {"frequency": "monthly", "interval": 5}, counted from the start
>>> print(hint_for("montly", Dialect.INTERGIRO))
did you mean 'monthly'?

Every schedule in a hint is JSON text that `Schedule.parse` and the command accept. Its dates are
right in the dialect for which it was asked. The core imports this module only to write an error.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from difflib import get_close_matches
from itertools import chain

from recurring_schedule.core.checks import MAX_WORD
from recurring_schedule.core.frequencies import Dialect, Frequency, Offset, period_numbers, picked_periods

_BY_NOUN = {frequency.noun: frequency for frequency in Frequency}
_FREQUENCIES = tuple(frequency.value for frequency in Frequency)

# The tables. Their words are in lower case, with blanks for hyphens and underscores, and without fillers.

_FILLERS = frozenset(("a", "an", "calendar", "each", "every", "in", "of", "on", "once", "per", "the"))

_UNITS = {
    **{form: frequency.noun for frequency in Frequency for form in (frequency.noun, f"{frequency.noun}s", frequency)},
    **dict.fromkeys(("wk", "wks", "wkly"), "week"),
    **dict.fromkeys(("mo", "mos", "mth", "mths", "mthly", "mnth", "mnths"), "month"),
    **dict.fromkeys(("qtr", "qtrs", "qtrly"), "quarter"),
    **dict.fromkeys(("yr", "yrs", "annum"), "year"),
}
"""The noun of the period, for each way to write one."""

_NUMBERS = {
    word: number
    for number, words in {
        1: "one single",
        2: "two other second alternate",
        3: "three third",
        4: "four fourth",
        5: "five fifth",
        6: "six sixth",
        7: "seven",
        8: "eight",
        9: "nine",
        10: "ten",
        12: "twelve",
        13: "thirteen",
        14: "fourteen",
        18: "eighteen",
        30: "thirty",
        60: "sixty",
        90: "ninety",
    }.items()
    for word in words.split()
}

_INTERVALS = {
    word: interval
    for interval, words in {
        (1, "day"): ("dail", "everyday"),  # four capital letters are the codes of ISO 20022
        (2, "week"): ("fortnight", "fortnightly", "fortnights", "frtn"),
        (3, "week"): ("triweekly", "tri weekly"),
        (4, "week"): ("quadweekly", "lunar month"),
        (1, "month"): ("pcm", "monthlong"),
        (3, "month"): ("qurt", "trimonthly", "tri monthly"),
        (4, "month"): ("triannual", "triannually", "tri annual", "tri annually", "four monthly"),
        (6, "month"): (
            *(
                "half year",
                "half yearly",
                "halfyearly",
                "half annual",
                "mian",
                "semester",
                "twice year",
                "twice yearly",
            ),
            *("semiannual", "semiannually", "semi annual", "semi annually", "semiyearly", "semi yearly"),
        ),
        (1, "year"): ("annual", "annually", "anniversary"),
        (2, "year"): ("biennial", "biennially"),
        (3, "year"): ("triennial", "triennially"),
    }.items()
    for word in words
}
"""Words for a number of periods."""

_READINGS = {
    **dict.fromkeys(("bimonthly", "bi monthly"), ("every two months", "twice a month")),
    **dict.fromkeys(("biweekly", "bi weekly"), ("every two weeks", "twice a week")),
    **dict.fromkeys(("biannual", "biannually", "bi annual"), ("twice a year", "every two years")),
    **dict.fromkeys(("biyearly", "bi yearly", "bi annually"), ("twice a year", "every two years")),
    "mo": ("Monday", "every month"),
}
"""Words that people read in two ways."""

_TWICE = {
    **dict.fromkeys(
        ("semimonthly", "semi monthly", "semimonth", "semi month", "twice month", "twice monthly"), "month"
    ),
    **dict.fromkeys(("semiweekly", "semi weekly", "twice week", "twice weekly"), "week"),
}

_DAYS: Mapping[str, tuple[str, tuple[int, ...]]] = {
    **dict.fromkeys(("end month", "month end", "last day month", "last month", "eom"), ("month", (-1,))),
    **dict.fromkeys(("start month", "beginning month", "first month", "first day month", "@monthly"), ("month", (1,))),
    **dict.fromkeys(("end quarter", "quarter end", "last day quarter", "eoq"), ("quarter", (2, -1))),
    **dict.fromkeys(("end year", "year end", "last day year", "eoy"), ("year", (11, -1))),
    **dict.fromkeys(("start year", "first day year", "@yearly", "@annually"), ("year", (0, 1))),
    "@weekly": ("week", (0,)),
    **dict.fromkeys(("@daily", "@midnight"), ("day", ())),
}
"""Payment days: a noun, and the offset in it, with days from 1."""

_WEEKDAYS = ("sunday", "monday", "tuesday", "wednesday", "thursday", "friday", "saturday")
_WEEKDAY_NUMBERS = {
    form: number
    for number, name in enumerate(_WEEKDAYS)
    for form in (name, f"{name}s", name[:3], name[:2])
    if form != "mo"
} | {"tues": 2, "weds": 3, "thur": 4, "thurs": 4}
_ORDINALS = {
    **dict.fromkeys(("first", "1st"), 1),
    **dict.fromkeys(("second", "2nd"), 2),
    **dict.fromkeys(("third", "3rd"), 3),
    **dict.fromkeys(("fourth", "4th"), 4),
    **dict.fromkeys(("fifth", "5th"), 5),
    "last": -1,
}

_WORKING_DAYS = (
    *("weekday", "weekdays", "business day", "business days", "working day", "working days", "workday", "workdays"),
    *("work day", "work days", "bank day", "bank days", "banking day", "banking days"),
)
_WITHIN_A_DAY = ("hour", "hours", "hourly", "minute", "minutes", "minutely", "second", "seconds", "secondly", "@hourly")
_SINGLE = ("once", "one time", "onetime", "one off", "oneoff", "single")
_IRREGULAR = ("custom", "irregular", "irregularly", "variable", "demand", "ad hoc", "adhoc", "adho")

_KNOWN = tuple(
    chain(_UNITS, _INTERVALS, _READINGS, _TWICE, _DAYS, _WEEKDAY_NUMBERS, _WORKING_DAYS, _WITHIN_A_DAY, _IRREGULAR)
)
_READ_RRULE = (
    "an RRULE is read by recurring_schedule.exchange.from_rrule, and by the command recurring-schedule rrule --read"
)
_TWO_SCHEDULES = "write two schedules, one for each day"
_CLOSE = 0.8
"""The least similarity of a typo: that of "dialy" and "daily"."""

_MONTHS = (
    *("January", "February", "March", "April", "May", "June"),
    *("July", "August", "September", "October", "November", "December"),
)


def hint_for(text: str, dialect: Dialect) -> str | None:
    """Return what to write instead of `text`, which is not a frequency, or None if that is unknown.

    It says so if no schedule has the dates that a word means.
    """
    found = _hint_for_notation(text.strip(), dialect)
    if found or len(text) > MAX_WORD:
        return found
    word = _normal(text)
    return _hint_for_word(word, dialect) or _hint_for_typo(word, dialect)


def weekday_number(word: str) -> int | None:
    """Return the number that an offset has for a weekday, from 0, Sunday, or None.

    >>> weekday_number("Monday"), weekday_number("MO"), weekday_number("May")
    (1, 1, None)
    """
    word = word.strip().lower()
    return 1 if word == "mo" else _WEEKDAY_NUMBERS.get(word)


def _hint_for_notation(text: str, dialect: Dialect) -> str | None:
    if re.search(r"\bFREQ=", text, re.IGNORECASE):
        return f"{_hint_for_rrule(text, dialect)}{_READ_RRULE}"
    if re.fullmatch(r"[\d*][\d*/,-]*(\s+[\w*/,?#-]+){4,6}", text, re.ASCII):
        first, monday = _schedule("month", dialect, 1), _schedule("week", dialect, 1)
        return f"cron is not read: write the days instead, such as {first} for the first of each month or {monday} for Mondays"
    if found := re.fullmatch(r"([+-]?[1-5])(SU|MO|TU|WE|TH|FR|SA)", text):
        return _nth_weekday(int(found[1]), weekday_number(found[2]) or 0, dialect)
    if re.match(r"P(\d+[YMWD])*T\d", text, re.IGNORECASE):
        return _within_a_day()
    return None


def _hint_for_rrule(text: str, dialect: Dialect) -> str:
    """Return the schedule of an RRULE with nothing but FREQ and INTERVAL, or nothing."""
    found = re.fullmatch(r"(RRULE:)?FREQ=(\w+);INTERVAL=([1-9]\d{0,2})", text, re.IGNORECASE | re.ASCII)
    noun = _UNITS.get(found[2].lower()) if found else None
    if not found or not noun:
        return ""
    clamping = ", which clamps where the RRULE skips" if _BY_NOUN[noun].months else ""
    return f"write {_schedule(noun, dialect, interval=int(found[3]))}{clamping}; "


def _normal(text: str) -> str:
    """Return a word as the tables write it."""
    words = re.sub(r"[\s_-]+", " ", text.lower()).strip(" .,;:'\"").split()
    return " ".join([word for word in words if word not in _FILLERS] or words)


def _hint_for_word(word: str, dialect: Dialect) -> str | None:
    if word in _FREQUENCIES:
        return f"did you mean {word!r}?"
    if word in _READINGS:
        return "; ".join(f"for {reading}, {_hint_for_reading(reading, dialect)}" for reading in _READINGS[word])
    if word in _DAYS:
        noun, offset = _DAYS[word]
        return f"write {_schedule(noun, dialect, *offset)}"
    if word in _TWICE:
        return _twice(_TWICE[word], dialect)
    if interval := _interval(word):
        return _every(*interval, dialect)
    return _hint_for_weekdays(word, dialect) or _refusal(word)


def _hint_for_reading(reading: str, dialect: Dialect) -> str | None:
    word = _normal(reading)
    return _TWO_SCHEDULES if word in _TWICE else _hint_for_word(word, dialect)


def _hint_for_typo(word: str, dialect: Dialect) -> str | None:
    """Return the hint for the most similar word, which may be one of the tables.

    Prefixes make another meaning ("midmonthly"), so the first letters must be the same.
    """
    known = [other for other in (*_FREQUENCIES, *_KNOWN) if other[0] == word[:1] and abs(len(other) - len(word)) <= 2]
    close = get_close_matches(word, known, 1, _CLOSE)
    return _hint_for_word(close[0], dialect) if close else None


def _hint_for_weekdays(word: str, dialect: Dialect) -> str | None:
    if word in _WORKING_DAYS:
        monday, friday = _schedule("week", dialect, 1), _schedule("week", dialect, 5)
        return f"no schedule leaves out weekends: write five schedules, {monday} to {friday}"
    if word in ("weekend", "weekends"):
        return f"write two schedules, {_schedule('week', dialect, 6)} and {_schedule('week', dialect, 0)}"
    if word in _WEEKDAY_NUMBERS:
        return f"write {_schedule('week', dialect, _WEEKDAY_NUMBERS[word])}"
    which, _, rest = word.partition(" ")
    weekday = weekday_number(rest.removesuffix(" month"))
    if weekday is not None and which in ("other", "alternate"):
        return _every(2, "week", dialect, weekday)
    if weekday is None or which not in _ORDINALS:
        return None
    number, hint = _ORDINALS[which], _nth_weekday(_ORDINALS[which], weekday, dialect)
    if number < 2 or rest.endswith(" month"):
        return hint
    named = f"the {which} {_WEEKDAYS[weekday].title()} of each month"
    return f"for every {number} weeks, {_every(number, 'week', dialect, weekday)}; for {named}, {hint}"


def _nth_weekday(n: int, weekday: int, dialect: Dialect) -> str:
    """Return the hint for the n-th weekday of every month, or the last one if n is -1."""
    if abs(n) < 5:
        return f"write {_schedule('month', dialect, weekday=(n, weekday))}"
    edge, named = (-1, "last") if n > 0 else (1, "first")
    written = _schedule("month", dialect, weekday=(edge, weekday))
    return f"not every month has a fifth {_WEEKDAYS[weekday].title()}: for the {named} one, write {written}"


def _refusal(word: str) -> str | None:
    if word.rpartition(" ")[2] in _WITHIN_A_DAY:  # "2 hours"
        return _within_a_day()
    if word in _SINGLE:
        return "a schedule recurs: a single payment needs a date instead"
    return "no schedule has irregular dates" if word in _IRREGULAR else None


def _within_a_day() -> str:
    return f"a schedule is due on whole days: the most frequent one is {json.dumps(_BY_NOUN['day'])}"


def _twice(noun: str, dialect: Dialect) -> str:
    days = (1, 15) if noun == "month" else (1, 4)
    one, other = (_schedule(noun, dialect, day) for day in days)
    return f"{_TWO_SCHEDULES}, such as {one} and {other}"


def _schedule(noun: str, dialect: Dialect, *offset: int, **others: object) -> str:
    """Return a schedule as JSON text; the last number of `offset` is a day from 1, or a weekday.

    `others` are its other fields.
    """
    frequency = _BY_NOUN[noun]
    written: int | list[int] | None = None
    if offset:
        *month, day = offset
        if frequency.months and day > 0:
            day += dialect.first_day - 1
        written = [*month, day] if month else day
    fields = {"frequency": frequency.value, "divisor": others.pop("divisor", None), "offset": written, **others}
    wire = {name: value for name, value in fields.items() if value is not None}
    return json.dumps(wire if len(wire) > 1 else frequency.value)


def _interval(word: str) -> tuple[int, str] | None:
    """Return the number of periods and their noun, for words, numbers and ISO 8601 durations."""
    if duration := re.fullmatch(r"p(\d{1,3})([dwmy])", word):
        nouns = {noun[0]: noun for noun in _BY_NOUN}
        return (int(duration[1]), nouns[duration[2]]) if int(duration[1]) else None
    if word in _INTERVALS:
        return _INTERVALS[word]
    *numbers, unit = re.sub(r"^(\d+)([a-z])", r"\1 \2", word).split() or [""]
    noun = _UNITS.get(unit)
    if noun is None or len(numbers) > 1:
        return None
    number = numbers[0] if numbers else "1"
    count = int(number) if re.fullmatch(r"\d{1,3}", number) else _NUMBERS.get(number)
    return (count, noun) if count else None


def _in_largest_periods(count: int, noun: str) -> tuple[int, str]:
    """Return the same interval in the longest periods that fit: 12 months are one year."""
    for small, size, large in (("day", 7, "week"), ("month", 3, "quarter"), ("quarter", 4, "year")):
        if noun == small and count % size == 0:
            count, noun = count // size, large
    return count, noun


def _every(count: int, noun: str, dialect: Dialect, *offset: int) -> str:
    """Return the hint for a payment every `count` periods."""
    step, period = _in_largest_periods(count, noun)
    frequency = _BY_NOUN[period]
    if step == 1:
        return f"write {_schedule(period, dialect, *offset)}"
    # Years never begin again; the others have a divisor only if their numbers begin again after whole steps.
    if not frequency.months or (frequency.cycle == "year" and frequency.always % step):
        if frequency.months:
            step, period = count, noun
        return f"write {_schedule(period, dialect, *offset, interval=step)}, counted from the start"
    written, missing = [], ""
    for first in (step, 1):
        picked = range(first, len(frequency.numbers) + 1, step)
        divisor = _divisor(frequency, picked, dialect)
        if divisor is None:
            missing = f"; no schedule in this dialect has {_named(frequency, picked)}"
        else:
            written.append(f"{_schedule(period, dialect, *offset, divisor=divisor)} for {_named(frequency, picked)}")
    others = f"; [2, {step}] and so on have other {period}s" if step > 2 else ""
    return f"write {' or '.join(written)}{missing}{others}"


def _divisor(frequency: Frequency, picked: range, dialect: Dialect) -> Offset:
    """Return the divisor that picks these periods, by their ordinals from 1, or None."""
    remainder = (picked.start - 1 + period_numbers(frequency, dialect).start) % picked.step
    divisor = (remainder, picked.step) if remainder else picked.step
    return divisor if picked_periods(frequency, divisor, dialect) == picked else None


def _named(frequency: Frequency, picked: range) -> str:
    """Return the picked periods in words."""
    if frequency.cycle == "calendar":
        first = picked[(2024 - picked.start) // picked.step]
        return f"{first}, {first + picked.step} and so on"
    if frequency.months == 1:
        return _series([_MONTHS[ordinal - 1] for ordinal in picked])
    return f"{frequency.numbered}s {_series(picked)}"


def _series(items: Sequence[object]) -> str:
    if len(items) > 3:
        return f"{items[0]}, {items[1]}, ..., {items[-1]}"
    *rest, last = map(str, items)
    return f"{', '.join(rest)} and {last}" if rest else last
