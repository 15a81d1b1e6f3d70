"""Numbers: amounts, which are exact, and integers; and JSON of any kind, with exact numbers.

>>> from pydantic import TypeAdapter
>>> TypeAdapter(Amount).validate_python(0.1)
Decimal('0.1')
>>> TypeAdapter(Meta).validate_python({"cart": [1, Decimal("2.50"), None]})
{'cart': [1, Decimal('2.50'), None]}
"""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated, Any

from typing_extensions import TypeAliasType

from recurring_schedule.core.amounts import AN_AMOUNT, EXACT, as_amount
from recurring_schedule.core.checks import MOST_DIGITS, whole_number
from recurring_schedule.core.json_text import MOST_LEVELS, is_deep, is_text, problems_in
from recurring_schedule.models.wire.scalars import Scalar


def json_number(number: Decimal) -> int | float:
    """Return a number for a JSON writer that has no exact decimals.

    >>> json_number(Decimal("42.00")), json_number(Decimal("0.1"))
    (42, 0.1)

    Raises ValueError if that would change the number.
    """
    if number.is_finite() and number.adjusted() < MOST_DIGITS and number == number.to_integral_value():
        return int(number)
    found = float(number)
    if Decimal(repr(found)) != number:
        raise ValueError("got a number that a float would round, which to_json() writes exactly")
    return found


def normalized(value: Any) -> Any:
    """Return a JSON value with every amount in one form: no zeros at the end, and no exponent.

    >>> normalized({"price": Decimal("42.00"), "vat": [Decimal("0.10"), Decimal("1E+2"), Decimal("-0.0")]})
    {'price': Decimal('42'), 'vat': [Decimal('0.1'), Decimal('100'), Decimal('0')]}
    """
    if isinstance(value, dict):
        return {name: normalized(inner) for name, inner in value.items()}
    if isinstance(value, (list, tuple)):
        return list(map(normalized, value))
    if not isinstance(value, Decimal):
        return value
    if value == value.to_integral_value():
        return Decimal(int(value))
    return value.normalize(EXACT)


def _plain_json(value: Any) -> Any:
    """Return the value for a JSON writer that has no exact decimals."""
    if isinstance(value, dict):
        return {name: _plain_json(inner) for name, inner in value.items()}
    if isinstance(value, (list, tuple)):
        return list(map(_plain_json, value))
    return json_number(value) if isinstance(value, Decimal) else value


def _quantity(value: object) -> Decimal | None:
    number = as_amount(value)
    return number if number is not None and number > 0 else None


def _amounts(value: object) -> dict[str, Decimal] | None:
    if not isinstance(value, dict):
        return None
    found = {name: number for name, one in value.items() if is_text(name) and (number := as_amount(one)) is not None}
    return found if len(found) == len(value) else None


_AMOUNT = Scalar("number", as_amount, AN_AMOUNT, {"type": "number"}, json_number)
Amount = Annotated[Decimal, _AMOUNT]
_MORE_THAN_0 = {"type": "number", "exclusiveMinimum": 0}
Quantity = Annotated[Decimal, Scalar("number", _quantity, f"{AN_AMOUNT}, more than 0", _MORE_THAN_0, json_number)]
_OBJECT = {"type": "object", "additionalProperties": {"type": "number"}}
_AMOUNTS = Scalar("Amounts", _amounts, f"an object, each value {AN_AMOUNT}", _OBJECT, _plain_json)
Amounts = TypeAliasType("Amounts", Annotated[dict[str, Decimal], _AMOUNTS])

_LARGEST = 2**53 - 1  # RFC 8259, section 6: up to here all JSON readers agree on an integer


def integer(first: int, last: int = _LARGEST) -> Scalar:
    """Return the type of integers from `first` to `last`, both included."""

    def check(value: object) -> int | None:
        number = whole_number(value)
        return number if number is not None and first <= number <= last else None

    condition = f"{first} to {last}" if last < _LARGEST else f"{first} or more"
    return Scalar("integer", check, condition, {"type": "integer", "minimum": first, "maximum": last})


Status = Annotated[int, integer(100, 599)]
Count = Annotated[int, integer(0)]
Depth = Annotated[int, integer(1)]
Minutes = Annotated[int, integer(-24 * 60, 24 * 60)]
Seconds = Annotated[int, integer(0)]


def pair(condition: str, *sides: Scalar) -> Scalar:
    """Return the type of lists of two integers, each of its own type."""

    def check(value: object) -> tuple[object, ...] | None:
        if not isinstance(value, (list, tuple)) or len(value) != 2:
            return None
        found = tuple(side.check(one) for side, one in zip(sides, value, strict=True))
        return None if None in found else found

    schema = {"type": "array", "prefixItems": [side.schema for side in sides], "minItems": 2, "maxItems": 2}
    return Scalar("[number, number]", check, condition, schema)


Resolution = Annotated[tuple[int, int], pair("[width, height]", integer(0), integer(0))]


def _json_value(value: object) -> object:
    """Return any JSON value but null, which is the same as a missing field."""
    return None if is_deep(value) or any(True for _ in problems_in(value)) else value


_CONDITION = f"a JSON value of at most {MOST_LEVELS} levels, with finite numbers"
Meta = TypeAliasType("Meta", Annotated[object, Scalar("any", _json_value, _CONDITION, {}, _plain_json)])
