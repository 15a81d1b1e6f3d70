"""Reports of a run, as text, JSON and JUnit XML.

>>> print(as_text(Report("mine", [Level("vectors", 3, right=3)])))
mine
vectors: 3 questions, 3 right
It passed.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any
from xml.etree import ElementTree as ET

from recurring_schedule.testing.conformance.bugs import BUGS
from recurring_schedule.testing.conformance.questions import Question


@dataclass(frozen=True)
class Failure:
    """A question that was not answered right."""

    bug: str
    """The class of the bug, a key of `BUGS`."""
    question: Question
    expected: Any
    got: Any
    """The answer, or the reason why there is none."""
    id: str = ""
    """The vector, if it is one."""
    note: str = ""


@dataclass
class Level:
    """The questions of one kind: vectors, drawn ones, or those of the certificate."""

    name: str
    asked: int = 0
    right: int = 0
    unsupported: int = 0
    passed_over: int = 0
    """The questions that were not asked, since the engine declares that it cannot answer them."""
    failures: list[Failure] = field(default_factory=list)
    stopped: str = ""
    """The reason why not all questions were asked."""
    seconds: float = 0.0
    replies: dict[str, str] = field(default_factory=dict)
    """The kind of the reply to each vector that was asked: `answer`, `unsupported` or a failure."""


@dataclass
class Report:
    """The verdict on an engine."""

    engine: str
    levels: list[Level]

    @property
    def failures(self) -> list[Failure]:
        """All that was not answered right."""
        return [failure for level in self.levels for failure in level.failures]

    @property
    def has_passed(self) -> bool:
        """True if something was asked, all was answered right, and no level was stopped."""
        return (
            not self.failures
            and not any(level.stopped for level in self.levels)
            and any(level.right for level in self.levels)
        )

    def by_bug(self) -> dict[str, list[Failure]]:
        """Return the failures of each class, the simplest first."""
        found: dict[str, list[Failure]] = {}
        for failure in sorted(self.failures, key=_size):
            found.setdefault(failure.bug, []).append(failure)
        return {bug: found[bug] for bug in BUGS if bug in found}


def _size(failure: Failure) -> tuple[int, int, str]:
    """Return what orders failures: short schedules, then short questions, before longer ones."""
    text = json.dumps(failure.question)
    return len(json.dumps(failure.question.get("schedule"))), len(text), text


def as_text(report: Report) -> str:
    """Return the report for a person: figures, then each class of bug with its simplest case."""
    return "\n".join(_lines(report))


def _lines(report: Report) -> Iterator[str]:
    yield report.engine
    for level in report.levels:
        counts = {
            "right": level.right,
            "wrong": len(level.failures),
            "unsupported": level.unsupported,
            "not asked": level.passed_over,
        }
        shown = [f"{number:,} {word}" for word, number in counts.items() if number or word == "right"]
        rate = f", {level.asked / level.seconds:,.0f} a second" if level.seconds else ""
        yield f"{level.name}: {level.asked:,} questions, {', '.join(shown)}{rate}"
        if level.stopped:
            yield f"  stopped: {level.stopped}"
    for bug, failures in report.by_bug().items():
        yield f"{bug} ({len(failures):,}): {BUGS[bug]}"
        yield from (f"  {line}" for line in _case_lines(failures[0]))
    if not any(level.right for level in report.levels):
        yield "Nothing was answered right."
    yield "It passed." if report.has_passed else "It failed."


def _case_lines(failure: Failure) -> Iterator[str]:
    yield json.dumps(failure.question, ensure_ascii=False)
    yield f"expected {json.dumps(failure.expected)}{_shown(failure.got)}"
    if failure.id:
        yield f"{failure.id}: {failure.note}"


def _shown(got: object) -> str:
    """Return the words for an answer, or for the reason why there is none, which has a space."""
    text = f"; {got}" if isinstance(got, str) and " " in got else f", got {json.dumps(got, default=repr)}"
    return text if len(text) <= 500 else f"{text[:500]}..."


def as_json(report: Report) -> str:
    """Return the report as JSON, with every failure."""
    return json.dumps(
        {
            "engine": report.engine,
            "passed": report.has_passed,
            "levels": [
                {name: value for name, value in vars(level).items() if name not in ("failures", "replies")}
                | {"wrong": len(level.failures)}
                for level in report.levels
            ],
            "bugs": {
                bug: {"text": BUGS[bug], "failures": [vars(failure) for failure in failures]}
                for bug, failures in report.by_bug().items()
            },
        },
        default=repr,
        indent=2,
    )


def as_junit(report: Report) -> str:
    """Return the report as JUnit XML, with a test for each vector and for each failure.

    A vector that the engine does not support is a test that is skipped.
    """
    suites = ET.Element("testsuites", name=report.engine)
    for level in report.levels:
        failed = {failure.id or f"{level.name}/{number}": failure for number, failure in enumerate(level.failures, 1)}
        names = [*dict.fromkeys([*(level.replies or [level.name]), *failed])]
        suite = ET.SubElement(
            suites,
            "testsuite",
            name=level.name,
            tests=str(len(names)),
            failures=str(len(failed)),
            errors=str(int(bool(level.stopped))),
            skipped=str([*level.replies.values()].count("unsupported")),
        )
        for name in names:
            case = ET.SubElement(suite, "testcase", name=name, classname=f"conformance.{level.name}")
            if name in failed:
                failure = failed[name]
                shown = ET.SubElement(case, "failure", type=failure.bug, message=BUGS[failure.bug])
                shown.text = "\n".join(_case_lines(failure))
            elif level.replies.get(name) == "unsupported":
                ET.SubElement(case, "skipped", message="unsupported")
        if level.stopped:
            case = ET.SubElement(suite, "testcase", name="all questions", classname=f"conformance.{level.name}")
            ET.SubElement(case, "error", message=level.stopped)
    return ET.tostring(suites, encoding="unicode", xml_declaration=True)
