"""Books in Parquet."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from recurring_schedule.books.chunks import Chunk, check_type, checked, fields_in

_ROWS = 262_144


class ParquetFile:
    """A book in Parquet, or a file of one. Raises BookError for what is none, and for columns of other types.

    `constants` are columns that are not in the file, each with its one value.
    """

    def __init__(self, path: Path, names: Mapping[str, str], constants: Mapping[str, str | None] | None = None) -> None:
        self.path, self.read = path, 0
        schema = pq.read_schema(path)
        self._constants = {name: value for name, value in (constants or {}).items() if name not in schema.names}
        self._present = fields_in(path, [*schema.names, *self._constants], names)
        for field, name in self._present.items():
            if name not in self._constants:
                check_type(path, field, schema.field(name).type)
        self.fields = frozenset(self._present)

    def parts(self) -> Iterator[Chunk]:
        """The rows, in order."""
        size, first = self.path.stat().st_size, 1
        with pq.ParquetFile(self.path) as opened:
            names = [name for name in self._present.values() if name not in self._constants]
            for batch in opened.iter_batches(_ROWS, columns=names):
                rows = batch.num_rows
                columns = {
                    field: pa.repeat(pa.scalar(self._constants[name], pa.string()), rows)
                    if name in self._constants
                    else batch.column(name)
                    for field, name in self._present.items()
                }
                yield checked(Chunk(self.path, np.arange(first, first + rows), columns, {}))
                first += rows
                self.read = size * first // max(opened.metadata.num_rows, 1)
