"""Violations: everything that is wrong with a document, as data that never includes a value.

>>> from recurring_schedule.models import Contact
>>> try:
...     Contact.model_validate({"type": "robot", "nmae": "Joe Smith"})
... except ValidationError as error:
...     for violation in violations_of(error):
...         print(violation)
Violation(property='type', type='"organization" | "person"', condition=None)
Violation(property='nmae', type='nothing', condition="no such field; did you mean 'name'?")
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

from pydantic import ValidationError
from pydantic_core import InitErrorDetails, PydanticCustomError

from recurring_schedule.core.checks import did_you_mean
from recurring_schedule.core.json_text import path_text
from recurring_schedule.core.pydantic_field import ERROR_TYPE as SCHEDULE
from recurring_schedule.core.pydantic_field import safe_key

MOST_VIOLATIONS = 1000
"""The most violations in an error: without a limit, a short text could take long to answer."""


class Violation(NamedTuple):
    """One thing that is wrong with a document."""

    property: str
    """The path, such as `subscription[0].schedule.offset[1]`; empty for the whole document."""
    type: str
    """The expected type, or the expectation of a schedule's error."""
    condition: str | None = None
    """The rule that the value breaks, or that it is missing; None if the type says it all."""


def violations_of(error: ValidationError) -> list[Violation]:
    """Return everything that is wrong, in the order of the document's fields.

    >>> from recurring_schedule.models import Address
    >>> try:
    ...     Address.model_validate({"street": "Hittepågatan 13", "zip_code": "75575", "city": "Uppsala"})
    ... except ValidationError as error:
    ...     violations_of(error)
    [Violation(property='country_code', type='CountryCode', condition='missing')]

    For an error of a model from another package, the type is the type of Pydantic's error.
    """
    return [
        Violation(path_text(_without_tags(one["loc"])), *(_expectation(one) or (one["type"],)))
        for one in error.errors(include_url=False, include_input=False)
    ]


MISSING, UNKNOWN, MISMATCH, SIZE = "missing", "unknown", "mismatch", "size"
_TEMPLATES = {
    MISSING: "got nothing, expected {expected}",
    UNKNOWN: "{condition}",
    MISMATCH: "expected {expected}",
    SCHEDULE: "expected {expected}",
}


def mismatch(expected: str, condition: str | None = None) -> PydanticCustomError:
    """Return the error to raise in a check, for a value that is not as expected."""
    return _error(MISMATCH, expected, condition)


def _error(kind: str, expected: str, condition: str | None) -> PydanticCustomError:
    template, context = _TEMPLATES[kind], {"expected": expected}
    if condition is not None:
        context["condition"] = condition
        if kind in (MISMATCH, SCHEDULE):
            template += "; {condition}"
    return PydanticCustomError(kind, template, context)


def detail(path: Iterable[str | int], kind: str, expected: str, condition: str | None = None) -> InitErrorDetails:
    """Return one violation in the form that Pydantic takes."""
    return {"type": _error(kind, expected, condition), "loc": tuple(path), "input": None}


def validation_error(title: str, details: Iterable[InitErrorDetails]) -> ValidationError:
    """Return one error for all these violations."""
    return ValidationError.from_exception_data(title, list(details)[:MOST_VIOLATIONS], hide_input=True)


def _is_tag(part: str | int) -> bool:
    """Return True if a part of Pydantic's path names a member of a union, and not a field."""
    return isinstance(part, str) and part.startswith("<")


def _without_tags(path: Iterable[str | int]) -> list[str | int]:
    return [part for part in path if not _is_tag(part)]


def details_of(error: ValidationError, types: Mapping[str, str], whole: str) -> list[InitErrorDetails]:
    """Return Pydantic's errors as violations, without values and without the members of unions.

    `types` has the type of each field, by its name on the wire; `whole` is that of the document.
    Errors that are violations already are kept.
    """
    errors = error.errors(include_url=False, include_input=False)[:MOST_VIOLATIONS]
    hints = tuple(types) if len(errors) <= _MOST_HINTS else ()
    return [_detail(one, types, whole, hints) for one in errors]


_MOST_HINTS = 50  # finding a similar name takes as long as ten violations


def _detail(one: Any, types: Mapping[str, str], whole: str, hints: tuple[str, ...]) -> InitErrorDetails:
    kind, path = one["type"], _without_tags(one["loc"])
    if expectation := _expectation(one):
        return detail(path, kind, *expectation)
    if kind in ("extra_forbidden", "invalid_key"):
        *outer, key = one["loc"]  # the key may look like a tag
        condition = "the name of a field is a string"
        if kind == "extra_forbidden":
            condition = "; ".join(filter(None, ("no such field", did_you_mean(key, hints))))
        return detail([*_without_tags(outer), safe_key(key)], UNKNOWN, "nothing", condition)
    if kind == "missing":
        return detail(path, MISSING, types.get(str(path[-1]), "a value"), "missing")
    member = one["loc"][-1] if one["loc"] else ""
    expected = member[1:-1] if _is_tag(member) else types.get(str(path[0]), whole) if path else whole
    return detail(path, MISMATCH, expected, one["msg"] if kind == SIZE else None)


def _expectation(one: Any) -> tuple[str, str | None] | None:
    """Return the expectation and the condition of an error of this package or of a schedule."""
    context = one.get("ctx", {})
    is_ours = one["type"] in _TEMPLATES and "expected" in context  # Pydantic has a "missing", too
    return (context["expected"], context.get("condition")) if is_ours else None
