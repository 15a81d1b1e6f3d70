"""Chunks of books: columns in the form that runs need, with the reason why a row is rejected."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from pathlib import Path
from shlex import quote
from types import MappingProxyType
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.types as types

from recurring_schedule.books.dates import DateForm, read_dates
from recurring_schedule.books.reasons import Reason
from recurring_schedule.core.checks import short_repr
from recurring_schedule.core.json_text import write_json

FIELDS = ("id", "schedule", "start", "end", "items", "currency", "calendar", "convention")
"""The columns of a book: `schedule` and `start` have to be there."""
REQUIRED = ("schedule", "start")
_NAMES = 20  # of columns in an error


class BookError(ValueError):
    """A book that cannot be read, or a file that cannot be written."""


class TextForm(NamedTuple):
    """The form of text in a book."""

    delimiter: str | None = None
    """The character between the cells of CSV: a comma if None. Other formats have none."""
    dates: DateForm = DateForm()
    trim: bool = False
    """True to remove the spaces around text; a cell of spaces only is empty."""


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
        """Return the ids of rows in a book without ids: their numbers, and the file in a folder."""
        texts = pa.array(numbers).cast(pa.string())
        return pc.binary_join_element_wise(self.inside, texts, ":") if self.inside else texts


def columns_of_fields(file: Path, columns: Sequence[str], names: Mapping[str, str]) -> dict[str, str]:
    """Return the column of each field; `names` has those that differ from `FIELDS`.

    Raises BookError for a missing column that is required or named, for one that differs by case
    only, and for one that is repeated or used twice.
    """
    if repeated := _repeated(filter(None, columns)):
        raise BookError(f"{file}: the column {repeated} occurs more than once")
    wanted = {field: names.get(field, field) for field in FIELDS}
    check_case(file, columns, wanted)
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


def check_case(file: Path, columns: Collection[str], wanted: Mapping[str, str]) -> None:
    """Raise BookError if a column differs from a missing one by case or by spaces around it only.

    Without the error, a column such as `End` would be ignored, and payments after it billed.
    """
    folded = {name.strip().casefold(): name for name in reversed([*columns])}
    missing = {field: name for field, name in wanted.items() if name not in columns}
    close = {field: folded[name.casefold()] for field, name in missing.items() if name.casefold() in folded}
    if close:
        options = " ".join(f"--column {quote(f'{field}={name}')}" for field, name in close.items())
        found, expected = (", ".join(map(repr, names)) for names in (close.values(), map(missing.get, close)))
        raise BookError(f"{file}: got the column{'s' * (len(close) > 1)} {found}, expected {expected}; add {options}")


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
    "calendar": ("text", ()),
    "convention": ("text", ()),
}


def check_type(file: Path, field: str, dtype: pa.DataType) -> None:
    """Raise BookError for a column of a type that the field cannot have."""
    value = dtype.value_type if types.is_dictionary(dtype) else dtype
    expected, are = _TYPES[field]
    if not any(is_type(value) for is_type in (types.is_null, is_text, *are)):
        has_zone = types.is_timestamp(value) and field in ("start", "end")
        fix = "; the date of an instant depends on its time zone, so convert it first" if has_zone else ""
        raise BookError(f"{file}: {field}: got a column of {dtype}, expected {expected}{fix}")


def checked(chunk: Chunk, form: TextForm) -> Chunk:
    """Return a chunk with its columns converted, and with the reasons of its invalid values."""
    wrong = chunk.wrong
    columns = {field: _converted(column, field, form, wrong) for field, column in chunk.columns.items()}
    if "end" in columns:
        start, end = columns["start"], columns["end"]
        for row in pc.indices_nonzero(pc.less(end, start)).to_pylist():
            text = f"end: got {end[row]}, expected {start[row]} (the start) or later"
            wrong.setdefault(row, Reason("end is before the start", text))
    return chunk._replace(columns=columns, originals=chunk.columns)


def _converted(column: pa.Array, field: str, form: TextForm, wrong: dict[int, Reason]) -> pa.Array:
    if field in ("schedule", "items", "currency") and _is_encoded_text(column.type):
        return _trimmed(_encoded(column, field, wrong), form)
    if field == "schedule" and not is_text(column.type):
        return column
    values = column.dictionary_decode() if types.is_dictionary(column.type) else column
    if types.is_nested(values.type):  # items
        return json_texts(values)
    if field in ("start", "end") and not is_text(values.type):
        return read_dates(values, field, form.dates, wrong)
    texts = _trimmed(_texts(values, field, wrong), form)
    return read_dates(texts, field, form.dates, wrong) if field in ("start", "end") else texts


def _trimmed(column: pa.Array, form: TextForm) -> pa.Array:
    """Return a column without the spaces around its text, if the form says so."""
    dtype = column.type.value_type if types.is_dictionary(column.type) else column.type
    if not form.trim or not is_text(dtype):
        return column
    trimmed = pc.utf8_trim_whitespace(column.cast(pa.string()))
    return pc.if_else(pc.equal(trimmed, ""), pa.scalar(None, pa.string()), trimmed)


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


def _is_encoded_text(dtype: pa.DataType) -> bool:
    return bool(types.is_dictionary(dtype) and is_text(dtype.value_type))


def _encoded(column: pa.Array, field: str, wrong: dict[int, Reason]) -> pa.Array:
    """Return a dictionary of text, or the column as text if some of it is not UTF-8."""
    try:
        column.validate(full=True)
        return column.cast(pa.dictionary(pa.int32(), pa.string()))
    except pa.ArrowInvalid:
        return _texts(column.dictionary_decode(), field, wrong)


def _without_nulls(value: object) -> object:
    """Leave out null fields. Every struct of a column has all fields, so null means missing."""
    if isinstance(value, list):
        return [_without_nulls(item) for item in value]
    return {key: item for key, item in value.items() if item is not None} if isinstance(value, dict) else value
