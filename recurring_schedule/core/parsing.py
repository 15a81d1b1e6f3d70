"""The checks of a schedule's fields: each returns the field as it is kept, or raises."""

from __future__ import annotations

from collections.abc import Container, Mapping
from types import MappingProxyType

from recurring_schedule.core.checks import MOST_DIGITS, did_you_mean, listed, short_repr, whole_number
from recurring_schedule.core.errors import ScheduleError
from recurring_schedule.core.frequencies import Dialect, Divisor, Frequency, Offset, Weekday

TYPE_CHECKING = False  # importing typing takes as long as all that the core imports otherwise
if TYPE_CHECKING:
    from typing import Any

_FREQUENCIES = {frequency.value: frequency for frequency in Frequency}
_WORDS = tuple(_FREQUENCIES)
_DIALECTS = tuple(dialect.value for dialect in Dialect)
_JSON_STARTS = ("{", "[", '"')

_LARGEST = 10**MOST_DIGITS - 1
_LIKELY = 10**9
"""A hint only suggests divisors below this."""

_DAYS = {dialect: frozenset((*range(-31, 0), *range(dialect.first_day, dialect.first_day + 31))) for dialect in Dialect}
_NO_HINTS: Mapping[int, str] = MappingProxyType({})
_OTHER_DAYS = {
    0: "1 is the first day; a schedule that counts days from 0 needs the dialect PAYFUNC",
    31: "days count from 0 in the dialect PAYFUNC, so the 31st is 30",
}
_FIFTH = {
    5: "some months have only four, and -1 is the last",
    -5: "some months have only four, and 1 is the first",
}


def checked_frequency(value: object, dialect: Dialect) -> Frequency:
    """Return the frequency of that name. Hints are written in `dialect`."""
    found = _FREQUENCIES.get(value) if isinstance(value, str) else None
    if found is not None:
        return found
    fix = None
    if isinstance(value, Mapping):
        fix = "a mapping is a whole schedule: leave out the key around it, or in Python call Schedule.parse"
    elif isinstance(value, str):
        from recurring_schedule.core.other_words import hint_for  # here, since only an error needs it

        fix = hint_for(value, dialect)
    raise ScheduleError("frequency", value, listed(_WORDS), fix)


def checked_dialect(value: object) -> Dialect:
    """Return the dialect of that name."""
    if isinstance(value, Dialect):
        return value
    try:
        return Dialect(value)
    except ValueError:
        raise ScheduleError("dialect", value, listed(_DIALECTS), did_you_mean(value, _DIALECTS)) from None


def check_dialect(own: Dialect, wanted: object) -> None:
    """Raise a ScheduleError if a value written in the dialect `own` is wanted in another one."""
    if wanted is not None and own is not checked_dialect(wanted):
        expected = f"{own!r}, in which the schedule was written"
        raise ScheduleError("dialect", wanted, expected, "its numbers may mean something else")


def from_json_text(value: object) -> object:
    """Return the value of JSON text; anything else, such as a bare frequency, as it is."""
    if isinstance(value, str) and value.lstrip()[:1] in _JSON_STARTS:
        from recurring_schedule.core.json_text import read_json  # here, since most schedules are not text

        return read_json(value, "schedule", ScheduleError)
    return value


def checked_divisor(value: object) -> Divisor:
    """Return the divisor: an integer, or a pair as a tuple."""
    if value is None:
        return None
    if isinstance(value, (list, tuple)):
        return _checked_pair(value)
    number = whole_number(value)
    if number is None or number < 1:
        fix = _fix(value, range(1, _LIKELY), {0: "leave it out for every period"})
        raise ScheduleError("divisor", value, "an integer of 1 or more, or a pair [r, d] with 1 <= r < d", fix)
    return _writable("divisor", number)


def _checked_pair(value: list[object] | tuple[object, ...]) -> tuple[int, int]:
    if len(value) != 2:
        fix = _fix(value[0], range(1, _LIKELY)) if len(value) == 1 else None
        raise ScheduleError("divisor", value, "an integer, or a pair [r, d] with 1 <= r < d", fix)
    remainder, divisor = map(whole_number, value)
    if divisor is None or divisor < 2:
        raise ScheduleError("divisor[1]", value[1], "an integer of 2 or more", _fix(value[1], range(2, _LIKELY)))
    _writable("divisor[1]", divisor)
    if remainder is None or not 1 <= remainder < divisor:
        fix = _fix(value[0], range(1, divisor))
        if remainder is not None:
            rest = remainder % divisor
            fix = (
                f"write [{short_repr(rest)}, {short_repr(divisor)}]" if rest else f"write {divisor} instead of the pair"
            )
        raise ScheduleError("divisor[0]", value[0], f"a remainder, 1 to {short_repr(divisor - 1)}", fix)
    return remainder, divisor


def _writable(path: str, number: int) -> int:
    if number > _LARGEST:
        raise ScheduleError(path, number, f"an integer of at most {MOST_DIGITS} digits")
    return number


def checked_offset(value: object, frequency: Frequency, dialect: Dialect) -> Offset:
    """Return the offset: an integer, or a pair as a tuple."""
    if value is None:
        return None
    if not frequency.parts:
        expected = f"nothing, since a {frequency.value} schedule is paid on the {frequency.noun} itself"
        raise ScheduleError("offset", value, expected, "leave it out")
    if frequency.parts == ("weekday",):
        return _checked_weekday(value)
    if frequency.parts == ("day",):
        return _checked_day("offset", value, dialect)
    if not isinstance(value, (list, tuple)):
        return _checked_month("offset", value, frequency, ", or a pair [month, day]")
    if len(value) != 2:
        fix = _fix_of_several(value, range(frequency.months), "month")
        raise ScheduleError("offset", value, "a month, or a pair [month, day]", fix)
    return _checked_month("offset[0]", value[0], frequency), _checked_day("offset[1]", value[1], dialect)


def checked_interval(value: object, divisor: Divisor) -> int | None:
    """Return the interval, which excludes a divisor."""
    if value is None:
        return None
    if divisor is not None:
        why = "a divisor picks periods by their numbers in the calendar, an interval by their count from the start"
        raise ScheduleError("interval", value, "nothing beside a divisor", f"{why}: leave one of them out")
    number = whole_number(value)
    if number is None or number < 1:
        raise ScheduleError("interval", value, "an integer of 1 or more", _fix(value, range(1, _LIKELY)))
    return _writable("interval", number)


def checked_weekday(value: object, frequency: Frequency, offset: Offset) -> Weekday:
    """Return the n-th weekday of a month as a tuple. It takes the place of the day of an offset."""
    if value is None:
        return None
    if "day" not in frequency.parts:
        instead = "its weekday is its `offset`" if frequency.weeks else "leave it out"
        raise ScheduleError("weekday", value, f"nothing in a {frequency.value} schedule", instead)
    taken = "no day, since `weekday` takes its place"
    if isinstance(offset, tuple):
        raise ScheduleError("offset", [*offset], taken, f"write {offset[0]}")
    if offset is not None and frequency.parts == ("day",):
        raise ScheduleError("offset", offset, taken, "leave it out")
    if not isinstance(value, (list, tuple)) or len(value) != 2:
        named = _named_weekday(value)
        fix = None if named is None else f"write [1, {named}] for the first of the month or [-1, {named}] for the last"
        expected = "a pair [n, w] with n 1 to 4, or -1 (the last) to -4, and w 0 (Sunday) to 6 (Saturday)"
        raise ScheduleError("weekday", value, expected, fix)
    n = whole_number(value[0])
    if n is None or not 1 <= abs(n) <= 4:
        fix = _fix(value[0], (*range(-4, 0), *range(1, 5)), _FIFTH)
        raise ScheduleError("weekday[0]", value[0], "a number, 1 to 4, or -1 (the last) to -4", fix)
    return n, _checked_weekday(value[1], "weekday[1]")


def _checked_weekday(value: object, path: str = "offset") -> int:
    number = whole_number(value)
    if number is None or not 0 <= number <= 6:
        named = _named_weekday(value)
        fix = f"write {named}" if named is not None else _fix(value, range(7), {7: "Sunday is 0"})
        fix = fix or _fix_of_several(value, range(7), "weekday")
        raise ScheduleError(path, value, "a weekday, 0 (Sunday) to 6 (Saturday)", fix)
    return number


def _named_weekday(value: object) -> int | None:
    """Return the number of a weekday that is written as a word, or None."""
    from recurring_schedule.core.other_words import weekday_number  # here, since only an error needs it

    return weekday_number(value) if isinstance(value, str) else None


def _checked_month(path: str, value: object, frequency: Frequency, or_else: str = "") -> int:
    last = frequency.months - 1
    number = whole_number(value)
    if number is None or not 0 <= number <= last:
        fix = _fix(value, range(last + 1), {last + 1: f"months count from 0, so the last is {last}"})
        raise ScheduleError(path, value, f"a month of the {frequency.noun}, 0 to {last}{or_else}", fix)
    return number


def _checked_day(path: str, value: object, dialect: Dialect) -> int:
    first, last = dialect.first_day, dialect.first_day + 30
    number, right = whole_number(value), _DAYS[dialect]
    if number is None or number not in right:
        # The likely mistake in a schedule that takes a day is the pair that longer periods take.
        written = value[1] if isinstance(value, (list, tuple)) and len(value) == 2 else value
        fix = _fix_of_several(value, right, "day") or _fix(written, right, _OTHER_DAYS)
        raise ScheduleError(path, value, f"a day of the month, {first} to {last}, or -1 (the last) to -31", fix)
    return number


def _fix(value: object, right: Container[int], hints: Mapping[int, str] = _NO_HINTS) -> str | None:
    """Return the fix for a value that is nearly a number: the number if right, else its hint."""
    number = _nearly(value)
    if number is None:
        return None
    return f"write {short_repr(number)}" if number in right else hints.get(number)


def _fix_of_several(value: object, right: Container[int], noun: str) -> str | None:
    """Return the fix for a list of numbers if a schedule with any one of them would be right."""
    if not isinstance(value, (list, tuple)) or not value:
        return None
    numbers = [*dict.fromkeys(map(_nearly, value))]
    if not all(number is not None and number in right for number in numbers):
        return None
    *rest, last = map(str, numbers)
    if not rest:
        return f"write {last}"
    return f"a schedule has one {noun}: write one schedule for each of {', '.join(rest)} and {last}"


def _nearly(value: Any) -> int | None:
    """Return the integer that a value is, or would be without quotes or a fraction of zero."""
    number = whole_number(value)
    if number is not None:
        return number
    if isinstance(value, str):
        return int(value) if value.strip().removeprefix("-").isdecimal() and len(value) < 10 else None
    try:
        is_whole = not isinstance(value, bool) and abs(value) < _LIKELY and value == int(value)
    except (TypeError, ValueError, ArithmeticError):
        return None
    return int(value) if is_whole else None
