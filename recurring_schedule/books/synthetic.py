"""Synthetic books of subscriptions, for trials and benchmarks.

Frequencies are mixed, many subscriptions start at the end of a month, and some have ended.
`synthetic.json` has the schedules: the share of each bare frequency in percent, and the patterns of
the others, which share the rest.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from importlib.resources import files
from itertools import product
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from recurring_schedule.core.schedule import Schedule

_ROWS = 262_144
_TODAY = np.datetime64("2026-01-01")
_FIELDS = ("id", "schedule", "start", "end", "items", "currency")
SCHEMA = pa.schema([(field, pa.date32() if field in ("start", "end") else pa.string()) for field in _FIELDS])
"""The columns of a synthetic book."""
_DATA = json.loads(files("recurring_schedule.books").joinpath("synthetic.json").read_text("utf-8"))


def distinct_schedules(number: int) -> list[Schedule]:
    """Return the first `number` of some 5,000 schedules, the likely ones first.

    >>> distinct_schedules(7)[5:]
    [Schedule('monthly', offset=-1), Schedule('quarterly', offset=(2, -1))]

    Raises ValueError for a number below 1 or above that of all schedules.
    """
    found = [Schedule(frequency) for frequency in _DATA["weights"]]
    found += [schedule for pattern in _DATA["patterns"] for schedule in _of_pattern(**pattern)]
    distinct = list(dict.fromkeys(found))
    if not 1 <= number <= len(distinct):
        raise ValueError(f"schedules: got {number}, expected 1 to {len(distinct)}")
    return distinct[:number]


def _of_pattern(frequency: str, **axes: str | list[int | None]) -> Iterator[Schedule]:
    """Yield a schedule for each combination of values; the last axis varies fastest."""
    for values in product(*map(_values, axes.values())):
        at: dict[str, Any] = dict(zip(axes, values, strict=True))
        divisor, offset = at.get("divisor"), at.get("day")
        if "remainder" in at:
            divisor = at["remainder"], at["divisor"]
            if divisor[0] >= divisor[1]:
                continue
        if "month" in at:
            offset = at["month"], at["day"]
        yield Schedule(frequency, divisor, offset)


def _values(axis: str | list[Any]) -> Iterable[Any]:
    """Return the values of an axis: a list, or "first to last", up or down."""
    if isinstance(axis, list):
        return axis
    first, last = map(int, axis.split(" to "))
    return range(first, last + 1) if first < last else range(first, last - 1, -1)


def texts(schedules: Iterable[Schedule]) -> list[str]:
    """Return the wire forms as a column of text has them: a bare frequency, or JSON."""
    wires = (schedule.to_wire() for schedule in schedules)
    return [wire if isinstance(wire, str) else json.dumps(wire) for wire in wires]


def codes_and_days(
    rows: int, schedules: int, seed: int
) -> tuple[npt.NDArray[np.int32], npt.NDArray[np.datetime64], npt.NDArray[np.datetime64]]:
    """Return the index of each row's schedule, its start, and its end, NaT for none."""
    draw = np.random.default_rng(seed)
    plain = np.array([*_DATA["weights"].values()], float)[:schedules]
    others = max(schedules - len(plain), 0)
    weights = np.concatenate((plain, np.full(others, (100 - plain.sum()) / max(others, 1))))
    codes = draw.choice(schedules, rows, p=weights / weights.sum()).astype(np.int32)
    start = _TODAY - draw.integers(31, 12 * 365, rows)  # at least a month ago: its month has ended
    months = start.astype("datetime64[M]")
    at_month_end = draw.random(rows) < 0.15  # chance alone gives about 0.03
    start = np.where(at_month_end, (months + 1).astype("datetime64[D]") - 1, start)
    has_ended = draw.random(rows) < 0.2
    end = np.where(has_ended, start + draw.integers(30, 2000, rows), np.datetime64("NaT"))
    return codes, start, end


def book(rows: int, schedules: int = 300, seed: int = 0) -> Iterator[pa.RecordBatch]:
    """Yield the batches of a book: the same book for the same arguments.

    >>> next(book(1000)).num_rows
    1000
    """
    wires = pa.array(texts(distinct_schedules(schedules)))
    currencies = pa.array(["EUR", "SEK", "USD", "GBP"])
    for number, first in enumerate(range(0, rows, _ROWS)):
        size = min(_ROWS, rows - first)
        codes, start, end = map(pa.array, codes_and_days(size, schedules, seed * 1_000_003 + number))
        ids = pa.array(np.char.add("sub_", np.arange(first, first + size).astype(str)))
        draw = np.random.default_rng((seed, number))
        cents = draw.integers(100, 100_000, size)
        whole, rest = (pa.array(part).cast(pa.string()) for part in np.divmod(cents, 100))
        amounts = pc.binary_join_element_wise(whole, pc.utf8_lpad(rest, 2, "0"), ".")
        currency = currencies.take(pa.array(draw.choice(4, size, p=[0.5, 0.2, 0.2, 0.1])))
        yield pa.RecordBatch.from_arrays([ids, wires.take(codes), start, end, amounts, currency], schema=SCHEMA)
