"""Books of subscriptions in files, CSV, JSON lines or Parquet: read a batch at a time, and written whole or not at all."""

from __future__ import annotations

import csv
import json
import re
import sys
from collections.abc import Callable, Iterator
from datetime import date
from itertools import islice
from pathlib import Path
from types import TracebackType
from typing import Any, NamedTuple

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as pa_csv
import pyarrow.parquet as pq

_LINES = 32_768  # of JSON, read at a time
_ROWS = 262_144  # of Parquet
_BLOCK = 16 * 2**20  # bytes of CSV
FIELDS = ("id", "schedule", "start", "end", "items", "currency")
"""The columns of a book: `schedule` and `start` have to be there."""


class BookError(ValueError):
    """A file that is no book."""


class Part(NamedTuple):
    """Some rows of a book."""

    file: Path
    first: int
    """The number of the first of them in the file, from 1."""
    columns: dict[str, pa.Array]
    """Of those in `FIELDS` that the book has; dates are Arrow's date32, all else is as it was read."""
    wrong: dict[int, str]
    """What is wrong with some rows, by their place; they have no start."""
    inside: str = ""
    """Where in the folder the file is, if the book is a folder."""


class Book:
    """A book: a file, or a folder whose Parquet files, also in folders below it, are read in the order of their names.

    `names` says what the columns are called that are not called as in `FIELDS`. Raises BookError for what is no book.
    """

    def __init__(self, path: Path, names: dict[str, str]) -> None:
        self.path = path
        self._names = {field: names.get(field) or field for field in FIELDS}
        self.files = sorted(path.rglob("*.parquet")) if path.is_dir() else [path]
        if not self.files or not all(file.is_file() for file in self.files):
            raise BookError(f"{path}: expected a file, or a folder with Parquet files in it")
        readers: dict[str, Callable[[Path], Iterator[Part]]] = {
            ".csv": self._csv,
            ".json": self._json,
            ".jsonl": self._json,
            ".ndjson": self._json,
            ".parquet": self._parquet,
        }
        reader = readers.get(self.files[0].suffix.lower())
        if reader is None:
            raise BookError(f"{path}: expected a name that ends in {', '.join(readers)}")
        self._reader = reader
        self.size = sum(file.stat().st_size for file in self.files)
        """Bytes of all files."""
        self.read = 0
        """About how many of these have been read."""

    def parts(self) -> Iterator[Part]:
        """The rows, in order."""
        before = 0
        for file in self.files:
            inside = file.relative_to(self.path).as_posix() if self.path.is_dir() else ""
            for part in self._reader(file):
                yield part._replace(inside=inside)
            before += file.stat().st_size
            self.read = before

    def _present(self, file: Path, columns: list[str]) -> dict[str, str]:
        for field in ("schedule", "start"):
            if self._names[field] not in columns:
                raise BookError(f"{file}: no column {self._names[field]!r}, of: {', '.join(columns)}")
        return {field: name for field, name in self._names.items() if name in columns}

    def _csv(self, file: Path) -> Iterator[Part]:
        skipped: list[Any] = []

        def skip(row: Any) -> str:
            skipped.append(row)
            return "skip"

        try:
            with pa_csv.open_csv(
                file, parse_options=pa_csv.ParseOptions(invalid_row_handler=lambda row: "skip")
            ) as reader:
                present = self._present(file, reader.schema.names)
            stream = pa.OSFile(str(file))
            reader = pa_csv.open_csv(
                stream,
                pa_csv.ReadOptions(use_threads=False, block_size=_BLOCK),
                pa_csv.ParseOptions(invalid_row_handler=skip),
                pa_csv.ConvertOptions(
                    include_columns=list(present.values()),
                    column_types=dict.fromkeys(present.values(), pa.string()),
                    null_values=[""],
                    strings_can_be_null=True,
                ),
            )
            first = 1
            base = self.read
            for batch in reader:
                columns = dict(zip(present, batch.columns, strict=True))
                yield _part(file, first, columns, {})
                first += batch.num_rows
                self.read = base + stream.tell()
        except pa.ArrowInvalid as error:
            raise BookError(f"{file}: {error}") from None
        for row in skipped:
            text = f"got {row.actual_columns} columns, expected {row.expected_columns}"
            yield Part(
                file, row.number, {"schedule": pa.array([row.text]), "start": pa.nulls(1, pa.date32())}, {0: text}
            )

    def _json(self, file: Path) -> Iterator[Part]:
        base, first = self.read, 1
        with file.open("rb") as lines:
            while some := list(islice(lines, _LINES)):
                wrong: dict[int, str] = {}
                rows = [_object(line, place, wrong) for place, line in enumerate(some)]
                fields = {field: [row.get(name) for row in rows] for field, name in self._names.items()}
                if first == 1:
                    self._present(file, list(dict.fromkeys(name for row in rows for name in row)))
                columns = {
                    field: pa.array([None if value is None else _text(value) for value in values], pa.string())
                    for field, values in fields.items()
                    if field in ("schedule", "start") or any(value is not None for value in values)
                }
                yield _part(file, first, columns, wrong)
                first += len(some)
                self.read = base + lines.tell()

    def _parquet(self, file: Path) -> Iterator[Part]:
        try:
            opened = pq.ParquetFile(file)
        except pa.ArrowInvalid as error:
            raise BookError(f"{file}: {error}") from None
        with opened:
            present = self._present(file, opened.schema_arrow.names)
            first, base, size = 1, self.read, file.stat().st_size
            for batch in opened.iter_batches(_ROWS, columns=list(present.values())):
                columns = {field: batch.column(name) for field, name in present.items()}
                yield _part(file, first, columns, {})
                first += batch.num_rows
                self.read = base + size * first // max(opened.metadata.num_rows, 1)


def _object(line: bytes, place: int, wrong: dict[int, str]) -> dict[str, Any]:
    try:
        value = json.loads(line)
    except (ValueError, RecursionError) as error:
        wrong[place] = f"got no JSON: {error}"
        return {}
    if not isinstance(value, dict):
        wrong[place] = "got no JSON object"
        return {}
    return value


def _text(value: object) -> str:
    return value if isinstance(value, str) else json.dumps(value)


def _part(file: Path, first: int, columns: dict[str, pa.Array], wrong: dict[int, str]) -> Part:
    """The same rows with their dates read; what is no date is wrong."""
    for name in ("start", "end"):
        if name in columns:
            columns[name] = _days(columns[name], name, wrong)
    for name, expected in (("start", "a date"), ("id", "an id, which keys are made of")):
        if name in columns:
            for place in pc.indices_nonzero(pc.is_null(columns[name])).to_pylist():
                wrong.setdefault(place, f"{name}: got nothing, expected {expected}")
    if wrong:
        is_wrong = pa.array([place in wrong for place in range(len(columns["start"]))])
        columns["start"] = pc.if_else(is_wrong, pa.scalar(None, pa.date32()), columns["start"])
    return Part(file, first, columns, wrong)


_DATE = re.compile("[0-9]{4}-[0-9]{2}-[0-9]{2}")


def _days(column: pa.Array, name: str, wrong: dict[int, str]) -> pa.Array:
    if pa.types.is_date32(column.type):
        return column
    encoded = column if pa.types.is_dictionary(column.type) else column.dictionary_encode()
    days: list[date | None] = []
    for place, value in enumerate(encoded.dictionary.to_pylist()):
        day = _day(value)
        days.append(day)
        if day is None and value is not None:
            for row in pc.indices_nonzero(pc.equal(encoded.indices, place)).to_pylist():
                wrong.setdefault(row, f"{name}: got {str(value)!r:.60}, expected a date, YYYY-MM-DD")
    return pa.array(days, pa.date32()).take(encoded.indices)


def _day(value: object) -> date | None:
    if isinstance(value, str):
        try:
            return date.fromisoformat(value) if _DATE.fullmatch(value) else None
        except ValueError:
            return None
    if isinstance(value, date):  # an instant is a day if it is midnight
        at_midnight = all(getattr(value, unit, 0) == 0 for unit in ("hour", "minute", "second", "microsecond"))
        return date(value.year, value.month, value.day) if at_midnight and not getattr(value, "tzinfo", None) else None
    return None


class Output:
    """A file, CSV or Parquet by its name, that appears under that name when all is written; or standard output, as CSV."""

    def __init__(self, path: Path | None, schema: pa.Schema) -> None:
        self._path = path
        self._partial = path and path.with_name(f".{path.name}.partial")
        target: Any = self._partial or sys.stdout.buffer
        suffix = path.suffix.lower() if path else ".csv"
        if suffix not in (".csv", ".parquet"):
            raise BookError(f"{path}: expected a name that ends in .csv or .parquet")
        self._writer: Any = (pq.ParquetWriter if suffix == ".parquet" else pa_csv.CSVWriter)(target, schema)

    def write(self, batch: pa.RecordBatch) -> None:
        """Adds rows."""
        self._writer.write_batch(batch)

    def __enter__(self) -> Output:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._writer.close()
        if self._path and self._partial:
            if kind is None:
                self._partial.replace(self._path)
            else:
                self._partial.unlink(missing_ok=True)


class BadRows:
    """A CSV file of the rows that are wrong, with the reason; there is none if no row is."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.count = 0
        self.reasons: dict[str, int] = {}
        """How many rows have each reason."""
        self._file: Any = None

    def add(self, part: Part, place: int, reason: str) -> None:
        """Adds a row."""
        if self._file is None:
            self._file = self.path.open("w", encoding="utf-8", newline="")
            csv.writer(self._file).writerow(["file", "row", *FIELDS[:4], "reason"])
        row = [part.columns[name][place].as_py() if name in part.columns else None for name in FIELDS[:4]]
        csv.writer(self._file).writerow([part.file, part.first + place, *row, reason])
        self.count += 1
        self.reasons[reason] = self.reasons.get(reason, 0) + 1

    def close(self) -> None:
        """Ends the file; removes one that an earlier run has left, if no row is wrong."""
        if self._file:
            self._file.close()
        else:
            self.path.unlink(missing_ok=True)
