"""Numbers: amounts, which are exact, and integers."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Annotated

from typing_extensions import TypeAliasType

from recurring_schedule.core.amounts import AN_AMOUNT, as_amount
from recurring_schedule.core.checks import MOST_DIGITS, whole_number
from recurring_schedule.core.json_text import is_text
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


def _quantity(value: object) -> Decimal | None:
    number = as_amount(value)
    return number if number is not None and number > 0 else None


Amount = Annotated[Decimal, Scalar("number", as_amount, AN_AMOUNT, {"type": "number"}, json_number)]
Quantity = Annotated[
    Decimal,
    Scalar("number", _quantity, f"{AN_AMOUNT}, more than 0", {"type": "number", "exclusiveMinimum": 0}, json_number),
]


def _amounts(value: object) -> dict[str, Decimal] | None:
    if not isinstance(value, dict):
        return None
    found = {name: number for name, one in value.items() if is_text(name) and (number := as_amount(one)) is not None}
    return found if len(found) == len(value) else None


def _json_numbers(value: Mapping[str, Decimal]) -> dict[str, int | float]:
    return {name: json_number(number) for name, number in value.items()}


Amounts = TypeAliasType(
    "Amounts",
    Annotated[
        dict[str, Decimal],
        Scalar(
            "Amounts",
            _amounts,
            f"an object, each value {AN_AMOUNT}",
            {"type": "object", "additionalProperties": {"type": "number"}},
            _json_numbers,
        ),
    ],
)

_LARGEST = 2**53 - 1  # RFC 8259, section 6: up to here all JSON readers agree on an integer


def within(first: int, last: int) -> Callable[[object], int | None]:
    """Return a check for an integer from `first` to `last`, both included."""

    def check(value: object) -> int | None:
        number = whole_number(value)
        return number if number is not None and first <= number <= last else None

    return check


def _integer(first: int, last: int = _LARGEST) -> Scalar:
    condition = f"{first} to {last}" if last < _LARGEST else f"{first} or more"
    return Scalar("integer", within(first, last), condition, integer_schema(first, last))


def integer_schema(first: int, last: int) -> dict[str, object]:
    """Return the JSON Schema of the integers from `first` to `last`."""
    return {"type": "integer", "minimum": first, "maximum": last}


Status = Annotated[int, _integer(100, 599)]
Count = Annotated[int, _integer(0)]
Depth = Annotated[int, _integer(1)]
Minutes = Annotated[int, _integer(-24 * 60, 24 * 60)]
Seconds = Annotated[int, _integer(0)]


def pair(
    first: Callable[[object], int | None],
    second: Callable[[object], int | None],
    condition: str,
    *schemas: Mapping[str, object],
) -> Scalar:
    """Return the type of lists of two integers, each with its check and its JSON Schema."""

    def check(value: object) -> tuple[int, int] | None:
        if not isinstance(value, (list, tuple)) or len(value) != 2:
            return None
        left, right = first(value[0]), second(value[1])
        return None if left is None or right is None else (left, right)

    schema = {"type": "array", "prefixItems": list(schemas), "minItems": 2, "maxItems": 2}
    return Scalar("[number, number]", check, condition, schema)


_side, _SIDE = within(0, _LARGEST), integer_schema(0, _LARGEST)
Resolution = Annotated[tuple[int, int], pair(_side, _side, "[width, height]", _SIDE, _SIDE)]
