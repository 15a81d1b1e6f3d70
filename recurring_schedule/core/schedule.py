"""A schedule as merchants write it: parsed, checked, kept as written, and compiled to due dates."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from recurring_schedule.core.calendars import MonthDay
from recurring_schedule.core.checks import did_you_mean, path_segment, plain_date, short_repr
from recurring_schedule.core.compiler import compile_interval, compile_rule
from recurring_schedule.core.due_dates import DueDates
from recurring_schedule.core.errors import ScheduleError
from recurring_schedule.core.frequencies import (
    Dialect,
    Divisor,
    Frequency,
    Offset,
    Weekday,
    fixed_parts,
    period_numbers,
    picked_periods,
    residue,
    written_parts,
)
from recurring_schedule.core.immutable import Immutable
from recurring_schedule.core.parsing import (
    check_dialect,
    checked_dialect,
    checked_divisor,
    checked_frequency,
    checked_interval,
    checked_offset,
    checked_weekday,
    from_json_text,
)
from recurring_schedule.core.rule import Rule

TYPE_CHECKING = False  # importing typing takes as long as all that the core imports otherwise
if TYPE_CHECKING:
    from typing import Any

_FIELDS = ("frequency", "divisor", "offset", "interval", "weekday")
_ONLY_FIELDS = "only the keys 'frequency', 'divisor', 'offset', 'interval' and 'weekday'"
_SETS = "recurring_schedule.parse reads sets of schedules"
_ONE = "a frequency, a mapping, or the JSON text of either"


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

    `interval`, instead of a divisor, picks every n-th period, counted from the one that contains
    the start. `weekday` is a pair `[n, w]`, the n-th weekday of the month, from 1 to 4, or from its
    end, -1 being the last; `w` counts from 0 (Sunday). It takes the place of the day.

    >>> Schedule("monthly", interval=2, weekday=[-1, 5])  # the last Friday of every second month
    Schedule('monthly', interval=2, weekday=(-1, 5))

    Raises ScheduleError for anything else.
    """

    __slots__ = ("_dialect", "_divisor", "_fixed", "_frequency", "_interval", "_offset", "_periods", "_weekday")

    def __init__(
        self,
        frequency: Frequency | str,
        divisor: int | tuple[int, int] | list[int] | None = None,
        offset: int | tuple[int, int] | list[int] | None = None,
        dialect: Dialect | str = Dialect.INTERGIRO,
        *,
        interval: int | None = None,
        weekday: tuple[int, int] | list[int] | None = None,
    ) -> None:
        self._dialect = checked_dialect(dialect)
        self._frequency = checked_frequency(frequency, self._dialect)
        self._divisor = checked_divisor(divisor)
        self._offset = checked_offset(offset, self._frequency, self._dialect)
        self._interval = None if interval is None else checked_interval(interval, self._divisor)
        self._weekday = None if weekday is None else checked_weekday(weekday, self._frequency, self._offset)
        self._periods = picked_periods(self._frequency, self._divisor, self._dialect)
        self._fixed = fixed_parts(self._frequency, self._offset, self._weekday, self._dialect)

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
            check_dialect(value.dialect, dialect)
            return value
        dialect = Dialect.INTERGIRO if dialect is None else dialect
        value = from_json_text(value)
        if isinstance(value, Mapping):
            if "any" in value:
                raise ScheduleError(
                    "any", value["any"], _ONLY_FIELDS, "recurring_schedule.parse reads sets of schedules"
                )
            for key in value:
                if key not in _FIELDS:
                    raise ScheduleError(path_segment(key), value[key], _ONLY_FIELDS, did_you_mean(key, _FIELDS))
            fields: dict[str, Any] = {name: value.get(name) for name in _FIELDS}  # of any type: the checks come next
            return cls(**fields, dialect=dialect)
        if isinstance(value, str):
            return cls(value, dialect=dialect)
        is_set = isinstance(value, (list, tuple)) or hasattr(value, "members")
        raise ScheduleError("schedule", value, _ONE, _SETS if is_set else None)

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
    def interval(self) -> int | None:
        """Every n-th period is picked, counted from that of the start; `None` if not written."""
        return self._interval

    @property
    def weekday(self) -> Weekday:
        """The n-th weekday of the month as written; `None` if there is none."""
        return self._weekday

    @property
    def dialect(self) -> Dialect:
        """The dialect in which the numbers are read."""
        return self._dialect

    @property
    def periods(self) -> range:
        """The picked periods, each by its ordinal in the month, the year or the calendar, from 1.

        With an interval they are all, since the start decides which are picked.

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
        """The parts of "count", "weekday", "month" and "day" that the start supplies.

        It supplies the count if it decides which periods an interval picks.

        >>> Schedule("quarterly", offset=1).anchor, Schedule("yearly").anchor
        (('day',), ('month', 'day'))
        >>> Schedule("weekly", interval=2, offset=1).anchor
        ('count',)
        """
        count = ("count",) if (self._interval or 1) > 1 else ()
        parts = self._frequency.parts[: -1 if self._weekday else None]
        return count + parts[len(written_parts(self._offset)) :]

    def to_wire(self) -> str | dict[str, object]:
        """Return the wire form, ready for JSON, with pairs as lists. It does not name the dialect.

        It is the bare frequency if there is nothing else.

        >>> Schedule("monthly").to_wire(), Schedule("quarterly", offset=(2, -1)).to_wire()
        ('monthly', {'frequency': 'quarterly', 'offset': [2, -1]})
        """
        wire: dict[str, object] = {"frequency": self._frequency.value}
        for name, value in zip(_FIELDS[1:], (self._divisor, self._offset, self._interval, self._weekday), strict=True):
            if value is not None:
                wire[name] = list(value) if isinstance(value, tuple) else value
        return wire if len(wire) > 1 else self._frequency.value

    def payment_day(self, start: date) -> tuple[int, MonthDay]:
        """Return the month in the period, from 0, and the payment day in it.

        The day is a day of the month before clamping, from 1, or from its end, -1 being the last;
        or a pair, the n-th weekday of the month; or a day of the week. Weekdays count from 0,
        Monday. `start` supplies what is not written.

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

        >>> Schedule("daily", interval=10).rule(date(2024, 2, 25))
        StepRule(1, 10)
        >>> Schedule("yearly").rule(date(2024, 2, 29))
        YearRule(Frame.CIVIL, (0, 1), (58,), (59,))
        """
        month, day = self.payment_day(plain_date(start, "start"))
        frequency, interval = self._frequency, self._interval
        if interval is None:
            return compile_rule(frequency, self._periods, month, day)
        return compile_interval(frequency, interval, start, month, day)

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
        from recurring_schedule.core import field_schemas

        return field_schemas.schedule_schema()

    def __repr__(self) -> str:
        written = zip(_FIELDS[1:], self._key[1:5], strict=True)
        fields = "".join(f", {name}={value}" for name, value in written if value is not None)
        dialect = "" if self._dialect is Dialect.INTERGIRO else f", dialect={self._dialect!r}"
        return f"Schedule({self._frequency.value!r}{fields}{dialect})"

    @property
    def _key(self) -> tuple[Frequency, Divisor, Offset, int | None, Weekday, Dialect]:
        return self._frequency, self._divisor, self._offset, self._interval, self._weekday, self._dialect

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self).parse, (self.to_wire(), self._dialect)  # the constructor has keywords


def check_schedule(value: object, name: str = "schedule") -> None:
    """Raise TypeError if `value` is not a Schedule; errors call it `name`."""
    if not isinstance(value, Schedule):
        raise TypeError(f"{name}: got {short_repr(value)}, expected a Schedule, which Schedule.parse returns")
