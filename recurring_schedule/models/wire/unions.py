"""Unions, and the names of types in errors."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Annotated, Any, Literal, TypeVar, get_args, get_origin

from pydantic import BeforeValidator, Field, GetCoreSchemaHandler
from pydantic_core import CoreSchema, PydanticCustomError, core_schema
from typing_extensions import TypeAliasType

from recurring_schedule.core.schedule import Schedule
from recurring_schedule.models.violations import MISMATCH, MISSING, SIZE, detail, validation_error

_Member = TypeVar("_Member")


MOST_MEMBERS = 50
"""The most methods, orders or subscriptions of a request: each may need an authorization."""
MOST_ITEMS = 100
"""The most items of an order or subscription of a request."""


def _size(least: int, most: int | None = None) -> Callable[[object], object]:
    """Return a check of a list's size, before its members are checked. Pydantic's own limits count
    only the members that are right.
    """

    def check(value: object) -> object:
        if isinstance(value, (list, tuple)) and (len(value) < least or (most is not None and len(value) > most)):
            raise PydanticCustomError(SIZE, "not empty" if len(value) < least else f"at most {most}")
        return value

    return check


OneOrMore = Annotated[tuple[_Member, ...], BeforeValidator(_size(1)), Field(json_schema_extra={"minItems": 1})]
Members = Annotated[
    tuple[_Member, ...], BeforeValidator(_size(0, MOST_MEMBERS)), Field(json_schema_extra={"maxItems": MOST_MEMBERS})
]
OneOrMoreMembers = Annotated[
    tuple[_Member, ...],
    BeforeValidator(_size(1, MOST_MEMBERS)),
    Field(json_schema_extra={"minItems": 1, "maxItems": MOST_MEMBERS}),
]
OneOrMoreItems = Annotated[
    tuple[_Member, ...],
    BeforeValidator(_size(1, MOST_ITEMS)),
    Field(json_schema_extra={"minItems": 1, "maxItems": MOST_ITEMS}),
]

_Choose = Callable[[dict[Any, Any]], str | None]


class OneOf:
    """A union. `choose` returns the name of an object's type; without it, the JSON type tells."""

    def __init__(self, choose: _Choose | None = None) -> None:
        self._choose = choose

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        return _union(source, handler, self._choose)


def _union(source: Any, handler: GetCoreSchemaHandler, choose: _Choose | None) -> CoreSchema:
    members = get_args(source)
    tags: dict[type, str | None] = {kind: _tag(member) for member in members for kind in _classes(member)}
    tags[bool] = None  # which is an int in Python

    def tag(value: object) -> str | None:
        if choose is not None and isinstance(value, dict):
            return f"<{choose(value)}>"
        kind = type(value)
        return tags[kind] if kind in tags else next((tags[base] for base in kind.__mro__ if base in tags), None)

    return core_schema.tagged_union_schema(
        {_tag(member): handler.generate_schema(member) for member in members},
        tag,
        custom_error_type=MISMATCH,
        custom_error_message="expected {expected}",
        custom_error_context={"expected": type_name(source)},
    )


def _tag(member: Any) -> str:
    return f"<{type_name(member)}>"


def _classes(member: Any) -> tuple[type, ...]:
    """Return the classes of the values that may be of a type."""
    while isinstance(member, TypeAliasType) or get_origin(member) is Annotated:
        member = member.__value__ if isinstance(member, TypeAliasType) else get_args(member)[0]
    kind = get_origin(member) or member
    return {str: (str,), Decimal: (int, float, Decimal), tuple: (list, tuple)}.get(kind, (dict, kind))


class OneOfTypes:
    """A union of documents that differ by their `type`; one of them may have none."""

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        members = get_args(source)
        types = {str(kind): type_name(member) for member in members for kind in _types(member)}
        untyped = next((member for member in members if not _types(member)), None)
        fields = {field.validation_alias for field in untyped.model_fields.values()} if untyped else set()
        expected = " | ".join(f'"{kind}"' for kind in types)

        def choose(value: dict[Any, Any]) -> str | None:
            if "type" not in value and fields & value.keys():
                return type_name(untyped)
            return types.get(str(value.get("type")))

        def check(value: object) -> object:
            if isinstance(value, dict) and choose(value) is None:
                found = (MISSING, expected, "missing") if value.get("type") is None else (MISMATCH, expected)
                raise validation_error("type", [detail(("type",), *found)])
            return value

        return core_schema.no_info_before_validator_function(check, _union(source, handler, choose))


def _types(document: Any) -> tuple[Any, ...]:
    return get_args(document.model_fields["type"].annotation) if "type" in document.model_fields else ()


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
