"""The base of the immutable values: equality, hash and pickling by one key."""

from __future__ import annotations


class Immutable:
    """A value that compares, hashes and pickles by `_key`, the arguments that rebuild it.

    Subclasses have `__slots__`. They are not dataclasses: their constructors convert and check, and
    importing `dataclasses` would double the time that importing the core takes.
    """

    __slots__ = ()

    @property
    def _key(self) -> tuple[object, ...]:
        raise NotImplementedError

    def __eq__(self, other: object) -> bool:
        return self._key == other._key if type(other) is type(self) else NotImplemented

    def __hash__(self) -> int:
        return hash(self._key)

    def __reduce__(self) -> tuple[type[Immutable], tuple[object, ...]]:
        return type(self), self._key
