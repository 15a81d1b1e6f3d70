"""Orders, and how they are paid."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import Annotated, Literal

from pydantic import Field, Tag, ValidationInfo, field_validator

from recurring_schedule.core.due_dates import retry_dates
from recurring_schedule.core.errors import ScheduleError
from recurring_schedule.models.document import Document
from recurring_schedule.models.fields import (
    Amount,
    Amounts,
    Currency,
    DateTime,
    Expires,
    Filled,
    Identifier,
    Iin,
    Last4,
    Listed,
    Locale,
    Meta,
    RetryDays,
    Scheme,
    Text,
    ToldBy,
    ToldByType,
)
from recurring_schedule.models.flaws import flawed
from recurring_schedule.models.items import Item, Items, check_total, total
from recurring_schedule.models.methods import _TokenPayload


class OrderCreatable(Document):
    """An order that is asked for together with a customer: without `payment` and `customer`.

    >>> OrderCreatable.model_validate({"items": 42, "currency": "EUR"}).total
    Decimal('42')
    """

    id: Identifier | None = None
    """The order's identifier."""
    number: Text | None = None
    """The merchant's number of the order."""
    currency: Currency
    """The currency of all amounts."""
    items: Items
    """What is ordered."""
    category: Literal["purchase", "withdrawal"] = "purchase"
    """Which way the money goes."""
    theme: Text | None = None
    """How pages about the order look."""
    meta: Meta | None = None
    """The merchant's own: kept as it is."""
    callback: Text | None = None
    """Whom to tell of changes."""
    language: Locale | None = None
    """The language of pages about the order."""

    @field_validator("items")
    @classmethod
    def _can_be_paid(cls, value: Decimal | Item | tuple[Item, ...], info: ValidationInfo) -> object:
        check_total(total(value), info.data.get("currency"), "number | Item | Item[]")
        return value

    @property
    def total(self) -> Decimal:
        """What is to be paid, exactly."""
        return total(self.items)


class CardPayment(Document):
    """A payment of an order with a card."""

    type: Literal["card"]
    """That it was a card."""
    card: Filled = Field(repr=False)
    """The token of the card."""
    created: DateTime
    """When it was made."""
    scheme: Scheme
    """The scheme of the card."""
    iin: Iin
    """The first 6 digits of the card number."""
    last4: Last4
    """The last 4 digits of the card number."""
    expires: Expires
    """The month and the year, without its century, after which the card is not valid."""
    currency: Currency
    """The currency of the amount."""
    amount: Amount
    """How much was authorized."""
    status: Text
    """How far it is, such as `created`."""
    descriptor: Text | None = None
    """What the statement of the card says."""
    reference: Text | None = None
    """The acquirer's reference."""
    scheme_reference: Text | None = Field(
        None, validation_alias="schemeReference", serialization_alias="schemeReference"
    )
    """The scheme's reference, in its own spelling `schemeReference`."""
    service: Text | None = None
    """Who acquires it."""

    @field_validator("amount")
    @classmethod
    def _can_be_paid(cls, value: Decimal, info: ValidationInfo) -> Decimal:
        check_total(value, info.data.get("currency"), "number")
        return value


class CustomerPaymentCreatable(Document):
    """A payment with the method of a customer, to be made.

    >>> CustomerPaymentCreatable.model_validate({"type": "customer", "schedule": [1, 3, 7], "charge": "auto"}).schedule
    (1, 3, 7)
    """

    type: Literal["customer"]
    """That the customer's method is used."""
    schedule: RetryDays | None = None
    """After how many days it is tried again, each time."""
    charge: Literal["auto", "balance"] | None = None
    """That it is charged when it has been authorized; older data have `balance`."""
    scheduled: Literal[True] | None = None
    """That it is made on a due date."""


class CustomerPayment(Document):
    """A payment with the method of a customer.

    >>> payment = CustomerPayment.model_validate({"type": "customer", "schedule": [1, 3], "due": "2024-02-28T00:00:00.000Z"})
    >>> [str(day) for day in payment.retry_dates()]
    ['2024-02-29', '2024-03-02']
    """

    type: Literal["customer"]
    """That the customer's method is used."""
    schedule: RetryDays | None = None
    """After how many days it is tried again, each time."""
    charge: Literal["auto", "balance"] | None = None
    """That it is charged when it has been authorized; older data have `balance`."""
    due: DateTime | None = None
    """When it is due."""

    @field_validator("due")
    @classmethod
    def _can_be_retried(cls, value: datetime | None, info: ValidationInfo) -> datetime | None:
        if value is not None and info.data.get("schedule"):
            try:
                retry_dates(value.date(), info.data["schedule"])
            except ScheduleError:
                raise flawed("DateTime", "no retry past 9999-12-31") from None
        return value

    def retry_dates(self) -> tuple[date, ...]:
        """The days on which it is tried again: none without `due` or `schedule`. `due` is on the calendar day of UTC."""
        return () if self.due is None or self.schedule is None else retry_dates(self.due.date(), self.schedule)


class OrderItem(Item):
    """An item that has been ordered, with the status of each unit."""

    status: Annotated[tuple[Text, ...], Listed()] | None = None
    """The status of each unit, such as `ordered`."""


class OrderEvent(Document):
    """Something that happened to an order."""

    type: Text
    """What happened, such as `order`."""
    date: DateTime
    """When it happened."""


class Order(Document):
    """An order."""

    id: Identifier
    """The order's identifier."""
    number: Text | None = None
    """The merchant's number of the order."""
    created: DateTime
    """When it was made."""
    currency: Currency
    """The currency of all amounts."""
    items: Annotated[
        Annotated[OrderItem, Tag("<object>")] | Annotated[tuple[OrderItem, ...], Listed(at_least=1), Tag("<array>")],
        ToldBy(),
    ]
    """What was ordered."""
    category: Literal["purchase", "withdrawal"] = "purchase"
    """Which way the money goes."""
    customer: Identifier | None = None
    """Whose it is."""
    payment: Annotated[
        Annotated[CardPayment, Tag("<card>")] | Annotated[CustomerPayment, Tag("<customer>")],
        ToldByType("card", "customer"),
    ]
    """How it is paid."""
    event: Annotated[tuple[OrderEvent, ...], Listed()]
    """What happened to it."""
    status: Amounts
    """How much of it has each status."""
    theme: Text | None = None
    """How pages about the order look."""
    meta: Meta | None = None
    """The merchant's own: kept as it is."""
    callback: Text | None = None
    """Whom to tell of changes."""
    language: Locale | None = None
    """The language of pages about the order."""

    @field_validator("items")
    @classmethod
    def _can_be_paid(cls, value: OrderItem | tuple[OrderItem, ...], info: ValidationInfo) -> object:
        check_total(total(value), info.data.get("currency"), "OrderItem | OrderItem[]")
        return value

    @property
    def total(self) -> Decimal:
        """What is to be paid, exactly."""
        return total(self.items)


class OrderToken(_TokenPayload, Order):
    """The payload of a tokenized order."""
