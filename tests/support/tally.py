"""The numbers of comparisons and of differences that the proofs of schedules count."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from operator import ne
from typing import Any


class Tally:
    """The number of comparisons and of differences, by lookup."""

    def __init__(self) -> None:
        self.rules = Counter[str]()
        self.pairs = Counter[str]()
        self.differences = Counter[str]()
        self.shown: list[str] = []

    def add(
        self, lookup: str, due: object, asked: Sequence[object], got: Sequence[object], expected: Sequence[object]
    ) -> None:
        """Compare the answers of one rule to several questions; errors show `due` and the question."""
        assert len(got) == len(expected) == len(asked)
        self.rules[lookup] += 1
        self.pairs[lookup] += len(got)
        if got != expected:
            differs = [*map(ne, got, expected)]
            first = differs.index(True)
            self.differ(lookup, sum(differs), f"{due} {asked[first]}: {got[first]}, not {expected[first]}")

    def differ(self, lookup: str, count: int, example: str) -> None:
        self.differences[lookup] += count
        self.shown.append(f"{lookup}: {example}")

    def update(self, part: Any) -> None:
        """Add what a worker counted: `vars` of its tally, as JSON."""
        for name in ("rules", "pairs", "differences"):
            getattr(self, name).update(part[name])
        self.shown += part["shown"]
