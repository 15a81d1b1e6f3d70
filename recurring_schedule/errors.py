"""The errors of the core, and what every edge shares: checks, and the reading of dates and of JSON text.

>>> raise ScheduleError("divisor[0]", 0, "a remainder from 1 to 1", "write 2 for the multiples of 2")
Traceback (most recent call last):
recurring_schedule.errors.ScheduleError: divisor[0]: got 0, expected a remainder from 1 to 1; write 2 for the multiples of 2
"""

from __future__ import annotations

import operator
import reprlib
from collections.abc import Callable, Sequence
from datetime import date, datetime

# Every Python writes an integer of 640 digits, whatever its limit is set to: sys.int_info.str_digits_check_threshold.
MOST_DIGITS = 640


class FieldError(ValueError):
    """A value that stands where another was expected.

    The message is one line: place, value, what was expected, and the likely fix where one is known.
    """

    def __init__(self, path: str, value: object, expected: str, fix: str | None = None) -> None:
        super().__init__(path, value, expected, fix)
        self.path = path
        """Where: a field (`divisor`), a place in it (`offset[1]`), an unknown key's name, or the whole (`schedule`)."""
        self.value = value
        """What stood there, whole; `None` for nothing."""
        self.expected = expected
        """What may stand there."""
        self.fix = fix
        """What to write instead, where that is likely; else `None`."""

    def __str__(self) -> str:
        got = "nothing" if self.value is None else shown(self.value)
        return f"{self.path}: got {got}, expected {self.expected}" + (f"; {self.fix}" if self.fix else "")


class ScheduleError(FieldError):
    """Something that was to be a schedule, or retry days, is none.

    >>> error = ScheduleError("frequency", "quaterly", "a frequency", "did you mean 'quarterly'?")
    >>> error.path, error.value, error.expected, error.fix
    ('frequency', 'quaterly', 'a frequency', "did you mean 'quarterly'?")
    """


def plain_date(value: object, name: str) -> date:
    """`value` as a `date` and nothing more than a date; `name` is what the error calls it.

    >>> plain_date(date(2024, 2, 29), "start")
    datetime.date(2024, 2, 29)

    Raises TypeError for everything that is no date, and for a `datetime`, whose calendar day depends on a time zone.
    """
    if type(value) is date:
        return value
    if isinstance(value, datetime):
        raise TypeError(
            f"{name}: got the datetime {value}, expected a date: which calendar day an instant falls on "
            "depends on a time zone, so decide it first, for example with .astimezone(zone).date()"
        )
    if isinstance(value, date):
        return date(value.year, value.month, value.day)
    fix = "; date.fromisoformat reads an ISO date" if isinstance(value, str) else ""
    raise TypeError(f"{name}: got {shown(value)}, expected a datetime.date{fix}")


def iso_date(text: str) -> date:
    """The date that text says as `YYYY-MM-DD`, and in no other way.

    >>> iso_date("2024-02-29")
    datetime.date(2024, 2, 29)

    Raises ValueError, which says what was expected.
    """
    expected = "a date, YYYY-MM-DD"
    digits = text[:4] + text[5:7] + text[8:]
    # Since Python 3.11, fromisoformat reads more than this.
    if not (len(text) == 10 and text[4] == text[7] == "-" and text.isascii() and digits.isdecimal()):
        raise ValueError(expected)
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise ValueError(f"{expected}; {error}") from None


def plain_text(value: object, name: str) -> str:
    """`value` if it is text without control characters but tabs and ends of lines; `name` is what the error calls it.

    >>> plain_text("Rent", "summary")
    'Rent'

    Raises TypeError for what is no text.
    """
    if not isinstance(value, str):
        raise TypeError(f"{name}: got {shown(value)}, expected a str")
    if found := next(filter(_is_control, value), None):
        raise ValueError(f"{name}: got {shown(value)}, expected text without control characters such as {found!r}")
    return value


def _is_control(sign: str) -> bool:
    return (sign < " " and sign not in "\t\r\n") or "\x7f" <= sign <= "\x9f" or sign in "\u2028\u2029"


def whole_number(value: object) -> int | None:
    """`value` as an `int` if it is an integer and no truth value, else None.

    >>> whole_number(2), whole_number(2.0), whole_number("2"), whole_number(True)
    (2, None, None, None)
    """
    if type(value) is int:
        return value
    if isinstance(value, bool):
        return None
    try:
        return operator.index(value)  # type: ignore[arg-type]  # the except is for what has no __index__
    except TypeError:
        return None


def meant(word: object, words: Sequence[str]) -> str | None:
    """The question whether one of `words` was meant, if `word` is nearly it; else None.

    >>> meant("Montly", ["daily", "monthly"])
    "did you mean 'monthly'?"
    """
    import difflib  # here, since only an error needs it

    if not isinstance(word, str) or len(word) > 60:
        return None
    close = difflib.get_close_matches(word.strip().lower(), words)
    return f"did you mean {close[0]!r}?" if close else None


class _Short(reprlib.Repr):
    """`repr`, at most about a line long, of any value at all."""

    def __init__(self) -> None:
        super().__init__()
        self.maxstring = self.maxother = 60
        self.maxlevel = 3

    def repr_int(self, x: int, level: int) -> str:
        # Python refuses to write integers of more than 4,300 digits, or of a limit set by the user, at least 640.
        return repr(x) if x.bit_length() <= 128 else f"an integer of {x.bit_length()} bits"


def shown(value: object) -> str:
    """`repr(value)` on one line, cut if it is long.

    >>> shown("x" * 100)
    "'xxxxxxxxxxxxxxxxxxxxxxxxxxx...xxxxxxxxxxxxxxxxxxxxxxxxxxxx'"
    """
    return " ".join(_SHORT.repr(value).split())


_SHORT = _Short()


def place_of(key: object) -> str:
    """A key as a place in an error."""
    return key if isinstance(key, str) and key.isidentifier() and len(key) <= 60 else shown(key)


def read_json(
    text: str, name: str, error: type[FieldError], parse_float: Callable[[str], object] | None = None
) -> object:
    """What JSON text says; `name` is what the error calls it. No key may stand twice, and numbers have limits.

    >>> read_json('{"frequency": "weekly", "frequency": "daily"}', "schedule", ScheduleError)
    Traceback (most recent call last):
    recurring_schedule.errors.ScheduleError: frequency: got ['weekly', 'daily'], expected one value; the key stands twice
    """
    import json  # here, since most schedules are frequencies or mappings
    from collections import Counter

    def read_object(pairs: list[tuple[str, object]]) -> dict[str, object]:
        found = dict(pairs)
        if len(found) < len(pairs):
            times = Counter(key for key, _ in pairs)
            twice = max(times, key=times.__getitem__)
            raise error(
                place_of(twice), [value for key, value in pairs if key == twice], "one value", "the key stands twice"
            )
        return found

    def read_integer(digits: str) -> int:
        if len(digits.lstrip("-")) > MOST_DIGITS:
            raise error(name, digits, f"integers of at most {MOST_DIGITS} digits")
        return int(digits)

    try:
        return json.loads(text, object_pairs_hook=read_object, parse_int=read_integer, parse_float=parse_float)
    except RecursionError:
        raise error(name, text, "JSON text without deep nesting") from None
    except json.JSONDecodeError as failure:
        raise error(name, text, "JSON text", f"line {failure.lineno} column {failure.colno}: {failure.msg}") from None
