"""Several schedules at once, dates left out and dates put in; and `parse`, which reads any plan."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Set
from datetime import date

from recurring_schedule.core.checks import did_you_mean, iso_date, path_segment, plain_date, short_repr
from recurring_schedule.core.due_dates import DueDates
from recurring_schedule.core.errors import ScheduleError
from recurring_schedule.core.frequencies import Dialect
from recurring_schedule.core.immutable import Immutable
from recurring_schedule.core.parsing import check_dialect, checked_dialect, from_json_text
from recurring_schedule.core.rule import Rule
from recurring_schedule.core.schedule import NeverDue, Schedule
from recurring_schedule.core.set_rule import set_rule

TYPE_CHECKING = False  # importing typing takes as long as all that the core imports otherwise
if TYPE_CHECKING:
    from typing import Any

_FIELDS = ("any", "excluding", "adding")
MOST_MEMBERS = 100
"""The most members of a set."""
MOST_DAYS = 1000
"""The most days that a set may exclude, or add."""


class ScheduleSet(Immutable):
    """Schedules together: a day is due if a member says so or it is added, unless it is excluded.

    >>> twice = ScheduleSet([{"frequency": "monthly", "offset": 1}, {"frequency": "monthly", "offset": 15}])
    >>> [str(day) for day in twice.due_dates(date(2024, 2, 10))[:3]]
    ['2024-02-15', '2024-03-01', '2024-03-15']

    `members` are 1 to 100 schedules or wire forms, all of one dialect. Wire forms are read in
    `dialect`, INTERGIRO by default. `excluding` and `adding` are at most 1,000 days each, as dates
    or as text `YYYY-MM-DD`. A day is due once, however many members say so.

    One start and one end hold for all members. What a member leaves open comes from the start, and
    added days before the start or past the end are not due. Periods, numbers and counts are those
    of all dates together: a date left out joins its period to the one before.

    Raises ScheduleError for anything else: also for a day in both lists, or twice in one.
    """

    __slots__ = ("_adding", "_dialect", "_excluding", "_members")

    def __init__(
        self,
        members: Iterable[object],
        dialect: Dialect | str | None = None,
        *,
        excluding: Iterable[object] = (),
        adding: Iterable[object] = (),
    ) -> None:
        self._dialect, self._members = _checked_members(members, None if dialect is None else checked_dialect(dialect))
        self._excluding = _checked_days("excluding", excluding)
        self._adding = _checked_days("adding", adding)
        for index, day in enumerate(self._adding):
            if day in self._excluding:
                raise ScheduleError(f"adding[{index}]", str(day), "a day that is not in `excluding`")

    @property
    def members(self) -> tuple[Schedule, ...]:
        """The schedules, in the order in which they were written."""
        return self._members

    @property
    def excluding(self) -> tuple[date, ...]:
        """The days that are not due, whatever the members say, as written."""
        return self._excluding

    @property
    def adding(self) -> tuple[date, ...]:
        """The days that are due, whatever the members say, as written."""
        return self._adding

    @property
    def dialect(self) -> Dialect:
        """The dialect in which the numbers of all members are read."""
        return self._dialect

    @property
    def anchor(self) -> tuple[str, ...]:
        """The parts that the start supplies to a member or more; see `Schedule.anchor`.

        >>> ScheduleSet(["monthly", "weekly"]).anchor
        ('day', 'weekday')
        """
        return tuple(dict.fromkeys(part for member in self._members for part in member.anchor))

    @property
    def never_due(self) -> tuple[NeverDue, ...] | None:
        """The reasons, one for each member, if all are never due and nothing is added; else `None`.

        >>> print(*ScheduleSet([{"frequency": "monthly", "divisor": 13}]).never_due)
        no month has a number that is a multiple of 13: the numbers are 1 to 12
        """
        reasons = [reason for member in self._members if (reason := member.never_due)]
        return None if self._adding or len(reasons) < len(self._members) else tuple(reasons)

    def to_wire(self) -> list[object] | dict[str, object]:
        """Return the wire form, ready for JSON. It does not name the dialect.

        It is the list of the members if no day is excluded or added.

        >>> ScheduleSet(["monthly"], excluding=[date(2024, 12, 24)]).to_wire()
        {'any': ['monthly'], 'excluding': ['2024-12-24']}
        """
        members: list[object] = [member.to_wire() for member in self._members]
        if not self._excluding and not self._adding:
            return members
        days = {"excluding": self._excluding, "adding": self._adding}
        return {"any": members, **{name: [*map(str, written)] for name, written in days.items() if written}}

    def rule(self, start: date) -> Rule:
        """Return the rule of all members anchored to `start`, without and with the days.

        >>> ScheduleSet(["monthly", "yearly"]).rule(date(2024, 1, 31)) == Schedule("monthly").rule(date(2024, 1, 31))
        True
        """
        start = plain_date(start, "start")
        return set_rule([member.rule(start) for member in self._members], self._excluding, self._adding)

    def due_dates(self, start: date, end: date | None = None) -> DueDates:
        """Return the due dates from `start` to `end`, both included; no `end` means 9999-12-31.

        >>> ScheduleSet(["monthly"], adding=["2024-02-10"]).due_dates(date(2024, 1, 31)).after(date(2024, 2, 1))
        datetime.date(2024, 2, 10)

        Raises TypeError if a bound is not a date.
        """
        return DueDates(self.rule(start), start, end)

    @classmethod
    def __get_pydantic_core_schema__(cls, source: object, handler: object) -> Any:
        """Return the Pydantic schema: a field reads the wire form and writes it in JSON."""
        from recurring_schedule.core import pydantic_set_field  # here, since only Pydantic asks for it

        return pydantic_set_field.core_schema_of(parse)

    @classmethod
    def __get_pydantic_json_schema__(cls, core_schema: object, handler: object) -> dict[str, Any]:
        """Return the JSON Schema of what a field reads."""
        from recurring_schedule.core import field_schemas

        return field_schemas.schedule_set_schema()

    def __repr__(self) -> str:
        days = {"excluding": self._excluding, "adding": self._adding}
        written = "".join(f", {name}={[*map(str, some)]}" for name, some in days.items() if some)
        return f"ScheduleSet({[*self._members]}{written})"

    @property
    def _key(self) -> tuple[Any, ...]:
        return self._members, self._excluding, self._adding, self._dialect

    def __reduce__(self) -> tuple[Any, ...]:
        return parse, (self.to_wire(), self._dialect)


Plan = Schedule | ScheduleSet
"""One schedule, or several at once: all that has due dates."""


def check_plan(value: object, name: str = "schedule") -> None:
    """Raise TypeError if `value` is neither a Schedule nor a ScheduleSet; errors call it `name`."""
    if not isinstance(value, Plan):
        expected = "a Schedule or a ScheduleSet, which parse returns"
        raise TypeError(f"{name}: got {short_repr(value)}, expected {expected}")


def parse(value: object, dialect: Dialect | str | None = None) -> Plan:
    """Return the schedule or the set of a wire form, or of its JSON text.

    A schedule is a frequency or a mapping; a set is a list of schedules, or a mapping with the key
    "any".

    >>> parse('["monthly", {"frequency": "monthly", "offset": 15}]')
    ScheduleSet([Schedule('monthly'), Schedule('monthly', offset=15)])

    A Schedule and a ScheduleSet are returned as they are. In a mapping, null is the same as a
    missing key. `dialect` is INTERGIRO by default. Raises ScheduleError for anything else, and for
    a value in another dialect than the given one.
    """
    value = from_json_text(value)
    if isinstance(value, ScheduleSet):
        check_dialect(value.dialect, dialect)
        return value
    if isinstance(value, (list, tuple)):
        return ScheduleSet(value, dialect)
    if isinstance(value, Mapping) and "any" in value:
        for key in value:
            if key not in _FIELDS:
                only = "only the keys 'any', 'excluding' and 'adding'"
                raise ScheduleError(path_segment(key), value[key], only, did_you_mean(key, _FIELDS))
        excluding, adding = (() if value.get(name) is None else value[name] for name in _FIELDS[1:])
        return ScheduleSet(value["any"], dialect, excluding=excluding, adding=adding)
    if isinstance(value, Mapping):
        for name in _FIELDS[1:]:
            if name in value:
                raise ScheduleError("any", None, "a list of schedules", f"{name!r} is a key beside it")
    return Schedule.parse(value, dialect)


def _checked_members(members: Any, dialect: Dialect | None) -> tuple[Dialect, tuple[Schedule, ...]]:
    """Return the dialect of all members, and the schedules. Wire forms are read in `dialect`."""
    expected = f"a list of 1 to {MOST_MEMBERS} schedules"
    if not _is_list(members):
        raise ScheduleError("any", members, expected, _fix_of_one(members))
    written = [*members]
    if not 1 <= len(written) <= MOST_MEMBERS:
        raise ScheduleError("any", members, f"{expected}, not of {len(written)}")
    parsed = tuple(_checked_member(f"any[{index}]", member, dialect) for index, member in enumerate(written))
    first = dialect or parsed[0].dialect
    for index, member in enumerate(parsed):
        if member.dialect is not first:
            raise ScheduleError(f"any[{index}]", member, f"a schedule in the dialect {first!r}, as the others")
    return first, parsed


def _checked_member(path: str, member: object, dialect: Dialect | None) -> Schedule:
    if isinstance(member, Schedule):
        return member
    if isinstance(member, ScheduleSet) or _is_list(member) or (isinstance(member, Mapping) and "any" in member):
        raise ScheduleError(path, member, "a schedule: a set contains no other set", "list its members here")
    try:
        return Schedule.parse(member, dialect)
    except ScheduleError as error:
        inner = "" if error.path == "schedule" else f".{error.path}"
        raise ScheduleError(path + inner, error.value, error.expected, error.fix) from None


def _checked_days(name: str, days: Any) -> tuple[date, ...]:
    expected = f"a list of at most {MOST_DAYS} days"
    if not _is_list(days):
        raise ScheduleError(name, days, expected)
    written = [*days]
    if len(written) > MOST_DAYS:
        raise ScheduleError(name, days, f"{expected}, not of {len(written)}")
    found: dict[date, int] = {}
    for index, value in enumerate(written):
        path = f"{name}[{index}]"
        try:
            day = iso_date(value) if isinstance(value, str) else plain_date(value, path)
        except ValueError as error:
            raise ScheduleError(path, value, str(error)) from None
        except TypeError:
            raise ScheduleError(path, value, "a date, or text YYYY-MM-DD") from None
        if day in found:
            raise ScheduleError(path, str(day), f"each day once, but {name}[{found[day]}] is the same")
        found[day] = index
    return tuple(found)


def _is_list(value: object) -> bool:
    return isinstance(value, Iterable) and not isinstance(value, (str, bytes, Mapping, Set))


def _fix_of_one(value: object) -> str | None:
    return "put the schedule in a list" if isinstance(value, (str, Mapping, Schedule)) else None
