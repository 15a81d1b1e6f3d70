"""What all documents have in common, and how they are read from JSON text.

>>> from recurring_schedule.models import Item
>>> item = read(Item, '{"name": "Basic Access", "price": 42.00, "vat": 10.50}')
>>> item.price, item.to_json()
(Decimal('42.00'), '{"name":"Basic Access","price":42.00,"vat":10.50}')
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date, datetime
from functools import cache
from typing import Any, NamedTuple, TypeVar, overload

from pydantic import (
    BaseModel,
    ConfigDict,
    ModelWrapValidatorHandler,
    SecretStr,
    TypeAdapter,
    ValidationError,
    ValidationInfo,
    model_validator,
)
from typing_extensions import Self

from recurring_schedule.core.schedule import Schedule
from recurring_schedule.models.fields import date_time_text, type_name
from recurring_schedule.models.flaws import FLAWED, UNKNOWN, joined, line, retold
from recurring_schedule.models.json_text import parsed, write_json

_Kind = TypeVar("_Kind")


class Document(BaseModel):
    """An object on the wire: immutable, with the fields that it has and no others.

    An error tells every flaw at once, and never what was sent. `null` is the same as nothing, but in a `meta`.
    """

    model_config = ConfigDict(
        extra="forbid",
        frozen=True,
        hide_input_in_errors=True,
        serialize_by_alias=True,
        use_attribute_docstrings=True,
        validate_by_alias=True,
        validate_by_name=True,
    )

    @classmethod
    def _name(cls) -> str:
        """What the documents call it."""
        name = cls.__name__
        return f"{name.removesuffix('Creatable')}.Creatable" if name.endswith("Creatable") else name

    @classmethod
    def _prepared(cls, wire: dict[str, Any]) -> dict[str, Any]:
        """What is read instead of what was written."""
        return wire

    @model_validator(mode="wrap")
    @classmethod
    def _told(cls, value: Any, handler: ModelWrapValidatorHandler[Self], info: ValidationInfo) -> Self:
        if not isinstance(value, dict):
            if isinstance(value, cls):
                return value
            raise joined(cls._name(), [line((), FLAWED, cls._name())])  # flawed() would tell the value
        wire = cls._prepared(value)
        strays = [name for name in _names(cls).python_only if name in wire] if info.context is _FROM_TEXT else []
        left_out = {*strays, *(name for name in _names(cls).with_default if name in wire and wire[name] is None)}
        if left_out:
            wire = {name: one for name, one in wire.items() if name not in left_out}
        lines = [line((name,), UNKNOWN, "nothing", "no such field") for name in strays]
        try:
            document = handler(wire)
        except ValidationError as error:
            lines = [*retold(error, _names(cls).types, cls._name()), *lines]
        if lines:
            raise joined(cls._name(), lines)
        return document

    def __repr_args__(self) -> Iterator[tuple[str | None, Any]]:
        # What is not there is not told.
        return (arg for arg in super().__repr_args__() if arg[1] is not None)

    def to_wire(self, *, reveal: bool = False) -> dict[str, Any]:
        """What was set, with the names and the forms of the wire: dates as strings, amounts as `Decimal`.

        Card numbers and CCVs are asterisks, if they are not to be revealed.

        >>> from recurring_schedule.models import Subscription
        >>> Subscription(id="test", items=25, currency="SEK", schedule=Schedule("monthly"), start=date(2021, 7, 3)).to_wire()
        {'currency': 'SEK', 'items': Decimal('25'), 'schedule': 'monthly', 'start': '2021-07-03', 'id': 'test'}
        """
        wire = _wire(self.model_dump(exclude_unset=True, exclude_none=True), reveal=reveal)
        return dict(wire)

    def to_json(self, *, reveal: bool = False) -> str:
        """The JSON text of what was set, every number as it was written."""
        return write_json(self.to_wire(reveal=reveal))


class _Names(NamedTuple):
    """What is known of the fields of a document."""

    types: Mapping[str, str]
    """What is expected in each, by its name on the wire."""
    python_only: tuple[str, ...]
    """The names in Python that are others on the wire."""
    with_default: tuple[str, ...]
    """Those that are something if nothing is written."""


@cache
def _names(document: type[Document]) -> _Names:
    fields = document.model_fields.items()
    return _Names(
        {str(field.validation_alias or name): type_name(field.annotation) for name, field in fields},
        tuple(name for name, field in fields if field.validation_alias not in (None, name)),
        tuple(name for name, field in fields if not field.is_required() and field.default is not None),
    )


_FROM_TEXT = {"names": "those of the wire"}
"""The context in which JSON text is read: names in Python are none there."""


def _wire(value: Any, *, reveal: bool) -> Any:
    if isinstance(value, dict):
        return {name: _wire(inner, reveal=reveal) for name, inner in value.items()}
    if isinstance(value, (list, tuple)):
        return [_wire(inner, reveal=reveal) for inner in value]
    if isinstance(value, Schedule):
        return value.to_wire()
    if isinstance(value, datetime):
        return date_time_text(value)
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, SecretStr):
        return value.get_secret_value() if reveal else str(value)
    return value


@overload
def read(kind: type[_Kind], text: str | bytes) -> _Kind: ...
@overload
def read(kind: object, text: str | bytes) -> Any: ...
def read(kind: Any, text: str | bytes) -> Any:
    """The document of this type, or of this union of types, that JSON text says, with exact numbers.

    >>> from recurring_schedule.models import SubscriptionCreatable
    >>> read(SubscriptionCreatable, '{"items": 25.001, "currency": "SKE", "schedule": "monthly", "items": 0.1}')
    Traceback (most recent call last):
    pydantic_core._pydantic_core.ValidationError: 2 validation errors for Subscription.Creatable
    items
      expected one value; the key stands twice [type=flawed]
    currency
      expected Currency; an ISO 4217 code of a currency with a minor unit [type=flawed]

    Raises ValidationError with all flaws, those of the text and those of the document, and no other exception.
    """
    wire, lines = parsed(text)
    try:
        found = _adapter(kind).validate_python(wire, context=_FROM_TEXT)
    except ValidationError as error:
        known = {line["loc"] for line in lines}
        lines += [line for line in retold(error, {}, type_name(kind)) if line.get("loc") not in known]
    else:
        if not lines:
            return found
    raise joined(type_name(kind), lines)


@cache
def _adapter(kind: Any) -> TypeAdapter[Any]:
    return TypeAdapter(kind)
