"""The output of a run: occurrences as CSV or Parquet, and the check of all files to be written."""

from __future__ import annotations

import os
import stat
import sys
from collections.abc import Collection, Iterable, Mapping
from contextlib import suppress
from os.path import samestat
from pathlib import Path
from typing import Any

import pyarrow as pa

from recurring_schedule.books.book import Book
from recurring_schedule.books.chunks import BookError
from recurring_schedule.books.csv_lines import CsvLines
from recurring_schedule.books.drafts import Draft
from recurring_schedule.books.row_groups import RowGroups


def check_targets(targets: Iterable[Path], book: Book | None = None, done: Collection[Path] = ()) -> None:
    """Raise BookError for a path that cannot be written, is given twice, or is part of the book or
    a file of payments that are `done`.
    """
    met: set[Path] = set()
    for path in targets:
        _check_writable(path)
        if book and _is_one_of(path, (file.source.stat() for file in book.files)):
            raise BookError(f"{path}: is the book; write to another file")
        if book and book.path.resolve() in path.resolve().parents:
            raise BookError(f"{path}: is in the folder that is the book; write to another folder")
        if _is_one_of(path, (one.stat() for one in done if one.exists())):
            raise BookError(f"{path}: has the keys of payments that are done; write to another file")
        if path.resolve() in met:
            raise BookError(f"{path}: is given twice; every file needs a name of its own")
        met.add(path.resolve())


def _is_one_of(path: Path, files: Iterable[os.stat_result]) -> bool:
    """Return True if it is one of the files, by this name or another."""
    return path.exists() and any(samestat(path.stat(), file) for file in files)


def _check_writable(path: Path) -> None:
    try:
        mode = path.stat().st_mode
    except FileNotFoundError:
        if not path.resolve().parent.is_dir():
            folder = path.resolve().parent if path.is_symlink() else path.parent
            raise BookError(f"{path}: the folder {folder} does not exist") from None
    except OSError as error:
        raise BookError(f"{path}: {error.strerror}") from None
    else:
        if not stat.S_ISREG(mode):
            raise BookError(f"{path}: expected a file, or a new name")


class Output(Draft):
    """Occurrences in a file, CSV or Parquet by its name, or as CSV on standard output.

    Columns of text that hold numbers are in `plain`: CSV has them without quotation marks.
    """

    def __init__(self, path: Path | None, schema: pa.Schema, plain: Collection[str] = ()) -> None:
        suffix = path.suffix.lower() if path else ".csv"
        if suffix not in (".csv", ".parquet"):
            raise BookError(f"{path}: expected a name that ends in .csv or .parquet")
        if not path and not sys.stdout:
            raise BookError("standard output is closed; name a file to write to")
        super().__init__(path)
        self._is_csv = suffix == ".csv"
        self._writer: Any = CsvLines(self.file, schema, plain) if self._is_csv else RowGroups(self.file, schema)

    def write(self, batch: pa.RecordBatch) -> None:
        """Add rows."""
        with self.naming():
            self._writer.write_batch(batch)

    def describe(self, metadata: Mapping[str, str]) -> None:
        """Add metadata to a file of Parquet: texts under `recurring_schedule.` and the name."""
        if metadata and not self._is_csv:
            self._writer.describe({f"recurring_schedule.{name}": text for name, text in metadata.items()})

    def finish(self) -> None:
        """Write the whole file to the disk."""
        with self.naming():
            self._writer.close()
        super().finish()

    def discard(self) -> None:
        """Close the file and remove it, unless it has its final name."""
        if self.path:
            with suppress(OSError, ValueError):
                self._writer.close()
        super().discard()
