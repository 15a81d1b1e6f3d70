"""Synthetic books of subscriptions, for trying out and for benchmarks: mixed frequencies, month ends, ended subscriptions."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from recurring_schedule.core.schedule import Schedule

_ROWS = 262_144
_TODAY = np.datetime64("2026-01-01")
SCHEMA = pa.schema(
    [
        ("id", pa.string()),
        ("schedule", pa.string()),
        ("start", pa.date32()),
        ("end", pa.date32()),
        ("items", pa.string()),
        ("currency", pa.string()),
    ]
)
"""The columns of a synthetic book."""
_PLAIN = {"monthly": 48, "yearly": 14, "quarterly": 6, "weekly": 6, "daily": 1}
"""How many in a hundred have a bare frequency; the others share the rest."""


def distinct_schedules(number: int) -> list[Schedule]:
    """The first so many of some thousands: the bare frequencies, then those with divisors and offsets, the likely ones first.

    >>> distinct_schedules(7)[5:]
    [Schedule('monthly', offset=-1), Schedule('quarterly', offset=(2, -1))]

    Raises ValueError if there are not so many.
    """
    found = [Schedule(frequency) for frequency in _PLAIN]
    found += [Schedule("monthly", offset=-1), Schedule("quarterly", offset=(2, -1)), Schedule("weekly", 2)]
    found += [Schedule("monthly", offset=day) for day in range(1, 32)]
    found += [Schedule("weekly", divisor, weekday) for divisor in (None, 2, 4) for weekday in range(7)]
    found += [Schedule("daily", (3, 10)), Schedule("daily", 15), Schedule("yearly", 2), Schedule("yearly", (1, 3))]
    found += [Schedule("monthly", divisor, day) for divisor in (2, 3, 6) for day in (None, 1, 15, -1)]
    found += [Schedule("yearly", None, (month, day)) for month in range(12) for day in (1, 15, -1)]
    found += [Schedule("quarterly", None, (month, day)) for day in range(1, 32) for month in range(3)]
    found += [Schedule("monthly", (1, divisor), day) for divisor in range(2, 13) for day in range(1, 32)]
    found += [Schedule("yearly", None, (month, day)) for day in range(2, 32) for month in range(12)]
    found += [Schedule("yearly", 2, (month, day)) for day in range(1, 32) for month in range(12)]
    found += [Schedule("yearly", (1, 3), (month, day)) for day in range(1, 32) for month in range(12)]
    found += [Schedule("quarterly", 2, (month, day)) for day in range(1, 32) for month in range(3)]
    found += [Schedule("yearly", 4, (month, day)) for day in range(1, 32) for month in range(12)]
    found += [
        Schedule("weekly", (rest, divisor), day)
        for divisor in range(3, 27)
        for rest in range(1, divisor)
        for day in range(7)
    ]
    found += [Schedule("daily", (rest, divisor)) for divisor in range(2, 32) for rest in range(1, divisor)]
    found += [Schedule("monthly", (rest, 12), -day) for day in range(1, 32) for rest in range(1, 12)]
    distinct = list(dict.fromkeys(found))
    if not 1 <= number <= len(distinct):
        raise ValueError(f"schedules: got {number}, expected 1 to {len(distinct)}")
    return distinct[:number]


def texts(schedules: Iterable[Schedule]) -> list[str]:
    """The wire forms as they stand in a column of text: a frequency, or JSON."""
    wires = (one.to_wire() for one in schedules)
    return [wire if isinstance(wire, str) else json.dumps(wire) for wire in wires]


def codes_and_days(rows: int, schedules: int, seed: int) -> tuple[Any, Any, Any]:
    """For each row the place of its schedule, its start and its end, as days from 1970; NaT for no end."""
    draw = np.random.default_rng(seed)
    plain = np.array([*_PLAIN.values()], float)[:schedules]
    weights = np.concatenate(
        (plain, np.full(max(schedules - len(plain), 0), (100 - plain.sum()) / max(schedules - len(plain), 1)))
    )
    codes = draw.choice(schedules, rows, p=weights / weights.sum()).astype(np.int32)
    start = _TODAY - draw.integers(31, 12 * 365, rows)  # so that the last day of that month is past, too
    months = start.astype("datetime64[M]")
    at_end = draw.random(rows) < 0.15  # of the month: more than chance would have
    start = np.where(at_end, (months + 1).astype("datetime64[D]") - 1, start)
    has_ended = draw.random(rows) < 0.2
    end = np.where(has_ended, start + draw.integers(30, 2000, rows), np.datetime64("NaT"))
    return codes, start, end


def book(rows: int, schedules: int = 300, seed: int = 0) -> Iterator[pa.RecordBatch]:
    """A book, a batch at a time: the same for the same numbers.

    >>> next(book(1000)).num_rows
    1000
    """
    wires = pa.array(texts(distinct_schedules(schedules)))
    currencies = pa.array(["EUR", "SEK", "USD", "GBP"])
    for number, first in enumerate(range(0, rows, _ROWS)):
        size = min(_ROWS, rows - first)
        codes, start, end = codes_and_days(size, schedules, seed * 1_000_003 + number)
        draw = np.random.default_rng((seed, number))
        cents = draw.integers(100, 100_000, size)
        whole, rest = (pa.array(part).cast(pa.string()) for part in np.divmod(cents, 100))
        amounts = pc.binary_join_element_wise(whole, pc.utf8_lpad(rest, 2, "0"), ".")
        yield pa.RecordBatch.from_arrays(
            [
                pa.array(np.char.add("sub_", np.arange(first, first + size).astype(str))),
                wires.take(pa.array(codes)),
                pa.array(start),
                pa.array(end),
                amounts,
                currencies.take(pa.array(draw.choice(4, size, p=[0.5, 0.2, 0.2, 0.1]))),
            ],
            schema=SCHEMA,
        )
