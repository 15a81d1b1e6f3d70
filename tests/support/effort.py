"""How much of each proof a run looks at, and how many examples Hypothesis tries."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from typing import NamedTuple, TypeVar

from hypothesis import settings

_Case = TypeVar("_Case")


class Share(NamedTuple):
    """The share of each proof that a run looks at: one case in `one_in`, and every edge case."""

    one_in: int

    @property
    def is_whole(self) -> bool:
        return self.one_in == 1

    @property
    def workers(self) -> int:
        """The number of processes to divide a proof between. A sample is not worth a second one."""
        return (os.cpu_count() or 1) if self.is_whole else 1

    def sample(self, cases: Sequence[_Case], is_edge: Callable[[_Case], object] = lambda _: False) -> list[_Case]:
        """Return every `one_in`-th case and the edge cases, in their order: the same ones in each run.

        >>> Share(4).sample(range(10), lambda number: number == 9)
        [0, 4, 8, 9]
        """
        return [case for index, case in enumerate(cases) if index % self.one_in == 0 or is_edge(case)]

    def rounds(self, whole: int, least: int) -> int:
        """Return this share of `whole` rounds, and at least `least`."""
        return max(whole // self.one_in, least)


WHOLE = Share(1)
# A prime, so that a sample does not run in step with the 31 days, 12 months or 7 weekdays that it walks.
QUICK = Share(499)


def examples(factor: float) -> settings:
    """Return Hypothesis settings with `factor` times as many examples as its profile has."""
    return settings(max_examples=round(settings().max_examples * factor))
