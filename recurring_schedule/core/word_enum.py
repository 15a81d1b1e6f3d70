"""The base of the enumerations whose members are the words that people write."""

from __future__ import annotations

from enum import Enum


class WordEnum(str, Enum):
    """Words: a member is the text itself, hashes as it does, and shows its name.

    >>> from recurring_schedule import Dialect
    >>> Dialect("payfunc"), str(Dialect.PAYFUNC)
    (Dialect.PAYFUNC, 'payfunc')
    """

    def __repr__(self) -> str:
        return f"{type(self).__name__}.{self.name}"

    __str__ = str.__str__
    __hash__ = str.__hash__
