"""The most rows that a run may reject."""

from __future__ import annotations

import re
from fractions import Fraction
from typing import NamedTuple


class Limit(NamedTuple):
    """The most rows that a run may reject: a number of rows, or a share of the book.

    >>> Limit.parse("1%").allows(10, of=1000), Limit.parse("9").allows(10, of=1000)
    (True, False)
    """

    text: str
    number: Fraction
    is_share: bool

    @classmethod
    def parse(cls, text: str) -> Limit:
        """Return the limit that text gives, such as `100` or `1%`. Raises ValueError."""
        found = re.fullmatch(r"([0-9]{1,18})|([0-9]{1,3}([.][0-9]{1,15})?)%", text)
        if not found or (found[2] and Fraction(found[2]) > 100):
            raise ValueError("a number of rows, such as 100, or a share of them, such as 1%")
        return cls(text, Fraction(found[1] or Fraction(found[2]) / 100), bool(found[2]))

    def allows(self, rejected: int, of: int) -> bool:
        """Return True if a run may reject this number of rows of a book of that many."""
        return rejected <= (self.number * Fraction(of) if self.is_share else self.number)
