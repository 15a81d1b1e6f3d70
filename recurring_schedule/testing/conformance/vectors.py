"""The vectors: files of JSON with questions, right answers, tags and notes, made from the cases.

>>> vectors()[0].question["ask"]
'between'

`python -m recurring_schedule.testing.conformance --write FOLDER` writes the files.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from functools import cache
from importlib.resources import files
from typing import Any, NamedTuple

from recurring_schedule.testing.conformance.cases import cases
from recurring_schedule.testing.conformance.questions import VERSION, Question, answer

FOLDER = files("recurring_schedule.testing.conformance") / "vectors"
"""The folder of the files that are installed."""


class Vector(NamedTuple):
    """A question with its right answer."""

    id: str
    """The group and a number, such as `month-ends/1`."""
    question: Question
    answer: Any
    tags: tuple[str, ...]
    note: str
    """The bug that a wrong answer shows."""


def made() -> Iterator[Vector]:
    """Yield the vectors as the cases and this library make them now."""
    numbers: dict[str, int] = {}
    for group, case in cases():
        numbers[group] = numbers.get(group, 0) + 1
        yield Vector(f"{group}/{numbers[group]}", case.question, answer(case.question), case.tags, case.note)


def texts() -> dict[str, str]:
    """Return the text of each file by its name. A vector is one line."""
    groups: dict[str, list[str]] = {}
    for vector in made():
        groups.setdefault(vector.id.partition("/")[0], []).append(_line(vector))
    return {f"{group}.json": _file(lines) for group, lines in groups.items()}


def _file(lines: Iterable[str]) -> str:
    return f'{{\n"version": {VERSION},\n"vectors": [\n' + ",\n".join(lines) + "\n]\n}\n"


def as_file(vectors: Iterable[Vector]) -> str:
    """Return the text of a file with these vectors, as JSON.

    >>> as_file(vectors()[:1]).splitlines()[1]
    '"version": 1,'
    """
    return _file(map(_line, vectors))


def _line(vector: Vector) -> str:
    return json.dumps(vector._asdict(), ensure_ascii=False)


@cache
def vectors() -> tuple[Vector, ...]:
    """Return the vectors of the installed files, in the order of the groups."""
    found: list[Vector] = []
    for file in sorted(FOLDER.iterdir(), key=lambda one: one.name):
        if file.name.endswith(".json") and file.name != "schema.json":
            read = json.loads(file.read_text(encoding="utf-8"))
            found += (Vector(**{**one, "tags": tuple(one["tags"])}) for one in read["vectors"])
    return tuple(found)
