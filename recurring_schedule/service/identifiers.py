"""Random identifiers in the forms of the two APIs.

>>> from random import Random
>>> identifiers = Identifiers(Random(1))
>>> identifiers.long(), identifiers.short(taken=()), identifiers.object_id()
('9bFlIkpYt5HfavHY', 'PmHN', 'c4bb86c3d1c427103c344c41')
"""

from __future__ import annotations

from base64 import urlsafe_b64encode
from collections.abc import Container
from random import Random
from secrets import SystemRandom


class Identifiers:
    """A source of identifiers. It uses the system's random numbers unless given others."""

    def __init__(self, random: Random | None = None) -> None:
        self._random = random or SystemRandom()

    def long(self) -> str:
        """Return 16 characters of `A-Z a-z 0-9 - _`, for a customer, an order or an intent."""
        return urlsafe_b64encode(self._random.randbytes(12)).decode()

    def short(self, taken: Container[str]) -> str:
        """Return 4 such characters that are not taken, for a subscription of a customer."""
        while (found := urlsafe_b64encode(self._random.randbytes(3)).decode()) in taken:
            pass
        return found

    def object_id(self) -> str:
        """Return 24 characters of `0-9 a-f`, for a customer or payment source of Paydock."""
        return self._random.randbytes(12).hex()
