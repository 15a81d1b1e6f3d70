"""The rule for items, and the amount that they come to, exactly.

>>> items_total({"name": "seats", "price": 12.5, "vat": 3.125, "quantity": 3})
Decimal('46.875')

The rule is the same for books, orders and subscriptions. It has three parts:

- Items are a number, an item, or a list of items that is not empty. Text is not a number, and
  neither is a boolean. Callers that have text read it first: a book reads its cells as JSON.
- A number has at most 40 digits before and 40 after the decimal point. It may be negative, for a
  credit. A float stands for the shortest decimal that reads back as it, if that has at most 15
  digits: with more of them, `0.1 + 0.2` would be an amount of 0.30000000000000004.
- In an item every field is optional, but `vat` and `rebate` require `price`, and `quantity` is
  more than 0.

Orders and subscriptions narrow it further: what they ask for depends on their currency, and is
never negative.
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import MAX_EMAX, MIN_EMIN, Context, Decimal, Inexact, InvalidOperation
from functools import reduce

from recurring_schedule.core.checks import did_you_mean, path_segment, whole_number
from recurring_schedule.core.errors import FieldError
from recurring_schedule.core.json_text import is_text

TEXTS = ("number", "name", "unit")
NUMBERS = ("price", "quantity", "vat", "rebate")
NEEDS_PRICE = ("vat", "rebate")
_FIELDS = ("number", "name", "price", "quantity", "unit", "vat", "rebate")

_DIGITS = 40
AN_AMOUNT = f"a number of at most {_DIGITS} digits before and {_DIGITS} after the decimal point"

FLOAT_DIGITS = 15
"""The number of decimal digits that a binary float always keeps: `sys.float_info.dig`."""

EXACT = Context(prec=1000, Emax=MAX_EMAX, Emin=MIN_EMIN, traps=[Inexact, InvalidOperation])
"""The context of exact totals: a line has at most 160 digits, so 10**800 lines fit."""

_PORTABLE = Context(prec=FLOAT_DIGITS, Emax=FLOAT_DIGITS - 1, Emin=-1, traps=[Inexact, InvalidOperation])
_ZERO = Decimal(0)


class ItemsError(FieldError):
    """A value that breaks the rule for items.

    >>> items_total({"prise": 5})
    Traceback (most recent call last):
    recurring_schedule.ItemsError: items.prise: got 5, expected only the keys 'number', 'name', 'price', \
'quantity', 'unit', 'vat' and 'rebate'; did you mean 'price'?
    """


def items_total(items: object) -> Decimal:
    """Return the exact total of the items of one payment.

    `items` is a number, which is the amount, an item, or a list of items. An item is an `Item` of
    `recurring_schedule.models`, or a mapping with the optional fields `number`, `name` and `unit`,
    which are strings, `price` (of one unit, without VAT), `vat` and `rebate` (of one unit), and
    `quantity` (1 if it is missing). Its amount is (price + vat - rebate) x quantity. None is the
    same as a missing field.

    >>> items_total([{"price": 0.1}, {"price": 0.2, "rebate": 0.05, "quantity": 2}])
    Decimal('0.40')

    Raises ItemsError for anything else, with its path.
    """
    if isinstance(items, (list, tuple)):
        if not items:
            raise ItemsError("items", items, "at least one item")
        return reduce(EXACT.add, [_item_total(item, f"items[{index}]") for index, item in enumerate(items)])
    number = as_amount(items)
    if number is None:
        return _item_total(items, "items", f"{AN_AMOUNT}, an item, or a list of items")
    return EXACT.plus(number)  # so that -0 is 0


def _item_total(item: object, path: str, expected: str = "an item") -> Decimal:
    if not isinstance(item, Mapping):
        total = getattr(item, "total", None)
        if isinstance(total, Decimal):  # an Item of the models
            return total
        raise ItemsError(path, item, expected)
    for key, value in item.items():
        if key not in _FIELDS:
            only = f"only the keys {', '.join(map(repr, _FIELDS[:-1]))} and {_FIELDS[-1]!r}"
            raise ItemsError(f"{path}.{path_segment(key)}", value, only, did_you_mean(key, _FIELDS))
        if key in TEXTS and not (value is None or is_text(value)):
            raise ItemsError(f"{path}.{key}", value, "text")
    return line_total(**_numbers({name: item[name] for name in NUMBERS if item.get(name) is not None}, path))


def _numbers(given: Mapping[str, object], path: str) -> dict[str, Decimal]:
    numbers = {}
    for name, value in given.items():
        number = as_amount(value)
        if number is None:
            raise ItemsError(f"{path}.{name}", value, AN_AMOUNT)
        if name == "quantity" and number <= 0:
            raise ItemsError(f"{path}.{name}", value, "a quantity of more than 0")
        if name in NEEDS_PRICE and "price" not in given:
            raise ItemsError(f"{path}.price", None, f"a price, since there is a {name}")
        numbers[name] = number
    return numbers


def line_total(
    price: Decimal | None = None,
    vat: Decimal | None = None,
    rebate: Decimal | None = None,
    quantity: Decimal | None = None,
) -> Decimal:
    """Return (price + vat - rebate) x quantity, exactly.

    >>> line_total(Decimal("12.5"), Decimal("3.125"), quantity=Decimal(3))
    Decimal('46.875')
    """
    # `or` also makes -0 into 0.
    unit = EXACT.subtract(EXACT.add(price or _ZERO, vat or _ZERO), rebate or _ZERO)
    return unit if quantity is None else EXACT.multiply(unit, quantity)


def as_amount(value: object) -> Decimal | None:
    """Return a number as an exact amount, or None if it is not an amount.

    >>> as_amount(0.1), as_amount(3), as_amount(1e40), as_amount(True), as_amount("1")
    (Decimal('0.1'), Decimal('3'), None, None, None)
    """
    if isinstance(value, float):
        number = Decimal(repr(float(value)))  # NumPy's own floats have another repr
        return number if is_portable(number) else None
    if not isinstance(value, Decimal):
        whole = whole_number(value)
        if whole is None or whole.bit_length() > 4 * _DIGITS:  # too long, and slow to convert if much too long
            return None
        value = Decimal(whole)
    exponent = value.as_tuple().exponent
    is_short = isinstance(exponent, int) and exponent >= -_DIGITS and value.adjusted() < _DIGITS
    return value if is_short else None


def is_portable(number: Decimal) -> bool:
    """Return True if every reader of JSON gets the number exactly, even as a binary float.

    It has at most 15 digits before the point, after it, and in all, without zeros at either end.

    >>> is_portable(Decimal("42.00")), is_portable(Decimal("0.30000000000000004")), is_portable(Decimal("1E+15"))
    (True, False, False)
    """
    try:
        return _PORTABLE.plus(number).is_finite()
    except (Inexact, InvalidOperation):
        return False
