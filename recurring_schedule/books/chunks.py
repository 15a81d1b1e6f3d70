"""Parts of books: columns as they were read, checked row by row."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.types as types

from recurring_schedule.batch.calendar_tables import FIRST, LAST
from recurring_schedule.core.checks import iso_date, short_repr

FIELDS = ("id", "schedule", "start", "end", "items", "currency")
"""The columns of a book: `schedule` and `start` have to be there."""
REQUIRED = ("schedule", "start")
_NAMES = 20  # how many columns an error names


class BookError(ValueError):
    """A file that is no book, or cannot be written to."""


class Line(NamedTuple):
    """A line of a file that is no row."""

    number: int
    text: str
    reason: str


class Chunk(NamedTuple):
    """Some rows of a book."""

    file: Path
    numbers: npt.NDArray[np.int64]
    """The numbers of the rows in the file, from 1."""
    columns: dict[str, pa.Array]
    """Of those in `FIELDS` that the file has: text, but days are Arrow's date32, and schedules may be dictionaries and structs."""
    wrong: dict[int, str]
    """What is wrong with some rows, by their place; that something is missing is not said."""
    lines: Sequence[Line] = ()
    """Lines among them that are no rows."""
    inside: str = ""
    """Where in the folder the file is, if the book is a folder."""


def fields_in(file: Path, columns: Sequence[str], names: Mapping[str, str]) -> dict[str, str]:
    """What the columns of a book are called in a file that has these; `names` says it for those not called as in `FIELDS`.

    Raises BookError if one is missing that is required or named, and for names that stand there twice.
    """
    repeated = [name for name, times in Counter(columns).items() if name and times > 1]
    if repeated:
        raise BookError(f"{file}: the column {short_repr(repeated[0])} is there more than once")
    wanted = {field: names.get(field, field) for field in FIELDS}
    for field in dict.fromkeys((*REQUIRED, *names)):
        if wanted[field] not in columns:
            rest = ", ..." * (len(columns) > _NAMES)
            raise BookError(f"{file}: no column {wanted[field]!r}, of: {', '.join(columns[:_NAMES])}{rest}")
    present = {field: name for field, name in wanted.items() if name in columns}
    twice = [name for name, times in Counter(present.values()).items() if times > 1]
    if twice:
        raise BookError(f"{file}: the column {short_repr(twice[0])} cannot be more than one of {', '.join(FIELDS)}")
    return present


def _is_text(kind: pa.DataType) -> bool:
    return _is_string(kind) or any(
        is_kind(kind)
        for is_kind in (types.is_binary, types.is_large_binary, types.is_binary_view, types.is_fixed_size_binary)
    )


def _is_string(kind: pa.DataType) -> bool:
    return bool(types.is_string(kind) or types.is_large_string(kind) or types.is_string_view(kind))


def _is_day(kind: pa.DataType) -> bool:
    return bool(types.is_date(kind) or (types.is_timestamp(kind) and kind.tz is None))


def _is_items(kind: pa.DataType) -> bool:
    if types.is_list(kind) or types.is_large_list(kind):
        return bool(types.is_struct(kind.value_type))
    return bool(types.is_struct(kind) or types.is_floating(kind))


def _is_whole_or_decimal(kind: pa.DataType) -> bool:
    return bool(types.is_integer(kind) or types.is_decimal(kind))


_KINDS: dict[str, tuple[str, tuple[Callable[[pa.DataType], bool], ...]]] = {
    "id": ("text, integers or decimals", (_is_whole_or_decimal,)),
    "schedule": ("text or structs", (types.is_struct,)),
    "start": ("days or text", (_is_day,)),
    "end": ("days or text", (_is_day,)),
    "items": ("numbers, text, structs or lists of structs", (_is_whole_or_decimal, _is_items)),
    "currency": ("text", ()),
}


def check_type(file: Path, field: str, kind: pa.DataType) -> None:
    """Raises BookError for a type that the column of a book cannot have."""
    value = kind.value_type if types.is_dictionary(kind) else kind
    expected, are = _KINDS[field]
    if not any(is_kind(value) for is_kind in (types.is_null, _is_text, *are)):
        zone = (
            "; which day an instant is depends on a time zone"
            if types.is_timestamp(value) and field in ("start", "end")
            else ""
        )
        raise BookError(f"{file}: {field}: got a column of {kind}, expected {expected}{zone}")


def checked(part: Chunk) -> Chunk:
    """The same rows with their columns as a `Part` has them, and all that is wrong with single rows."""
    columns, wrong = {}, part.wrong
    for field, column in part.columns.items():
        if field in ("start", "end"):
            columns[field] = _days(column, field, wrong)
        elif field == "items":
            columns[field] = _items(column, wrong)
        elif field == "schedule" and not _is_text(column.type):
            columns[field] = _schedules(column, wrong)
        else:
            columns[field] = _texts(column, field, wrong)
    if "end" in columns:
        start, end = columns["start"], columns["end"]
        for row in pc.indices_nonzero(pc.less(end, start)).to_pylist():
            wrong.setdefault(row, f"end: got {end[row]}, expected the start, {start[row]}, or a later date")
    return part._replace(columns=columns)


def _texts(column: pa.Array, field: str, wrong: dict[int, str]) -> pa.Array:
    """The column as text; what is no UTF-8 is missing, and wrong."""
    if types.is_dictionary(column.type):
        column = column.dictionary_decode()
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
                wrong.setdefault(row, f"{field}: got {short_repr(value)}, expected text in UTF-8")
        return pa.array(texts, pa.string())


def _decoded(value: bytes) -> str | None:
    try:
        return value.decode()
    except UnicodeDecodeError:
        return None


def _schedules(column: pa.Array, wrong: dict[int, str]) -> pa.Array:
    if types.is_dictionary(column.type) and _is_text(column.type.value_type):
        try:
            column.validate(full=True)
            return column.cast(pa.dictionary(pa.int32(), pa.string()))
        except pa.ArrowInvalid:
            return _texts(column, "schedule", wrong)
    return column


def _items(column: pa.Array, wrong: dict[int, str]) -> pa.Array:
    if types.is_dictionary(column.type):
        column = column.dictionary_decode()
    if types.is_nested(column.type):
        return pa.array(
            [None if one is None else written(_without_nulls(one)) for one in column.to_pylist()], pa.string()
        )
    return _texts(column, "items", wrong)


def _without_nulls(value: object) -> object:
    """All structs of a column have all fields; one that is null is one that is missing."""
    if isinstance(value, list):
        return [_without_nulls(one) for one in value]
    return {key: one for key, one in value.items() if one is not None} if isinstance(value, dict) else value


class Number(str):
    """A number of JSON, as it is written."""

    __slots__ = ()


def written(value: object) -> str:
    """A value as JSON text."""
    if isinstance(value, dict):
        return "{" + ", ".join(f"{json.dumps(key)}: {written(one)}" for key, one in value.items()) + "}"
    if isinstance(value, list):
        return f"[{', '.join(map(written, value))}]"
    if isinstance(value, (Number, Decimal)):
        return str(value)
    return json.dumps(value, default=str)


_DATES = "a date, YYYY-MM-DD, from 0001-01-01 to 9999-12-31"
_EXPECTED = {"start": _DATES, "end": f"{_DATES}, or nothing for no end"}


def _days(column: pa.Array, field: str, wrong: dict[int, str]) -> pa.Array:
    if types.is_dictionary(column.type):
        column = column.dictionary_decode()
    if _is_text(column.type):
        return _days_of_text(_texts(column, field, wrong), field, wrong)
    if types.is_null(column.type):
        return column.cast(pa.date32())
    if types.is_date32(column.type) and not _is_beyond(column):
        return column
    in_days = types.is_date32(column.type)
    kind = np.dtype(f"M8[{'D' if in_days else 'ms' if types.is_date64(column.type) else column.type.unit}]")
    values = np.asarray(column.view(pa.int32() if in_days else pa.int64()).fill_null(0)).astype(np.int64)
    days, rest = np.divmod(values, np.array(1, "M8[D]").astype(kind).astype(np.int64))
    is_wrong = (rest != 0) | (days < FIRST) | (days > LAST)
    rows = np.flatnonzero(is_wrong)
    for row, value in zip(rows.tolist(), values[rows].view(kind), strict=True):
        wrong.setdefault(row, f"{field}: got {value}, expected {_EXPECTED[field]}")
    is_missing = is_wrong | np.asarray(column.is_null())
    return pa.array(np.where(is_missing, 0, days).astype(np.int32), mask=is_missing).view(pa.date32())


def _is_beyond(column: pa.Array) -> bool:
    bounds = pc.min_max(column.view(pa.int32())).as_py()
    return bounds["min"] is not None and (bounds["min"] < FIRST or bounds["max"] > LAST)


def _days_of_text(column: pa.Array, field: str, wrong: dict[int, str]) -> pa.Array:
    encoded = column.dictionary_encode()
    values = encoded.dictionary.to_pylist()
    days = [_day(value) for value in values]
    if None in days:
        indices = np.asarray(encoded.indices.fill_null(-1))
        is_wrong = np.array([*(day is None for day in days), False])  # the last for those that are missing
        for row in np.flatnonzero(is_wrong[indices]).tolist():
            wrong.setdefault(row, f"{field}: got {short_repr(values[indices[row]])}, expected {_EXPECTED[field]}")
    return pa.array(days, pa.date32()).take(encoded.indices)


def _day(value: str) -> date | None:
    try:
        return iso_date(value)
    except ValueError:
        return None
