"""The errors of the core.

>>> raise ScheduleError("divisor[0]", 0, "a remainder from 1 to 1", "write 2 for the multiples of 2")
Traceback (most recent call last):
recurring_schedule.ScheduleError: divisor[0]: got 0, expected a remainder from 1 to 1; write 2 for the multiples of 2
"""

from __future__ import annotations

from recurring_schedule.core.checks import short_repr


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
        got = "nothing" if self.value is None else short_repr(self.value)
        return f"{self.path}: got {got}, expected {self.expected}" + (f"; {self.fix}" if self.fix else "")


class ScheduleError(FieldError):
    """Something that was to be a schedule, or retry days, is none.

    >>> error = ScheduleError("frequency", "quaterly", "a frequency", "did you mean 'quarterly'?")
    >>> error.path, error.value, error.expected, error.fix
    ('frequency', 'quaterly', 'a frequency', "did you mean 'quarterly'?")
    """
