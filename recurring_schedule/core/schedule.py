"""A schedule as merchants write it: read, checked, kept as written, and on its way to due dates."""

from __future__ import annotations

from collections.abc import Container, Mapping, Sequence
from datetime import date
from types import MappingProxyType

from recurring_schedule.core.checks import did_you_mean, path_segment, plain_date, short_repr, whole_number
from recurring_schedule.core.compiler import compile_rule
from recurring_schedule.core.due_dates import DueDates
from recurring_schedule.core.errors import ScheduleError
from recurring_schedule.core.frequencies import (
    MONTHS,
    Dialect,
    Divisor,
    Frequency,
    Offset,
    payment_place,
    period_numbers,
    picked_periods,
)
from recurring_schedule.core.immutable import Immutable
from recurring_schedule.core.json_text import MOST_DIGITS, read_json
from recurring_schedule.core.rule import Rule

TYPE_CHECKING = False  # importing typing takes as long as all that the core imports otherwise
if TYPE_CHECKING:
    from typing import Any

_FREQUENCIES = {frequency.value: frequency for frequency in Frequency}
_FIELDS = ("frequency", "divisor", "offset")
_ONLY_FIELDS = "no other keys than 'frequency', 'divisor' and 'offset'"

_LARGEST = 10**MOST_DIGITS - 1


class NeverDue(Immutable):
    """Why a schedule has no due date: its divisor picks none of the numbers that its periods have.

    >>> print(Schedule("monthly", 13).never_due)
    no month has a number that is a multiple of 13: they are 1 to 12
    """

    __slots__ = ("_divisor", "_frequency", "_numbers")

    def __init__(self, frequency: Frequency, divisor: Divisor, numbers: range) -> None:
        self._frequency, self._divisor, self._numbers = frequency, divisor, numbers

    @property
    def frequency(self) -> Frequency:
        """The frequency, which says what is numbered."""
        return self._frequency

    @property
    def divisor(self) -> Divisor:
        """The divisor that picks nothing."""
        return self._divisor

    @property
    def numbers(self) -> range:
        """The numbers that it divides."""
        return self._numbers

    def __str__(self) -> str:
        if isinstance(self._divisor, tuple):
            condition = f"leaves {short_repr(self._divisor[0])} when divided by {short_repr(self._divisor[1])}"
        else:
            condition = f"is a multiple of {short_repr(self._divisor)}"
        first, last = self._numbers[0], self._numbers[-1]
        return f"no {_PERIODS[self._frequency]} has a number that {condition}: they are {first} to {last}"

    def __repr__(self) -> str:
        return f"NeverDue({self._frequency!r}, {self._divisor!r}, {self._numbers!r})"

    @property
    def _key(self) -> tuple[Frequency, Divisor, range]:
        return self._frequency, self._divisor, self._numbers


_PERIODS = {
    Frequency.DAILY: "day of a month",
    Frequency.WEEKLY: "ISO week",
    Frequency.MONTHLY: "month",
    Frequency.QUARTERLY: "quarter",
    Frequency.YEARLY: "year",
}


class Schedule(Immutable):
    """When payments recur, as it was written: a frequency, which periods are picked, and the payment day in them.

    >>> Schedule("quarterly", offset=[2, -1])
    Schedule('quarterly', offset=(2, -1))

    `divisor` is a number `d`, for the periods whose number is a multiple of it, or a pair `[r, d]`, for those whose number
    leaves `r` when divided by `d`. `offset` is the weekday of a weekly schedule, 0 for Sunday to 6 for Saturday; the day of a
    monthly one, from 1 or back from -1, the last; the month of a quarterly or yearly one, from 0, or a pair of month and day.
    What is left out comes from the start date.

    Raises ScheduleError for anything else.
    """

    __slots__ = ("_dialect", "_divisor", "_frequency", "_offset", "_periods")

    def __init__(
        self,
        frequency: Frequency | str,
        divisor: int | tuple[int, int] | list[int] | None = None,
        offset: int | tuple[int, int] | list[int] | None = None,
        dialect: Dialect | str = Dialect.INTERGIRO,
    ) -> None:
        self._frequency = _checked_frequency(frequency)
        self._dialect = _checked_dialect(dialect)
        self._divisor = _checked_divisor(divisor)
        self._offset = _checked_offset(offset, self._frequency, self._dialect)
        self._periods = picked_periods(self._frequency, self._divisor, self._dialect)

    @classmethod
    def parse(cls, value: object, dialect: Dialect | str | None = None) -> Schedule:
        """The schedule that a wire form says: a frequency, a mapping, the JSON text of either; or a Schedule, as it is.

        >>> Schedule.parse({"frequency": "daily", "divisor": [3, 10]}) == Schedule.parse('{"frequency":"daily","divisor":[3,10]}')
        True

        In a mapping, null is the same as nothing. `dialect` is INTERGIRO if not given. Raises ScheduleError for everything that is
        no schedule, and for a Schedule in another dialect than the one given.
        """
        if isinstance(value, Schedule):
            if dialect is not None and value.dialect is not _checked_dialect(dialect):
                raise ScheduleError(
                    "dialect",
                    dialect,
                    f"{value.dialect!r}, in which the schedule was written",
                    "its numbers may mean something else",
                )
            return value
        dialect = Dialect.INTERGIRO if dialect is None else dialect
        if isinstance(value, str) and value.lstrip()[:1] in _JSON_STARTS:
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
        """Into which periods time is divided."""
        return self._frequency

    @property
    def divisor(self) -> Divisor:
        """Which periods are picked, as written; `None` for nothing written, a pair as a tuple."""
        return self._divisor

    @property
    def offset(self) -> Offset:
        """The payment day inside the period, as written; `None` for nothing written, a pair as a tuple."""
        return self._offset

    @property
    def dialect(self) -> Dialect:
        """How the numbers are read."""
        return self._dialect

    @property
    def never_due(self) -> NeverDue | None:
        """Why there is no due date, whatever the start; `None` if there are due dates.

        >>> Schedule("monthly", 12).never_due
        >>> str(Schedule("weekly", 54).never_due)
        'no ISO week has a number that is a multiple of 54: they are 1 to 53'
        """
        if self._periods:
            return None
        return NeverDue(self._frequency, self._divisor, period_numbers(self._frequency, self._dialect))

    def to_wire(self) -> str | dict[str, object]:
        """The wire form, ready for JSON: the bare frequency if nothing else is set, pairs as lists. It does not say the dialect.

        >>> Schedule("monthly").to_wire(), Schedule("quarterly", offset=(2, -1)).to_wire()
        ('monthly', {'frequency': 'quarterly', 'offset': [2, -1]})
        """
        wire: dict[str, object] = {"frequency": self._frequency.value}
        for name, value in (("divisor", self._divisor), ("offset", self._offset)):
            if value is not None:
                wire[name] = list(value) if isinstance(value, tuple) else value
        return wire if len(wire) > 1 else self._frequency.value

    def rule(self, start: date) -> Rule:
        """What the schedule means for a subscription that starts on `start`, which supplies what the offset leaves open.

        >>> Schedule("yearly").rule(date(2024, 2, 29))
        Rule(Frame.CIVIL, (0, 1), (58,), (59,))
        """
        start = plain_date(start, "start")
        place = payment_place(self._frequency, self._offset, self._dialect, start)
        return compile_rule(self._frequency, self._periods, *place)

    def due_dates(self, start: date, end: date | None = None) -> DueDates:
        """The due dates from `start` to `end`, both included; no `end` means 9999-12-31.

        >>> due = Schedule("quarterly", offset=[2, -1]).due_dates(date(2021, 7, 3))
        >>> due.after(date(2021, 9, 30))
        datetime.date(2021, 12, 31)

        Raises TypeError for a bound that is no date.
        """
        return DueDates(self.rule(start), start, end)

    @classmethod
    def __get_pydantic_core_schema__(cls, source: object, handler: object) -> Any:
        """A field of a Pydantic model may be a Schedule: it is read from its wire form, and written as it in JSON."""
        from recurring_schedule.core import pydantic_field as schedule_field  # here, since only Pydantic asks for it

        return schedule_field.core_schema_of(cls)

    @classmethod
    def __get_pydantic_json_schema__(cls, core_schema: object, handler: object) -> dict[str, Any]:
        """The JSON Schema of the wire form."""
        from recurring_schedule.core import pydantic_field as schedule_field

        return schedule_field.json_schema()

    def __repr__(self) -> str:
        divisor = "" if self._divisor is None else f", divisor={self._divisor}"
        offset = "" if self._offset is None else f", offset={self._offset}"
        dialect = "" if self._dialect is Dialect.INTERGIRO else f", dialect={self._dialect!r}"
        return f"Schedule({self._frequency.value!r}{divisor}{offset}{dialect})"

    @property
    def _key(self) -> tuple[Frequency, Divisor, Offset, Dialect]:
        return self._frequency, self._divisor, self._offset, self._dialect


_JSON_STARTS = ("{", "[", '"')


def _listed(words: Sequence[str]) -> str:
    return ", ".join(map(repr, words[:-1])) + f" or {words[-1]!r}"


def _checked_frequency(value: object) -> Frequency:
    found = _FREQUENCIES.get(value) if isinstance(value, str) else None
    if found is None:
        if isinstance(value, Mapping):
            raise ScheduleError("frequency", value, _listed(_NAMES), "Schedule.parse reads a mapping")
        raise ScheduleError("frequency", value, _listed(_NAMES), _other_word(value))
    return found


_NAMES = tuple(_FREQUENCIES)
_OTHER_WORDS = {
    "annual": "write 'yearly'",
    "annually": "write 'yearly'",
    "biweekly": "write {'frequency': 'weekly', 'divisor': 2}",
    "fortnightly": "write {'frequency': 'weekly', 'divisor': 2}",
}


def _other_word(value: object) -> str | None:
    return (_OTHER_WORDS.get(value.strip().lower()) if isinstance(value, str) else None) or did_you_mean(value, _NAMES)


def _checked_dialect(value: object) -> Dialect:
    try:
        return Dialect(value)
    except ValueError:
        names = tuple(dialect.value for dialect in Dialect)
        raise ScheduleError("dialect", value, _listed(names), did_you_mean(value, names)) from None


def _checked_divisor(value: object) -> Divisor:
    if value is None:
        return None
    if not isinstance(value, (list, tuple)):
        number = whole_number(value)
        if number is None or number < 1:
            fix = _fix(value, range(1, _NOT_LIKELY), {0: "leave it out for every period"})
            raise ScheduleError("divisor", value, "an integer of 1 or more, or a pair [r, d] with 1 <= r < d", fix)
        return _writable("divisor", number)
    if len(value) != 2:
        fix = _fix(value[0], range(1, _NOT_LIKELY)) if len(value) == 1 else None
        raise ScheduleError("divisor", value, "an integer, or a pair [r, d] with 1 <= r < d", fix)
    remainder, divisor = map(whole_number, value)
    if divisor is None or divisor < 2:
        raise ScheduleError("divisor[1]", value[1], "an integer of 2 or more", _fix(value[1], range(2, _NOT_LIKELY)))
    _writable("divisor[1]", divisor)
    if remainder is None or not 1 <= remainder < divisor:
        fix = _fix(value[0], range(1, divisor))
        if remainder is not None:
            rest = remainder % divisor
            fix = (
                f"write [{short_repr(rest)}, {short_repr(divisor)}]"
                if rest
                else f"write {short_repr(divisor)} for its multiples"
            )
        raise ScheduleError("divisor[0]", value[0], f"a remainder, 1 to {short_repr(divisor - 1)}", fix)
    return remainder, divisor


def _writable(path: str, number: int) -> int:
    if number > _LARGEST:
        raise ScheduleError(path, number, f"an integer of at most {MOST_DIGITS} digits")
    return number


def _checked_offset(value: object, frequency: Frequency, dialect: Dialect) -> Offset:
    if value is None:
        return None
    if frequency is Frequency.DAILY:
        raise ScheduleError(
            "offset", value, "nothing, since a daily schedule is paid on the day itself", "leave it out"
        )
    pair = value if isinstance(value, (list, tuple)) else None
    if frequency is Frequency.WEEKLY:
        number = whole_number(value)
        if number is None or not 0 <= number <= 6:
            fix = _fix(value, range(7), {7: "Sunday is 0"})
            raise ScheduleError("offset", value, "a weekday, 0 (Sunday) to 6 (Saturday)", fix)
        return number
    if frequency is Frequency.MONTHLY:
        return _checked_day("offset", value, dialect)
    if pair is None:
        return _checked_month("offset", value, frequency, ", or a pair [month, day]")
    if len(pair) != 2:
        raise ScheduleError("offset", value, "a month, or a pair [month, day]")
    return _checked_month("offset[0]", pair[0], frequency), _checked_day("offset[1]", pair[1], dialect)


def _checked_month(path: str, value: object, frequency: Frequency, or_else: str = "") -> int:
    last = MONTHS[frequency] - 1
    number = whole_number(value)
    if number is None or not 0 <= number <= last:
        fix = _fix(value, range(last + 1), {last + 1: f"months count from 0, so the last is {last}"})
        raise ScheduleError(path, value, f"a month of the {_PERIODS[frequency]}, 0 to {last}{or_else}", fix)
    return number


def _checked_day(path: str, value: object, dialect: Dialect) -> int:
    first, last = dialect.first_day, dialect.first_day + 30
    number = whole_number(value)
    right = (*range(-31, 0), *range(first, last + 1))
    if number is None or number not in right:
        # The likely mistake in a monthly schedule is the pair that quarterly and yearly ones have.
        written = value[1] if isinstance(value, (list, tuple)) and len(value) == 2 else value
        fix = _fix(written, right, _OTHER_DAYS)
        raise ScheduleError(path, value, f"a day of the month, {first} to {last}, or -1 (the last) to -31", fix)
    return number


_OTHER_DAYS = {
    0: "1 is the first day; if days were counted from 0, the dialect is PAYFUNC",
    31: "days count from 0 in the dialect PAYFUNC, so the 31st is 30",
}


def _fix(value: object, right: Container[int], hints: Mapping[int, str] = MappingProxyType({})) -> str | None:
    """What to write instead of what is nearly a number: the number if it is `right`, else the hint for it."""
    number = whole_number(value)
    if number is None:
        number = _nearly(value)
    if number is None:
        return None
    return f"write {short_repr(number)}" if number in right else hints.get(number)


def _nearly(value: object) -> int | None:
    if isinstance(value, float) and value.is_integer():
        return int(value)
    if isinstance(value, str) and value.strip().removeprefix("-").isdecimal() and len(value) < 10:
        return int(value)
    return None


_NOT_LIKELY = 10**9
