"""Files that get their names when they are complete."""

from __future__ import annotations

import os
import secrets
import sys
import weakref
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, TypeVar

_Self = TypeVar("_Self", bound="Draft")
_DRAFTS: weakref.WeakSet[Draft] = weakref.WeakSet()


class Draft:
    """A file that gets its name at the end of a `with` block, unless an error ends the block.

    Until then it has a temporary name in the same folder. Without a path, it is standard output.
    """

    def __init__(self, path: Path | None) -> None:
        self.path = path
        if path is None:
            self.file: Any = sys.stdout.buffer
            return
        self._partial = path.with_name(f".{path.name[:40]}.{secrets.token_hex(4)}.partial")
        # Before the file exists, so that it is removed whenever a signal arrives.
        self.remove = weakref.finalize(self, self._partial.unlink, missing_ok=True)
        """Remove the file, unless it has its final name."""
        _DRAFTS.add(self)
        with self.naming():
            self.file = self._partial.open("xb")

    @contextmanager
    def naming(self) -> Iterator[None]:
        """Name the file by its final name in errors of the system that are raised within."""
        try:
            yield
        except OSError as error:
            if self.path is None:
                raise
            raise OSError(error.errno, error.strerror or str(error), str(self.path)) from None

    def finish(self) -> None:
        """Write the whole file to the disk, and close it."""
        if self.path and not self.file.closed:
            with self.naming():
                self.file.flush()
                os.fsync(self.file.fileno())
                self.file.close()

    def publish(self) -> None:
        """Give the file its final name."""
        if self.path:
            with self.naming():
                self._partial.replace(self.path)

    def discard(self) -> None:
        """Close the file and remove it, unless it has its final name."""
        if self.path:
            with suppress(OSError):
                self.file.close()
            self.remove()

    def __enter__(self: _Self) -> _Self:
        return self

    def __exit__(self, error_type: type[BaseException] | None, *rest: object) -> None:
        try:
            if error_type is None:
                self.finish()
                self.publish()
        finally:
            self.discard()


def discard_drafts() -> None:
    """Remove all files that do not have their final names: for a process that ends at once."""
    for draft in list(_DRAFTS):
        draft.remove()
