"""The amount that items come to, exactly.

>>> items_total({"name": "seats", "price": 12.5, "vat": 3.125, "quantity": 3})
Decimal('46.875')
>>> items_total('[{"price": 0.1}, {"price": 0.2, "rebate": 0.05}]')
Decimal('0.25')
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from decimal import MAX_EMAX, MIN_EMIN, Context, Decimal, Inexact, InvalidOperation, localcontext

from recurring_schedule.core.checks import did_you_mean, path_segment, whole_number
from recurring_schedule.core.errors import FieldError
from recurring_schedule.core.json_text import read_json

_TEXTS = ("number", "name", "unit")
_NUMBERS = ("price", "quantity", "vat", "rebate")
_FIELDS = ("number", "name", "price", "quantity", "unit", "vat", "rebate")
_MOST_DIGITS = 40
_MOST_BITS = 256  # more than any amount has; what is larger takes long to write in digits
_EXPECTED = f"a number of at most {_MOST_DIGITS} digits before and {_MOST_DIGITS} after the point"
PLAIN = "(0|[1-9][0-9]{0,17})([.][0-9]{1,18})?"
"""The numbers of JSON that are read, and written, as they are."""

EXACT = Context(prec=1000, Emax=MAX_EMAX, Emin=MIN_EMIN, traps=[Inexact, InvalidOperation])
"""In which sums and products of amounts are exact: a line has 160 digits at most, and 10**800 lines are enough."""


class ItemsError(FieldError):
    """Something that was to be items is none.

    >>> items_total({"prise": 5})
    Traceback (most recent call last):
    recurring_schedule.ItemsError: items.prise: got 5, expected no other keys than 'number', 'name', 'price', \
'quantity', 'unit', 'vat' and 'rebate'; did you mean 'price'?
    """


def items_total(items: object) -> Decimal:
    """The amount of a wire form of items: a number, which is the amount, an item, a list of items, or the JSON text of these.

    An item is a mapping in which all may be missing: `number`, `name` and `unit`, texts; `price`, without VAT, `vat` and
    `rebate`, for one of them; `quantity`, which is 1 if missing. It comes to (price + vat - rebate) x quantity. A float is the
    shortest number that reads back as it.

    >>> items_total(0.1) + items_total("0.2")
    Decimal('0.3')

    Raises ItemsError for everything else.
    """
    if isinstance(items, str):
        if re.fullmatch(PLAIN, items):
            return Decimal(items)
        items = read_json(items, "items", ItemsError, parse_float=_read_number)
    with localcontext(EXACT):
        if isinstance(items, Mapping):
            return _of_item(items, "items")
        if isinstance(items, (list, tuple)):
            if not items:
                raise ItemsError("items", items, "at least one item")
            return sum((_of_item(item, f"items[{place}]") for place, item in enumerate(items)), Decimal(0))
        return 0 + _number(items, "items", f"{_EXPECTED}, an item, or a list of items")  # so that -0 is 0


def _of_item(item: object, path: str) -> Decimal:
    if not isinstance(item, Mapping):
        raise ItemsError(path, item, "an item")
    for key, value in item.items():
        if key not in _FIELDS:
            only = f"no other keys than {', '.join(map(repr, _FIELDS[:-1]))} and {_FIELDS[-1]!r}"
            raise ItemsError(f"{path}.{path_segment(key)}", value, only, did_you_mean(key, _FIELDS))
        if key in _TEXTS and not (value is None or isinstance(value, str)):
            raise ItemsError(f"{path}.{key}", value, "text")
    given = {name: _number(item[name], f"{path}.{name}", _EXPECTED) for name in _NUMBERS if item.get(name) is not None}
    for name in ("vat", "rebate"):
        if name in given and "price" not in given:
            raise ItemsError(f"{path}.price", None, f"a price, since there is a {name}")
    if given.get("quantity", 1) <= 0:
        raise ItemsError(f"{path}.quantity", item["quantity"], "a quantity above 0")
    price, vat, rebate = (given.get(name, Decimal(0)) for name in ("price", "vat", "rebate"))
    return line_total(price, vat, rebate, given.get("quantity", Decimal(1)))


def line_total(price: Decimal, vat: Decimal, rebate: Decimal, quantity: Decimal) -> Decimal:
    """What so many of an item come to, exactly; the first three are for one of them.

    >>> line_total(Decimal("12.5"), Decimal("3.125"), Decimal(0), Decimal(3))
    Decimal('46.875')
    """
    with localcontext(EXACT):
        return (0 + price + vat - rebate) * quantity  # 0, so that -0 is 0


def as_decimal(value: object) -> Decimal | None:
    """A number exactly, a float as the shortest decimal that reads back as it; `None` for what is no number, or an endless integer.

    >>> as_decimal(0.1), as_decimal(3), as_decimal(True), as_decimal("1")
    (Decimal('0.1'), Decimal('3'), None, None)
    """
    if isinstance(value, Decimal):
        return value
    if isinstance(value, float):
        return Decimal(repr(float(value)))  # of a subclass, such as NumPy's, the plain float is written
    whole = whole_number(value)
    return None if whole is None or whole.bit_length() > _MOST_BITS else Decimal(whole)


def _number(value: object, path: str, expected: str) -> Decimal:
    number = as_decimal(value)
    if number is None or not number.is_finite() or not _is_short(number):
        raise ItemsError(path, value, expected)
    return number


def _is_short(number: Decimal) -> bool:
    exponent = number.as_tuple().exponent
    return isinstance(exponent, int) and exponent >= -_MOST_DIGITS and number.adjusted() < _MOST_DIGITS


def _read_number(text: str) -> Decimal:
    try:
        return Decimal(text)
    except InvalidOperation:  # an exponent of 19 digits or more
        raise ItemsError("items", text, _EXPECTED) from None
