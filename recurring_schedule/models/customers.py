"""Customers: with their methods, subscriptions and orders, as they are asked for and as they are."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Annotated, Any, Literal

from pydantic import Field, Tag, ValidationError, ValidationInfo, ValidatorFunctionWrapHandler, field_validator

from recurring_schedule.core.schedule import Schedule
from recurring_schedule.models.contact import Contact
from recurring_schedule.models.document import Document
from recurring_schedule.models.fields import Amount, Currency, Identifier, Listed, Meta, Text, Token, ToldBy
from recurring_schedule.models.flaws import FLAWED, flawed, joined, line, retold
from recurring_schedule.models.methods import CustomerLink, CustomerMethod, MethodCreatable
from recurring_schedule.models.orders import OrderCreatable
from recurring_schedule.models.subscriptions import Subscription, SubscriptionCreatable, check_due


class Limit(Document):
    """How much credit a customer has, in the customer's currency."""

    hard: Amount | None = None
    """What is not exceeded."""
    soft: Amount | None = None
    """What is exceeded with a warning."""
    margin: Amount | None = None
    """How much more than that."""


_Limit = Annotated[Annotated[Amount, Tag("<number>")] | Annotated[Limit, Tag("<object>")], ToldBy()]


def _check_unique(value: object, handler: ValidatorFunctionWrapHandler, names: Iterable[str]) -> Any:
    """What the handler gives, unless of several subscriptions two have the same: told with all that is wrong otherwise."""
    lines = []
    found = None
    try:
        found = handler(value)
    except ValidationError as error:
        lines = retold(error, {}, "Subscription")
    for name in names:
        seen = set()
        for place, one in enumerate(value if isinstance(value, (list, tuple)) else ()):
            told = one.get(name) if isinstance(one, dict) else getattr(one, name, None)
            if not isinstance(told, str):
                continue
            if told in seen:
                lines.append(line((place, name), FLAWED, "string", "unique within the customer"))
            seen.add(told)
    if lines:
        raise joined("Subscription", lines)
    return found


class CustomerCreatable(Document):
    """A customer that is asked for.

    >>> customer = CustomerCreatable.model_validate({
    ...     "number": "customer-number-001", "method": [{"type": "token", "card": "abc.def.ghi"}],
    ...     "contact": {"name": "Joe Smith"}, "order": {"items": 42, "currency": "EUR"},
    ... })
    >>> customer.currency, customer.orders[0].total, customer.subscriptions
    ('SEK', Decimal('42'), ())
    """

    id: Identifier | None = None
    """The identifier of the attempt that is gone on with after a verification."""
    number: Text | None = None
    """The merchant's number of the customer."""
    contact: Contact | None = None
    """Who the customer is."""
    currency: Currency = "SEK"
    """The customer's currency, also if orders have another."""
    schedule: Schedule = Schedule("monthly")
    """When the customer pays."""
    limit: _Limit | None = None
    """How much credit the customer has."""
    order: (
        Annotated[
            Annotated[OrderCreatable, Tag("<object>")]
            | Annotated[tuple[OrderCreatable, ...], Listed(at_least=1), Tag("<array>")],
            ToldBy(),
        ]
        | None
    ) = None
    """An order, or several, to be made with the customer; the first authorizes the method."""
    subscription: (
        Annotated[
            Annotated[SubscriptionCreatable, Tag("<object>")]
            | Annotated[tuple[SubscriptionCreatable, ...], Listed(), Tag("<array>")],
            ToldBy(),
        ]
        | None
    ) = None
    """A subscription, or several, to be made with the customer."""
    method: Annotated[tuple[MethodCreatable, ...], Listed()]
    """The payment methods; empty for none, but not with an order."""

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
        # An order that is wrong is not in the data, one that is not there is None.
        if not value and info.data.get("order", value) is not None:
            raise flawed("Method.Creatable[]", "not empty, for there is an order")
        return value

    @property
    def orders(self) -> tuple[OrderCreatable, ...]:
        """The orders, also if there is one or none."""
        return () if self.order is None else self.order if isinstance(self.order, tuple) else (self.order,)

    @property
    def subscriptions(self) -> tuple[SubscriptionCreatable, ...]:
        """The subscriptions, also if there is one or none."""
        if self.subscription is None:
            return ()
        return self.subscription if isinstance(self.subscription, tuple) else (self.subscription,)


class Customer(Document):
    """A customer, as it is answered.

    >>> customer = Customer.model_validate({
    ...     "id": "SMmmIYXgLFTgE8qW", "method": [], "status": "created", "currency": "SEK", "schedule": "monthly", "total": 0,
    ...     "balance": [],
    ... })
    >>> customer.schedule, customer.total
    (Schedule('monthly'), Decimal('0'))
    """

    id: Identifier
    """The customer's identifier."""
    number: Text | None = None
    """The merchant's number of the customer."""
    contact: Contact | None = None
    """Who the customer is."""
    method: Annotated[tuple[CustomerMethod, ...], Listed()]
    """The payment methods."""
    link: CustomerLink | None = None
    """A link with which the customer logs in once."""
    status: Literal["active", "created", "inactive", "pending", "suspended"] | None = None
    """How far the customer is."""
    subscription: Annotated[tuple[Subscription, ...], Listed()] | None = None
    """The subscriptions, also if there is one."""
    currency: Currency
    """The customer's currency."""
    schedule: Schedule | None = None
    """When the customer pays."""
    total: Amount | None = None
    """What the customer owes."""
    balance: Annotated[tuple[Meta, ...], Listed()] | None = None
    """What that is the sum of."""
    limit: _Limit | None = None
    """How much credit the customer has."""
    order: (
        Annotated[Annotated[Token, Tag("<string>")] | Annotated[tuple[Token, ...], Listed(), Tag("<array>")], ToldBy()]
        | None
    ) = Field(None, repr=False)
    """The order that was made with the customer, as a token; a list for a list."""

    @field_validator("subscription", mode="wrap")
    @classmethod
    def _is_unique(cls, value: object, handler: ValidatorFunctionWrapHandler) -> Any:
        return _check_unique(value, handler, ("number", "id"))
