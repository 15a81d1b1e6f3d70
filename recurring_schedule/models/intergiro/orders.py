"""Orders and their payments."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import Annotated, Any, Literal

from pydantic import Field, ValidationInfo, field_validator

from recurring_schedule.core.errors import ScheduleError
from recurring_schedule.core.retries import retry_dates
from recurring_schedule.models.document import Answer, Document
from recurring_schedule.models.intergiro.items import Charged, Item, Items, check_total
from recurring_schedule.models.intergiro.methods import CardDetails, TokenPayload
from recurring_schedule.models.violations import mismatch
from recurring_schedule.models.wire.dates import DateTime, RetryDays
from recurring_schedule.models.wire.numbers import Amount, Amounts, Meta, Quantity, normalized
from recurring_schedule.models.wire.texts import Currency, Filled, Identifier, Locale, ShortIdentifier, Text
from recurring_schedule.models.wire.unions import OneOf, OneOfTypes, OneOrMore

__all__ = [
    "CardPayment",
    "CustomerPayment",
    "CustomerPaymentCreatable",
    "Order",
    "OrderCreatable",
    "OrderEvent",
    "OrderItem",
    "OrderToken",
    "RefundCreatable",
]


class _OrderFields(Charged):
    """The fields that an order has from its creation on."""

    number: Text | None = None
    """The merchant's number for the order."""
    currency: Currency
    """The currency of all amounts."""
    items: Any
    """The items to order."""
    category: Literal["purchase", "withdrawal"] = "purchase"
    """The direction of the payment: from the customer, or to the customer."""
    theme: Text | None = None
    """The theme of pages about the order."""
    meta: Meta | None = None
    """The merchant's own data, kept unchanged."""
    callback: Text | None = None
    """The address to notify of changes."""
    language: Locale | None = None
    """The language of pages about the order."""


class OrderCreatable(_OrderFields):
    """An order to create with a customer: without `payment` and `customer`.

    >>> OrderCreatable.model_validate({"items": 42, "currency": "EUR"}).total
    Decimal('42')
    """

    id: Identifier | None = None
    """The identifier of the order."""
    number: Filled | None = None
    """The merchant's number for the order."""
    items: Items
    """The items to order."""


class CardPayment(CardDetails, Answer):
    """A payment of an order by card."""

    type: Literal["card"]
    """The kind of payment: by card."""
    card: Filled = Field(repr=False)
    """The token for the card."""
    created: DateTime
    """The time when it was created."""
    currency: Currency
    """The currency of the amount."""
    amount: Amount
    """The authorized amount."""
    status: Text
    """The state of the payment, such as `created`."""
    descriptor: Text | None = None
    """The text on the card statement."""
    reference: Text | None = None
    """The acquirer's reference."""
    scheme_reference: Text | None = Field(
        None, validation_alias="schemeReference", serialization_alias="schemeReference"
    )
    """The scheme's reference, `schemeReference`."""
    service: Text | None = None
    """The service that acquires the payment."""

    @field_validator("amount")
    @classmethod
    def _can_be_paid(cls, value: Decimal, info: ValidationInfo) -> Decimal:
        check_total(value, info.data.get("currency"), Decimal)
        return value


class CustomerPaymentCreatable(Document):
    """A payment by a customer's method, to create.

    >>> CustomerPaymentCreatable.model_validate({"type": "customer", "schedule": [1, 3, 7], "charge": "auto"}).schedule
    (1, 3, 7)
    """

    type: Literal["customer"]
    """The kind of payment: by the customer's method."""
    schedule: RetryDays | None = None
    """The numbers of days after which it is retried."""
    charge: Literal["auto", "balance"] | None = None
    """`auto` to charge it once it is authorized; older data has `balance`."""
    scheduled: Literal[True] | None = None
    """True if it is made on due dates."""


class CustomerPayment(CustomerPaymentCreatable, Answer):
    """A payment by a customer's method.

    >>> payment = CustomerPayment.model_validate({"type": "customer", "schedule": [1, 3], "due": "2024-02-28T00:00:00.000Z"})
    >>> [str(day) for day in payment.retry_dates()]
    ['2024-02-29', '2024-03-02']
    """

    due: DateTime | None = None
    """The time when it is due."""

    @field_validator("due")
    @classmethod
    def _can_be_retried(cls, value: datetime | None, info: ValidationInfo) -> datetime | None:
        if value is not None and info.data.get("schedule"):
            try:
                retry_dates(value.date(), info.data["schedule"])
            except ScheduleError:
                raise mismatch("DateTime", "no retry past 9999-12-31") from None
        return value

    def retry_dates(self) -> tuple[date, ...]:
        """Return the dates of retries, counted from the date of `due` in UTC.

        There are none without `due` or `schedule`.
        """
        return () if self.due is None or self.schedule is None else retry_dates(self.due.date(), self.schedule)


class OrderItem(Item, Answer):
    """An ordered item, with the status of each unit."""

    status: Annotated[Text | tuple[Text, ...], OneOf()] | None = None
    """The status of each unit, such as `ordered`, or the one of all."""


_OrderItems = Annotated[Amount | OrderItem | OneOrMore[OrderItem], OneOf()]


class OrderEvent(Answer):
    """An event of an order."""

    type: Text
    """The kind of event: `order`, `charge`, `fail`, `refund`, `void`, or another."""
    date: DateTime
    """The time of the event."""
    items: _OrderItems | None = None
    """The amount or the items that it is about."""
    reference: Text | None = None
    """The gateway's reference."""
    error: Text | None = None
    """The decline code of a failure."""


class Order(_OrderFields, Answer):
    """An order of a customer."""

    id: Identifier
    """The identifier of the order."""
    created: DateTime
    """The time when it was created."""
    items: _OrderItems
    """The ordered items."""
    customer: Identifier | None = None
    """The identifier of the customer."""
    subscription: ShortIdentifier | None = None
    """The identifier of the subscription that it was placed for."""
    payment: Annotated[CardPayment | CustomerPayment, OneOfTypes()]
    """The payment."""
    event: tuple[OrderEvent, ...] | None = None
    """The events of the order, oldest first."""
    status: Amounts | None = None
    """The amount in each status."""

    def to_wire(self, *, reveal: bool = False) -> dict[str, Any]:
        """Return the fields that were set, with every amount in one form: 42 for 42.00 and 4.2E+1.

        `meta` is unchanged.
        """
        wire = super().to_wire(reveal=reveal)
        return {name: value if name == "meta" else normalized(value) for name, value in wire.items()}


class OrderToken(TokenPayload, Order):
    """The payload of a tokenized order."""


class RefundCreatable(Document):
    """A refund of an order, or of a part of it.

    >>> RefundCreatable.model_validate({"amount": 12.5, "reference": "returned-item-7"}).amount
    Decimal('12.5')
    """

    amount: Quantity | None = None
    """The amount; without it, all that is charged and not refunded."""
    reference: Filled
    """The merchant's reference: the same one refunds once."""
