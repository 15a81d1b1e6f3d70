"""Customers, with their methods, subscriptions and orders."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Annotated, Any, ClassVar, Literal, TypeVar

from pydantic import Field, ValidationInfo, field_validator
from pydantic_core import InitErrorDetails

from recurring_schedule.core.frequencies import DEFAULT_FREQUENCY
from recurring_schedule.core.schedule import Schedule
from recurring_schedule.models.document import Answer, Document
from recurring_schedule.models.intergiro.contact import Contact
from recurring_schedule.models.intergiro.methods import CustomerLink, CustomerMethod, MethodCreatable
from recurring_schedule.models.intergiro.orders import OrderCreatable, OrderItem
from recurring_schedule.models.intergiro.subscriptions import Subscription, SubscriptionCreatable, check_due
from recurring_schedule.models.violations import MISMATCH, detail, mismatch, validation_error
from recurring_schedule.models.wire.numbers import Amount
from recurring_schedule.models.wire.texts import Currency, Filled, Identifier, Token
from recurring_schedule.models.wire.unions import Members, OneOf, OneOrMoreMembers

__all__ = ["Customer", "CustomerCreatable", "Limit"]


class Limit(Document):
    """The credit limit of a customer, in the customer's currency."""

    hard: Amount | None = None
    """The limit that is never exceeded."""
    soft: Amount | None = None
    """The limit that is exceeded with a warning."""
    margin: Amount | None = None
    """The margin above the limit."""


_MOST_ITEMS_IN_ALL = 1000
_Member = TypeVar("_Member")


def _as_tuple(value: _Member | tuple[_Member, ...] | None) -> tuple[_Member, ...]:
    return () if value is None else value if isinstance(value, tuple) else (value,)


def _several(value: object) -> Sequence[Any]:
    return value if isinstance(value, (list, tuple)) else ()


class _WithSubscriptions(Document):
    """A customer with subscriptions, which differ in some fields."""

    differ_in: ClassVar[tuple[str, ...]]

    number: Filled | None = None
    """The merchant's number for the customer."""
    contact: Contact | None = None
    """The contact details."""
    currency: Currency
    """The customer's currency, even if orders have another."""
    limit: Annotated[Amount | Limit, OneOf()] | None = None
    """The credit limit."""

    @classmethod
    def violations_across(cls, wire: Mapping[Any, Any]) -> Iterable[InitErrorDetails]:
        """Return the violations of subscriptions that share a value."""
        seen = set()
        for index, one in enumerate(_several(wire.get("subscription"))):
            for name in cls.differ_in:
                own = one.get(name) if isinstance(one, dict) else getattr(one, name, None)
                if isinstance(own, str) and (name, own) in seen:
                    yield detail(("subscription", index, name), MISMATCH, "string", "unique within the customer")
                elif isinstance(own, str):
                    seen.add((name, own))


class CustomerCreatable(_WithSubscriptions):
    """A customer to create.

    >>> customer = CustomerCreatable.model_validate({
    ...     "number": "customer-number-001", "method": [{"type": "token", "card": "abc.def.ghi"}],
    ...     "contact": {"name": "Joe Smith"}, "order": {"items": 42, "currency": "EUR"},
    ... })
    >>> customer.currency, customer.orders[0].total, customer.subscriptions
    ('SEK', Decimal('42'), ())
    """

    differ_in = ("number",)

    id: Identifier | None = None
    """The identifier of the attempt to resume after a verification."""
    currency: Currency = "SEK"
    """The customer's currency, even if orders have another."""
    schedule: Schedule = Schedule(DEFAULT_FREQUENCY)
    """The schedule on which the customer pays."""
    order: Annotated[OrderCreatable | OneOrMoreMembers[OrderCreatable], OneOf()] | None = None
    """An order, or several, to create with the customer; the first authorizes the method."""
    subscription: Annotated[SubscriptionCreatable | Members[SubscriptionCreatable], OneOf()] | None = None
    """A subscription, or several, to create with the customer."""
    method: Members[MethodCreatable]
    """The payment methods; may be empty if there is no order."""

    @classmethod
    def violations_across(cls, wire: Mapping[Any, Any]) -> Iterable[InitErrorDetails]:
        """Return the violations of subscriptions that share a value.

        Raises ValidationError if there are too many items in all, before any is validated.
        """
        members = [one for name in ("order", "subscription") for one in _several(wire.get(name))]
        items = (one.get("items") for one in members if isinstance(one, dict))
        if sum(len(several) for several in items if isinstance(several, (list, tuple))) > _MOST_ITEMS_IN_ALL:
            condition = f"at most {_MOST_ITEMS_IN_ALL} items in all orders and subscriptions"
            raise validation_error(cls.wire_name(), [detail((), MISMATCH, cls.wire_name(), condition)])
        return super().violations_across(wire)

    @field_validator("schedule")
    @classmethod
    def _is_due(cls, value: Schedule) -> Schedule:
        check_due(value)
        return value

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
        return _as_tuple(self.order)

    @property
    def subscriptions(self) -> tuple[SubscriptionCreatable, ...]:
        """The subscriptions as a tuple, even if there is one or none."""
        return _as_tuple(self.subscription)


class Customer(_WithSubscriptions, Answer):
    """A customer in an answer.

    >>> customer = Customer.model_validate({
    ...     "id": "SMmmIYXgLFTgE8qW", "method": [], "status": "created", "currency": "SEK", "schedule": "monthly", "total": 0,
    ...     "balance": [],
    ... })
    >>> customer.schedule, customer.total
    (Schedule('monthly'), Decimal('0'))
    """

    differ_in = ("number", "id")

    id: Identifier
    """The identifier of the customer."""
    method: tuple[CustomerMethod, ...]
    """The payment methods."""
    link: CustomerLink | None = None
    """A link by which the customer logs in once."""
    status: Literal["active", "created", "inactive", "pending", "suspended"] | None = None
    """The state of the customer."""
    subscription: tuple[Subscription, ...] | None = None
    """The subscriptions; a list even for one."""
    schedule: Schedule | None = None
    """The schedule on which the customer pays."""
    total: Amount | None = None
    """The amount that the customer owes."""
    balance: tuple[Annotated[Amount | OrderItem, OneOf()], ...] | None = None
    """The items that add up to the total."""
    order: Annotated[Token | tuple[Token, ...], OneOf()] | None = Field(None, repr=False)
    """The order that was created with the customer, as a token; a list if a list was sent."""
