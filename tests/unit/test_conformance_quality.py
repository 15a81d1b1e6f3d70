"""How good the conformance kit is: what kills the wrong engines, and that it fails no right one."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from functools import cache
from itertools import islice
from random import Random
from typing import Any

import pytest
from effort import Share
from mask_engine import DECLARATION, answer_by_masks
from own_engine import OwnEngine
from wrong_engines import ENGINES

from recurring_schedule.testing.conformance import (
    ASKS,
    Declaration,
    FunctionEngine,
    Limits,
    Question,
    answer,
    as_text,
    run,
    vectors,
)

ANY_TIME = Limits(answer=600, slow=600)
"""A right engine is right on a busy machine, too."""

MISSED = {"OneLeapFebruary"}
"""The wrong engines that the vectors miss: their only mistake is on a day of a year of the future."""


def first_wrong(engine: Callable[[Question], Any], asked: Iterable[tuple[Question, Any]]) -> Question | None:
    """Return the first question that an engine does not answer right, or None."""
    return next((question for question, right in asked if is_wrong(engine, question, right)), None)


def is_wrong(engine: Callable[[Question], Any], question: Question, right: Any) -> bool:
    try:
        return bool(engine(question) != right)
    except (ArithmeticError, LookupError, ValueError):
        return True


@cache
def shuffled() -> list[tuple[Question, Any]]:
    """The vectors, in an order in which most wrong answers come early, and those that take long are the last."""
    asked = [(one.question, one.answer) for one in vectors()]
    Random(1).shuffle(asked)  # noqa: S311  # nothing is secret
    return sorted(asked, key=lambda one: one[0].get("day", "") > "5")


def likely_first(engine: type[OwnEngine]) -> Iterator[tuple[Question, Any]]:
    """Yield the vectors, first those of a kind that only this engine answers in its way."""
    own = [
        ask for ask in ASKS if getattr(engine, f"answer_{ask}", None) is not getattr(OwnEngine, f"answer_{ask}", None)
    ]
    for is_first in (True, False):
        yield from (one for one in shuffled() if (one[0]["ask"] in own) is is_first)


def test_there_are_at_least_60_wrong_engines_each_with_a_sentence() -> None:
    assert (
        len({engine.__doc__ for engine in ENGINES})
        == len({engine.__name__ for engine in ENGINES})
        == len(ENGINES)
        >= 60
    )


def test_the_vectors_kill_all_wrong_engines_but_the_named_ones(
    share: Share, record_figure: Callable[[str], None]
) -> None:
    alive = set()
    for engine in ENGINES:
        most = None if share.is_whole or engine.__name__ not in MISSED else 500
        if first_wrong(engine(), islice(likely_first(engine), most)) is None:
            alive.add(engine.__name__)
    assert alive == MISSED
    record_figure(f"wrong engines: {len(ENGINES)}, of which the vectors kill {len(ENGINES) - len(alive)}")


RIGHT: dict[str, tuple[Callable[[Question], Any], Declaration]] = {
    "this library": (answer, Declaration("this library")),
    "periods": (OwnEngine(), Declaration("periods")),
    "masks of NumPy": (answer_by_masks, DECLARATION),
}


@pytest.mark.parametrize("name", RIGHT)
def test_no_right_engine_is_failed(name: str, share: Share) -> None:
    function, declaration = RIGHT[name]
    if share.is_whole:
        report = run(FunctionEngine(function), declaration, examples=100, limits=ANY_TIME)
        assert report.has_passed, as_text(report)
        assert report.levels[0].right > 3000
    else:
        asked = [one for one in shuffled()[:2000] if declaration.allows(*one)]
        assert first_wrong(function, asked) is None
