"""Books: a file, a folder of Parquet files, or standard input."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from urllib.parse import unquote

from recurring_schedule.books.chunks import FIELDS, BookError, Chunk, TextForm, checked
from recurring_schedule.books.csv_files import CsvFile
from recurring_schedule.books.json_files import JsonFile
from recurring_schedule.books.parquet_files import ParquetFile
from recurring_schedule.books.sources import PACKED, STANDARD_INPUT, naming

File = CsvFile | JsonFile | ParquetFile
_CSV = (".csv",)
_JSON = (".json", ".jsonl", ".ndjson")
_NULL = "__HIVE_DEFAULT_PARTITION__"


class Book:
    """A book: a file, or a folder whose Parquet files are read in the order of their names.

    A file of CSV or JSON lines may be compressed with gzip, with a name such as `book.csv.gz`. The
    path `-` is CSV on standard input.

    In a folder, names that begin with a dot or an underscore are left out. A folder `name=value` in
    it is a part of the book, with the value as a column of all files in that folder. `names` gives
    the names of columns that differ from `FIELDS`. `block_size` is the number of bytes of CSV or
    JSON lines that are read at a time; each format has its default. `form` is that of its text.

    Raises BookError for a path that is not a book.
    """

    def __init__(
        self,
        path: Path,
        names: Mapping[str, str],
        block_size: int | None = None,
        form: TextForm | None = None,
    ) -> None:
        self.path, self._form = path, form or TextForm()
        with naming(path):
            self.files = _opened(path, names, block_size, self._form)
        if self._form.delimiter and any(not isinstance(file, CsvFile) for file in self.files):
            raise BookError(f"{path}: is not CSV; leave out --delimiter")
        if not self.files:
            raise BookError(f"{path}: not found, or a folder without Parquet files")
        _check_ids(self.files)
        self.fields = tuple(field for field in FIELDS if any(field in file.fields for file in self.files))
        """The columns of the book, of those in `FIELDS`."""
        self.size = sum(file.source.size for file in self.files)
        """The bytes of all files; 0 if they come through a pipe."""

    @property
    def read(self) -> int:
        """About the number of bytes that have been read."""
        return sum(file.read for file in self.files)

    def chunks(self) -> Iterator[Chunk]:
        """Yield the rows, in order. Raises BookError for a file that cannot be read or changes."""
        is_folder = self.path.is_dir()
        for file in self.files:
            with naming(file.path), file.source.unchanged():
                inside = file.path.relative_to(self.path).as_posix() if is_folder else ""
                for chunk in file.chunks():
                    yield checked(chunk, self._form)._replace(inside=inside)

    def check_unchanged(self) -> None:
        """Raise BookError if a file was changed, added or removed since the book was opened."""
        for file in self.files:
            file.source.check_unchanged()
        if self.path.is_dir():
            found = [path for path, _ in _listed(self.path, {}, set())]
            if found != [file.path for file in self.files]:
                raise BookError(f"{self.path}: files were added while it was read; run again when it is complete")


def _check_ids(files: Sequence[File]) -> None:
    with_ids = ["id" in file.fields for file in files]
    if any(with_ids) != all(with_ids):
        other = files[with_ids.index(not with_ids[0])]
        raise BookError(
            f"{other.path}: expected ids in all files or in none, "
            f"and {files[0].path} has {'ids' if with_ids[0] else 'none'}"
        )


def _opened(path: Path, names: Mapping[str, str], block_size: int | None, form: TextForm) -> list[File]:
    """Return the files of a book, none if there is nothing at its path."""
    files: list[File] = []
    options = {} if block_size is None else {"block_size": block_size}
    if path.is_dir():
        for file, constants in _listed(path, {}, set()):
            with naming(file):
                files.append(ParquetFile(file, names, constants))
    elif path == STANDARD_INPUT:
        files.append(CsvFile(path, names, form=form, **options))
    elif path.is_file():
        suffix = Path(path.name.lower().removesuffix(PACKED)).suffix
        if path.suffix.lower() == ".parquet":
            files.append(ParquetFile(path, names))
        elif suffix in _CSV:
            files.append(CsvFile(path, names, form=form, **options))
        elif suffix in _JSON:
            files.append(JsonFile(path, names, **options))
        else:
            raise BookError(f"{path}: expected a name that ends in {', '.join(_CSV + _JSON)}, .parquet or .csv.gz")
    return files


def _listed(
    folder: Path, constants: dict[str, str | None], met: set[Path]
) -> Iterator[tuple[Path, dict[str, str | None]]]:
    """Yield the Parquet files of a folder, each with the values of the folders that it is in."""
    for path in sorted(folder.iterdir()):
        if path.name.startswith((".", "_")):
            continue
        _check_member(path, met)
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


def _check_member(path: Path, met: set[Path]) -> None:
    if not path.name.isprintable():
        raise BookError(f"{str(path)!r}: expected a name of printable characters in UTF-8")
    if not path.exists():
        raise BookError(f"{path}: is a broken link")
    if path.resolve() in met:
        raise BookError(f"{path}: is in the book already, under another name")
