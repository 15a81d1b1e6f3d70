"""What the immutable values have in common."""

from __future__ import annotations


class Immutable:
    """A value that is equal, hashes alike and is pickled by `_key`: the arguments that make it again."""

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
