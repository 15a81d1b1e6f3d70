"""A schedule as merchants write it: parsed, checked, kept as written, and compiled to due dates."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from recurring_schedule.core.checks import did_you_mean, path_segment, plain_date, short_repr
from recurring_schedule.core.compiler import compile_rule
from recurring_schedule.core.due_dates import DueDates
from recurring_schedule.core.errors import ScheduleError
from recurring_schedule.core.frequencies import (
    Dialect,
    Divisor,
    Frequency,
    Offset,
    fixed_parts,
    period_numbers,
    picked_periods,
    residue,
    written_parts,
)
from recurring_schedule.core.immutable import Immutable
from recurring_schedule.core.parsing import checked_dialect, checked_divisor, checked_frequency, checked_offset
from recurring_schedule.core.rule import Rule

TYPE_CHECKING = False  # importing typing takes as long as all that the core imports otherwise
if TYPE_CHECKING:
    from typing import Any

_FIELDS = ("frequency", "divisor", "offset")
_ONLY_FIELDS = "only the keys 'frequency', 'divisor' and 'offset'"
_JSON_STARTS = ("{", "[", '"')


class NeverDue(Immutable):
    """The reason why a schedule is never due: its divisor picks none of its periods' numbers.

    >>> print(Schedule("monthly", 13).never_due)
    no month has a number that is a multiple of 13: the numbers are 1 to 12
    """

    __slots__ = ("_divisor", "_frequency", "_numbers")

    def __init__(self, frequency: Frequency, divisor: Divisor, numbers: range) -> None:
        self._frequency, self._divisor, self._numbers = frequency, divisor, numbers

    @property
    def frequency(self) -> Frequency:
        """The frequency, whose periods are numbered."""
        return self._frequency

    @property
    def divisor(self) -> Divisor:
        """The divisor that picks nothing."""
        return self._divisor

    @property
    def numbers(self) -> range:
        """The numbers of the periods."""
        return self._numbers

    def __str__(self) -> str:
        remainder, divisor = residue(self._divisor)
        if remainder:
            condition = f"leaves {short_repr(remainder)} when divided by {short_repr(divisor)}"
        else:
            condition = f"is a multiple of {short_repr(divisor)}"
        first, last = self._numbers[0], self._numbers[-1]
        return f"no {self._frequency.numbered} has a number that {condition}: the numbers are {first} to {last}"

    def __repr__(self) -> str:
        return f"NeverDue({self._frequency!r}, {self._divisor!r}, {self._numbers!r})"

    @property
    def _key(self) -> tuple[Frequency, Divisor, range]:
        return self._frequency, self._divisor, self._numbers


class Schedule(Immutable):
    """A frequency, the divisor that picks periods, and the payment day in each, kept as written.

    >>> Schedule("quarterly", offset=[2, -1])
    Schedule('quarterly', offset=(2, -1))

    `divisor` is a number `d`, which picks the periods whose number is a multiple of `d`, or a pair
    `[r, d]`, which picks those whose number leaves the remainder `r` when divided by `d`. `offset`
    is the weekday of a weekly schedule, 0 (Sunday) to 6 (Saturday); the day of a monthly one, from
    1, or from its end, -1 being the last; the month of a quarterly or yearly one, from 0, or a pair
    of month and day. The start date supplies what the offset leaves out: the schedule is *anchored*
    to it.

    Raises ScheduleError for anything else.
    """

    __slots__ = ("_dialect", "_divisor", "_fixed", "_frequency", "_offset", "_periods")

    def __init__(
        self,
        frequency: Frequency | str,
        divisor: int | tuple[int, int] | list[int] | None = None,
        offset: int | tuple[int, int] | list[int] | None = None,
        dialect: Dialect | str = Dialect.INTERGIRO,
    ) -> None:
        self._dialect = checked_dialect(dialect)
        self._frequency = checked_frequency(frequency, self._dialect)
        self._divisor = checked_divisor(divisor)
        self._offset = checked_offset(offset, self._frequency, self._dialect)
        self._periods = picked_periods(self._frequency, self._divisor, self._dialect)
        self._fixed = fixed_parts(self._frequency, self._offset, self._dialect)

    @classmethod
    def parse(cls, value: object, dialect: Dialect | str | None = None) -> Schedule:
        """Return the schedule of a wire form: a frequency, a mapping, or the JSON text of either.

        >>> Schedule.parse('{"frequency": "daily", "divisor": [3, 10]}')
        Schedule('daily', divisor=(3, 10))

        A Schedule is returned as it is. In a mapping, null is the same as a missing key. `dialect`
        is INTERGIRO by default. Raises ScheduleError for anything else, and for a Schedule in
        another dialect than the given one.
        """
        if isinstance(value, Schedule):
            if dialect is not None and value.dialect is not checked_dialect(dialect):
                expected = f"{value.dialect!r}, in which the schedule was written"
                raise ScheduleError("dialect", dialect, expected, "its numbers may mean something else")
            return value
        dialect = Dialect.INTERGIRO if dialect is None else dialect
        if isinstance(value, str) and value.lstrip()[:1] in _JSON_STARTS:
            from recurring_schedule.core.json_text import read_json  # here, since most schedules are not text

            value = read_json(value, "schedule", ScheduleError)
        if isinstance(value, Mapping):
            for key in value:
                if key not in _FIELDS:
                    raise ScheduleError(path_segment(key), value[key], _ONLY_FIELDS, did_you_mean(key, _FIELDS))
            fields: dict[str, Any] = {name: value.get(name) for name in _FIELDS}  # of any type: the checks come next
            return cls(**fields, dialect=dialect)
        if isinstance(value, str):
            return cls(value, dialect=dialect)
        raise ScheduleError("schedule", value, "a frequency, a mapping, or the JSON text of either")

    @property
    def frequency(self) -> Frequency:
        """The periods into which time is divided."""
        return self._frequency

    @property
    def divisor(self) -> Divisor:
        """The divisor as written, a pair as a tuple; `None` if there is none."""
        return self._divisor

    @property
    def offset(self) -> Offset:
        """The offset as written, a pair as a tuple; `None` if there is none."""
        return self._offset

    @property
    def dialect(self) -> Dialect:
        """The dialect in which the numbers are read."""
        return self._dialect

    @property
    def periods(self) -> range:
        """The picked periods, each by its ordinal in the month, the year or the calendar, from 1.

        >>> [*Schedule("monthly", (1, 5)).periods]
        [1, 6, 11]
        """
        return self._periods

    @property
    def never_due(self) -> NeverDue | None:
        """The reason why the schedule is never due, whatever its start; `None` if it has due dates.

        >>> Schedule("monthly", 12).never_due
        >>> str(Schedule("weekly", 54).never_due)
        'no ISO week has a number that is a multiple of 54: the numbers are 1 to 53'
        """
        if self._periods:
            return None
        return NeverDue(self._frequency, self._divisor, period_numbers(self._frequency, self._dialect))

    @property
    def anchor(self) -> tuple[str, ...]:
        """The parts of "weekday", "month" and "day" that the start supplies.

        >>> Schedule("quarterly", offset=1).anchor, Schedule("yearly").anchor
        (('day',), ('month', 'day'))
        """
        return self._frequency.parts[len(written_parts(self._offset)) :]

    def to_wire(self) -> str | dict[str, object]:
        """Return the wire form, ready for JSON, with pairs as lists. It does not name the dialect.

        It is the bare frequency if there is nothing else.

        >>> Schedule("monthly").to_wire(), Schedule("quarterly", offset=(2, -1)).to_wire()
        ('monthly', {'frequency': 'quarterly', 'offset': [2, -1]})
        """
        wire: dict[str, object] = {"frequency": self._frequency.value}
        for name, value in (("divisor", self._divisor), ("offset", self._offset)):
            if value is not None:
                wire[name] = list(value) if isinstance(value, tuple) else value
        return wire if len(wire) > 1 else self._frequency.value

    def payment_day(self, start: date) -> tuple[int, int]:
        """Return the month in the period, from 0, and the payment day in it.

        The day is a day of the month before clamping, from 1, or from its end, -1 being the last;
        or a weekday, from 0, Monday. `start` supplies what the offset leaves out.

        >>> Schedule("quarterly", offset=2).payment_day(date(2024, 1, 31))
        (2, 31)
        """
        month, day = self._fixed
        frequency = self._frequency
        if month is None:
            month = (start.month - 1) % frequency.months
        if day is None:
            day = start.weekday() if frequency.weeks else start.day
        return month, day

    def rule(self, start: date) -> Rule:
        """Return the rule of the schedule anchored to `start`.

        >>> Schedule("yearly").rule(date(2024, 2, 29))
        Rule(Frame.CIVIL, (0, 1), (58,), (59,))
        """
        return compile_rule(self._frequency, self._periods, *self.payment_day(plain_date(start, "start")))

    def due_dates(self, start: date, end: date | None = None) -> DueDates:
        """Return the due dates from `start` to `end`, both included; no `end` means 9999-12-31.

        >>> due = Schedule("quarterly", offset=[2, -1]).due_dates(date(2021, 7, 3))
        >>> due.after(date(2021, 9, 30))
        datetime.date(2021, 12, 31)

        Raises TypeError if a bound is not a date.
        """
        return DueDates(self.rule(start), start, end)

    @classmethod
    def __get_pydantic_core_schema__(cls, source: object, handler: object) -> Any:
        """Return the Pydantic schema: a field reads the wire form and writes it in JSON."""
        from recurring_schedule.core import pydantic_field  # here, since only Pydantic asks for it

        return pydantic_field.core_schema_of(cls)

    @classmethod
    def __get_pydantic_json_schema__(cls, core_schema: object, handler: object) -> dict[str, Any]:
        """Return the JSON Schema of the wire form."""
        from recurring_schedule.core import pydantic_field

        return pydantic_field.json_schema()

    def __repr__(self) -> str:
        divisor = "" if self._divisor is None else f", divisor={self._divisor}"
        offset = "" if self._offset is None else f", offset={self._offset}"
        dialect = "" if self._dialect is Dialect.INTERGIRO else f", dialect={self._dialect!r}"
        return f"Schedule({self._frequency.value!r}{divisor}{offset}{dialect})"

    @property
    def _key(self) -> tuple[Frequency, Divisor, Offset, Dialect]:
        return self._frequency, self._divisor, self._offset, self._dialect


def check_schedule(value: object, name: str = "schedule") -> None:
    """Raise TypeError if `value` is not a Schedule; errors call it `name`."""
    if not isinstance(value, Schedule):
        raise TypeError(f"{name}: got {short_repr(value)}, expected a Schedule, which Schedule.parse returns")
