"""The ends of records of CSV, so that a file can be read a part at a time.

PyArrow can read a stream in blocks, but its thread reads up to 32 of them ahead. If a program stops
before the end of the stream, for an error for example, that thread hangs or aborts the process.
"""

from __future__ import annotations

import re

import numpy as np
import numpy.typing as npt

_MARK, _LINE_FEED, _RETURN = b'"\n\r'


def whole_records(text: bytes, delimiter: str = ",") -> int:
    r"""Return the length of the whole records at the beginning of `text`.

    >>> whole_records(b'a,b\n"c\nd",e\n"f')
    12

    Records end as PyArrow reads them: a quotation mark counts only at the beginning of a cell.
    """
    octets = np.frombuffer(text, np.uint8)
    ends = np.flatnonzero((octets == _LINE_FEED) | (octets == _RETURN))
    if text.endswith(b"\r"):  # a line feed may follow
        ends = ends[:-1]
    if b'"' in text:
        is_quoted = np.searchsorted(_quotes(text, octets, delimiter.encode()), ends) % 2 == 1
        ends = ends[~is_quoted]
    return int(ends[-1]) + 1 if len(ends) else 0


def _quotes(text: bytes, octets: npt.NDArray[np.uint8], delimiter: bytes) -> npt.NDArray[np.intp]:
    """Return the positions at which quoted text begins and ends, in turn."""
    marks = np.flatnonzero(octets == _MARK)
    before = octets[marks[::2] - 1]
    before[0] = before[0] if marks[0] else _LINE_FEED
    # If every other mark, from the first on, begins a cell or doubles the mark before it, no cell has a mark of its own.
    if np.isin(before, (*delimiter, _LINE_FEED, _RETURN, _MARK)).all():
        return marks
    return _quotes_of_cells(text, delimiter)


def _quotes_of_cells(text: bytes, delimiter: bytes) -> npt.NDArray[np.intp]:
    """Return the same if there are marks within cells, such as inches."""
    beginning = re.compile(rb'(?:\A|(?<=[\r\n%b]))"' % re.escape(delimiter))
    quotes: list[int] = []
    position = 0
    while found := beginning.search(text, position):
        position = text.find(b'"', found.end())
        while text[position + 1 : position + 2] == b'"' and position >= 0:
            position = text.find(b'"', position + 2)
        quotes.append(found.start())
        if position < 0:
            break
        quotes.append(position)
        position += 1
    return np.array(quotes, np.intp)
