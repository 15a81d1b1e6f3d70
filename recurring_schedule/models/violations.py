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

NO_SUCH_FIELD = "no such field"


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
    found = []
    for one in error.errors(include_url=False, include_input=False):
        path = path_text(part for part in one["loc"] if not is_tag(part))
        expected = _expected(one)
        found.append(Violation(path, *expected) if expected else Violation(path, one["type"]))
    return found


MISSING, UNKNOWN, MISMATCH = "missing", "unknown", "mismatch"
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


def is_tag(part: str | int) -> bool:
    """Return True if a part of Pydantic's path names a member of a union, and not a field."""
    return isinstance(part, str) and part.startswith("<")


def details_of(error: ValidationError, types: Mapping[str, str], whole: str) -> list[InitErrorDetails]:
    """Return the violations of an error, without values and without the members of unions.

    `types` has the type of each field, by its name on the wire; `whole` is that of the document.
    """
    errors = error.errors(include_url=False, include_input=False)[:MOST_VIOLATIONS]
    return [_detail(one, types, whole) for one in errors]


def _detail(one: Any, types: Mapping[str, str], whole: str) -> InitErrorDetails:
    path = [part for part in one["loc"] if not is_tag(part)]
    if one["type"] in ("extra_forbidden", "invalid_key"):
        *outer, key = one["loc"]  # the key may look like a tag
        path = [*(part for part in outer if not is_tag(part)), safe_key(key)]
        condition = "the name of a field is a string"
        if one["type"] == "extra_forbidden":
            condition = "; ".join(filter(None, (NO_SUCH_FIELD, did_you_mean(key, tuple(types)))))
        return detail(path, UNKNOWN, "nothing", condition)
    if expected := _expected(one):
        return detail(path, one["type"], *expected)
    if one["type"] == "missing":
        return detail(path, MISSING, types.get(str(path[-1]), "a value"), "missing")
    return detail(path, MISMATCH, types.get(str(path[0]), whole) if path else whole)


def _expected(one: Any) -> tuple[str, str | None] | None:
    """Return the expectation and the condition of an error of this package or of a schedule."""
    context = one.get("ctx", {})
    if one["type"] not in _TEMPLATES or "expected" not in context:
        return None
    return context["expected"], context.get("condition")
