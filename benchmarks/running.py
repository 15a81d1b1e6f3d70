"""The whole run: every case with every peer, then `DueDates` by itself."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from typing import NamedTuple

from benchmarks import own
from benchmarks.cases import CASES, EVEN_WEEKS, EVEN_YEARS, MONTHLY, PEERS, CannotExpressError, Case, Question
from benchmarks.measuring import Effort, Figure, Snippet, assert_equal, interpreters, measure

Row = dict[str, Figure]


class Results(NamedTuple):
    """All figures, by the title of the case first, unless noted."""

    peers: dict[str, dict[str, Row]]
    """Then by question and by peer, without the peers that cannot express it."""
    distances: dict[str, Row]
    lookups: dict[str, Row]
    fresh: dict[str, Row]
    """By wire form."""
    sizes: dict[str, dict[str, Row]]
    """Then by question and by number of years."""
    imports: dict[str, Row]
    """By statement; then by that statement and `pass`."""
    memory: dict[str, dict[str, int]]
    """In bytes."""


def run(questions: Sequence[Question], effort: Effort, tell: Callable[[str], object]) -> Results:
    """Measure everything, and pass each figure to `tell` once it is known. Raises AssertionError if answers differ."""

    def told(what: str, row: Row) -> Row:
        for name, figure in row.items():
            tell(f"{what}: {name}: {figure}")
        return row

    def timed(what: str, snippets: Mapping[str, Snippet]) -> Row:
        return told(what, measure(snippets, effort))

    def compared(case: Case, question: Question) -> Row:
        snippets = {}
        for peer in PEERS:
            with suppress(CannotExpressError):
                snippets[peer.name] = peer.snippet(case, question.kind, question.bounds(case))
        assert_equal(snippets.values())
        return timed(f"{case.title}: {question}", snippets)

    return Results(
        peers={case.title: {str(question): compared(case, question) for question in questions} for case in CASES},
        distances={case.title: timed(case.title, own.distances(case)) for case in CASES},
        lookups={case.title: timed(case.title, own.lookups(case)) for case in CASES},
        fresh={str(wire): timed(str(wire), own.fresh(wire)) for wire in own.WIRE_FORMS},
        sizes={
            case.title: {what: timed(f"{case.title}: {what}", own.sizes(case, what)) for what in own.SIZED}
            for case in (MONTHLY, EVEN_WEEKS, EVEN_YEARS)
        },
        imports={code: told("a new interpreter", interpreters(code, 2 * effort.rounds)) for code in own.IMPORTS},
        memory={case.title: own.memory(case) for case in CASES},
    )
