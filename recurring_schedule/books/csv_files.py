"""Books in CSV."""

from __future__ import annotations

import codecs
import csv
import io
import re
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as pa_csv

from recurring_schedule.books.chunks import REQUIRED, BookError, Chunk, Line, TextForm, columns_of_fields
from recurring_schedule.books.csv_records import whole_records
from recurring_schedule.books.reasons import Reason
from recurring_schedule.books.sources import ByteStream, Source, check_text
from recurring_schedule.core.checks import short_repr

_READ = 2**20
_COMMA = ","
_DELIMITERS = {",": "','", ";": "';'", "\t": "a tab", "|": "'|'"}
_NOT_DECODED = re.compile("[\udc80-\udcff]")
_BYTES = 0x10FF00
"""A byte b that is not UTF-8 is read as chr(_BYTES + b), from the end of the last private plane."""


class CsvFile:
    """A book in CSV, in UTF-8, with a header. `block_size` bytes are read at a time, and a row has
    at most as many.

    Raises BookError for a file without a header, and for a missing column.
    """

    def __init__(
        self, path: Path, names: Mapping[str, str], block_size: int = 8 * 2**20, form: TextForm | None = None
    ) -> None:
        form = form or TextForm()
        self._delimiter = form.delimiter or _COMMA
        _check_character(self._delimiter)
        self.path, self.source, self.read, self._block_size = path, Source(path), 0, block_size
        with self.source.opened() as file:
            head = file.read(_READ)
        check_text(path, head)
        header, begin = _header(path, head, self._delimiter)
        header = [name.strip() for name in header] if form.trim else header
        if not {names.get(field, field) for field in REQUIRED} <= set(header):
            check_delimiter(path, head[:begin].decode(errors="replace"), self._delimiter)
        _check_names(path, header)
        self._head, self._head_size = head[begin:], len(head)
        self._columns = {field: header.index(name) for field, name in columns_of_fields(path, header, names).items()}
        self._width = len(header)
        self.fields = frozenset(self._columns)

    def chunks(self) -> Iterator[Chunk]:
        """Yield the rows, in order. Blank lines count, but are not rows; rows with too few or too
        many columns are rejected.
        """
        last = 0
        with self.source.opened(self._head_size) as file:
            stream = _Utf8(file, self._head)
            for records in self._records(stream):
                batch, ragged = self._parsed(records, last, stream.is_damaged)
                numbers = _numbers(batch.num_rows, last, ragged)
                last += len(numbers) + len(ragged)
                self.read = self.source.position
                yield self._chunk(batch, numbers, stream.is_damaged)._replace(lines=_not_blank(ragged))

    def _records(self, stream: _Utf8) -> Iterator[bytes]:
        """Yield the text in parts of whole records."""
        rest = b""
        while text := stream.read(self._block_size):
            rest += text
            end = whole_records(rest, self._delimiter)
            if len(rest) - end > self._block_size:
                raise BookError(
                    f"{self.path}: expected rows of at most {self._block_size >> 20} MB; is a quotation mark not closed?"
                )
            if end:
                yield rest[:end]
                rest = rest[end:]
        if rest:
            yield rest

    def _parsed(self, records: bytes, last: int, is_damaged: bool) -> tuple[pa.RecordBatch, list[Line]]:
        """Return the records after number `last`: those with the right number of columns, and the
        others.
        """
        ragged: list[Line] = []

        def skip(row: Any) -> str:
            reason = f"got {row.actual_columns} columns, expected {row.expected_columns}"
            text = _with_surrogates(row.text) if is_damaged else row.text
            ragged.append(Line(last + row.number, text, Reason("line has another number of columns", reason)))
            return "skip"

        names = [str(index) for index in range(self._width)]
        table = pa_csv.read_csv(
            pa.BufferReader(records),
            pa_csv.ReadOptions(use_threads=False, block_size=len(records) + 1, column_names=names),
            pa_csv.ParseOptions(
                delimiter=self._delimiter, newlines_in_values=True, ignore_empty_lines=False, invalid_row_handler=skip
            ),
            pa_csv.ConvertOptions(
                column_types=dict.fromkeys(names, pa.string()), null_values=[""], strings_can_be_null=True
            ),
        ).combine_chunks()
        columns = [column.chunk(0) if column.num_chunks else pa.nulls(0, pa.string()) for column in table.columns]
        return pa.RecordBatch.from_arrays(columns, names), ragged

    def _chunk(self, batch: pa.RecordBatch, numbers: npt.NDArray[np.int64], is_damaged: bool) -> Chunk:
        is_blank = np.ones(batch.num_rows, np.bool_)
        for column in batch.columns:
            if not column.null_count:
                break
            is_blank &= np.asarray(column.is_null())
        else:
            batch, numbers = batch.filter(pa.array(~is_blank)), numbers[~is_blank]
        columns = {field: batch.column(index) for field, index in self._columns.items()}
        if is_damaged:
            columns = {field: _as_bytes(column) for field, column in columns.items()}
        return Chunk(self.path, numbers, columns, {})


def _check_character(delimiter: str) -> None:
    if len(delimiter) != 1 or not delimiter.isascii() or delimiter in '"\r\n\0':
        raise BookError(
            f"--delimiter: got {short_repr(delimiter)}, expected one character of ASCII, such as ';', or tab"
        )


def _header(path: Path, head: bytes, delimiter: str) -> tuple[list[str], int]:
    """Return the names of the columns, and the position of the first row in bytes.

    `head` is the beginning of the file.
    """
    read: list[str] = []

    def lines(text: Iterable[str]) -> Iterator[str]:
        for line in text:
            read.append(line)
            yield line

    mark = len(codecs.BOM_UTF8) if head.startswith(codecs.BOM_UTF8) else 0
    text = io.StringIO(head[mark:].decode("utf-8", "surrogateescape"), newline="")
    try:
        names = next((row for row in csv.reader(lines(text), delimiter=delimiter) if row), None)
    except csv.Error as error:
        raise BookError(f"{path}: expected a header with the names of the columns; {error}") from None
    if names is None:
        raise BookError(f"{path}: expected a header with the names of the columns; the file is empty")
    begin = mark + len("".join(read).encode("utf-8", "surrogateescape"))
    if begin == _READ:
        raise BookError(f"{path}: expected a header of less than {_READ >> 20} MB")
    return names, begin


def check_delimiter(path: Path, header: str, delimiter: str = _COMMA) -> None:
    """Raise BookError if a header has more of another delimiter than of this one."""
    found = max(_DELIMITERS, key=header.count)
    if header.count(found) > header.count(delimiter):
        raise BookError(
            f"{path}: got columns separated by {_DELIMITERS[found]}, expected {_DELIMITERS.get(delimiter, repr(delimiter))}; "
            f"add --delimiter {found!r}"
        )


def _check_names(path: Path, names: Iterable[str]) -> None:
    for name in names:
        if _NOT_DECODED.search(name):
            raise BookError(f"{path}: got a column {short_repr(name)}, expected a header in UTF-8")
        if not name.isprintable():
            raise BookError(f"{path}: got a column {short_repr(name)}, expected a name of printable characters")


def _numbers(rows: int, last: int, ragged: list[Line]) -> npt.NDArray[np.int64]:
    """Return the numbers of the next rows after `last`, leaving out those of ragged lines."""
    skipped = np.array([line.number for line in ragged], np.int64)
    numbers = np.arange(last + 1, last + 1 + rows + len(skipped))
    return numbers[~np.isin(numbers, skipped, assume_unique=True)][:rows]


def _not_blank(lines: list[Line]) -> list[Line]:
    return [line for line in lines if line.text.strip()]


def _as_bytes(column: pa.Array) -> pa.Array:
    """Return a column of text as the bytes of the file, if some of them are not UTF-8."""
    if not pc.any(pc.match_substring_regex(column, _STAND_INS.pattern), min_count=0).as_py():
        return column
    values = [value and _with_surrogates(value).encode(errors="surrogateescape") for value in column.to_pylist()]
    return pa.array(values, pa.binary())


def _with_surrogates(text: str) -> str:
    """Return text of `_Utf8` with the surrogates of the bytes that are not UTF-8."""
    return _STAND_INS.sub(lambda found: chr(0xDC00 + ord(found[0]) - _BYTES), text)


_STAND_INS = re.compile(f"[{chr(_BYTES + 0x80)}-{chr(_BYTES + 0xFF)}]")


class _Utf8:
    """The text of a file in UTF-8, with a character for each byte that is not UTF-8."""

    def __init__(self, file: ByteStream, head: bytes) -> None:
        """`head` has been read from the file before."""
        self._file, self._head = file, io.BytesIO(head)
        self._decoder = codecs.getincrementaldecoder("utf-8")("surrogateescape")
        self.is_damaged = False
        """True once there was such a byte."""

    def read(self, size: int) -> bytes:
        """Return about this number of bytes; none at the end."""
        text = b""
        while not text:
            read = self._head.read(size) or self._file.read(size)
            text = self._encoded(self._decoder.decode(read, final=not read))
            if not read:
                break
        return text

    def _encoded(self, text: str) -> bytes:
        try:
            return text.encode()
        except UnicodeEncodeError:
            self.is_damaged = True
            return _NOT_DECODED.sub(lambda found: chr(_BYTES + ord(found[0]) - 0xDC00), text).encode()
