"""Repeated ids: each is counted, nothing else is, and the memory a row is small."""

from __future__ import annotations

import tracemalloc
from collections.abc import Sequence

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from recurring_schedule.books.repeated_ids import RepeatedIds


def counted(ids: Sequence[str], chunk: int) -> int:
    """Add the ids, a chunk at a time."""
    found = RepeatedIds()
    for first in range(0, len(ids), chunk):
        found.add(pa.array(ids[first : first + chunk], pa.string()))
    return found.count()


@given(st.lists(st.text(st.characters(codec="utf-8"), max_size=3)), st.integers(1, 9))
def test_a_row_counts_if_an_earlier_row_has_its_id(ids: list[str], chunk: int) -> None:
    assert counted(ids, chunk) == len(ids) - len(set(ids))


def test_each_of_many_repeated_ids_counts() -> None:
    numbers = np.random.default_rng(0).integers(0, 200_000, 300_000)
    ids = [f"subscription {number}" for number in numbers]
    for chunk in (7000, 300_000):
        assert counted(ids, chunk) == 300_000 - len(set(numbers.tolist()))


def test_different_ids_with_equal_bytes_in_memory_do_not_count() -> None:
    assert counted(["ab", "\u6261"], 9) == 0


@pytest.mark.parametrize("length", [1, 3, 4, 5, 36, 63, 64, 65, 200])
def test_ids_of_every_length_count_alone_and_among_others(length: int) -> None:
    long, others = "i" * length, ["\0" * number for number in range(80)]
    ids = [long, *others, f"{long[:-1]}j", f"j{long[1:-1]}" * (length > 2), f"{long}\0", long]
    for chunk in (1, 7, len(ids)):
        assert counted(ids, chunk) == len(ids) - len(set(ids))


def test_empty_columns_and_slices_are_read() -> None:
    found = RepeatedIds()
    found.add(pa.array([], pa.string()))
    found.add(pa.array(["a", "b", "a", "c"]).slice(1, 2))
    found.add(pa.array(["a"]))
    assert found.count() == 1


@pytest.mark.parametrize(("times", "most"), [(1, 13), (2, 16), (10**9, 12 + 50)])
def test_a_row_takes_few_bytes_even_if_all_rows_have_one_id(times: int, most: int) -> None:
    def peak(rows: int) -> int:
        """Return the most bytes of Python, NumPy and Arrow together."""
        pool = pa.system_memory_pool()
        chunk, distinct = 16_384, -(-rows // times)
        before = pa.default_memory_pool()
        pa.set_memory_pool(pool)
        tracemalloc.start()
        try:
            found = RepeatedIds()
            for first in range(0, rows, chunk):
                found.add(pa.array([f"id{number % distinct}" for number in range(first, first + chunk)]))
            found.count()
            return tracemalloc.get_traced_memory()[1] + int(pool.max_memory())
        finally:
            tracemalloc.stop()
            pa.set_memory_pool(before)

    few, many = 4 * 16_384, 12 * 16_384
    assert (peak(many) - peak(few)) / (many - few) <= most
