"""Checks of values that every edge shares, and how a value is shown in an error."""

from __future__ import annotations

import operator
import reprlib
from collections.abc import Sequence
from datetime import date, datetime


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
    raise TypeError(f"{name}: got {short_repr(value)}, expected a datetime.date{fix}")


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
        raise TypeError(f"{name}: got {short_repr(value)}, expected a str")
    if found := next(filter(_is_control, value), None):
        raise ValueError(f"{name}: got {short_repr(value)}, expected text without control characters such as {found!r}")
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


def did_you_mean(word: object, words: Sequence[str]) -> str | None:
    """The question whether one of `words` was meant, if `word` is nearly it; else None.

    >>> did_you_mean("Montly", ["daily", "monthly"])
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


def short_repr(value: object) -> str:
    """`repr(value)` on one line, cut if it is long.

    >>> short_repr("x" * 100)
    "'xxxxxxxxxxxxxxxxxxxxxxxxxxx...xxxxxxxxxxxxxxxxxxxxxxxxxxxx'"
    """
    return " ".join(_SHORT.repr(value).split())


_SHORT = _Short()


def path_segment(key: object) -> str:
    """A key as a place in an error."""
    return key if isinstance(key, str) and key.isidentifier() and len(key) <= 60 else short_repr(key)
