"""The reading of JSON text."""

from __future__ import annotations

from collections.abc import Callable

from recurring_schedule.core.checks import path_segment
from recurring_schedule.core.errors import FieldError

# Every Python writes an integer of 640 digits, whatever its limit is set to: sys.int_info.str_digits_check_threshold.
MOST_DIGITS = 640


def read_json(
    text: str, name: str, error: type[FieldError], parse_float: Callable[[str], object] | None = None
) -> object:
    """What JSON text says; `name` is what the error calls it. No key may stand twice, and numbers have limits.

    >>> read_json('{"frequency": "weekly", "frequency": "daily"}', "schedule", ScheduleError)
    Traceback (most recent call last):
    recurring_schedule.ScheduleError: frequency: got ['weekly', 'daily'], expected one value; the key stands twice
    """
    import json  # here, since most schedules are frequencies or mappings
    from collections import Counter

    def read_object(pairs: list[tuple[str, object]]) -> dict[str, object]:
        found = dict(pairs)
        if len(found) < len(pairs):
            times = Counter(key for key, _ in pairs)
            twice = max(times, key=times.__getitem__)
            raise error(
                path_segment(twice),
                [value for key, value in pairs if key == twice],
                "one value",
                "the key stands twice",
            )
        return found

    def read_integer(digits: str) -> int:
        if len(digits.lstrip("-")) > MOST_DIGITS:
            raise error(name, digits, f"integers of at most {MOST_DIGITS} digits")
        return int(digits)

    try:
        return json.loads(text, object_pairs_hook=read_object, parse_int=read_integer, parse_float=parse_float)
    except RecursionError:
        raise error(name, text, "JSON text without deep nesting") from None
    except json.JSONDecodeError as failure:
        raise error(name, text, "JSON text", f"line {failure.lineno} column {failure.colno}: {failure.msg}") from None
