"""Parsing, fuzzed towards lines that were not reached before: `python coverage_fuzzing.py CORPUS [what libFuzzer takes]`.

The first byte of an input says what parses the rest. It ends with an error at the first exception that is not a documented one;
with `--break` there is one, to see that it does.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from functools import partial
from typing import Any

import atheris

with atheris.instrument_imports(include=["recurring_schedule"]):
    from recurring_schedule import Schedule, ScheduleError
    from recurring_schedule.exchange import ConversionError, from_rrule
    from recurring_schedule.models import DOCUMENTS, read, read_json, write_json

from pydantic import ValidationError


def a_document(text: bytes, kind: Any) -> None:
    read(kind, text)


def plain_json(text: bytes) -> None:
    value = read_json(text)
    if read_json(write_json(value)) != value:
        raise AssertionError("what is written is not read back")


def a_schedule(text: bytes) -> None:
    schedule = Schedule.parse(text.decode(errors="replace"))
    if Schedule.parse(schedule.to_wire()) != schedule:
        raise AssertionError("what is written is not read back")


def an_rrule(text: bytes) -> None:
    from_rrule(text.decode(errors="replace"))


def broken(text: bytes) -> None:
    if b"weekly" in text:
        raise ZeroDivisionError


# An input begins with the number; test_coverage_fuzz.py makes inputs.
TARGETS: list[Callable[[bytes], None]] = [
    plain_json,
    a_schedule,
    an_rrule,
    *(partial(a_document, kind=DOCUMENTS[name]) for name in sorted(DOCUMENTS)),
]


def one(data: bytes) -> None:
    if data:
        try:
            TARGETS[data[0] % len(TARGETS)](data[1:])
        except (ScheduleError, ConversionError, ValidationError):
            return


if __name__ == "__main__":
    if "--break" in sys.argv:
        sys.argv.remove("--break")
        TARGETS[1] = broken
    atheris.Setup(sys.argv, one)
    atheris.Fuzz()
