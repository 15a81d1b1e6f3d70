"""The JSON Schemas of fields: of a `Schedule`, as in the documents, and of a `ScheduleSet`.

>>> schedule_schema()["anyOf"][0]["enum"]
['daily', 'weekly', 'monthly', 'quarterly', 'yearly']
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from recurring_schedule.core.frequencies import Frequency

_Schema = dict[str, Any]

_NULL: _Schema = {"type": "null"}
_DAY: _Schema = {
    "anyOf": [{"type": "integer", "minimum": 1, "maximum": 31}, {"type": "integer", "minimum": -31, "maximum": -1}],
    "description": "A day of the month, from 1, or counted back from -1, the last; clamped to the length of the month.",
}
_WEEKDAY: _Schema = {
    "type": "integer", "minimum": 0, "maximum": 6, "description": "A weekday, 0 (Sunday) to 6 (Saturday).",
}  # fmt: skip


def _pair(first: _Schema, second: _Schema) -> _Schema:
    return {"type": "array", "prefixItems": [first, second], "minItems": 2, "maxItems": 2}


def _or_null(schema: _Schema, description: str) -> _Schema:
    return {"anyOf": [schema, _NULL], "description": description}


_DIVISOR: _Schema = {
    "anyOf": [
        {"type": "integer", "minimum": 1},
        _pair({"type": "integer", "minimum": 1}, {"type": "integer", "minimum": 2}),
        _NULL,
    ],
    "description": "Picks the periods whose number is a multiple of it, or for a pair [r, d] with r < d, those whose "
    "number leaves r when divided by d. Without it, every period is picked.",
}
_INTERVAL = _or_null(
    {"type": "integer", "minimum": 1}, "Picks every n-th period, counted from that of the start, instead of a divisor."
)
_NTH_WEEKDAY: _Schema = {
    **_pair(
        {"anyOf": [{"type": "integer", "minimum": 1, "maximum": 4}, {"type": "integer", "minimum": -4, "maximum": -1}]},
        _WEEKDAY,
    ),
    "description": "[n, w]: the n-th weekday w of the month, from 1, or counted back from -1, the last.",
}


def _month(frequency: Frequency) -> _Schema:
    return {"type": "integer", "minimum": 0, "maximum": frequency.months - 1}


def _offset(frequency: Frequency) -> _Schema | None:
    offsets = {(): None, ("weekday",): _WEEKDAY, ("day",): _DAY}
    if frequency.parts in offsets:
        return offsets[frequency.parts]
    month = _month(frequency)
    return {
        "anyOf": [month, _pair(month, _DAY)], "description": "A month of the period, from 0, or a pair [month, day].",
    }  # fmt: skip


def _written(frequency: Frequency, offset: _Schema | None, **extensions: _Schema) -> _Schema:
    """Return the schema of a mapping with that frequency, and with these other fields."""
    properties = {"frequency": {"const": frequency.value}, "divisor": _DIVISOR, "offset": _NULL}
    if offset is not None:
        about = "The payment day in the period. The start date supplies what is left out."
        properties["offset"] = _or_null(offset, about)
    return {
        "type": "object",
        "title": f"{frequency.value.capitalize()} schedule",
        "properties": properties | extensions,
        "required": ["frequency"],
        "additionalProperties": False,
    }


def schedule_schema() -> _Schema:
    """Return the JSON Schema of the documents' wire form. It does not compare remainders with
    divisors.
    """
    return {
        "title": "Schedule",
        "description": "When payments recur: a frequency, or an object with `frequency`, `divisor` and `offset`.",
        "anyOf": [_FREQUENCY, *(_written(frequency, _offset(frequency)) for frequency in Frequency)],
        "examples": [json.loads(text) for text in _EXAMPLES],
    }


def schedule_set_schema() -> _Schema:
    """Return the JSON Schema of sets, and of schedules with `interval` or `weekday`."""
    schedules = [schema for frequency in Frequency for schema in _extended(frequency)]
    members = {"type": "array", "items": {"anyOf": [_FREQUENCY, *schedules]}, "minItems": 1, "maxItems": 100}
    day = {"type": "string", "format": "date"}
    days = _or_null({"type": "array", "items": day, "maxItems": 1000, "uniqueItems": True}, "Days, each once.")
    return {
        "title": "ScheduleSet",
        "description": "Several schedules at once: a list, or an object with `any` and the days that are left out and put in. "
        "Or one schedule with `interval` or `weekday`.",
        "anyOf": [
            members,
            {
                "type": "object",
                "title": "Schedules and days",
                "properties": {"any": members, "excluding": days, "adding": days},
                "required": ["any"],
                "additionalProperties": False,
            },
            {"anyOf": schedules, "allOf": [{"anyOf": [{"required": ["interval"]}, {"required": ["weekday"]}]}]},
        ],
        "examples": [json.loads(text) for text in _EXAMPLES_OF_SETS],
    }


def _extended(frequency: Frequency) -> Iterator[_Schema]:
    """Yield the schemas of all mappings with that frequency, without and with a weekday."""
    yield _written(frequency, _offset(frequency), interval=_INTERVAL, weekday=_NULL) | _INTERVAL_OR_DIVISOR
    if "day" in frequency.parts:
        month = _month(frequency) if "month" in frequency.parts else None
        written = _written(frequency, month, interval=_INTERVAL, weekday=_NTH_WEEKDAY)
        yield written | {"required": ["frequency", "weekday"]} | _INTERVAL_OR_DIVISOR


_FREQUENCY: _Schema = {"type": "string", "enum": [frequency.value for frequency in Frequency], "title": "Frequency"}
_INTERVAL_OR_DIVISOR: _Schema = {"anyOf": [{"properties": {name: _NULL}} for name in ("divisor", "interval")]}
_EXAMPLES = (
    '"monthly"',
    '{"frequency": "monthly", "divisor": 2, "offset": 1}',
    '{"frequency": "quarterly", "offset": [2, -1]}',
    '{"frequency": "weekly", "divisor": [1, 3], "offset": 3}',
    '{"frequency": "yearly", "divisor": 2, "offset": [11, 13]}',
)
_EXAMPLES_OF_SETS = (
    '["monthly", {"frequency": "monthly", "offset": 15}]',
    '{"any": ["monthly"], "excluding": ["2024-12-31"], "adding": ["2024-12-30"]}',
    '{"frequency": "weekly", "interval": 2}',
    '{"frequency": "monthly", "weekday": [-1, 5]}',
)
