"""How things are measured: side by side, several times, so that a machine that slows down slows all of them down.

All times are those of the processor: what else runs on the machine counts less.
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
    """How many dates one evaluation finds, if the figure is to be for one of them."""

    def answer(self) -> object:
        """What the expression gives, as `plain` has it."""
        return plain(eval(self.code, dict(self.names)))


def plain(answer: Any) -> object:
    """The answer of any peer as a date, a number, or a list of dates.

    >>> plain([datetime(2024, 1, 31)])
    [datetime.date(2024, 1, 31)]
    """
    if isinstance(answer, datetime):  # the Timestamp of pandas is one too
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
    """Three digits, or all that are before the point.

    >>> three_digits(9.996), three_digits(99.94), three_digits(1234.5)
    ('10.0', '99.9', '1,234')
    """
    return f"{number:,.{2 if number < 9.995 else 1 if number < 99.95 else 0}f}"


def duration(seconds: float) -> str:
    """Three digits and a unit.

    >>> duration(0.00123456), duration(0.0000001)
    ('1.23 ms', '100 ns')
    """
    for unit, factor in (("ns", 1e9), ("µs", 1e6), ("ms", 1e3)):
        if seconds * factor < 999.5:
            return f"{three_digits(seconds * factor)} {unit}"
    return f"{three_digits(seconds)} s"


class Figure(NamedTuple):
    """The seconds that an answer took, in each round; or one date of an answer that has several."""

    rounds: tuple[float, ...]
    dates: int = 1

    @property
    def median(self) -> float:
        return statistics.median(self.rounds)

    def times(self, other: Figure) -> float:
        """How many times as long as `other`: the median over the rounds, in each of which both ran."""
        return statistics.median(mine / its for mine, its in zip(self.rounds, other.rounds, strict=False))

    def more_than(self, other: Figure) -> float:
        """How many seconds more than `other`: the median over the rounds."""
        return statistics.median(mine - its for mine, its in zip(self.rounds, other.rounds, strict=True))

    def __str__(self) -> str:
        return f"{duration(self.median)} ({duration(min(self.rounds))} to {duration(max(self.rounds))})"


class Effort(NamedTuple):
    """How much time may go into the measuring."""

    rounds: int
    """How often each snippet is timed."""
    least: float
    """Seconds that one timing lasts at least, by repetition."""
    patience: float
    """Seconds after which a snippet is not timed again, but for the first three rounds."""


FULL = Effort(rounds=11, least=0.02, patience=3.0)
QUICK = Effort(rounds=2, least=0.0005, patience=0.0)


def measure(snippets: Mapping[str, Snippet], effort: Effort) -> dict[str, Figure]:
    """A figure for each snippet; in every round each of them is timed once. The garbage collector is off meanwhile."""
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
    """How many evaluations last at least so many seconds. Finding out makes the tables that are made on demand."""
    number = 1
    while (seconds := timer.timeit(number)) < least:
        number = max(2 * number, min(10 * number, int(1.1 * least * number / seconds)))
    return number


def interpreters(statement: str, rounds: int) -> dict[str, Figure]:
    """A figure for a new interpreter that runs the statement, and one for `pass`. A first round is not counted."""
    seconds: dict[str, list[float]] = {"pass": [], statement: []}
    for _ in range(rounds + 1):
        for code, its in seconds.items():
            program = f"{code}; import time; print(time.process_time())"
            done = subprocess.run([sys.executable, "-I", "-c", program], check=True, capture_output=True)
            its.append(float(done.stdout))
    return {code: Figure(tuple(its[1:])) for code, its in seconds.items()}


def allocated(make: Callable[[], object]) -> int:
    """The bytes that are in use when something has been made, and were not before."""
    tracemalloc.start()
    try:
        made = make()
        in_use, _ = tracemalloc.get_traced_memory()
        del made
        return in_use
    finally:
        tracemalloc.stop()
