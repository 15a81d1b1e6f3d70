"""`ScheduleSet`, and so `Schedule | ScheduleSet`, as the type of a Pydantic field.

>>> from pydantic import TypeAdapter
>>> any_plan = TypeAdapter(Schedule | ScheduleSet)
>>> any_plan.validate_json('["monthly", {"frequency": "monthly", "offset": 15}]')
ScheduleSet([Schedule('monthly'), Schedule('monthly', offset=15)])
>>> any_plan.validate_json('{"frequency": "weekly", "interval": 2}')
Schedule('weekly', interval=2)

Pydantic makes a union of the schemas of its members, and tells no member that it is in one. Each
value must have a member that reads it, but `Schedule` reads the fields of the documents only. So a
field of `ScheduleSet` reads sets, and also single schedules with `interval` or `weekday`, in a
union or alone: these it returns as a `Schedule`, as `parse` does. It refuses a schedule of the
documents, such as "monthly".
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

from pydantic_core import CoreSchema

from recurring_schedule.core.errors import ScheduleError
from recurring_schedule.core.frequencies import Dialect
from recurring_schedule.core.pydantic_field import (
    ANY_FREQUENCY,
    EXTENSIONS,
    FIELDS,
    Location,
    Parse,
    detail,
    field_schema,
    invalid,
    is_set,
    location,
    parsed,
    read_parts,
    read_schedule,
)
from recurring_schedule.core.schedule import Schedule

_ALL_FIELDS = (*FIELDS, *EXTENSIONS)
_FIELDS_OF_SETS = ("any", "excluding", "adding")


def core_schema_of(parse: Callable[[object, Dialect], object]) -> CoreSchema:
    """Return the schema by which Pydantic reads and writes sets, which `parse` parses."""

    def schedule_set(value: object) -> object:
        if is_set(value):
            return _read_set(lambda wire: parse(wire, Dialect.INTERGIRO), value)
        wire = value.to_wire() if isinstance(value, Schedule) else value
        if isinstance(wire, Mapping) and any(name in wire for name in EXTENSIONS):
            return read_schedule(partial(parsed, Schedule), value, _ALL_FIELDS)
        error = ScheduleError("schedule", value, "a list of schedules, or a mapping with the key 'any'")
        raise invalid([detail(error, (), _ALL_FIELDS)])

    return field_schema(schedule_set)


def _read_set(parse: Parse, value: Any) -> object:
    """Return the set; raise ValidationError with every error, but only the first of each member."""
    if not isinstance(value, (list, tuple, Mapping)):
        return read_schedule(parse, value, _ALL_FIELDS)
    is_list = not isinstance(value, Mapping)
    parts = {"any": value} if is_list else dict(value)
    members = parts.get("any")
    if isinstance(members, (list, tuple)):  # a string is a frequency, as in a field of `Schedule`
        parts["any"] = [{"frequency": member} if isinstance(member, str) else member for member in members]
    return read_parts(parse, parts, _leave_out, lambda path: _location(path)[is_list:], _ALL_FIELDS)


def _location(path: str) -> Location:
    """Return the path of an error of a set in Pydantic's form.

    >>> _location("any[1].offset[0]"), _location("any[1]"), _location("excluding[7]")
    (('any', 1, 'offset', 0), ('any', 1), ('excluding', 7))
    """
    found = re.match(r"any\[(\d+)\]\.?", path)
    if found is None:
        return location(path)
    inner = path[found.end() :]
    return ("any", int(found[1]), *(location(inner) if inner else ()))


def _leave_out(path: str, rest: dict[Any, Any]) -> None:
    """Leave out the part of a set that has an error; a schedule takes the place of a member."""
    unknown = next((name for name in rest if name not in _FIELDS_OF_SETS), None)
    field, _, index = path.partition("[")
    if field == "any" and index and isinstance(rest["any"], list):
        rest["any"][int(index.partition("]")[0])] = ANY_FREQUENCY
    elif field == "any":
        rest["any"] = [ANY_FREQUENCY]
    elif unknown is not None:
        del rest[unknown]  # unknown keys are reported before members and days
    else:
        rest.pop(field, None)
