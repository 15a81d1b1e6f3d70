"""Random identifiers in the forms of the two APIs.

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

_ALPHABET = ascii_letters + digits + "-_"


class Identifiers:
    """A source of identifiers. It uses the system's random numbers unless given others."""

    def __init__(self, random: Random | None = None) -> None:
        self._random = random or SystemRandom()

    def long(self) -> str:
        """Return 16 characters of `A-Z a-z 0-9 - _`, for a customer, an order or an intent."""
        return "".join(self._random.choices(_ALPHABET, k=16))

    def short(self, taken: Container[str]) -> str:
        """Return 4 such characters that are not taken, for a subscription of a customer."""
        while (found := "".join(self._random.choices(_ALPHABET, k=4))) in taken:
            pass
        return found

    def object_id(self) -> str:
        """Return 24 characters of `0-9 a-f`, for a customer or payment source of Paydock."""
        return f"{self._random.getrandbits(96):024x}"
