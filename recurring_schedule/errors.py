"""The one error of the core, and what every edge shares: two checks, and how values and likely words are shown.

>>> raise ScheduleError("divisor[0]", 0, "a remainder from 1 to 1", "write 2 for the multiples of 2")
Traceback (most recent call last):
recurring_schedule.errors.ScheduleError: divisor[0]: got 0, expected a remainder from 1 to 1; write 2 for the multiples of 2
"""

from __future__ import annotations

import operator
import reprlib
from collections.abc import Sequence
from datetime import date, datetime


class ScheduleError(ValueError):
    """Something that was to be a schedule, or retry days, is none.

    The message is one line: place, value, what was expected, and the likely fix where one is known.

    >>> error = ScheduleError("frequency", "quaterly", "a frequency", "did you mean 'quarterly'?")
    >>> error.path, error.value, error.expected, error.fix
    ('frequency', 'quaterly', 'a frequency', "did you mean 'quarterly'?")
    """

    def __init__(self, path: str, value: object, expected: str, fix: str | None = None) -> None:
        super().__init__(path, value, expected, fix)
        self.path = path
        """Where: a field (`divisor`), a place in it (`offset[1]`), an unknown key's name, or `schedule`."""
        self.value = value
        """What stood there, whole; `None` for nothing."""
        self.expected = expected
        """What may stand there."""
        self.fix = fix
        """What to write instead, where that is likely; else `None`."""

    def __str__(self) -> str:
        got = "nothing" if self.value is None else shown(self.value)
        return f"{self.path}: got {got}, expected {self.expected}" + (f"; {self.fix}" if self.fix else "")


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
