"""The cells of a book as its file has them, for the files that list rows.

>>> from pathlib import Path
>>> from recurring_schedule.books.chunks import TextForm, checked
>>> columns = {"schedule": pa.array(["monthly"]), "start": pa.array(["2024-01-31"]), "end": pa.array(["NaN"])}
>>> chunk = checked(Chunk(Path("book.csv"), np.array([7]), columns, {}), TextForm())
>>> chunk.columns["end"].to_pylist(), cells(chunk, "end", np.array([0])), cells(chunk, "id", np.array([0]))
([None], ['NaN'], ['7'])
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.types as types

from recurring_schedule.books.chunks import Chunk, is_text, json_texts


def cells(chunk: Chunk, field: str, rows: npt.NDArray[np.intp]) -> list[str | None]:
    """Return a field's cells in these rows: text as it is in the file, and other values as text.

    Bytes that are not UTF-8 are surrogates, as `surrogateescape` makes them. In a book without ids,
    an id is the number of the row.
    """
    if field not in chunk.columns:
        return chunk.row_ids(chunk.numbers[rows]).to_pylist() if field == "id" else [None] * len(rows)
    column = _taken(chunk.originals[field], rows)
    if is_text(column.type) and not types.is_fixed_size_binary(column.type):
        values = column.cast(pa.large_binary()).to_pylist()
        return [value if value is None else value.decode(errors="surrogateescape") for value in values]
    if types.is_nested(column.type):
        column = json_texts(column)
        return [*column.to_pylist()]
    values = chunk.columns[field].take(pa.array(rows)).to_pylist()
    return [_text(original) if value is None else str(value) for value, original in zip(values, column, strict=True)]


def _taken(column: pa.Array, rows: npt.NDArray[np.intp]) -> pa.Array:
    if types.is_string_view(column.type) or types.is_binary_view(column.type):
        column = column.cast(pa.large_binary())  # PyArrow cannot take rows of views
    column = column.take(pa.array(rows))
    return column.dictionary_decode() if types.is_dictionary(column.type) else column


def _text(value: pa.Scalar) -> str | None:
    """Return a value that a run rejects: bytes, a time of day, or a day outside the calendar."""
    if not value.is_valid:
        return None
    if types.is_fixed_size_binary(value.type):
        return str(value.as_py(), errors="surrogateescape")
    unit: Any = "D" if types.is_date32(value.type) else "ms" if types.is_date64(value.type) else value.type.unit
    return str(np.datetime64(value.value, unit))
