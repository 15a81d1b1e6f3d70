"""Files that get their names when they are complete.

A draft has a temporary name and is locked. The lock ends with its process, however that ends, so a
draft without a lock is one that a killed process has left. A file without a name (Linux's
O_TMPFILE) would leave nothing, but not every file system has it, and it cannot replace a file
without a temporary name.
"""

from __future__ import annotations

import os
import re
import secrets
import stat
import sys
import weakref
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, BinaryIO, TypeVar

try:
    import fcntl
except ImportError:  # Windows, which removes no open file: each is as good as locked
    fcntl = None  # type: ignore[assignment]  # a module elsewhere

_Self = TypeVar("_Self", bound="Draft")
_DRAFTS: weakref.WeakSet[Draft] = weakref.WeakSet()


class Draft:
    """A file that gets its name at the end of a `with` block, unless an error ends the block.

    Until then it has a temporary name in the same folder. If the path is a link, the file that it
    leads to is written. A file that is replaced keeps its mode and, as far as the system allows,
    its owner and group. Only the owner can read a new file.

    A draft first removes those for the same path that were left by killed processes. Without a
    path, it is standard output.
    """

    def __init__(self, path: Path | None) -> None:
        self.path = path
        if path is None:
            self.file: Any = sys.stdout.buffer
            return
        with self.naming():
            self.target = path.resolve() if path.is_symlink() else path
            """The file to write: `path`, or where its links lead."""
            _remove_left(self.target)
            self._partial = _partial(self.target, secrets.token_hex(4))
            # Before the file exists, so that it is removed whenever a signal arrives.
            self.remove = weakref.finalize(self, self._partial.unlink, missing_ok=True)
            """Remove the file, unless it has its final name."""
            _DRAFTS.add(self)
            self.file = _locked(self._partial)

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
        """Write the whole file to the disk."""
        if self.path and not self.file.closed:
            with self.naming():
                self.file.flush()
                _keep_mode(self.file.fileno(), self.target)
                os.fsync(self.file.fileno())

    def publish(self) -> None:
        """Give the file its final name."""
        if self.path:
            with self.naming():
                if not fcntl:
                    self.file.close()
                self._partial.replace(self.target)  # while it is locked, so that no other run removes it

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


def _partial(target: Path, token: str) -> Path:
    """Return the name of a draft; of the name of its file, as much as fits."""
    return target.with_name(f".{target.name[:40]}.{token}.partial")


def _locked(path: Path) -> BinaryIO:
    """Create a file that only its owner can read, and lock it."""
    while True:
        file = open(path, "xb", opener=lambda name, flags: os.open(name, flags, 0o600))  # noqa: SIM115  # the draft closes it
        if fcntl:
            with suppress(OSError):  # some file systems have no locks, so no draft is removed there
                fcntl.flock(file, fcntl.LOCK_EX)
        if os.fstat(file.fileno()).st_nlink:
            return file
        file.close()  # another run removed it before it was locked


def _remove_left(target: Path) -> None:
    """Remove the drafts that killed processes have left."""
    named = re.compile(re.escape(_partial(target, "TOKEN").name).replace("TOKEN", "[0-9a-f]{8}"))
    with suppress(OSError):
        for path in filter(lambda path: named.fullmatch(path.name), target.parent.iterdir()):
            with suppress(OSError), path.open("rb") as file:
                if fcntl:
                    fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)  # an error if its run goes on
                # Once removed and written anew, it is another file, whose run goes on.
                if os.path.samestat(os.fstat(file.fileno()), path.stat()):
                    path.unlink()


def _keep_mode(file: int, target: Path) -> None:
    """Give a file the mode of the one that it replaces, and its owner and group if allowed."""
    try:
        replaced = target.stat()
    except FileNotFoundError:
        return
    mode = stat.S_IMODE(replaced.st_mode)
    if hasattr(os, "fchown"):
        try:
            os.fchown(file, replaced.st_uid if os.geteuid() == 0 else -1, replaced.st_gid)
        except OSError:
            mode &= ~stat.S_IRWXG  # or else another group could read it
    os.chmod(file, mode)


def discard_drafts() -> None:
    """Remove all files that do not have their final names: for a process that ends at once."""
    for draft in list(_DRAFTS):
        draft.remove()
