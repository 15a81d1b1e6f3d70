"""The questions of the conformance kit, and the answers of this library.

>>> answer({"ask": "next", "schedule": "monthly", "start": "2024-01-31", "day": "2024-02-01"})
'2024-02-29'
>>> answer({"ask": "refusal", "schedule": {"frequency": "monthly", "offset": 32}})
'offset'
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from datetime import date
from hashlib import sha256
from typing import Any

from recurring_schedule.business import BusinessCalendar, UnknownDayError
from recurring_schedule.core.billing_periods import Period
from recurring_schedule.core.checks import did_you_mean, iso_date
from recurring_schedule.core.due_dates import DueDates
from recurring_schedule.core.errors import FieldError, ScheduleError
from recurring_schedule.core.retries import retry_dates
from recurring_schedule.core.schedule_set import parse

VERSION = 1
"""The version of the protocol and of the vectors."""
Question = Mapping[str, Any]
"""A question as JSON: `ask` names its kind, and dates are text YYYY-MM-DD."""


def answer(question: Question) -> Any:
    """Return the right answer to a question, as JSON.

    Raises FieldError, a ValueError that names the field, if the question is wrong. For a wire form
    that is not a schedule it is a ScheduleError, except in a question for its refusal.
    """
    if not isinstance(question, Mapping):
        raise FieldError("question", question, "an object")
    ask = question.get("ask")
    if not (isinstance(ask, str) and ask in _ANSWERS):
        raise FieldError("ask", ask, f"one of {', '.join(_ANSWERS)}", did_you_mean(ask, ASKS))
    return _ANSWERS[ask](question)


def _day(question: Question, name: str) -> date:
    return _date(question.get(name), name)


def _date(value: object, path: str) -> date:
    try:
        return iso_date(value if isinstance(value, str) else "")
    except ValueError as error:
        raise FieldError(path, value, str(error)) from None


def _any(question: Question, name: str) -> Any:
    """Return what the library is to check, None if it is not there."""
    return question.get(name)


def _days(question: Question, name: str) -> list[date]:
    values = question.get(name, [])
    if not isinstance(values, (list, tuple)):
        raise FieldError(name, values, "a list of dates")
    return [_date(value, f"{name}[{number}]") for number, value in enumerate(values)]


def _text(day: date | None) -> str | None:
    return None if day is None else str(day)


def _due(question: Question) -> DueDates:
    end = _day(question, "end") if question.get("end") else None
    return parse(question.get("schedule")).due_dates(_day(question, "start"), end)


def _between(question: Question) -> DueDates:
    return _due(question).between(_day(question, "first"), _day(question, "last"))


def _index(question: Question) -> int | None:
    due, day = _due(question), _day(question, "day")
    return due.index(day) if day in due else None


def _period_of_day(question: Question) -> Period | None:
    return _due(question).period(_day(question, "day"))


def _period(question: Question) -> dict[str, object] | None:
    period = _period_of_day(question)
    return None if period is None else {"start": str(period.start), "end": _text(period.end), "stub": period.is_stub}


def _share(question: Question) -> list[int] | None:
    period = _period_of_day(question)
    return None if period is None else [*period.fraction(_day(question, "day")).as_integer_ratio()]


def _retries(question: Question) -> list[str] | dict[str, str]:
    try:
        return [*map(str, retry_dates(_day(question, "day"), _any(question, "days")))]
    except ScheduleError as error:
        return {"refused": error.path}


def _refusal(question: Question) -> str | None:
    try:
        parse(question.get("schedule"))
    except ScheduleError as error:
        return error.path
    return None


def _payments(question: Question) -> list[list[str | None]]:
    calendar = BusinessCalendar(
        _days(question, "closed"),
        weekend=question.get("weekend", ("sat", "sun")),
        opened=_days(question, "opened"),
        known=question.get("known"),
    )
    due, convention = _between(question), _any(question, "convention")
    return [[str(day), _paid(due.between(day, day), calendar, convention)] for day in due]


def _paid(due: DueDates, calendar: BusinessCalendar, convention: str) -> str | None:
    """Return the payment day of the only due date, or None if the calendar does not know it."""
    try:
        return str(due.adjusted(calendar, convention)[0])
    except UnknownDayError:
        return None


def digest_of(days: Iterator[date]) -> dict[str, object]:
    r"""Return the number of days, and the SHA-256 of their text, each with a newline after it.

    >>> digest_of(iter([date(2024, 1, 31)]))["count"]
    1
    """
    return digest_text([*map(str, days)])


def digest_text(texts: list[str]) -> dict[str, object]:
    """Return the number of texts, and the SHA-256 of them all, each with a newline after it."""
    return {"count": len(texts), "sha256": sha256("".join(f"{text}\n" for text in texts).encode()).hexdigest()}


_ANSWERS: dict[str, Callable[[Question], Any]] = {
    "next": lambda question: _text(_due(question).after(_day(question, "day"))),
    "previous": lambda question: _text(_due(question).before(_day(question, "day"))),
    "between": lambda question: [*map(str, _between(question))],
    "index": _index,
    "count": lambda question: len(_between(question)),
    "period": _period,
    "share": _share,
    "retries": _retries,
    "refusal": _refusal,
    "payments": _payments,
    "digest": lambda question: digest_of(iter(_between(question))),
}
ASKS = (*_ANSWERS,)
"""The kinds of question."""
FIELDS = ("divisor", "offset", "interval", "weekday", "set")
"""The fields that the wire form of a schedule may have beside its frequency."""


def fields_of(wire: object) -> set[str]:
    """Return the fields, as an engine declares them, that the wire form has.

    >>> sorted(fields_of([{"frequency": "monthly", "divisor": 2}, "daily"]))
    ['divisor', 'set']
    """
    if isinstance(wire, list) or (isinstance(wire, Mapping) and "any" in wire):
        members = wire if isinstance(wire, list) else wire["any"]
        return {"set"}.union(*map(fields_of, members))
    return {*wire} & {*FIELDS} if isinstance(wire, Mapping) else set()


_ISO = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)


def _is_day(value: object) -> bool:
    return isinstance(value, str) and _ISO.fullmatch(value) is not None


def _is_whole(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def _is_period(value: object) -> bool:
    return (
        isinstance(value, dict)
        and value.keys() == {"start", "end", "stub"}
        and _is_day(value["start"])
        and (value["end"] is None or _is_day(value["end"]))
        and isinstance(value["stub"], bool)
    )


def _is_payment(value: object) -> bool:
    return isinstance(value, list) and len(value) == 2 and _is_day(value[0]) and (value[1] is None or _is_day(value[1]))


_A_DAY = 'a day, "YYYY-MM-DD", or null'
_SHAPES: dict[str, tuple[Callable[[Any], bool], str]] = {
    "next": (lambda value: value is None or _is_day(value), _A_DAY),
    "previous": (lambda value: value is None or _is_day(value), _A_DAY),
    "between": (lambda value: isinstance(value, list) and all(map(_is_day, value)), "a list of days"),
    "index": (lambda value: value is None or _is_whole(value), "a whole number, or null"),
    "count": (_is_whole, "a whole number"),
    "period": (
        lambda value: value is None or _is_period(value),
        '{"start": day, "end": day or null, "stub": true or false}, or null',
    ),
    "share": (
        lambda value: value is None or (isinstance(value, list) and len(value) == 2 and all(map(_is_whole, value))),
        "[numerator, denominator], or null",
    ),
    "retries": (
        lambda value: (
            isinstance(value, list) and all(map(_is_day, value))
            if not isinstance(value, dict)
            else value.keys() == {"refused"} and isinstance(value["refused"], str)
        ),
        'a list of days, or {"refused": path}',
    ),
    "refusal": (lambda value: value is None or isinstance(value, str), "the path of what is refused, or null"),
    "payments": (
        lambda value: isinstance(value, list) and all(map(_is_payment, value)),
        "a list of [due date, payment day or null]",
    ),
    "digest": (
        lambda value: (
            isinstance(value, dict)
            and value.keys() == {"count", "sha256"}
            and _is_whole(value["count"])
            and isinstance(value["sha256"], str)
        ),
        '{"count": whole number, "sha256": text}',
    ),
}


def misshape(ask: str, value: object) -> str | None:
    """Return the form that an answer should have, or None if it has it.

    >>> misshape("next", 20240229)
    'a day, "YYYY-MM-DD", or null'
    """
    has_shape, shape = _SHAPES[ask]
    return None if has_shape(value) else shape
