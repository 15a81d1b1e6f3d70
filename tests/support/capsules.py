"""Columns of a package that has the Arrow PyCapsule interface and nothing else."""

from __future__ import annotations

from typing import Any

import pyarrow as pa


class CapsuleArray:
    """A column of one array, as nanoarrow has it."""

    def __init__(self, column: Any) -> None:
        self._column = pa.array(column)

    def __arrow_c_array__(self, requested_schema: object = None) -> object:
        return self._column.__arrow_c_array__(requested_schema)


class CapsuleStream:
    """A column of two chunks, as arro3 has it."""

    def __init__(self, column: Any) -> None:
        array = pa.array(column)
        self._column = pa.chunked_array([array[:1], array[1:]])

    def __arrow_c_stream__(self, requested_schema: object = None) -> object:
        return self._column.__arrow_c_stream__(requested_schema)
