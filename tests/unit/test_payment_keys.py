"""The keys of payments: the id, "@" and the due date, however long the ids are."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from uuid import UUID

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from recurring_schedule.batch.adapters.billing import keys

DAYS = st.dates()
TEXTS = st.text(st.characters(codec="utf-8"), max_size=3)
UUIDS = st.uuids().map(str)

Payments = Sequence[tuple[str | None, date]]


def expected(payments: Payments) -> list[str | None]:
    return [None if name is None else f"{name}@{due.isoformat()}" for name, due in payments]


@given(
    st.lists(st.tuples(st.none() | TEXTS, DAYS))
    | st.lists(st.tuples(UUIDS, DAYS))
    | st.lists(st.tuples(st.just("é"), DAYS)),
    st.integers(0, 3),
)
def test_a_key_is_the_id_and_the_due_date(payments: Payments, skipped: int) -> None:
    ids, due = (
        pa.array([name for name, _ in payments], pa.string()),
        pa.array([due for _, due in payments], pa.date32()),
    )
    found = keys(ids.slice(skipped), due.slice(skipped))
    found.validate(full=True)
    assert found.to_pylist() == expected(payments[skipped:])


@pytest.mark.parametrize("dtype", [pa.string(), pa.large_string()])
def test_ids_of_one_length_and_of_several_have_equal_keys(dtype: pa.DataType) -> None:
    ids = [str(UUID(int=number)) for number in range(1000)]
    due = pa.array([date(2024, 1 + number % 12, 29) for number in range(1000)])
    of_one_length, of_several = (keys(pa.array(column, dtype), due) for column in (ids, [*ids[:-1], "a"]))
    assert of_one_length.slice(0, 999).equals(of_several.slice(0, 999))


def test_keys_of_integers_are_made_of_their_digits() -> None:
    assert keys(pa.array([17]), pa.array([date(1, 1, 1)])).to_pylist() == ["17@0001-01-01"]
