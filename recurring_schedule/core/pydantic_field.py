"""`Schedule` as the type of a Pydantic field, and so in FastAPI: its wire form in and out.

>>> from pydantic import TypeAdapter
>>> TypeAdapter(Schedule).validate_json('{"frequency": "quarterly", "offset": [2, -1]}')
Schedule('quarterly', offset=(2, -1))
>>> TypeAdapter(Schedule).dump_json(Schedule("monthly"))
b'"monthly"'

The field has the three fields of the documents. `interval` and `weekday` are extensions, which it
refuses. The module needs no other package than Pydantic, which imports it when a model has a
`Schedule`.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

from pydantic_core import CoreSchema, InitErrorDetails, PydanticCustomError, ValidationError, core_schema

from recurring_schedule.core.checks import did_you_mean, path_segment
from recurring_schedule.core.errors import ScheduleError
from recurring_schedule.core.frequencies import Dialect, Frequency

ERROR_TYPE = "schedule_error"
_MOST_ERRORS = 20
_FIELDS = ("frequency", "divisor", "offset")
_ONLY_FIELDS = "only the keys 'frequency', 'divisor' and 'offset'"
_EXTENSIONS = ("interval", "weekday")


def core_schema_of(schedule: type[Any]) -> CoreSchema:
    """Return the schema by which Pydantic reads and writes the class `Schedule`, passed in."""

    def read(value: object) -> object:
        try:
            return _documented(schedule, value)
        except ScheduleError as error:
            details = _details(schedule, value) if isinstance(value, Mapping) else [_detail(error, ())]
            raise ValidationError.from_exception_data("Schedule", list(details), hide_input=True) from None

    return core_schema.no_info_plain_validator_function(
        read, serialization=core_schema.plain_serializer_function_ser_schema(schedule.to_wire, when_used="json")
    )


def _documented(schedule: type[Any], value: object) -> object:
    """Return the schedule of a value; raise ScheduleError if it is none of the documents."""
    # A string is a frequency: JSON text inside a JSON string is not a wire form.
    if isinstance(value, str):
        return schedule(value)
    wire = value.to_wire() if isinstance(value, schedule) else value
    if isinstance(wire, Mapping):
        for key in wire:
            if key not in _FIELDS:
                fix = f"`{key}` is an extension of the documents" if key in _EXTENSIONS else did_you_mean(key, _FIELDS)
                raise ScheduleError(path_segment(key), wire[key], _ONLY_FIELDS, fix)
    return schedule.parse(value, Dialect.INTERGIRO)  # the wire form does not name a dialect


def _details(schedule: type[Any], wire: Mapping[Any, object]) -> Iterator[InitErrorDetails]:
    """Yield every error: the field that has one is left out, and the rest parsed again."""
    rest = dict(wire)
    for _ in range(_MOST_ERRORS):
        error = _error(schedule, rest)
        if error is None:
            return
        yield _detail(error, _location(error.path))
        unknown = next((name for name in rest if name not in _FIELDS), None)
        field = re.split(r"[.\[]", error.path, maxsplit=1)[0]
        if unknown is not None:
            del rest[unknown]  # unknown fields are reported first
        elif field == "frequency":
            rest.pop("offset", None)  # which offsets are right depends on the frequency
            rest["frequency"] = next(iter(Frequency))
        else:
            rest.pop(field, None)


def _error(schedule: type[Any], wire: Mapping[Any, object]) -> ScheduleError | None:
    try:
        _documented(schedule, wire)
    except ScheduleError as error:
        return error
    return None


def _detail(error: ScheduleError, location: tuple[str | int, ...]) -> InitErrorDetails:
    """Return the error without its value, which Pydantic shows, or hides if it is configured to."""
    context = {"expected": _without_numbers(error.expected)}
    template = "expected {expected}"
    if error.fix is not None and not any(f'"{name}"' in error.fix for name in _EXTENSIONS):  # JSON that is refused, too
        context["condition"] = _without_numbers(error.fix)
        template += "; {condition}"
    return {"type": PydanticCustomError(ERROR_TYPE, template, context), "loc": location, "input": error.value}


def _without_numbers(text: str) -> str:
    """Remove numbers of five digits or more: no rule has one, so they come from the input."""
    return re.sub(r"\d{5,}", "...", text)


def _location(path: str) -> tuple[str | int, ...]:
    """Return the path of a ScheduleError in Pydantic's form.

    >>> _location("offset[1]")
    ('offset', 1)
    """
    found = re.fullmatch(r"(divisor|offset)\[(\d)\]", path)
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


def json_schema() -> dict[str, Any]:
    """Return the JSON Schema of the wire form. It does not compare remainders with divisors."""
    frequencies = [frequency.value for frequency in Frequency]
    day = {
        "anyOf": [{"type": "integer", "minimum": 1, "maximum": 31}, {"type": "integer", "minimum": -31, "maximum": -1}],
        "description": "A day of the month, from 1, or counted back from -1, the last; clamped to the length of the month.",
    }
    weekday = {
        "type": "integer", "minimum": 0, "maximum": 6, "description": "A weekday, 0 (Sunday) to 6 (Saturday).",
    }  # fmt: skip

    def month(frequency: Frequency) -> dict[str, Any]:
        whole = {"type": "integer", "minimum": 0, "maximum": frequency.months - 1}
        pair = {"type": "array", "prefixItems": [whole, day], "minItems": 2, "maxItems": 2}
        return {"anyOf": [whole, pair], "description": "A month of the period, from 0, or a pair [month, day]."}

    offsets = {(): None, ("weekday",): weekday, ("day",): day}

    def offset_of(frequency: Frequency) -> dict[str, Any] | None:
        return offsets[frequency.parts] if frequency.parts in offsets else month(frequency)

    pair = {
        "type": "array",
        "prefixItems": [{"type": "integer", "minimum": 1}, {"type": "integer", "minimum": 2}],
        "minItems": 2,
        "maxItems": 2,
    }
    divisor = {
        "anyOf": [{"type": "integer", "minimum": 1}, pair, {"type": "null"}],
        "description": "Picks the periods whose number is a multiple of it, or for a pair [r, d] with r < d, those whose "
        "number leaves r when divided by d. Without it, every period is picked.",
    }

    def written(frequency: Frequency, offset: dict[str, Any] | None) -> dict[str, Any]:
        properties = {"frequency": {"const": frequency.value}, "divisor": divisor, "offset": {"type": "null"}}
        if offset is not None:
            properties["offset"] = {
                "anyOf": [offset, {"type": "null"}],
                "description": "The payment day in the period. The start date supplies what is left out.",
            }
        return {
            "type": "object",
            "title": f"{frequency.value.capitalize()} schedule",
            "properties": properties,
            "required": ["frequency"],
            "additionalProperties": False,
        }

    return {
        "title": "Schedule",
        "description": "When payments recur: a frequency, or an object with `frequency`, `divisor` and `offset`.",
        "anyOf": [
            {"type": "string", "enum": frequencies, "title": "Frequency"},
            *(written(frequency, offset_of(frequency)) for frequency in Frequency),
        ],
        "examples": [json.loads(text) for text in _EXAMPLES],
    }


_EXAMPLES = (
    '"monthly"',
    '{"frequency": "monthly", "divisor": 2, "offset": 1}',
    '{"frequency": "quarterly", "offset": [2, -1]}',
    '{"frequency": "weekly", "divisor": [1, 3], "offset": 3}',
    '{"frequency": "yearly", "divisor": 2, "offset": [11, 13]}',
)
