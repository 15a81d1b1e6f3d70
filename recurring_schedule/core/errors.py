"""The errors of the core.

>>> raise ScheduleError("divisor[0]", 0, "a remainder from 1 to 1", "write 2 instead of the pair")
Traceback (most recent call last):
recurring_schedule.ScheduleError: divisor[0]: got 0, expected a remainder from 1 to 1; write 2 instead of the pair
"""

from __future__ import annotations

from recurring_schedule.core.checks import short_repr


class FieldError(ValueError):
    """A value that its field does not accept.

    The message is one line: the path, the value, what was expected, and the likely fix if there is
    one.
    """

    def __init__(self, path: str, value: object, expected: str, fix: str | None = None) -> None:
        super().__init__(path, value, expected, fix)
        self.path = path
        """A field (`divisor`), a part (`offset[1]`), an unknown key, or the whole (`schedule`)."""
        self.value = value
        """The whole value found there; `None` if there was none."""
        self.expected = expected
        """The values that are accepted there."""
        self.fix = fix
        """The likely correction; `None` if none is likely. Values to write are JSON text."""

    def __str__(self) -> str:
        got = "nothing" if self.value is None else short_repr(self.value)
        return f"{self.path}: got {got}, expected {self.expected}" + (f"; {self.fix}" if self.fix else "")


class ScheduleError(FieldError):
    """A value that is not a schedule, or not a list of retry days.

    >>> error = ScheduleError("frequency", "quaterly", "a frequency", "did you mean 'quarterly'?")
    >>> error.path, error.value, error.expected, error.fix
    ('frequency', 'quaterly', 'a frequency', "did you mean 'quarterly'?")
    """
