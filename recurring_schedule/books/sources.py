"""The bytes of the files of a book: as they are, compressed with gzip, or on standard input."""

from __future__ import annotations

import codecs
import csv
import gzip
import os
import stat
import sys
import zlib
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from pathlib import Path
from typing import BinaryIO

import pyarrow as pa

from recurring_schedule.books.chunks import BookError

ByteStream = BinaryIO | gzip.GzipFile
STANDARD_INPUT = Path("-")
PACKED = ".gz"
"""The end of the name of a file compressed with gzip."""


class Source:
    """A file, decompressed if its name ends in .gz; or standard input, if the path is `-`.

    Raises BookError if standard input is closed.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        if path == STANDARD_INPUT and not sys.stdin:
            raise BookError("standard input is closed; name a file to read")
        self._file: ByteStream | None = None
        self._version = self._read_version()

    @property
    def size(self) -> int:
        """The bytes of the file; 0 if they cannot be known before they are read."""
        return self._version[0] if self._version else 0

    @property
    def position(self) -> int:
        """The number of bytes of the file that have been read; 0 if its size is not known."""
        return self._file.tell() if self._file and self._version else 0

    @contextmanager
    def opened(self, position: int = 0) -> Iterator[ByteStream]:
        """Open the file at a position. Standard input has to be there, since it cannot go back."""
        if self.path == STANDARD_INPUT:
            self._file = sys.stdin.buffer
            yield self._file
            return
        with self.path.open("rb") as self._file:
            packed = self.path.suffix.lower() == PACKED
            with gzip.GzipFile(fileobj=self._file) if packed else nullcontext(self._file) as file:
                file.seek(position)
                yield file

    def stat(self) -> os.stat_result:
        """Return the status of the file."""
        return os.fstat(sys.stdin.fileno()) if self.path == STANDARD_INPUT else self.path.stat()

    @contextmanager
    def unchanged(self) -> Iterator[None]:
        """Raise BookError if the file has changed when the block ends, even if an error ends it."""
        try:
            yield
        except Exception:
            self.check_unchanged()  # or else the error would hide its cause
            raise
        self.check_unchanged()

    def check_unchanged(self) -> None:
        """Raise BookError if it is another file now, or has another size or modification time."""
        try:
            is_unchanged = self._read_version() == self._version
        except FileNotFoundError:
            is_unchanged = False
        if not is_unchanged:
            raise BookError(f"{self.path}: changed while it was read; run again when it is complete")

    def _read_version(self) -> tuple[int, int, int, int] | None:
        """Return what changes with the file, its size first; None for a pipe."""
        now = self.stat()
        return (now.st_size, now.st_mtime_ns, now.st_dev, now.st_ino) if stat.S_ISREG(now.st_mode) else None


_UTF16 = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
_GZIP = b"\x1f\x8b"


def check_text(path: Path, head: bytes) -> None:
    """Raise BookError for a file that begins as UTF-16 or as gzip does."""
    if head.startswith(_UTF16) or b"\0" in head[:2]:  # a character of ASCII in UTF-16 has a byte 0
        raise BookError(f"{path}: got UTF-16, expected UTF-8; convert it with iconv -f UTF-16 -t UTF-8")
    if head.startswith(_GZIP):
        raise BookError(f"{path}: got gzip, expected text; end its name in .gz, or decompress it with gunzip")


@contextmanager
def naming(file: Path) -> Iterator[None]:
    """Name the file in errors that are raised within."""
    try:
        yield
    except (BookError, MemoryError):
        raise
    except OSError as error:
        raise BookError(f"{file}: {error.strerror or error}") from None
    except (pa.ArrowException, UnicodeError, EOFError, csv.Error, zlib.error) as error:
        raise BookError(f"{file}: {error}") from None
