"""Items: the things that are bought, and the total that may be asked for them in a currency.

>>> from recurring_schedule import items_total
>>> items_total([Item(price=Decimal("42.00"), vat=Decimal("10.50")), Item(price=Decimal(100), quantity=Decimal("0.5"))])
Decimal('102.50')
"""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Annotated, Any

from pydantic import ValidationInfo, field_validator

from recurring_schedule.core.amounts import EXACT, FLOAT_DIGITS, NEEDS_PRICE, is_portable, items_total, line_total
from recurring_schedule.models.document import Document
from recurring_schedule.models.violations import mismatch
from recurring_schedule.models.wire.numbers import Amount, Quantity
from recurring_schedule.models.wire.texts import MINOR_UNITS, Text
from recurring_schedule.models.wire.unions import OneOf, OneOrMoreItems, type_name

__all__ = ["Item"]


class Item(Document):
    """Something that is bought, in a quantity; all amounts are for one unit.

    >>> item = Item.model_validate({"name": "Premium Access", "price": 100, "vat": 25, "rebate": 12.5, "quantity": 2})
    >>> item.total
    Decimal('225.0')
    """

    number: Text | None = None
    """The merchant's number for the item."""
    name: Text | None = None
    """The name."""
    price: Amount | None = None
    """The price of a unit, excluding VAT."""
    quantity: Quantity | None = None
    """The number of units; 1 if it is missing. It may have a fraction."""
    unit: Text | None = None
    """The unit of the quantity."""
    vat: Amount | None = None
    """The VAT of a unit."""
    rebate: Amount | None = None
    """The rebate on a unit."""

    @field_validator(*NEEDS_PRICE)
    @classmethod
    def _has_a_price(cls, value: Decimal | None, info: ValidationInfo) -> Decimal | None:
        # A wrong price is not in the data, and is reported itself.
        if value is not None and info.data.get("price", value) is None:
            raise mismatch("nothing", "there is no price")
        return value

    @property
    def total(self) -> Decimal:
        """(price + vat - rebate) x quantity, exactly; 0 without a price."""
        return line_total(self.price, self.vat, self.rebate, self.quantity)


Items = Annotated[Amount | Item | OneOrMoreItems[Item], OneOf()]
"""A number, which is the amount, an item, or a list of items."""


class Charged(Document):
    """A document with `currency` and `items`, whose total may be asked for in the currency."""

    if TYPE_CHECKING:
        items: Any

    @field_validator("items", check_fields=False)
    @classmethod
    def _can_be_paid(cls, value: object, info: ValidationInfo) -> object:
        check_total(items_total(value), info.data.get("currency"), cls.model_fields["items"].annotation)
        return value

    @property
    def total(self) -> Decimal:
        """The amount to pay, exactly."""
        # A total is never negative: the number is a total, and -0 becomes 0.
        return self.items.copy_abs() if isinstance(self.items, Decimal) else items_total(self.items)


def check_total(amount: Decimal, currency: str | None, kind: Any) -> None:
    """Raise an error unless the amount may be asked for in the currency; `kind` is expected.

    It is 0 or more, has at most 15 digits, and no more decimals than the currency; None stands for
    a wrong currency.

    >>> check_total(Decimal("42.005"), "SEK", Decimal)
    Traceback (most recent call last):
    pydantic_core._pydantic_core.PydanticCustomError: expected number; a total of at most the 2 decimals of its currency
    """
    condition = None
    if amount < 0:
        condition = "a total of 0 or more"
    elif not is_portable(amount):
        condition = f"a total of at most {FLOAT_DIGITS} digits"
    elif currency is not None and EXACT.remainder(amount, Decimal(1).scaleb(-MINOR_UNITS[currency])):
        condition = f"a total of at most the {MINOR_UNITS[currency]} decimals of its currency"
    if condition is not None:
        raise mismatch(type_name(kind), condition)
