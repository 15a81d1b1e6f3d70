"""`Schedule` as the type of a Pydantic field, and so of FastAPI: the wire form in, the wire form out in JSON.

>>> from pydantic import TypeAdapter
>>> TypeAdapter(Schedule).validate_json('{"frequency": "quarterly", "offset": [2, -1]}')
Schedule('quarterly', offset=(2, -1))
>>> TypeAdapter(Schedule).dump_json(Schedule("monthly"))
b'"monthly"'

Of other packages it needs Pydantic alone, which is there when it is asked for.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from pydantic_core import CoreSchema, InitErrorDetails, PydanticCustomError, ValidationError, core_schema

from recurring_schedule.core.errors import ScheduleError
from recurring_schedule.core.frequencies import Dialect, Frequency

ERROR_TYPE = "schedule_error"
_MOST_FLAWS = 20


def core_schema_of(schedule: type[Any]) -> CoreSchema:
    """How Pydantic reads and writes a `Schedule`, which is the class, given so that it is not imported again."""

    def read(value: object) -> object:
        try:
            # A string is a frequency: JSON text in a JSON string is no wire form.
            if isinstance(value, str):
                return schedule(value)
            return schedule.parse(value, Dialect.INTERGIRO)  # the wire does not say another dialect
        except ScheduleError as error:
            flaws = _flaws(schedule, value) if isinstance(value, Mapping) else [_flaw(error, ())]
            raise ValidationError.from_exception_data("Schedule", list(flaws), hide_input=True) from None

    return core_schema.no_info_plain_validator_function(
        read, serialization=core_schema.plain_serializer_function_ser_schema(schedule.to_wire, when_used="json")
    )


def _flaws(schedule: type[Any], wire: Mapping[Any, object]) -> Iterator[InitErrorDetails]:
    """Every flaw: each field that has one is left out, until none is left."""
    rest = dict(wire)
    for _ in range(_MOST_FLAWS):
        error = _error(schedule, rest)
        if error is None:
            return
        yield _flaw(error, _place(error.path))
        unknown = next((name for name in rest if name not in _FIELDS), None)
        field = re.split(r"[.\[]", error.path, maxsplit=1)[0]
        if unknown is not None:
            del rest[unknown]  # that is the one that was told
        elif field == "frequency":
            rest.pop("offset", None)  # what it may be depends on the frequency
            rest["frequency"] = next(iter(Frequency))
        else:
            rest.pop(field, None)


def _error(schedule: type[Any], wire: Mapping[Any, object]) -> ScheduleError | None:
    try:
        schedule.parse(wire, Dialect.INTERGIRO)
    except ScheduleError as error:
        return error
    return None


_FIELDS = ("frequency", "divisor", "offset")


def _flaw(error: ScheduleError, place: tuple[str | int, ...]) -> InitErrorDetails:
    """What the error says but for the value: Pydantic shows that, or hides it if it is told to."""
    context = {"expected": _without_numbers(error.expected)}
    if error.fix is None:
        told = PydanticCustomError(ERROR_TYPE, "expected {expected}", context)
    else:
        context["condition"] = _without_numbers(error.fix)
        told = PydanticCustomError(ERROR_TYPE, "expected {expected}; {condition}", context)
    return {"type": told, "loc": place, "input": error.value}


def _without_numbers(text: str) -> str:
    """No number that means something in a schedule has five digits: those that have stem from what was sent."""
    return re.sub(r"\d{5,}", "...", text)


def _place(path: str) -> tuple[str | int, ...]:
    """The path of a ScheduleError in the parts that Pydantic has.

    >>> _place("offset[1]")
    ('offset', 1)
    """
    found = re.fullmatch(r"(divisor|offset)\[(\d)\]", path)
    if found:
        return found[1], int(found[2])
    return () if path == "schedule" else (named(path),)


_WORD = re.compile(r"[^\W\d][\w-]{0,59}")


def named(key: str | int) -> str:
    """A key as an error may say it: it may be anything, so what is no short word, or has more than four digits, is "?".

    >>> named("colour"), named("4111111111111111")
    ('colour', '?')
    """
    text = str(key)
    return text if _WORD.fullmatch(text) and sum(map(str.isdecimal, text)) <= 4 else "?"


def json_schema() -> dict[str, Any]:
    """The JSON Schema of the wire form. That the remainder of a divisor is less than its divisor is more than it can say."""
    frequencies = [frequency.value for frequency in Frequency]
    day = {
        "anyOf": [{"type": "integer", "minimum": 1, "maximum": 31}, {"type": "integer", "minimum": -31, "maximum": -1}],
        "description": "A day of the month, from 1, or back from -1, the last; the nearest day that the month has.",
    }
    weekday = {
        "type": "integer", "minimum": 0, "maximum": 6, "description": "A weekday, 0 (Sunday) to 6 (Saturday).",
    }  # fmt: skip

    def month(frequency: Frequency) -> dict[str, Any]:
        whole = {"type": "integer", "minimum": 0, "maximum": frequency.months - 1}
        pair = {"type": "array", "prefixItems": [whole, day], "minItems": 2, "maxItems": 2}
        return {"anyOf": [whole, pair], "description": "A month, from 0, or a pair of month and day."}

    def offset_of(frequency: Frequency) -> dict[str, Any] | None:
        return {(): None, ("weekday",): weekday, ("day",): day}.get(frequency.parts) or month(frequency)

    pair = {
        "type": "array",
        "prefixItems": [{"type": "integer", "minimum": 1}, {"type": "integer", "minimum": 2}],
        "minItems": 2,
        "maxItems": 2,
    }
    divisor = {
        "anyOf": [{"type": "integer", "minimum": 1}, pair, {"type": "null"}],
        "description": "Which periods are picked: those whose number is a multiple of it, or for a pair [r, d], with r < d, "
        "those whose number leaves r when divided by d; every one if it is left out.",
    }

    def written(frequency: Frequency, offset: dict[str, Any] | None) -> dict[str, Any]:
        properties = {"frequency": {"const": frequency.value}, "divisor": divisor, "offset": {"type": "null"}}
        if offset is not None:
            properties["offset"] = {
                "anyOf": [offset, {"type": "null"}],
                "description": "The payment day in the period; what it leaves open comes from the start date.",
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
        "description": "When payments recur: a frequency, or an object with frequency, divisor and offset.",
        "anyOf": [
            {"type": "string", "enum": frequencies, "title": "Frequency"},
            *(written(frequency, offset_of(frequency)) for frequency in Frequency),
        ],
        "examples": [
            "monthly",
            {"frequency": "monthly", "divisor": 2, "offset": 1},
            {"frequency": "quarterly", "offset": [2, -1]},
            {"frequency": "weekly", "divisor": [1, 3], "offset": 3},
            {"frequency": "yearly", "divisor": 2, "offset": [11, 13]},
        ],
    }
