"""Checks that every edge shares, and the short form in which errors show a value."""

from __future__ import annotations

import operator
import reprlib
from collections.abc import Sequence
from datetime import date, datetime

MAX_WORD = 60
"""The most characters of a word that errors quote whole or look up."""

# Every Python writes an integer of 640 digits, whatever its limit is set to: sys.int_info.str_digits_check_threshold.
MOST_DIGITS = 640
"""The number of digits that an integer may have where text is read."""


def plain_date(value: object, name: str) -> date:
    """Return `value` as a plain `date`; errors call it `name`.

    >>> plain_date(date(2024, 2, 29), "start")
    datetime.date(2024, 2, 29)

    Raises TypeError if it is not a date, and for a `datetime`, whose calendar day depends on a time
    zone.
    """
    if type(value) is date:
        return value
    if isinstance(value, datetime):
        raise TypeError(
            f"{name}: got the datetime {value}, expected a date: the calendar day of an instant depends on "
            "a time zone, so decide it first, for example with .astimezone(zone).date()"
        )
    if isinstance(value, date):
        return date(value.year, value.month, value.day)
    fix = "; date.fromisoformat reads an ISO date" if isinstance(value, str) else ""
    raise TypeError(f"{name}: got {short_repr(value)}, expected a datetime.date{fix}")


def iso_date(text: str) -> date:
    """Return the date written as `YYYY-MM-DD`, the only accepted form.

    >>> iso_date("2024-02-29")
    datetime.date(2024, 2, 29)

    Raises ValueError, with the expected form as its message.
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
    """Return `value` if it is text whose only control characters are tabs and line ends.

    Errors call it `name`.

    >>> plain_text("Rent", "summary")
    'Rent'

    Raises TypeError if it is not a str, ValueError for another control character.
    """
    if not isinstance(value, str):
        raise TypeError(f"{name}: got {short_repr(value)}, expected a str")
    if found := next(filter(_is_control, value), None):
        raise ValueError(f"{name}: got {short_repr(value)}, expected text without control characters such as {found!r}")
    return value


def _is_control(character: str) -> bool:
    if character < " ":
        return character not in "\t\r\n"
    return "\x7f" <= character <= "\x9f" or character in "\u2028\u2029"


def whole_number(value: object) -> int | None:
    """Return `value` as an `int` if it is an integer but not a bool, else None.

    >>> whole_number(2), whole_number(2.0), whole_number("2"), whole_number(True)
    (2, None, None, None)
    """
    if type(value) is int:
        return value
    if isinstance(value, bool):
        return None
    try:
        return operator.index(value)  # type: ignore[arg-type]  # raises TypeError without __index__
    except TypeError:
        return None


def did_you_mean(word: object, words: Sequence[str]) -> str | None:
    """Return a "did you mean ...?" hint if `word` is close to one of `words`, else None.

    >>> did_you_mean("Montly", ["daily", "monthly"])
    "did you mean 'monthly'?"
    """
    import difflib  # here, since only an error needs it

    if not isinstance(word, str) or len(word) > MAX_WORD:
        return None
    close = difflib.get_close_matches(word.strip().lower(), words)
    return f"did you mean {close[0]!r}?" if close else None


def listed(words: Sequence[object]) -> str:
    """Return the words as a list for an error.

    >>> listed(["daily", "weekly", "monthly"])
    "'daily', 'weekly' or 'monthly'"
    """
    return ", ".join(map(repr, words[:-1])) + f" or {words[-1]!r}"


class _ShortRepr(reprlib.Repr):
    """`repr` in at most about one line, for any value."""

    def __init__(self) -> None:
        super().__init__()
        self.maxstring = self.maxother = MAX_WORD
        self.maxlevel = 3

    def repr_int(self, x: int, level: int) -> str:
        # Python refuses to write integers of more than 4,300 digits, or fewer if so configured (at least 640).
        return repr(x) if x.bit_length() <= 128 else f"an integer of {x.bit_length()} bits"

    def repr_Decimal(self, x: object, level: int) -> str:  # noqa: N802  # reprlib finds it by the name of the type
        return self.repr_str(str(x), level)[1:-1]


def short_repr(value: object) -> str:
    """Return `repr(value)` on one line, cut if it is long.

    >>> short_repr("x" * 100)
    "'xxxxxxxxxxxxxxxxxxxxxxxxxxx...xxxxxxxxxxxxxxxxxxxxxxxxxxxx'"
    """
    return " ".join(_SHORT.repr(value).split())


_SHORT = _ShortRepr()


def path_segment(key: object) -> str:
    """Return a mapping's key as a segment of an error's path."""
    return key if isinstance(key, str) and key.isidentifier() and len(key) <= MAX_WORD else short_repr(key)
