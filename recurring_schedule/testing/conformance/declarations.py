"""Declarations: the questions that an engine answers, and the days that it knows.

>>> declaration = declared({"asks": ["next"], "last": "2099-12-31"})
>>> declaration.allows({"ask": "next", "schedule": "daily", "start": "2024-01-01", "day": "2024-01-01"}, "2024-01-02")
True
>>> declaration.allows({"ask": "count", "schedule": "daily", "start": "2024-01-01"}, 3)
False
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from recurring_schedule.core.checks import did_you_mean, iso_date, short_repr
from recurring_schedule.testing.conformance.questions import ASKS, FIELDS, VERSION, Question, fields_of
from recurring_schedule.testing.conformance.questions import answer as right_answer

DECLARE: Question = {"ask": "declare", "version": VERSION}
"""The first question. An engine that answers "unsupported" is asked everything."""


class DeclarationError(ValueError):
    """An engine does not say in the right form what it can do."""


_LONGEST_NAME = 100
_DAYS = ("start", "end", "day", "first", "last")


@dataclass(frozen=True)
class Declaration:
    """An engine's own words about itself."""

    name: str = "engine"
    asks: frozenset[str] = frozenset(ASKS)
    """The kinds of question that it answers."""
    fields: frozenset[str] = frozenset(FIELDS)
    """The fields beside the frequency that it reads."""
    first: date = date.min
    last: date = date.max

    def allows(self, question: Question, answer: Any) -> bool:
        """Return True if the question and its right answer are within what the engine can do."""
        if question["ask"] not in self.asks:
            return False
        if question["ask"] == "refusal":
            return True
        if not fields_of(question.get("schedule")) <= self.fields:
            return False
        days = [*(question[name] for name in _DAYS if question.get(name)), *_days_of(answer)]
        if self.last < date.max and question["ask"] in ("period", "share"):
            days += _days_of_period(question)
        return all(str(self.first) <= day <= str(self.last) for day in days)


def _days_of_period(question: Question) -> Iterator[str]:
    """Yield the first day of the period that is asked about, and the day after its last one."""
    period = right_answer({**question, "ask": "period"})
    if period is not None:
        yield period["start"]
        yield period["end"] or str(date.max)


def _days_of(answer: Any) -> Iterator[str]:
    """Yield the days in an answer."""
    if isinstance(answer, str) and len(answer) == 10:
        yield answer
    elif isinstance(answer, (list, dict)):
        for inner in answer.values() if isinstance(answer, dict) else answer:
            yield from _days_of(inner)


def declared(value: object) -> Declaration:
    """Return the declaration that an engine answered.

    Raises DeclarationError, which says what is wrong with it.
    """
    if not isinstance(value, Mapping):
        raise DeclarationError(f"declare: got {short_repr(value)}, expected an object")
    names = ("name", "asks", "fields", "first", "last")
    for name in value:
        if name not in names:
            raise DeclarationError(f"declare: got {name!r}, expected {', '.join(names)}" + _hint(name, names))
    name = value.get("name", "engine")
    if not (isinstance(name, str) and name.isprintable() and len(name) <= _LONGEST_NAME):
        raise DeclarationError(
            f"declare.name: got {short_repr(name)}, expected at most {_LONGEST_NAME} printable characters"
        )
    return Declaration(
        name,
        _words(value, "asks", ASKS),
        _words(value, "fields", FIELDS),
        _day(value, "first", date.min),
        _day(value, "last", date.max),
    )


def _hint(word: object, words: tuple[str, ...]) -> str:
    near = did_you_mean(word, words)
    return f"; {near}" if near else ""


def _words(value: Mapping[str, Any], name: str, known: tuple[str, ...]) -> frozenset[str]:
    words = value.get(name, known)
    if not isinstance(words, (list, tuple)):
        raise DeclarationError(f"declare.{name}: got {short_repr(words)}, expected a list")
    for word in words:
        if word not in known:
            raise DeclarationError(
                f"declare.{name}: got {short_repr(word)}, expected one of {', '.join(known)}" + _hint(word, known)
            )
    return frozenset(words)


def _day(value: Mapping[str, Any], name: str, default: date) -> date:
    text = value.get(name, str(default))
    try:
        return iso_date(text if isinstance(text, str) else "")
    except ValueError as error:
        raise DeclarationError(f"declare.{name}: got {short_repr(text)}, expected {error}") from None
