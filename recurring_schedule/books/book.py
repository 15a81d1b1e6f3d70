"""Books: which files they are."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import unquote

import pyarrow as pa

from recurring_schedule.books.chunks import FIELDS, BookError, Chunk
from recurring_schedule.books.csv_files import CsvFile
from recurring_schedule.books.json_files import JsonFile
from recurring_schedule.books.parquet_files import ParquetFile

File = CsvFile | JsonFile | ParquetFile
_READERS: dict[str, Callable[[Path, Mapping[str, str]], File]] = {
    ".csv": CsvFile,
    ".json": JsonFile,
    ".jsonl": JsonFile,
    ".ndjson": JsonFile,
    ".parquet": ParquetFile,
}
_NULL = "__HIVE_DEFAULT_PARTITION__"


class Book:
    """A book: a file, or a folder of Parquet files, which are read in the order of their names.

    In a folder, names that begin with a dot or an underscore are left out, and folders `name=value` are part of it: their value is
    a column of all files in them. `names` says what the columns are called that are not called as in `FIELDS`.

    Raises BookError for what is no book, before anything is written.
    """

    def __init__(self, path: Path, names: Mapping[str, str]) -> None:
        self.path = path
        self.files: list[File] = []
        with _naming(path):
            if path.is_dir():
                for file, constants in _listed(path, {}, set()):
                    with _naming(file):
                        self.files.append(ParquetFile(file, names, constants))
            elif path.is_file():
                reader = _READERS.get(path.suffix.lower())
                if reader is None:
                    raise BookError(f"{path}: expected a name that ends in {', '.join(_READERS)}")
                self.files.append(reader(path, names))
        if not self.files:
            raise BookError(f"{path}: expected a file, or a folder with Parquet files in it")
        for file_with_other_ids in self.files:
            if ("id" in file_with_other_ids.fields) != ("id" in self.files[0].fields):
                raise BookError(
                    f"{file_with_other_ids.path}: expected ids in all files or in none, "
                    f"and {self.files[0].path} has {'ids' if 'id' in self.files[0].fields else 'none'}"
                )
        self.fields = tuple(field for field in FIELDS if any(field in file.fields for file in self.files))
        """The columns that it has."""
        self.size = sum(file.path.stat().st_size for file in self.files)
        """Bytes of all files."""

    @property
    def read(self) -> int:
        """About how many of these have been read."""
        return sum(file.read for file in self.files)

    def parts(self) -> Iterator[Chunk]:
        """The rows, in order. Raises BookError where a file cannot be read."""
        is_folder = self.path.is_dir()
        for file in self.files:
            with _naming(file.path):
                inside = file.path.relative_to(self.path).as_posix() if is_folder else ""
                for part in file.parts():
                    yield part._replace(inside=inside)


def _listed(
    folder: Path, constants: dict[str, str | None], met: set[Path]
) -> Iterator[tuple[Path, dict[str, str | None]]]:
    """The Parquet files of a folder, each with the values of the folders that it is in."""
    for path in sorted(folder.iterdir()):
        if path.name.startswith((".", "_")):
            continue
        if not path.name.isprintable():
            raise BookError(f"{str(path)!r}: expected a name in UTF-8 that can be printed")
        if not path.exists():
            raise BookError(f"{path}: is a link to nothing")
        if path.resolve() in met:
            raise BookError(f"{path}: is there already, under another name")
        met.add(path.resolve())
        name, is_partition, value = path.name.partition("=")
        if is_partition and path.is_dir():
            if name in constants:
                raise BookError(f"{path}: is in a folder that has a value of {name!r} already")
            yield from _listed(path, {**constants, name: None if value == _NULL else unquote(value)}, met)
        elif path.suffix.lower() == ".parquet" and path.is_file():
            yield path, constants
        else:
            expected = "a file that ends in .parquet" + (", or a folder name=value" if path.is_dir() else "")
            raise BookError(f"{path}: expected {expected}; names that begin with _ are left out")


@contextmanager
def _naming(file: Path) -> Iterator[None]:
    """Errors in here name the file."""
    try:
        yield
    except (BookError, MemoryError):
        raise
    except OSError as error:
        raise BookError(f"{file}: {error.strerror or error}") from None
    except (pa.ArrowException, UnicodeError) as error:
        raise BookError(f"{file}: {error}") from None
