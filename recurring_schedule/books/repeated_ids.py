"""The number of rows with an id that an earlier row has.

Each id is kept as a hash of 128 bits: two of Python's hashes of its bytes in UTF-8, one of them
salted. Equal ids have equal hashes, so no repeated id is missed. Python's hash of bytes is SipHash
with a random key, a pseudorandom function, so n different ids have a collision with a probability
below n^2 / 2^129: for 100 million rows, one run in 10^22 reports a repeated id that is none. Memory
errors are far more likely.

The hash of a `str` would not do: Python hashes its characters as they are in memory, where "ab"
and the one character U+6261 are the same bytes.
"""

from __future__ import annotations

import os

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc


class RepeatedIds:
    """Counts repeated ids in about 15 bytes a row, and remembers those that are repeated.

    >>> ids = RepeatedIds()
    >>> ids.add(pa.array(["a", "b", "a"]))
    >>> ids.add(pa.array(["b", "c"]))
    >>> ids.count()
    2
    """

    def __init__(self) -> None:
        self._salt = os.urandom(16)
        self._buckets: list[list[bytes]] = [[] for _ in range(256)]
        """By the first octet of hashes: their other octets, for each column."""
        self._repeated: list[bytes] = []

    def add(self, ids: pa.Array) -> None:
        """Add a column of text without nulls."""
        octets = self._hashes(ids)
        first = octets[:, 0]
        rest = octets[np.argsort(first, kind="stable"), 1:]
        bounds = np.cumsum(np.bincount(first, minlength=256))
        for bucket, part in zip(self._buckets, np.split(rest, bounds[:-1]), strict=True):
            bucket.append(part.tobytes())

    def _hashes(self, ids: pa.Array) -> npt.NDArray[np.uint8]:
        """Return the octets of the hash of each id."""
        values = ids.cast(pa.binary()).to_pylist()
        hashes = np.empty((len(values), 2), np.int64)
        hashes[:, 0] = np.fromiter(map(hash, values), np.int64, len(values))
        hashes[:, 1] = np.fromiter(map(hash, map(self._salt.__add__, values)), np.int64, len(values))
        return hashes.view(np.uint8)

    def count(self) -> int:
        """Return the number of rows that repeat an id, and forget all ids but the repeated ones."""
        repeated = 0
        for first, bucket in enumerate(self._buckets):
            hashes = pa.chunked_array([_column(part, 15) for part in bucket], pa.binary(15))
            bucket.clear()
            counted = hashes.value_counts()
            if repeats := len(hashes) - len(counted):
                repeated += repeats
                self._repeated.append(_with_first(first, counted))
        return repeated

    def are_repeated(self, ids: pa.Array) -> npt.NDArray[np.bool_]:
        """Return True for each id that is repeated among those added, once they are counted.

        >>> ids = RepeatedIds()
        >>> ids.add(pa.array(["a", "b", "a"]))
        >>> ids.count()
        1
        >>> ids.are_repeated(pa.array(["a", "b", None]))
        array([ True, False, False])
        """
        known = pa.chunked_array([_column(octets, 16) for octets in self._repeated], pa.binary(16))
        hashes = _column(self._hashes(ids.fill_null("")).tobytes(), 16)
        found = pc.is_in(hashes, value_set=known.combine_chunks())
        return np.asarray(pc.and_(found, ids.is_valid()))


def _column(octets: bytes, width: int) -> pa.Array:
    """Return octets as a column of values of this width."""
    return pa.FixedSizeBinaryArray.from_buffers(pa.binary(width), len(octets) // width, [None, pa.py_buffer(octets)])


def _with_first(first: int, counted: pa.StructArray) -> bytes:
    """Return the hashes that occur more than once; `counted` has all octets but the first."""
    rest = counted.field("values").filter(pc.greater(counted.field("counts"), 1))
    octets = np.frombuffer(b"".join(rest.to_pylist()), np.uint8).reshape(len(rest), 15)
    return bytes(np.insert(octets, 0, first, axis=1).tobytes())
