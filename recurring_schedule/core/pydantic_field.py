"""`Schedule` as the type of a Pydantic field, and so in FastAPI: its wire form in and out.

>>> from pydantic import TypeAdapter
>>> TypeAdapter(Schedule).validate_json('{"frequency": "quarterly", "offset": [2, -1]}')
Schedule('quarterly', offset=(2, -1))
>>> TypeAdapter(Schedule).dump_json(Schedule("monthly"))
b'"monthly"'

The field has the three fields of the documents. It refuses extensions: `interval`, `weekday` and
sets. The module needs no other package than Pydantic, which imports it when a model has a
`Schedule`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import partial
from typing import Any

from pydantic_core import CoreSchema, InitErrorDetails, PydanticCustomError, ValidationError, core_schema

from recurring_schedule.core.checks import did_you_mean, path_segment
from recurring_schedule.core.errors import ScheduleError
from recurring_schedule.core.frequencies import Dialect, Frequency

ERROR_TYPE = "schedule_error"
_MOST_ERRORS = 20
FIELDS = ("frequency", "divisor", "offset")
EXTENSIONS = ("interval", "weekday")
ANY_FREQUENCY = next(iter(Frequency))
_ONLY_FIELDS = "only the keys 'frequency', 'divisor' and 'offset'"

Parse = Callable[[object], object]
"""Returns a Schedule or a set, or raises ScheduleError."""
LeaveOut = Callable[[str, dict[Any, Any]], None]
Location = tuple[str | int, ...]


def core_schema_of(cls: type[Any]) -> CoreSchema:
    """Return the schema by which Pydantic reads and writes the class `Schedule`, passed in."""

    def schedule(value: object) -> object:
        return read_schedule(partial(_documented, cls), value, FIELDS)

    return field_schema(schedule)


def field_schema(read: Callable[[object], object]) -> CoreSchema:
    """Return the schema of a field that `read` reads; its name is in the errors of a union."""
    write = core_schema.plain_serializer_function_ser_schema(lambda value: value.to_wire(), when_used="json")
    return core_schema.no_info_plain_validator_function(read, serialization=write)


def is_set(value: object) -> bool:
    """Return True for a set, or a value that can only be the wire form of one."""
    if isinstance(value, Mapping):
        return any(name in value for name in ("any", "excluding", "adding"))
    return isinstance(value, (list, tuple)) or hasattr(value, "members")


def _documented(cls: type[Any], value: object) -> object:
    """Return the Schedule of a value; raise ScheduleError if it is none of the documents."""
    wire = value.to_wire() if isinstance(value, cls) else value
    if is_set(wire):
        raise ScheduleError("schedule", value, "one schedule", "a set is an extension of the documents")
    if isinstance(wire, Mapping):
        for key in wire:
            if key not in FIELDS:
                fix = f"`{key}` is an extension of the documents" if key in EXTENSIONS else did_you_mean(key, FIELDS)
                raise ScheduleError(path_segment(key), wire[key], _ONLY_FIELDS, fix)
    return parsed(cls, value)


def parsed(cls: type[Any], value: object) -> object:
    """Return the Schedule of a value.

    A string is a frequency: JSON text inside a JSON string is not a wire form.
    """
    return cls(value) if isinstance(value, str) else cls.parse(value, Dialect.INTERGIRO)


def read_schedule(parse: Parse, value: object, fields: tuple[str, ...]) -> object:
    """Return what `parse` returns; raise ValidationError with every error.

    `fields` are the keys that it reads.
    """
    if isinstance(value, Mapping) and not is_set(value):
        return read_parts(parse, dict(value), partial(_leave_out, fields), location, fields)
    try:
        return parse(value)
    except ScheduleError as error:
        raise invalid([detail(error, (), fields)]) from None


def read_parts(
    parse: Parse,
    parts: dict[Any, Any],
    leave_out: LeaveOut,
    locate: Callable[[str], Location],
    fields: tuple[str, ...],
) -> object:
    """Return what `parse` returns for a mapping; raise ValidationError with every error.

    `leave_out` removes the part that has an error, at a path, so that the rest is parsed again.
    """
    try:
        return parse(parts)
    except ScheduleError:
        errors = _errors(parse, parts, leave_out)
        raise invalid(detail(error, locate(error.path), fields) for error in errors) from None


def _errors(parse: Parse, parts: dict[Any, Any], leave_out: LeaveOut) -> Iterator[ScheduleError]:
    for _ in range(_MOST_ERRORS):
        error = _error(parse, parts)
        if error is None:
            return
        yield error
        leave_out(error.path, parts)


def _error(parse: Parse, value: object) -> ScheduleError | None:
    try:
        parse(value)
    except ScheduleError as error:
        return error
    return None


def _leave_out(fields: tuple[str, ...], path: str, rest: dict[Any, Any]) -> None:
    """Leave out the field of a schedule that has an error."""
    unknown = next((name for name in rest if name not in fields), None)
    field = re.split(r"[.\[]", path, maxsplit=1)[0]
    if unknown is not None:
        del rest[unknown]  # unknown fields are reported first
    elif field == "frequency":
        rest.pop("offset", None)  # which offsets are right depends on the frequency
        rest["frequency"] = ANY_FREQUENCY
    else:
        rest.pop(field, None)


def invalid(details: Iterable[InitErrorDetails]) -> ValidationError:
    """Return the error of a field with these details."""
    return ValidationError.from_exception_data("Schedule", [*details], hide_input=True)


def detail(error: ScheduleError, location: Location, fields: tuple[str, ...]) -> InitErrorDetails:
    """Return the error without its value, which Pydantic shows, or hides if it is configured to.

    A fix with a field that is not one of `fields` is left out.
    """
    context = {"expected": _without_numbers(error.expected)}
    template = "expected {expected}"
    if error.fix is not None and not any(f'"{name}"' in error.fix for name in EXTENSIONS if name not in fields):
        context["condition"] = _without_numbers(error.fix)
        template += "; {condition}"
    return {"type": PydanticCustomError(ERROR_TYPE, template, context), "loc": location, "input": error.value}


def _without_numbers(text: str) -> str:
    """Remove numbers of five digits or more: no rule has one, so they come from the input."""
    return re.sub(r"\d{5,}", "...", text)


def location(path: str) -> Location:
    """Return the path of a ScheduleError in Pydantic's form.

    >>> location("offset[1]")
    ('offset', 1)
    """
    found = re.fullmatch(r"(divisor|offset|weekday|excluding|adding)\[(\d+)\]", path)
    if found:
        return found[1], int(found[2])
    return () if path == "schedule" else (safe_key(path),)


_WORD = re.compile(r"[^\W\d][\w-]{0,59}")


def safe_key(key: str | int) -> str:
    """Return a key as errors show it: "?" unless it is a short word with at most four digits.

    >>> safe_key("colour"), safe_key("4111111111111111")
    ('colour', '?')
    """
    text = str(key)
    return text if _WORD.fullmatch(text) and sum(map(str.isdecimal, text)) <= 4 else "?"
