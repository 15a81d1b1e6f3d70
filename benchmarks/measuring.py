"""Timing: snippets run side by side, in several rounds, so that a machine that slows down slows all of them.

Times are processor times, so other work on the machine matters less.
"""

from __future__ import annotations

import statistics
import subprocess
import sys
import tracemalloc
from collections.abc import Callable, Iterable, Mapping
from datetime import date, datetime
from time import process_time
from timeit import Timer
from typing import Any, NamedTuple


class Snippet(NamedTuple):
    """An expression, and the names in it."""

    code: str
    names: Mapping[str, object]
    dates: int = 1
    """The number of dates that one evaluation finds, if the figure is for one date."""

    def answer(self) -> object:
        """Return the value of the expression, as `plain` gives it."""
        return plain(eval(self.code, dict(self.names)))


def plain(answer: Any) -> object:
    """Return the answer of any peer as a date, a number, or a list of dates.

    >>> plain([datetime(2024, 1, 31)])
    [datetime.date(2024, 1, 31)]
    """
    if isinstance(answer, datetime):  # as is the Timestamp of pandas
        return answer.date()
    if isinstance(answer, (date, int)):
        return answer
    if hasattr(answer, "to_stdlib"):
        return answer.to_stdlib()
    return list(map(plain, answer))


def assert_equal(snippets: Iterable[Snippet]) -> None:
    """Raise AssertionError unless all snippets give the answer of the first."""
    first, *others = snippets
    expected = first.answer()
    for snippet in others:
        answer = snippet.answer()
        if answer != expected:
            raise AssertionError(f"{snippet.code}: got {answer!r:.200}, but {first.code} gives {expected!r:.200}")


def three_digits(number: float) -> str:
    """Return a number with three digits, or with all that are before the point.

    >>> three_digits(9.996), three_digits(99.94), three_digits(1234.5)
    ('10.0', '99.9', '1,234')
    """
    return f"{number:,.{2 if number < 9.995 else 1 if number < 99.95 else 0}f}"


def duration(seconds: float) -> str:
    """Return a duration with three digits and a unit.

    >>> duration(0.00123456), duration(0.0000001)
    ('1.23 ms', '100 ns')
    """
    for unit, factor in (("ns", 1e9), ("µs", 1e6), ("ms", 1e3)):
        if seconds * factor < 999.5:
            return f"{three_digits(seconds * factor)} {unit}"
    return f"{three_digits(seconds)} s"


class Figure(NamedTuple):
    """The seconds that an answer took in each round; for one of its dates if it has several."""

    rounds: tuple[float, ...]
    dates: int = 1

    @property
    def median(self) -> float:
        return statistics.median(self.rounds)

    def times(self, other: Figure) -> float:
        """Return the ratio to `other`: the median over the rounds, in each of which both ran."""
        return statistics.median(mine / its for mine, its in zip(self.rounds, other.rounds, strict=False))

    def more_than(self, other: Figure) -> float:
        """Return the difference to `other` in seconds: the median over the rounds."""
        return statistics.median(mine - its for mine, its in zip(self.rounds, other.rounds, strict=True))

    def __str__(self) -> str:
        return f"{duration(self.median)} ({duration(min(self.rounds))} to {duration(max(self.rounds))})"


class Effort(NamedTuple):
    """The time to spend on measuring."""

    rounds: int
    """The number of times that each snippet is timed."""
    least: float
    """The shortest timing in seconds; snippets are repeated until it is reached."""
    patience: float
    """The seconds after which a snippet is not timed again, after the first three rounds."""


FULL = Effort(rounds=11, least=0.02, patience=3.0)
QUICK = Effort(rounds=2, least=0.0005, patience=0.0)


def measure(snippets: Mapping[str, Snippet], effort: Effort) -> dict[str, Figure]:
    """Return a figure for each snippet. Each is timed once in every round, with the garbage collector off."""
    timers = {
        name: Timer(snippet.code, timer=process_time, globals=dict(snippet.names)) for name, snippet in snippets.items()
    }
    repetitions = {name: _repetitions(timer, effort.least) for name, timer in timers.items()}
    rounds: dict[str, list[float]] = {name: [] for name in snippets}
    for number in range(effort.rounds):
        for name, timer in timers.items():
            if number < 3 or sum(rounds[name]) < effort.patience:
                rounds[name].append(timer.timeit(repetitions[name]))
    return {
        name: Figure(tuple(seconds / (repetitions[name] * snippet.dates) for seconds in rounds[name]), snippet.dates)
        for name, snippet in snippets.items()
    }


def _repetitions(timer: Timer, least: float) -> int:
    """Return a number of evaluations that lasts at least `least` seconds. This also makes tables that are made on demand."""
    number = 1
    while (seconds := timer.timeit(number)) < least:
        number = max(2 * number, min(10 * number, int(1.1 * least * number / seconds)))
    return number


def interpreters(statement: str, rounds: int) -> dict[str, Figure]:
    """Return figures for a new interpreter that runs the statement, and for one that runs `pass`. A first round does not count."""
    seconds: dict[str, list[float]] = {"pass": [], statement: []}
    for _ in range(rounds + 1):
        for code, its in seconds.items():
            program = f"{code}; import time; print(time.process_time())"
            done = subprocess.run([sys.executable, "-I", "-c", program], check=True, capture_output=True)
            its.append(float(done.stdout))
    return {code: Figure(tuple(its[1:])) for code, its in seconds.items()}


def allocated(make: Callable[[], object]) -> int:
    """Return the bytes that are in use after `make`, and were not before."""
    tracemalloc.start()
    try:
        made = make()
        in_use, _ = tracemalloc.get_traced_memory()
        del made
        return in_use
    finally:
        tracemalloc.stop()
