"""The base of all documents, and the reading of documents from JSON text.

>>> from recurring_schedule.models import Item
>>> item = read(Item, '{"name": "Basic Access", "price": 42.00, "vat": 10.50}')
>>> item.price, item.to_json()
(Decimal('42.00'), '{"name":"Basic Access","price":42.00,"vat":10.50}')
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextvars import ContextVar
from datetime import date, datetime
from functools import cache
from itertools import islice
from typing import Any, NamedTuple, TypeVar, overload

from pydantic import (
    BaseModel,
    ConfigDict,
    ModelWrapValidatorHandler,
    SecretStr,
    TypeAdapter,
    ValidationError,
    model_validator,
)
from pydantic_core import InitErrorDetails
from typing_extensions import Self

from recurring_schedule.core.json_text import JsonError, parse_json, write_json
from recurring_schedule.core.pydantic_field import safe_key
from recurring_schedule.core.schedule import Schedule
from recurring_schedule.models.violations import (
    MISMATCH,
    MOST_VIOLATIONS,
    detail,
    details_of,
    validation_error,
)
from recurring_schedule.models.wire.dates import date_time_text
from recurring_schedule.models.wire.unions import type_name

_Kind = TypeVar("_Kind")


_IN_ANSWER: ContextVar[bool] = ContextVar("_IN_ANSWER", default=False)
"""True while the fields of an answer are read."""


class Document(BaseModel):
    """An object on the wire: immutable, with its own fields and no others.

    An error reports every violation at once, and never includes a value. `null` is the same as a
    missing field, except inside a `meta`.
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
    def wire_name(cls) -> str:
        """Return the name of the document in errors.

        >>> from recurring_schedule.models import CustomerCreatable
        >>> CustomerCreatable.wire_name()
        'Customer.Creatable'
        """
        name = cls.__name__
        return f"{name.removesuffix('Creatable')}.Creatable" if name.endswith("Creatable") else name

    @classmethod
    def violations_across(cls, wire: Mapping[Any, Any]) -> Iterable[InitErrorDetails]:
        """Return the violations of rules on several fields, which may be wrong themselves."""
        return ()

    @model_validator(mode="wrap")
    @classmethod
    def _with_every_violation(cls, value: Any, handler: ModelWrapValidatorHandler[Self]) -> Self:
        is_answer, types = cls.model_config["extra"] == "ignore", _types(cls)
        is_cut = _IN_ANSWER.get() and not is_answer  # a part that requests have, too
        outer = _IN_ANSWER.set(is_cut or is_answer)
        details: list[InitErrorDetails] = []
        try:
            if isinstance(value, dict):
                value = cls._given(value, is_cut=is_cut)
                details += cls.violations_across(value)
            document = handler(value)
        except ValidationError as error:
            details = details_of(error, types, cls.wire_name()) + details
        finally:
            _IN_ANSWER.reset(outer)
        if not details:
            return document
        order = {name: index for index, name in enumerate(types)}
        details.sort(key=lambda one: order.get(str(one["loc"][0]), len(order)) if one["loc"] else len(order) + 1)
        raise validation_error(cls.wire_name(), details)

    @classmethod
    def _given(cls, wire: dict[Any, Any], *, is_cut: bool) -> dict[Any, Any]:
        """Return the fields without those that are None; of a cut document, only the known ones."""
        missing = {name for name, one in wire.items() if one is None and name in _names(cls)}
        unread = wire.keys() - _types(cls) if is_cut else ()
        return {name: one for name, one in wire.items() if name not in missing and name not in unread}

    def __repr_args__(self) -> Iterator[tuple[str | None, Any]]:
        # Missing fields are left out.
        return (arg for arg in super().__repr_args__() if arg[1] is not None)

    def to_wire(self, *, reveal: bool = False) -> dict[str, Any]:
        """Return the fields that were set in the form of the wire: dates as strings, and amounts as
        `Decimal`.

        Card numbers and CCVs are asterisks unless `reveal` is true.

        >>> from recurring_schedule.models import Subscription
        >>> Subscription(id="test", items=25, currency="SEK", schedule=Schedule("monthly"), start=date(2021, 7, 3)).to_wire()
        {'currency': 'SEK', 'items': Decimal('25'), 'schedule': 'monthly', 'start': '2021-07-03', 'id': 'test'}
        """
        wire: dict[str, Any] = _wire(self.model_dump(exclude_unset=True, exclude_none=True), reveal=reveal)
        return wire

    def to_json(self, *, reveal: bool = False) -> str:
        """Return the fields that were set as JSON text, with every number as it was written."""
        return write_json(self.to_wire(reveal=reveal))


class Answer(Document):
    """A document in an answer or a token. Unknown fields are ignored, at any depth."""

    model_config = ConfigDict(extra="ignore")


@cache
def _types(document: type[Document]) -> Mapping[str, str]:
    """Return the types of fields by wire name."""
    fields = document.model_fields.items()
    return {str(field.validation_alias or name): type_name(field.annotation) for name, field in fields}


@cache
def _names(document: type[Document]) -> frozenset[str]:
    """Return the names of fields, on the wire and in Python."""
    return frozenset({*_types(document), *document.model_fields})


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
def read(kind: type[_Kind], text: str | bytes | Parsed) -> _Kind: ...
@overload
def read(kind: object, text: str | bytes | Parsed) -> Any: ...
def read(kind: Any, text: str | bytes | Parsed) -> Any:
    """Return the document in JSON text, with exact numbers. `kind` is a type, or a union of types.

    The text may have been parsed before.

    >>> from recurring_schedule.models import SubscriptionCreatable
    >>> read(SubscriptionCreatable, '{"items": 25.001, "currency": "SKE", "schedule": "monthly", "items": 0.1}')
    Traceback (most recent call last):
    pydantic_core._pydantic_core.ValidationError: 2 validation errors for Subscription.Creatable
    items
      expected one value; the key is repeated [type=mismatch]
    currency
      expected Currency; an ISO 4217 code of a currency with a minor unit [type=mismatch]

    Raises ValidationError with every violation, of the text and of the document, and no other
    exception.
    """
    wire, found = text if isinstance(text, Parsed) else parse(text)
    details = [*found]
    try:
        # In text, fields have only the names of the wire.
        document = _adapter(kind).validate_python(wire, by_alias=True, by_name=False)
    except ValidationError as error:
        known = {one["loc"] for one in details}
        details += [one for one in details_of(error, {}, type_name(kind)) if one.get("loc") not in known]
    else:
        if not details:
            return document
    raise validation_error(type_name(kind), details)


@cache
def _adapter(kind: Any) -> TypeAdapter[Any]:
    return TypeAdapter(kind)


def read_json(text: str | bytes) -> Any:
    """Return the value of JSON text: integers are `int`, and all other numbers `Decimal`.

    >>> read_json('{"price": 0.1, "quantity": 3}')
    {'price': Decimal('0.1'), 'quantity': 3}
    >>> read_json('{"a": 1, "b": [1, NaN], "a": 2}')
    Traceback (most recent call last):
    pydantic_core._pydantic_core.ValidationError: 2 validation errors for JSON
    a
      expected one value; the key is repeated [type=mismatch]
    b.1
      expected number; neither NaN nor infinite [type=mismatch]

    Raises ValidationError if it is not JSON in UTF-8, or is nested more than 64 levels deep, and
    for repeated keys, NaN, infinities, and unpaired surrogates.
    """
    value, details = parse(text)
    if details:
        raise validation_error("JSON", details)
    return value


class Parsed(NamedTuple):
    """Parsed JSON text."""

    value: Any
    details: Sequence[InitErrorDetails]
    """The violations in the text, such as repeated keys."""

    def __repr__(self) -> str:
        return "Parsed(...)"  # the value may be secret


def parse(text: str | bytes) -> Parsed:
    """Return the value of JSON text with the violations in it. Raises ValidationError if it has
    none.

    >>> parse('{"a": 1, "a": 2}').value
    {'a': 2}
    """
    try:
        value, errors = parse_json(text)
    except JsonError as error:
        raise validation_error("JSON", [_detail(error)]) from None
    return Parsed(value, [*map(_detail, islice(errors, MOST_VIOLATIONS))])


def _detail(error: JsonError) -> InitErrorDetails:
    path = (part if isinstance(part, int) else safe_key(part) for part in error.path)
    return detail(path, MISMATCH, error.expected, error.condition)
