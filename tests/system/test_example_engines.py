"""The example engines of the documentation: they answer right, and the kit reports on them what the page says."""

from __future__ import annotations

import re
import shutil
import sys
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import pytest
from effort import Share
from postgres import Postgres
from programs import installed

from recurring_schedule.testing.conformance import CommandEngine, Question, Vector, answer, as_text, run, vectors
from recurring_schedule.testing.conformance.certificate import certificate_questions
from recurring_schedule.testing.conformance.runner import declaration_of

DOCS = Path(__file__).parents[2] / "docs"
PAGE = (DOCS / "conformance-engines.md").read_text(encoding="utf-8")
RATE = re.compile(r", [\d,]+ a second")
REPORTS = {text.partition("\n")[0]: text for text in re.findall(r"```text\n(.*?)```", PAGE, re.DOTALL)}
CUT = " ..."
NAMES = {
    "javascript": "plain JavaScript",
    "careful": "python-dateutil, careful",
    "naive": "python-dateutil, naive",
    "postgresql": "PostgreSQL",
}
"""The engines by their names here, with those in their reports."""


@pytest.fixture(params=NAMES)
def name(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def command(name: str, request: pytest.FixtureRequest) -> list[str]:
    """The command that starts an engine."""
    folder = DOCS / "engines"
    if name == "javascript":
        return [installed(shutil.which("node"), "nodejs"), str(folder / "engine.mjs")]
    if name == "postgresql":
        postgres: Postgres = request.getfixturevalue("postgres")
        return [sys.executable, str(folder / "postgresql_engine.py"), postgres.database()]
    return [sys.executable, str(folder / "dateutil_engine.py"), *(["naive"] if name == "naive" else [])]


def allowed(command: list[str]) -> list[Vector]:
    """Return the vectors that an engine is asked."""
    engine = CommandEngine(command)
    try:
        declaration = declaration_of(engine, 30)
    finally:
        engine.close()
    return [one for one in vectors() if declaration.allows(one.question, one.answer)]


def wrong(command: list[str], asked: Iterable[tuple[Question, Any]]) -> list[Question]:
    """Return the questions that an engine does not answer right."""
    engine = CommandEngine(command)
    try:
        return [question for question, expected in asked if engine.ask(question, 30).value != expected]
    finally:
        engine.close()


def test_the_engines_answer_right_but_the_naive_one(name: str, command: list[str], share: Share) -> None:
    asked = allowed(command)[:: 1 if share.is_whole else 40]
    assert len(asked) > 100
    assert (wrong(command, ((one.question, one.answer) for one in asked)) == []) is (name != "naive")


def test_the_page_shows_the_reports(name: str, command: list[str], share: Share) -> None:
    """Long lines are cut there. A quick run asks JavaScript only, and compares how many vectors the others are asked."""
    shown = RATE.sub("", REPORTS[NAMES[name]]).splitlines()
    if not share.is_whole and name != "javascript":
        number = len(allowed(command))
        assert shown[1].startswith(f"vectors: {number:,} questions, ")
        assert shown[1].endswith(f", {len(vectors()) - number:,} not asked")
        return
    printed = RATE.sub("", as_text(run(CommandEngine(command), examples=0))).splitlines()
    assert len(shown) == len(printed)
    for line, full in zip(shown, printed, strict=True):
        assert full.startswith(line.removesuffix(CUT)) if line.endswith(CUT) else line == full


@pytest.mark.parametrize("name", ["javascript"])
def test_the_engine_in_javascript_has_the_digests_of_the_certificate(
    command: list[str], share: Share, record_figure: Callable[[str], None]
) -> None:
    asked = share.sample([*certificate_questions()])
    assert wrong(command, ((question, answer(question)) for question in asked)) == []
    record_figure(f"the engine in JavaScript: {len(asked):,} digests of the certificate, 0 differences")
