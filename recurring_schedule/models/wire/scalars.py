"""Types that are made of a check."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from pydantic import GetCoreSchemaHandler, GetJsonSchemaHandler
from pydantic_core import CoreSchema, core_schema

from recurring_schedule.core.json_text import is_text
from recurring_schedule.models.violations import mismatch


@dataclass(frozen=True, eq=False)
class Scalar:
    """A type with a check."""

    name: str
    """The name in errors."""
    check: Callable[[Any], object]
    """Returns the value as it is kept, or None to refuse it."""
    condition: str | None
    """The rule, for errors."""
    schema: Mapping[str, object]
    """The JSON Schema."""
    to_json: Callable[[Any], object] | None = None
    """Converts a value for Pydantic's own JSON."""

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        serialization = None
        if self.to_json is not None:
            serialization = core_schema.plain_serializer_function_ser_schema(self.to_json, when_used="json")
        return core_schema.no_info_plain_validator_function(self._checked, serialization=serialization)

    def _checked(self, value: object) -> object:
        found = self.check(value)
        if found is None:
            raise mismatch(self.name, self.condition)
        return found

    def __get_pydantic_json_schema__(self, schema: CoreSchema, handler: GetJsonSchemaHandler) -> dict[str, Any]:
        return dict(self.schema)


def text(
    name: str, condition: str | None = None, accepts: Callable[[str], object] = lambda _: True, **schema: object
) -> Scalar:
    """Return the type of strings that `accepts` accepts; it may raise ValueError.

    None may contain NUL, which some databases cannot store.

    >>> from typing import Annotated
    >>> from pydantic import TypeAdapter
    >>> TypeAdapter(Annotated[str, text("Digits", "digits", str.isdigit)]).validate_python("1234")
    '1234'
    """

    def check(value: object) -> object:
        if isinstance(value, str) and "\0" in value:
            raise mismatch(name, "without the character NUL")
        try:
            return value if isinstance(value, str) and is_text(value) and accepts(value) else None
        except ValueError:
            return None

    return Scalar(name, check, condition, {"type": "string", **schema})


def matching(name: str, pattern: str, condition: str, **schema: object) -> Scalar:
    """Return the type of strings that match the pattern as a whole.

    >>> matching("Last4", "[0-9]{4}", "4 digits").schema
    {'type': 'string', 'pattern': '^([0-9]{4})$'}
    """
    return text(name, condition, re.compile(pattern).fullmatch, pattern=f"^({pattern})$", **schema)
