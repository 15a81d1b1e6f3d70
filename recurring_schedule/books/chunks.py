"""Chunks of books: columns in the form that runs need, with the reason why a row is rejected."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date
from pathlib import Path
from types import MappingProxyType
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.types as types

from recurring_schedule.batch.calendar_tables import FIRST, LAST
from recurring_schedule.books.reasons import Reason
from recurring_schedule.core.checks import iso_date, short_repr
from recurring_schedule.core.json_text import write_json

FIELDS = ("id", "schedule", "start", "end", "items", "currency")
"""The columns of a book: `schedule` and `start` have to be there."""
REQUIRED = ("schedule", "start")
_NAMES = 20  # of columns in an error


class BookError(ValueError):
    """A book that cannot be read, or a file that cannot be written."""


class Line(NamedTuple):
    """A line of a file that is not a row."""

    number: int
    text: str
    """Bytes that are not UTF-8 are surrogates, as `surrogateescape` makes them."""
    reason: Reason


class Chunk(NamedTuple):
    """Some rows of a book."""

    file: Path
    numbers: npt.NDArray[np.int64]
    """The numbers of the rows in the file, from 1."""
    columns: dict[str, pa.Array]
    """By field, as far as the file has it: text; dates as date32; schedules also as structs."""
    wrong: dict[int, Reason]
    """The reasons why rows are rejected, by their index; missing values are not among them."""
    lines: Sequence[Line] = ()
    """Lines between the rows that are not rows."""
    inside: str = ""
    """The path of the file in the folder, if the book is a folder."""
    originals: Mapping[str, pa.Array] = MappingProxyType({})
    """By field: the columns as they are in the file."""

    def row_ids(self, numbers: npt.NDArray[np.int64]) -> pa.Array:
        """Return the ids of rows in a book without ids: their numbers, with the file in a folder."""
        texts = pa.array(numbers).cast(pa.string())
        return pc.binary_join_element_wise(self.inside, texts, ":") if self.inside else texts


def columns_of_fields(file: Path, columns: Sequence[str], names: Mapping[str, str]) -> dict[str, str]:
    """Return the column of each field; `names` has those that differ from `FIELDS`.

    Raises BookError for a missing column that is required or named, and for one that is repeated or
    used twice.
    """
    if repeated := _repeated(filter(None, columns)):
        raise BookError(f"{file}: the column {repeated} occurs more than once")
    wanted = {field: names.get(field, field) for field in FIELDS}
    for field in (*REQUIRED, *names):
        if wanted[field] not in columns:
            rest = ", ..." * (len(columns) > _NAMES)
            raise BookError(
                f"{file}: there is no column {wanted[field]!r}; the columns are {', '.join(columns[:_NAMES])}{rest}"
            )
    present = {field: name for field, name in wanted.items() if name in columns}
    if repeated := _repeated(present.values()):
        raise BookError(f"{file}: the column {repeated} can stand for only one of {', '.join(FIELDS)}")
    return present


def _repeated(names: Iterable[str]) -> str | None:
    return next((short_repr(name) for name, times in Counter(names).items() if times > 1), None)


def is_text(dtype: pa.DataType) -> bool:
    """Return True for a type of text or of bytes."""
    return _is_string(dtype) or any(
        is_type(dtype)
        for is_type in (types.is_binary, types.is_large_binary, types.is_binary_view, types.is_fixed_size_binary)
    )


def _is_string(dtype: pa.DataType) -> bool:
    return bool(types.is_string(dtype) or types.is_large_string(dtype) or types.is_string_view(dtype))


def _is_date(dtype: pa.DataType) -> bool:
    return bool(types.is_date(dtype) or (types.is_timestamp(dtype) and dtype.tz is None))


def _is_items(dtype: pa.DataType) -> bool:
    if types.is_list(dtype) or types.is_large_list(dtype):
        return bool(types.is_struct(dtype.value_type))
    return bool(types.is_struct(dtype) or types.is_floating(dtype))


_NUMBERS = (types.is_integer, types.is_decimal)
_TYPES: dict[str, tuple[str, tuple[Callable[[pa.DataType], bool], ...]]] = {
    "id": ("text, integers or decimals", _NUMBERS),
    "schedule": ("text or structs", (types.is_struct,)),
    "start": ("dates or text", (_is_date,)),
    "end": ("dates or text", (_is_date,)),
    "items": ("numbers, text, structs or lists of structs", (*_NUMBERS, _is_items)),
    "currency": ("text", ()),
}


def check_type(file: Path, field: str, dtype: pa.DataType) -> None:
    """Raise BookError for a column of a type that the field cannot have."""
    value = dtype.value_type if types.is_dictionary(dtype) else dtype
    expected, are = _TYPES[field]
    if not any(is_type(value) for is_type in (types.is_null, is_text, *are)):
        has_zone = types.is_timestamp(value) and field in ("start", "end")
        fix = "; the date of an instant depends on its time zone, so convert it first" if has_zone else ""
        raise BookError(f"{file}: {field}: got a column of {dtype}, expected {expected}{fix}")


def checked(chunk: Chunk) -> Chunk:
    """Return a chunk as its file has it with its columns converted, and reasons for invalid values."""
    columns, wrong = {}, chunk.wrong
    for field, column in chunk.columns.items():
        if field == "schedule" and not is_text(column.type):
            columns[field] = _schedules(column, wrong)
            continue
        values = column.dictionary_decode() if types.is_dictionary(column.type) else column
        if field in ("start", "end"):
            columns[field] = _dates(values, field, wrong)
        elif types.is_nested(values.type):  # items
            columns[field] = json_texts(values)
        else:
            columns[field] = _texts(values, field, wrong)
    if "end" in columns:
        start, end = columns["start"], columns["end"]
        for row in pc.indices_nonzero(pc.less(end, start)).to_pylist():
            text = f"end: got {end[row]}, expected {start[row]} (the start) or later"
            wrong.setdefault(row, Reason("end is before the start", text))
    return chunk._replace(columns=columns, originals=chunk.columns)


def json_texts(column: pa.Array) -> pa.Array:
    """Return a column of structs, or of lists of structs, as JSON text."""
    texts = [None if value is None else write_json(_without_nulls(value), default=str) for value in column.to_pylist()]
    return pa.array(texts, pa.string())


def _texts(column: pa.Array, field: str, wrong: dict[int, Reason]) -> pa.Array:
    """Return the column as text; a value that is not UTF-8 becomes null, with a reason."""
    try:
        if _is_string(column.type):
            column.validate(full=True)
        elif types.is_fixed_size_binary(column.type):
            column = column.cast(pa.binary())
        return column.cast(pa.string())
    except pa.ArrowInvalid:
        values = column.cast(pa.large_binary()).to_pylist()
        texts = [None if value is None else _decoded(value) for value in values]
        for row, (value, text) in enumerate(zip(values, texts, strict=True)):
            if text is None and value is not None:
                reason = f"{field}: got {short_repr(value)}, expected text in UTF-8"
                wrong.setdefault(row, Reason(f"{field} is not UTF-8", reason))
        return pa.array(texts, pa.string())


def _decoded(value: bytes) -> str | None:
    try:
        return value.decode()
    except UnicodeDecodeError:
        return None


def _schedules(column: pa.Array, wrong: dict[int, Reason]) -> pa.Array:
    if types.is_dictionary(column.type) and is_text(column.type.value_type):
        try:
            column.validate(full=True)
            return column.cast(pa.dictionary(pa.int32(), pa.string()))
        except pa.ArrowInvalid:
            return _texts(column.dictionary_decode(), "schedule", wrong)
    return column


def _without_nulls(value: object) -> object:
    """Leave out null fields. Every struct of a column has all fields, so null means missing."""
    if isinstance(value, list):
        return [_without_nulls(item) for item in value]
    return {key: item for key, item in value.items() if item is not None} if isinstance(value, dict) else value


_DATE = "a date, YYYY-MM-DD, from 0001-01-01 to 9999-12-31"
_EXPECTED = {"start": _DATE, "end": f"{_DATE}, or nothing for no end"}


def _not_a_date(field: str, got: str) -> Reason:
    return Reason(f"{field} is not a date", f"{field}: got {got}, expected {_EXPECTED[field]}")


def _dates(column: pa.Array, field: str, wrong: dict[int, Reason]) -> pa.Array:
    if is_text(column.type):
        return _dates_of_text(_texts(column, field, wrong), field, wrong)
    if types.is_null(column.type):
        return column.cast(pa.date32())
    if types.is_date32(column.type) and not _is_beyond(column):
        return column
    in_days = types.is_date32(column.type)
    numpy_type = np.dtype(f"M8[{'D' if in_days else 'ms' if types.is_date64(column.type) else column.type.unit}]")
    values = np.asarray(column.view(pa.int32() if in_days else pa.int64()).fill_null(0)).astype(np.int64)
    days, rest = np.divmod(values, np.array(1, "M8[D]").astype(numpy_type).astype(np.int64))
    is_wrong = (rest != 0) | (days < FIRST) | (days > LAST)
    rows = np.flatnonzero(is_wrong)
    for row, value in zip(rows.tolist(), values[rows].view(numpy_type), strict=True):
        wrong.setdefault(row, _not_a_date(field, str(value)))
    is_missing = is_wrong | np.asarray(column.is_null())
    return pa.array(np.where(is_missing, 0, days).astype(np.int32), mask=is_missing).view(pa.date32())


def _is_beyond(column: pa.Array) -> bool:
    bounds = pc.min_max(column.view(pa.int32())).as_py()
    return bounds["min"] is not None and (bounds["min"] < FIRST or bounds["max"] > LAST)


def _dates_of_text(column: pa.Array, field: str, wrong: dict[int, Reason]) -> pa.Array:
    encoded = column.dictionary_encode()
    values = encoded.dictionary.to_pylist()
    dates = [_date_or_none(value) for value in values]
    if None in dates:
        indices = np.asarray(encoded.indices.fill_null(-1))
        is_wrong = np.array([*(day is None for day in dates), False])  # the last is for missing values
        for row in np.flatnonzero(is_wrong[indices]).tolist():
            wrong.setdefault(row, _not_a_date(field, short_repr(values[indices[row]])))
    return pa.array(dates, pa.date32()).take(encoded.indices)


def _date_or_none(value: str) -> date | None:
    try:
        return iso_date(value)
    except ValueError:
        return None
