"""What a run writes: files that get their names when all is written."""

from __future__ import annotations

import csv
import io
import os
import secrets
import stat
import sys
import weakref
from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, nullcontext, suppress
from pathlib import Path
from types import TracebackType
from typing import Any, TypeVar

import pyarrow as pa
import pyarrow.csv as pa_csv
import pyarrow.parquet as pq

from recurring_schedule.books.book import Book
from recurring_schedule.books.chunks import FIELDS, BookError, Chunk, written

_HEADER = ("file", "row", *FIELDS, "reason")
_MOST_REASONS = 10_000
_Kind = TypeVar("_Kind", bound="_Written")


def check_targets(targets: Iterable[Path], book: Book | None = None) -> None:
    """Raises BookError for what cannot be written to, for a path that is given twice, and for files of the book."""
    met: set[Path] = set()
    for path in targets:
        try:
            mode = path.stat().st_mode
        except FileNotFoundError:
            if not path.resolve().parent.is_dir():
                raise BookError(f"{path}: there is no folder {path.parent}") from None
        except OSError as error:
            raise BookError(f"{path}: {error.strerror}") from None
        else:
            if not stat.S_ISREG(mode):
                raise BookError(f"{path}: expected a file, or a name that is free")
            if book and any(path.samefile(file.path) for file in book.files):
                raise BookError(f"{path}: is the book; write to another file")
        if book and book.path.resolve() in path.resolve().parents:
            raise BookError(f"{path}: is in the folder that is the book; write to another one")
        if path.resolve() in met:
            raise BookError(f"{path}: is given twice; every file needs a name of its own")
        met.add(path.resolve())


class _Draft:
    """A file that is written under a name of its own, in the folder of the name that it gets when it is whole."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._partial = path.with_name(f".{path.name[:40]}.{secrets.token_hex(4)}.partial")
        # Before it is there, so that whenever a signal comes, it is removed.
        self._remove = weakref.finalize(self, self._partial.unlink, missing_ok=True)
        with self.naming():
            self.file = self._partial.open("xb")

    @contextmanager
    def naming(self) -> Iterator[None]:
        """Errors of the system in here have the final name."""
        try:
            yield
        except OSError as error:
            raise OSError(error.errno, error.strerror or str(error), str(self.path)) from None

    def finish(self) -> None:
        """All is written, and on the disk."""
        if not self.file.closed:
            with self.naming():
                self.file.flush()
                os.fsync(self.file.fileno())
                self.file.close()

    def publish(self) -> None:
        """Gives it its name."""
        with self.naming():
            self._partial.replace(self.path)

    def discard(self) -> None:
        """Removes it."""
        with suppress(OSError):
            self.file.close()
        self._remove()


class _Written(ABC):
    """What is written in a `with` block: it gets its name at the end of it, unless an error ends it."""

    @abstractmethod
    def finish(self) -> None:
        """All is written, and on the disk."""

    @abstractmethod
    def _publish(self) -> None:
        """Gives it its name."""

    @abstractmethod
    def _discard(self) -> None:
        """Removes what has no name yet."""

    def __enter__(self: _Kind) -> _Kind:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            if kind is None:
                self.finish()
                self._publish()
        finally:
            self._discard()


class Output(_Written):
    """A file, CSV or Parquet by its name, that appears under that name when all is written; or standard output, as CSV."""

    def __init__(self, path: Path | None, schema: pa.Schema) -> None:
        suffix = path.suffix.lower() if path else ".csv"
        if suffix not in (".csv", ".parquet"):
            raise BookError(f"{path}: expected a name that ends in .csv or .parquet")
        if not path and not sys.stdout:
            raise BookError("standard output is closed; name a file to write to")
        self._draft = _Draft(path) if path else None
        self._writer: Any = (pq.ParquetWriter if suffix == ".parquet" else pa_csv.CSVWriter)(
            self._draft.file if self._draft else sys.stdout.buffer, schema
        )

    def write(self, batch: pa.RecordBatch) -> None:
        """Adds rows."""
        with self._draft.naming() if self._draft else nullcontext():
            self._writer.write_batch(batch)

    def finish(self) -> None:
        """All is written, and on the disk."""
        with self._draft.naming() if self._draft else nullcontext():
            self._writer.close()
        if self._draft:
            self._draft.finish()

    def _publish(self) -> None:
        if self._draft:
            self._draft.publish()

    def _discard(self) -> None:
        if self._draft:
            with suppress(OSError, ValueError):
                self._writer.close()
            self._draft.discard()


class RejectedRows(_Written):
    """A CSV file of the rows that are wrong, with the reason; there is none if no row is.

    Raises BookError if there is a file under that name that is not from an earlier run.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.count = 0
        self.reasons: dict[str, int] = {}
        """How many rows have each of the first reasons."""
        if path.exists():
            with path.open("rb") as earlier:
                if earlier.readline(1000).strip() != ",".join(_HEADER).encode():
                    raise BookError(
                        f"{path}: is there, and is no file of wrong rows; move it, or name another with --bad"
                    )
        self._draft = _Draft(path)
        self._text = io.TextIOWrapper(self._draft.file, encoding="utf-8", errors="backslashreplace", newline="")
        self._writer = csv.writer(self._text)
        self._writer.writerow(_HEADER)

    def add(self, part: Chunk, wrong: dict[int, str]) -> None:
        """Adds the rows of a part that are wrong, by their places, and its lines that are no rows."""
        rows = [(int(part.numbers[place]), place, reason) for place, reason in wrong.items()]
        with self._draft.naming():
            for number, place, reason in sorted(rows):
                self._write(part, number, [_cell(part, field, place) for field in FIELDS], reason)
            for line in part.lines:
                self._write(part, line.number, [None, line.text, *[None] * (len(FIELDS) - 2)], line.reason)

    def _write(self, part: Chunk, number: int, cells: list[object], reason: str) -> None:
        self._writer.writerow([part.file, number, *cells, reason])
        self.count += 1
        if reason in self.reasons or len(self.reasons) < _MOST_REASONS:
            self.reasons[reason] = self.reasons.get(reason, 0) + 1

    def finish(self) -> None:
        """All is written, and on the disk."""
        if not self._text.closed:
            with self._draft.naming():
                self._text.flush()
            self._draft.finish()

    def _publish(self) -> None:
        if self.count:
            self._draft.publish()
        else:
            self.path.unlink(missing_ok=True)  # of an earlier run

    def _discard(self) -> None:
        self._draft.discard()


def _cell(part: Chunk, field: str, place: int) -> object:
    value = part.columns[field][place].as_py() if field in part.columns else None
    return written(value) if isinstance(value, (dict, list)) else value
