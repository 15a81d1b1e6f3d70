"""CSV files that list rows of a book, for the people who repair it."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from pathlib import Path

from recurring_schedule.books.chunks import FIELDS, BookError
from recurring_schedule.books.drafts import Draft


class RowFile(Draft):
    """A CSV file of rows, each with its file and number. It is written only if it has rows.

    `columns` are further columns, of which those in `FIELDS` may differ from run to run. Text may
    have the surrogates of bytes that are not UTF-8; the file has the bytes.

    Raises BookError if a file under that name was not written by an earlier run; `rows` and
    `option` say in the error what the file is for.
    """

    path: Path

    def __init__(self, path: Path, columns: Sequence[str], rows: str, option: str) -> None:
        self.count = 0
        """The number of rows."""
        header = ["file", "row", *columns]
        if path.exists() and not _is_file_of(path, header):
            raise BookError(f"{path}: exists, and is not a file of {rows}; move it, or name another file with {option}")
        super().__init__(path)
        self._text = io.TextIOWrapper(self.file, encoding="utf-8", errors="surrogateescape", newline="")
        self._writer = csv.writer(self._text)
        self._writer.writerow(header)

    def write_row(self, *cells: object) -> None:
        """Add a row: its file, its number, and its cells."""
        self._writer.writerow(cells)
        self.count += 1

    def finish(self) -> None:
        """Write the whole file to the disk."""
        if not self._text.closed:
            with self.naming():
                self._text.flush()
        super().finish()

    def publish(self) -> None:
        """Give the file its name; without rows, remove the file of an earlier run."""
        if self.count:
            super().publish()
        else:
            self.target.unlink(missing_ok=True)


def _is_file_of(path: Path, header: list[str]) -> bool:
    with path.open(encoding="utf-8", errors="replace") as earlier:
        names = earlier.readline(1000).strip().split(",")
    kept = [name for name in header if name not in FIELDS]
    return names[:2] == header[:2] and [name for name in names if name not in FIELDS] == kept
