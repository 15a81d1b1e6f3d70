"""What is wrong with a document, as data: a place, what was expected there, and what else is known. Never what was sent.

>>> from recurring_schedule.models import Contact
>>> try:
...     Contact.model_validate({"type": "robot", "nmae": "Joe Smith"})
... except ValidationError as error:
...     for flaw in flaws(error):
...         print(flaw)
Violation(property='type', type='"organization" | "person"', condition=None)
Violation(property='nmae', type='nothing', condition="no such field; did you mean 'name'?")
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from pydantic import ValidationError
from pydantic_core import InitErrorDetails, PydanticCustomError

from recurring_schedule.core.checks import did_you_mean
from recurring_schedule.core.pydantic_field import ERROR_TYPE as SCHEDULE
from recurring_schedule.core.pydantic_field import named

MOST_FLAWS = 1000
"""Of a document with more flaws only so many are told: else a short text could make a long work."""


class Violation(NamedTuple):
    """One thing that is wrong with a document."""

    property: str
    """Where, as a path: `subscription[0].schedule.offset[1]`; empty for the document as a whole."""
    type: str
    """What is expected there: the name of a type, or a sentence of a schedule's error."""
    condition: str | None = None
    """What else it has to be, or that it is missing; `None` if the type says it all."""


def flaws(error: ValidationError) -> list[Violation]:
    """Everything that is wrong, in the order of the document's fields.

    >>> from recurring_schedule.models import Address
    >>> try:
    ...     Address.model_validate({"street": "Hittepågatan 13", "zip_code": "75575", "city": "Uppsala"})
    ... except ValidationError as error:
    ...     flaws(error)
    [Violation(property='country_code', type='CountryCode', condition='missing')]

    Of an error of another model than those of this package, the type is that of Pydantic's error.
    """
    found = []
    for told in error.errors(include_url=False, include_input=False):
        context = told.get("ctx", {})
        if told["type"] in _TEMPLATES and "expected" in context:
            found.append(Violation(path(told["loc"]), context["expected"], context.get("condition")))
        else:
            found.append(Violation(path(told["loc"]), told["type"]))
    return found


def path(place: Iterable[str | int]) -> str:
    """A place as it is written.

    >>> path(("items", 0, "price"))
    'items[0].price'
    """
    text = "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in place if not is_tag(part))
    return text.removeprefix(".")


MISSING, UNKNOWN, FLAWED = "missing", "unknown", "flawed"
_TEMPLATES = {
    MISSING: "got nothing, expected {expected}",
    UNKNOWN: "{condition}",
    FLAWED: "expected {expected}",
    SCHEDULE: "expected {expected}",
}


def flawed(expected: str, condition: str | None = None) -> PydanticCustomError:
    """The error that a check raises."""
    return _error(FLAWED, expected, condition)


def _error(kind: str, expected: str, condition: str | None) -> PydanticCustomError:
    template, context = _TEMPLATES[kind], {"expected": expected}
    if condition is not None:
        context["condition"] = condition
        if kind in (FLAWED, SCHEDULE):
            template += "; {condition}"
    return PydanticCustomError(kind, template, context)


def line(place: Sequence[str | int], kind: str, expected: str, condition: str | None = None) -> InitErrorDetails:
    """One flaw, as Pydantic takes it."""
    return {"type": _error(kind, expected, condition), "loc": tuple(place), "input": None}


def joined(title: str, lines: Iterable[InitErrorDetails]) -> ValidationError:
    """One error of all these."""
    return ValidationError.from_exception_data(title, list(lines)[:MOST_FLAWS], hide_input=True)


def is_tag(part: str | int) -> bool:
    """Whether it names a member of a union, in a place of Pydantic's: no field begins with this sign."""
    return isinstance(part, str) and part.startswith("<")


def retold(error: ValidationError, types: Mapping[str, str], itself: str) -> list[InitErrorDetails]:
    """The flaws of an error without what was sent and without the members of unions.

    `types` says of each field, by its name on the wire, what is expected there, and `itself` what the whole is.
    """
    lines = []
    for told in error.errors(include_url=False, include_input=False)[:MOST_FLAWS]:
        kind, context = told["type"], told.get("ctx", {})
        *outer, last = told["loc"] or ("",)
        place = [part for part in outer if not is_tag(part)]
        if kind == "extra_forbidden":
            fix = did_you_mean(last, tuple(types))
            condition = f"no such field; {fix}" if fix else "no such field"
            lines.append(line([*place, named(last)], UNKNOWN, "nothing", condition))
            continue
        if last != "" and not is_tag(last):
            place.append(last)
        if kind in _TEMPLATES and "expected" in context:
            lines.append(line(place, kind, context["expected"], context.get("condition")))
        elif kind == "missing":
            lines.append(line(place, MISSING, types.get(str(last), "a value"), "missing"))
        elif kind == "invalid_key":
            lines.append(line([*place[:-1], named(last)], UNKNOWN, "nothing", "the name of a field is a string"))
        else:
            lines.append(line(place, FLAWED, types.get(str(place[0]), itself) if place else itself))
    return lines
