"""Customers, with their methods, subscriptions and orders."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Field, ValidationError, ValidationInfo, ValidatorFunctionWrapHandler, field_validator

from recurring_schedule.core.frequencies import DEFAULT_FREQUENCY
from recurring_schedule.core.schedule import Schedule
from recurring_schedule.models.document import Document
from recurring_schedule.models.intergiro.contact import Contact
from recurring_schedule.models.intergiro.methods import CustomerLink, CustomerMethod, MethodCreatable
from recurring_schedule.models.intergiro.orders import OrderCreatable
from recurring_schedule.models.intergiro.subscriptions import Subscription, SubscriptionCreatable, check_due
from recurring_schedule.models.violations import MISMATCH, detail, details_of, mismatch, validation_error
from recurring_schedule.models.wire.numbers import Amount, Meta
from recurring_schedule.models.wire.texts import Currency, Identifier, Text, Token
from recurring_schedule.models.wire.unions import OneOf, OneOrMore

__all__ = ["Customer", "CustomerCreatable", "Limit"]


class Limit(Document):
    """The credit limit of a customer, in the customer's currency."""

    hard: Amount | None = None
    """The limit that is never exceeded."""
    soft: Amount | None = None
    """The limit that is exceeded with a warning."""
    margin: Amount | None = None
    """The margin above the limit."""


_Limit = Annotated[Amount | Limit, OneOf()]


def _check_unique(value: object, handler: ValidatorFunctionWrapHandler, names: tuple[str, ...]) -> Any:
    """Return what the handler returns. Raise its violations and those of shared values as one."""
    details, subscriptions, seen = [], None, set()
    try:
        subscriptions = handler(value)
    except ValidationError as error:
        details = details_of(error, {}, "Subscription")
    for name in names:
        for index, one in enumerate(value if isinstance(value, (list, tuple)) else ()):
            own = one.get(name) if isinstance(one, dict) else getattr(one, name, None)
            if isinstance(own, str) and (name, own) in seen:
                details.append(detail((index, name), MISMATCH, "string", "unique within the customer"))
            elif isinstance(own, str):
                seen.add((name, own))
    if details:
        raise validation_error("Subscription", details)
    return subscriptions


class CustomerCreatable(Document):
    """A customer to create.

    >>> customer = CustomerCreatable.model_validate({
    ...     "number": "customer-number-001", "method": [{"type": "token", "card": "abc.def.ghi"}],
    ...     "contact": {"name": "Joe Smith"}, "order": {"items": 42, "currency": "EUR"},
    ... })
    >>> customer.currency, customer.orders[0].total, customer.subscriptions
    ('SEK', Decimal('42'), ())
    """

    id: Identifier | None = None
    """The identifier of the attempt to resume after a verification."""
    number: Text | None = None
    """The merchant's number for the customer."""
    contact: Contact | None = None
    """The contact details."""
    currency: Currency = "SEK"
    """The customer's currency, even if orders have another."""
    schedule: Schedule = Schedule(DEFAULT_FREQUENCY)
    """The schedule on which the customer pays."""
    limit: _Limit | None = None
    """The credit limit."""
    order: Annotated[OrderCreatable | OneOrMore[OrderCreatable], OneOf()] | None = None
    """An order, or several, to create with the customer; the first authorizes the method."""
    subscription: Annotated[SubscriptionCreatable | tuple[SubscriptionCreatable, ...], OneOf()] | None = None
    """A subscription, or several, to create with the customer."""
    method: tuple[MethodCreatable, ...]
    """The payment methods; may be empty if there is no order."""

    @field_validator("schedule")
    @classmethod
    def _is_due(cls, value: Schedule) -> Schedule:
        check_due(value)
        return value

    @field_validator("subscription", mode="wrap")
    @classmethod
    def _is_unique(cls, value: object, handler: ValidatorFunctionWrapHandler) -> Any:
        return _check_unique(value, handler, ("number",))

    @field_validator("method")
    @classmethod
    def _pays_an_order(cls, value: tuple[MethodCreatable, ...], info: ValidationInfo) -> tuple[MethodCreatable, ...]:
        # A wrong order is not in the data; a missing one is None.
        if not value and info.data.get("order", value) is not None:
            raise mismatch("Method.Creatable[]", "not empty, since there is an order")
        return value

    @property
    def orders(self) -> tuple[OrderCreatable, ...]:
        """The orders as a tuple, even if there is one or none."""
        return () if self.order is None else self.order if isinstance(self.order, tuple) else (self.order,)

    @property
    def subscriptions(self) -> tuple[SubscriptionCreatable, ...]:
        """The subscriptions as a tuple, even if there is one or none."""
        if self.subscription is None:
            return ()
        return self.subscription if isinstance(self.subscription, tuple) else (self.subscription,)


class Customer(Document):
    """A customer in an answer.

    >>> customer = Customer.model_validate({
    ...     "id": "SMmmIYXgLFTgE8qW", "method": [], "status": "created", "currency": "SEK", "schedule": "monthly", "total": 0,
    ...     "balance": [],
    ... })
    >>> customer.schedule, customer.total
    (Schedule('monthly'), Decimal('0'))
    """

    id: Identifier
    """The identifier of the customer."""
    number: Text | None = None
    """The merchant's number for the customer."""
    contact: Contact | None = None
    """The contact details."""
    method: tuple[CustomerMethod, ...]
    """The payment methods."""
    link: CustomerLink | None = None
    """A link by which the customer logs in once."""
    status: Literal["active", "created", "inactive", "pending", "suspended"] | None = None
    """The state of the customer."""
    subscription: tuple[Subscription, ...] | None = None
    """The subscriptions; a list even for one."""
    currency: Currency
    """The customer's currency."""
    schedule: Schedule | None = None
    """The schedule on which the customer pays."""
    total: Amount | None = None
    """The amount that the customer owes."""
    balance: tuple[Meta, ...] | None = None
    """The entries that add up to the total."""
    limit: _Limit | None = None
    """The credit limit."""
    order: Annotated[Token | tuple[Token, ...], OneOf()] | None = Field(None, repr=False)
    """The order that was created with the customer, as a token; a list if a list was sent."""

    @field_validator("subscription", mode="wrap")
    @classmethod
    def _is_unique(cls, value: object, handler: ValidatorFunctionWrapHandler) -> Any:
        return _check_unique(value, handler, ("number", "id"))
