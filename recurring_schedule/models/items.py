"""What is bought: an amount, an item, or items, and what they cost, exactly.

>>> total([Item(price=Decimal("42.00"), vat=Decimal("10.50")), Item(price=Decimal(100), quantity=Decimal("0.5"))])
Decimal('102.50')
"""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal, localcontext
from typing import Annotated

from pydantic import Tag, ValidationInfo, field_validator

from recurring_schedule.core.amounts import EXACT, line_total
from recurring_schedule.models.document import Document
from recurring_schedule.models.fields import MINOR_UNITS, Amount, Listed, Quantity, Text, ToldBy, decimals, fits
from recurring_schedule.models.flaws import flawed


class Item(Document):
    """Something that is bought, so many times; all amounts are for one unit.

    >>> item = Item.model_validate({"name": "Premium Access", "price": 100, "vat": 25, "rebate": 12.5, "quantity": 2})
    >>> item.total
    Decimal('225.0')
    """

    number: Text | None = None
    """The merchant's number of what is bought."""
    name: Text | None = None
    """What it is called."""
    price: Amount | None = None
    """The price of a unit, without VAT."""
    quantity: Quantity | None = None
    """How many units; 1 if it is left out. It may have a fraction."""
    unit: Text | None = None
    """What is counted or measured."""
    vat: Amount | None = None
    """The VAT of a unit."""
    rebate: Amount | None = None
    """What a unit costs less."""

    @field_validator("vat", "rebate")
    @classmethod
    def _of_a_price(cls, value: Decimal | None, info: ValidationInfo) -> Decimal | None:
        if (
            value is not None and info.data.get("price", value) is None
        ):  # a wrong price is not there, and is told itself
            raise flawed("nothing", "there is no price")
        return value

    @property
    def total(self) -> Decimal:
        """(price + vat - rebate) x quantity, exactly; 0 without a price."""
        quantity = Decimal(1) if self.quantity is None else self.quantity
        return line_total(self.price or _ZERO, self.vat or _ZERO, self.rebate or _ZERO, quantity)


_ZERO = Decimal(0)

Items = Annotated[
    Annotated[Amount, Tag("<number>")]
    | Annotated[Item, Tag("<object>")]
    | Annotated[tuple[Item, ...], Listed(at_least=1), Tag("<array>")],
    ToldBy(),
]
"""A number, which is the amount, an item, or a list of items."""


def total(items: Decimal | int | Item | Iterable[Item]) -> Decimal:
    """What they cost, exactly.

    >>> total(Decimal("42.00"))
    Decimal('42.00')
    """
    if isinstance(items, (Decimal, int)):
        return Decimal(items)
    if isinstance(items, Item):
        return items.total
    with localcontext(EXACT):
        return sum((item.total for item in items), _ZERO)


def check_total(amount: Decimal, currency: str | None, expected: str) -> None:
    """Raise an error unless it is an amount that can be asked for in a currency; `None` for a currency that is wrong itself.

    >>> check_total(Decimal("42.005"), "SEK", "number")
    Traceback (most recent call last):
    pydantic_core._pydantic_core.PydanticCustomError: expected number; a total of at most 2 decimals, as its currency has
    """
    if amount < 0:
        raise flawed(expected, "a total of 0 or more")
    if not fits(amount):
        raise flawed(expected, "a total of at most 15 digits")
    if currency is not None and decimals(amount) > MINOR_UNITS[currency]:
        raise flawed(expected, f"a total of at most {MINOR_UNITS[currency]} decimals, as its currency has")
