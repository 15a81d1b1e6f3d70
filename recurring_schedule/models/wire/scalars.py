"""Types that are made of a check."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

from pydantic import GetCoreSchemaHandler, GetJsonSchemaHandler
from pydantic_core import CoreSchema, core_schema

from recurring_schedule.models.violations import mismatch


class Scalar:
    """A type with a check that returns the value, or None to refuse it.

    The error has the `name` and the `condition`. `schema` is the JSON Schema of the type. `to_json`
    converts a value for Pydantic's own JSON.
    """

    def __init__(
        self,
        name: str,
        check: Callable[[Any], object],
        condition: str | None,
        schema: Mapping[str, object],
        to_json: Callable[[Any], object] | None = None,
    ) -> None:
        self._name, self._check, self._condition, self._schema, self._to_json = name, check, condition, schema, to_json

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        check, name, condition = self._check, self._name, self._condition

        def checked(value: object) -> object:
            found = check(value)
            if found is None:
                raise mismatch(name, condition)
            return found

        serialization = None
        if self._to_json is not None:
            serialization = core_schema.plain_serializer_function_ser_schema(self._to_json, when_used="json")
        return core_schema.no_info_plain_validator_function(checked, serialization=serialization)

    def __get_pydantic_json_schema__(self, schema: CoreSchema, handler: GetJsonSchemaHandler) -> dict[str, Any]:
        return dict(self._schema)


def matching(name: str, pattern: str, condition: str, **schema: object) -> Scalar:
    """Return the type of strings that match the pattern as a whole.

    >>> from typing import Annotated
    >>> from pydantic import TypeAdapter
    >>> TypeAdapter(Annotated[str, matching("Last4", "[0-9]{4}", "4 digits")]).validate_python("1234")
    '1234'
    """
    matches = re.compile(pattern).fullmatch

    def check(value: object) -> str | None:
        return value if isinstance(value, str) and matches(value) else None

    return Scalar(name, check, condition, {"type": "string", "pattern": f"^({pattern})$", **schema})
