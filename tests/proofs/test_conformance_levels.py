"""What drawn questions and the certificate kill of the wrong engines, and that the certificate fails no right one.

Run as a program, this file is one worker: it answers its share of the certificate's questions with two right engines.
"""

from __future__ import annotations

import json
import sys
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from functools import cache
from pathlib import Path
from random import Random
from typing import Any

import pytest
from effort import Share
from hypothesis import HealthCheck, Phase, find, settings
from hypothesis.errors import NoSuchExample
from mask_engine import DECLARATION, answer_by_masks
from own_engine import OwnEngine
from workers import results_of
from wrong_engines import ENGINES

from recurring_schedule.testing.conformance import ASKS, Declaration, Question, answer
from recurring_schedule.testing.conformance.certificate import certificate_questions
from recurring_schedule.testing.conformance.drawn import drawn_questions

OF_DATES = {name for name in vars(OwnEngine) if not name.startswith(("answer_", "_"))} - {"period"}
"""The methods that digests depend on."""
PERIODS = 10
"""Every how many digests the engine of periods answers, which takes 30 times as long as the others."""

BEYOND = 3
"""The digests of all days of the calendar, of which the masks know a few centuries."""


@cache
def questions() -> list[Question]:
    """The certificate, the kinds of schedule in turn, so that a wrong answer comes early."""
    asked = [*certificate_questions()]
    Random(1).shuffle(asked)  # noqa: S311  # nothing is secret
    seen = Counter[tuple[object, ...]]()
    turns = []
    for question in asked:
        kind = kind_of(question)
        turns.append(seen[kind])
        seen[kind] += 1
    return [question for _, question in sorted(zip(turns, asked, strict=True), key=lambda one: one[0])]


def kind_of(question: Question) -> tuple[object, ...]:
    """Return what questions of the same kind have in common: the frequency, the fields and the bounds."""
    wire = question["schedule"]
    fields = wire if isinstance(wire, dict) else {"frequency": wire}
    return (str(fields.get("frequency")), *fields, question["start"], question.get("end"))


right = cache(lambda number: answer(questions()[number]))


def is_wrong(engine: Callable[[Question], Any], question: Question, expected: Any) -> bool:
    try:
        return bool(engine(question) != expected)
    except (ArithmeticError, LookupError, ValueError):
        return True


def test_the_certificate_kills_every_engine_with_wrong_dates(
    share: Share, record_figure: Callable[[str], None]
) -> None:
    wrong = [engine for engine in ENGINES if not OF_DATES.isdisjoint(dir_of(engine))]
    asked_of = share.sample(wrong)
    alive = {engine.__name__ for engine in asked_of if not is_killed(engine())}
    assert alive == set()
    record_figure(f"the certificate kills {len(asked_of)} of {len(asked_of)} engines with wrong dates")


def is_killed(engine: OwnEngine) -> bool:
    return any(is_wrong(engine, question, right(number)) for number, question in enumerate(questions()))


def dir_of(engine: type[OwnEngine]) -> set[str]:
    """Return the names of the methods that differ from those of the right engine."""
    return {name for name in vars(OwnEngine) if getattr(engine, name) is not getattr(OwnEngine, name)}


def test_the_certificate_fails_no_right_engine(share: Share, record_figure: Callable[[str], None]) -> None:
    results = results_of(Path(__file__), share.one_in, workers=share.workers)
    masks, periods = (sum(result[place] for result in results) for place in (0, 1))
    assert [result[2] for result in results] == [[]] * share.workers
    assert masks >= len(questions()) // share.one_in - BEYOND
    record_figure(f"right engines: {masks:,} digests by masks, {periods:,} by periods, 0 differences from the library")


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_drawn_questions_kill_most_wrong_engines(seed: int, share: Share, record_figure: Callable[[str], None]) -> None:
    engines = share.sample(ENGINES)
    killed = sum(drawn_kills(engine(), seed) for engine in engines)
    record_figure(f"100 drawn questions of each kind, seed {seed}: {killed} of {len(engines)} wrong engines")
    assert killed >= 0.7 * len(engines)


def drawn_kills(engine: OwnEngine, seed: int) -> bool:
    return any(is_wrong(engine, question, expected) for question, expected in drawn(seed))


@cache
def drawn(seed: int) -> list[tuple[Question, Any]]:
    """100 drawn questions of each kind, with the right answers."""
    chosen = settings(
        max_examples=100, phases=[Phase.generate], database=None, deadline=None, suppress_health_check=list(HealthCheck)
    )
    found: list[Question] = []
    for ask in sorted({*ASKS} - {"refusal", "digest"}):
        with suppress(NoSuchExample):
            find(
                drawn_questions(ask, Declaration()),
                lambda question: found.append(question) is not None,  # type: ignore[func-returns-value]  # never
                settings=chosen,
                random=Random(seed),  # noqa: S311  # nothing is secret
            )
    assert len(found) >= 500
    return [(question, answer(question)) for question in found]


def main(one_in: int, worker: int, workers: int) -> None:
    """Print the number of digests by each engine, and the questions with wrong ones."""
    counts, failures = [0, 0], []
    for number in range(worker * one_in, len(questions()), workers * one_in):
        question = questions()[number]
        are_asked = (DECLARATION.allows(question, right(number)), number // one_in // workers % PERIODS == 0)
        engines: tuple[Callable[[Question], Any], ...] = (answer_by_masks, OwnEngine())
        for place, engine in enumerate(engines):
            if are_asked[place]:
                counts[place] += 1
                if engine(question) != right(number):
                    failures.append(question)
    sys.stdout.write(json.dumps([*counts, failures]))


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
