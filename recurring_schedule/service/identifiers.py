"""Identifiers, in the forms that the two APIs have.

>>> from random import Random
>>> identifiers = Identifiers(Random(1))
>>> identifiers.long(), identifiers.short(taken=()), identifiers.object_id()
('i2WqFCPYgb1BWaCU', 'o85b', '8a9a021ea648a7dd06839eb9')
"""

from __future__ import annotations

from collections.abc import Container
from random import Random
from secrets import SystemRandom
from string import ascii_letters, digits

_SIGNS = ascii_letters + digits + "-_"


class Identifiers:
    """Where identifiers come from: the system's random numbers, if nothing else is given."""

    def __init__(self, random: Random | None = None) -> None:
        self._random = random or SystemRandom()

    def long(self) -> str:
        """16 characters of `A-Z a-z 0-9 - _`: a customer, an order, an intent."""
        return self._signs(16)

    def short(self, taken: Container[str]) -> str:
        """4 such characters that are not taken: a subscription of a customer."""
        while (found := self._signs(4)) in taken:
            pass
        return found

    def object_id(self) -> str:
        """24 characters of `0-9 a-f`."""
        return f"{self._random.getrandbits(96):024x}"

    def _signs(self, count: int) -> str:
        return "".join(self._random.choices(_SIGNS, k=count))
