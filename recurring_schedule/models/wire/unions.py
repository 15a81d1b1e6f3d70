"""Lists, unions, and the names of types in errors."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Annotated, Any, Literal, get_args, get_origin

from pydantic import Discriminator, GetCoreSchemaHandler, GetJsonSchemaHandler
from pydantic_core import CoreSchema, core_schema
from typing_extensions import TypeAliasType

from recurring_schedule.core.schedule import Schedule
from recurring_schedule.models.violations import MISMATCH, MISSING, detail, mismatch, validation_error


class Listed:
    """A list of at least `at_least` members, read as a tuple."""

    def __init__(self, at_least: int = 0) -> None:
        self._at_least = at_least

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        name, at_least = type_name(source), self._at_least

        def check(value: object) -> object:
            if not isinstance(value, (list, tuple)):
                raise mismatch(name)
            if len(value) < at_least:
                raise mismatch(name, "not empty")
            return value

        return core_schema.no_info_before_validator_function(check, handler(source))

    def __get_pydantic_json_schema__(self, schema: CoreSchema, handler: GetJsonSchemaHandler) -> dict[str, Any]:
        found = handler(schema)
        if self._at_least:
            found["minItems"] = self._at_least
        return found


def json_tag(value: object) -> str | None:
    """Return the tag of a value by its JSON type, or None if it has no tag, as a boolean has none.

    >>> json_tag(Decimal(42)), json_tag({}), json_tag(True)
    ('<number>', '<object>', None)
    """
    if isinstance(value, str):
        return "<string>"
    if isinstance(value, (list, tuple)):
        return "<array>"
    if isinstance(value, (int, float, Decimal)):
        return None if isinstance(value, bool) else "<number>"
    return "<object>" if isinstance(value, dict) or hasattr(value, "model_fields_set") else None


class TaggedBy:
    """A union of tagged members. `tag_of` returns the tag of a value, or None if no member fits."""

    def __init__(self, tag_of: Callable[[Any], str | None] = json_tag) -> None:
        self._tag_of = tag_of

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        discriminator = Discriminator(
            self._tag_of,
            custom_error_type=MISMATCH,
            custom_error_message="expected {expected}",
            custom_error_context={"expected": type_name(source)},
        )
        return discriminator.__get_pydantic_core_schema__(source, handler)


class TaggedByType(TaggedBy):
    """A union of objects tagged by their `type`. `otherwise` may tag an object that has none."""

    def __init__(self, *types: str, otherwise: Callable[[dict[str, Any]], str | None] = lambda _: None) -> None:
        super().__init__(self._tag)
        self._types, self._otherwise = types, otherwise

    def _tag(self, value: object) -> str | None:
        if not isinstance(value, dict):
            kind = getattr(value, "type", None)
            return f"<{kind}>" if kind in self._types else "<other>" if hasattr(value, "model_fields_set") else None
        return f"<{value['type']}>" if value.get("type") in self._types else self._otherwise(value)

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        expected = " | ".join(f'"{one}"' for one in self._types)

        def check(value: object) -> object:
            if isinstance(value, dict) and self._tag(value) is None:
                if value.get("type") is None:
                    raise validation_error("type", [detail(("type",), MISSING, expected, "missing")])
                raise validation_error("type", [detail(("type",), MISMATCH, expected)])
            return value

        return core_schema.no_info_before_validator_function(
            check, super().__get_pydantic_core_schema__(source, handler)
        )

    def __get_pydantic_json_schema__(self, schema: CoreSchema, handler: GetJsonSchemaHandler) -> dict[str, Any]:
        return handler(schema)


def type_name(annotation: Any) -> str:
    """Return the name of a type in an error.

    >>> type_name(tuple[int, ...]), type_name(Decimal | None), type_name(Literal["card", "token"])
    ('integer[]', 'number', '"card" | "token"')
    """
    if isinstance(annotation, TypeAliasType):
        return annotation.__name__
    parts = get_args(annotation)
    if parts:
        return _GENERICS.get(get_origin(annotation), _union_name)(parts)
    wire_name: Callable[[], str] | None = getattr(annotation, "wire_name", None)  # of a document
    return _NAMES.get(annotation) or (wire_name() if wire_name else str(annotation.__name__))


def _union_name(parts: tuple[Any, ...]) -> str:
    return " | ".join(type_name(part) for part in parts if part is not type(None))


def _literal_name(parts: tuple[Any, ...]) -> str:
    return " | ".join("true" if part is True else f'"{part}"' for part in parts)


def _tuple_name(parts: tuple[Any, ...]) -> str:
    return f"{type_name(parts[0])}[]" if parts[-1] is ... else f"[{', '.join(map(type_name, parts))}]"


_GENERICS: Mapping[Any, Callable[[tuple[Any, ...]], str]] = {
    Annotated: lambda parts: type_name(parts[0]),
    Literal: _literal_name,
    tuple: _tuple_name,
}
_NAMES = {
    str: "string",
    bool: "boolean",
    int: "integer",
    Decimal: "number",
    Schedule: "Schedule | Frequency",
    type(None): "null",
}
