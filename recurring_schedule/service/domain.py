"""The rules for new customers: pure functions of the request, today and identifiers.

>>> from random import Random
>>> from recurring_schedule.models import CustomerCreatable
>>> from recurring_schedule.service.identifiers import Identifiers
>>> request = CustomerCreatable.model_validate({
...     "number": "customer-number-001", "method": [{"type": "token", "card": "abc.def.ghi"}],
...     "order": {"items": 42, "currency": "EUR"},
...     "subscription": {"items": 25, "currency": "SEK", "schedule": {"frequency": "quarterly", "offset": [2, -1]}},
... })
>>> plan = plan_customer(request, date(2024, 1, 31), Identifiers(Random(1)))
>>> plan.subscriptions[0].due, [(one.amount, one.currency) for one in plan.authorizations]
(datetime.date(2024, 3, 31), [(Decimal('42'), 'EUR')])

A plan lists the authorizations that it needs. Given the gateway's answers to them, it makes the
records to store and the answer.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from math import ceil
from typing import Any, NamedTuple
from uuid import UUID

from pydantic import ValidationError

from recurring_schedule.models import (
    Client,
    ClientCreatable,
    CustomerCreatable,
    OrderCreatable,
    OrderItem,
    PaydockCard,
    PaydockCustomerCreatable,
    PaydockTokenCustomer,
    Subscription,
    SubscriptionCreatable,
    Violation,
    violations_of,
)
from recurring_schedule.models.wire.dates import date_time_text
from recurring_schedule.service.gateway import Authorized, CardSource, OneTimeSource, Source, TokenSource, VaultSource
from recurring_schedule.service.identifiers import Identifiers
from recurring_schedule.service.refusals import flawed

Sign = Callable[[Mapping[str, Any]], str]

MAX_MEMBERS = 50
"""The most methods, orders or subscriptions of a request: each may need an authorization."""
MAX_UNITS = 1000
"""The most units of an order with a status each. In a larger order, each item has one."""


class Claim(NamedTuple):
    """A value that must be unique within its merchant or, for a token, among all merchants."""

    kind: str
    value: str


class Authorization(NamedTuple):
    """An authorization that a plan needs."""

    source: Source | None
    """The source that pays; None for the card of the plan's first authorization."""
    amount: Decimal
    currency: str | None


class Records(NamedTuple):
    """The records to store for a customer, and the answer. Documents are in wire form."""

    customer: Mapping[str, Any]
    """The customer without methods, subscriptions and orders."""
    methods: Sequence[Mapping[str, Any]]
    subscriptions: Sequence[Subscription]
    orders: Sequence[Mapping[str, Any]]
    """The payloads of the signed orders."""
    answer: Mapping[str, Any]


@dataclass(frozen=True)
class Plan(ABC):
    """A customer to be created."""

    id: str
    """The customer's identifier."""
    attempt: str | None
    """The identifier of the attempt to resume after a verification; None for a new attempt."""
    claims: tuple[Claim, ...]
    """The values that must be unique."""
    authorizations: tuple[Authorization, ...]
    """The authorizations to ask for, in order."""

    @abstractmethod
    def records(self, authorized: Sequence[Authorized], now: datetime, sign: Sign) -> Records:
        """Return the records and the answer, given the gateway's answer to each authorization."""


class Issuer(NamedTuple):
    """The issuer, audience and acquirer that tokens name."""

    name: str = "recurring-schedule"
    audience: str = "sandbox"
    acquirer: str = "intergiro"


# Intergiro.


@dataclass(frozen=True)
class CustomerPlan(Plan):
    """A customer to be created through Intergiro's API."""

    request: CustomerCreatable
    orders: tuple[tuple[str, OrderCreatable], ...]
    """Each order with its identifier."""
    subscriptions: tuple[Subscription, ...]
    issuer: Issuer

    def records(self, authorized: Sequence[Authorized], now: datetime, sign: Sign) -> Records:
        """Return the customer with methods, subscriptions and orders."""
        created = date_time_text(now)
        issued = {"iss": self.issuer.name, "iat": int(now.timestamp()), "aud": self.issuer.audience}
        methods = [
            self._method(answer, created, issued, sign)
            for needed, answer in zip(self.authorizations, authorized, strict=True)
            if needed.source is not None
        ]
        orders = [
            {**issued, **self._order(identifier, order, answer, created)}
            # The first authorizations are those of the orders.
            for (identifier, order), answer in zip(self.orders, authorized, strict=False)
        ]
        fields = self.request.to_wire()
        customer = {
            "id": self.id,
            **_chosen(fields, "number", "contact"),
            "status": "active" if self.request.method else "created",
            "total": 0,
            "balance": [],
            "schedule": self.request.schedule.to_wire(),
            "currency": self.request.currency,
            **_chosen(fields, "limit"),
        }
        answer = customer_answer(customer, methods, [one.to_wire() for one in self.subscriptions])
        if self.request.order is not None:
            tokens = [sign(order) for order in orders]
            answer["order"] = tokens if isinstance(self.request.order, tuple) else tokens[0]
        return Records(customer, methods, self.subscriptions, orders, answer)

    def _method(self, found: Authorized, created: str, issued: Mapping[str, Any], sign: Sign) -> dict[str, Any]:
        card, acquirer = _card(found), self.issuer.acquirer
        token = {
            **issued,
            "type": "card",
            "card": found.card.vault_token,
            **card,
            "reference": found.reference,
            "acquirer": acquirer,
            "created": created,
        }
        return {"type": "card", **card, "acquirer": acquirer, "created": created, "token": sign(token)}

    def _order(self, identifier: str, order: OrderCreatable, found: Authorized, created: str) -> dict[str, Any]:
        payment = {
            "type": "card",
            "card": found.card.vault_token,
            "created": created,
            **_card(found),
            "amount": order.total,
            "currency": order.currency,
            "status": "created",
            "descriptor": found.descriptor,
            "reference": found.reference,
            "schemeReference": found.scheme_reference,
            "service": self.issuer.acquirer,
        }
        return {
            "id": identifier,
            "created": created,
            "items": items_with_status(order),
            "currency": order.currency,
            "category": order.category,
            "customer": self.id,
            **_chosen(order.to_wire(), "number", "theme", "meta", "callback", "language"),
            "payment": payment,
            "event": [{"type": "order", "date": created}],
            "status": {"ordered": order.total},
        }


def plan_customer(
    request: CustomerCreatable,
    today: date,
    identifiers: Identifiers,
    issuer: Issuer | None = None,
    server: Mapping[str, str] | None = None,
) -> CustomerPlan:
    """Return the plan of the customer that a request creates today.

    The first method is authorized with the first order, or with 0 if there is none. The other
    orders are authorized with the same card, and the other methods with 0. `server` holds the
    details that the server adds to a browser's: `accept_header`, `user_agent` and `ip`.

    Raises RefusedError if there are too many members, if a token or an order's identifier is
    repeated, or if a subscription ends before it starts.
    """
    members = {"method": request.method, "order": request.orders, "subscription": request.subscriptions}
    subscriptions, misdated = _subscriptions(request, today, identifiers)
    violations = [
        *(Violation(name, "array", f"at most {MAX_MEMBERS}") for name in members if len(members[name]) > MAX_MEMBERS),
        *_repeated("method", "card", "a token that is not repeated", [method.card for method in request.method]),
        *_repeated("order", "id", "an identifier that is not repeated", [order.id for order in request.orders]),
        *misdated,
    ]
    if violations:
        raise flawed(violations)
    orders = tuple((order.id or identifiers.long(), order) for order in request.orders)
    return CustomerPlan(
        id=request.id or identifiers.long(),
        attempt=request.id,
        claims=_claims(request, [identifier for identifier, _ in orders]),
        authorizations=tuple(_authorizations(request, server or {})),
        request=request,
        orders=orders,
        subscriptions=tuple(subscriptions),
        issuer=issuer or Issuer(),
    )


def _claims(request: CustomerCreatable, orders: Sequence[str]) -> tuple[Claim, ...]:
    number = () if request.number is None else (Claim("number", request.number),)
    tokens = (Claim("token", token_identity(method.card)) for method in request.method)
    return (*number, *tokens, *(Claim("order", order) for order in orders))


def _authorizations(request: CustomerCreatable, server: Mapping[str, str]) -> list[Authorization]:
    nothing = Decimal(0), request.currency
    amounts = [(order.total, order.currency) for order in request.orders] or [nothing]
    sources = [TokenSource(method.card, _client(method.client, server)) for method in request.method]
    return [
        *(Authorization(source, *amounts[0]) for source in sources[:1]),
        *(Authorization(None, *amount) for amount in amounts[1:]),
        *(Authorization(source, *nothing) for source in sources[1:]),
    ]


def _subscriptions(
    request: CustomerCreatable, today: date, identifiers: Identifiers
) -> tuple[list[Subscription], list[Violation]]:
    made: list[Subscription] = []
    violations: list[Violation] = []
    for index, one in enumerate(request.subscriptions):
        path = f"subscription[{index}]" if isinstance(request.subscription, tuple) else "subscription"
        try:
            made.append(one.created(identifiers.short({other.id for other in made}), today))
        except ValidationError as error:
            violations += [found._replace(property=f"{path}.{found.property}") for found in violations_of(error)]
    return made, violations


def _client(client: ClientCreatable | None, server: Mapping[str, str]) -> Client | None:
    if client is None:
        return None
    fields = client.to_wire()
    if "browser" in fields:
        fields["browser"] = {**fields["browser"], **server}
    return Client.model_validate(fields)


def _repeated(name: str, field: str, expected: str, values: Sequence[str | None]) -> list[Violation]:
    return [
        Violation(f"{name}[{index}].{field}", "string", expected)
        for index, value in enumerate(values)
        if value is not None and value in values[:index]
    ]


def new_subscription(
    request: SubscriptionCreatable, today: date, identifiers: Identifiers, taken: Sequence[str]
) -> Subscription:
    """Return the subscription that a request adds to a customer today.

    `taken` are the identifiers of the customer's other subscriptions. Raises RefusedError if the
    subscription ends before it starts.
    """
    try:
        return request.created(identifiers.short(taken), today)
    except ValidationError as error:
        raise flawed(violations_of(error)) from None


def advanced(subscription: Subscription) -> Subscription:
    """Return a subscription with its next due date, or without one if there is none.

    >>> start, end = date(2024, 1, 31), date(2024, 3, 1)
    >>> subscription = Subscription(
    ...     id="test", items=25, currency="SEK", schedule="monthly", start=start, end=end, due=start
    ... )
    >>> advanced(subscription).due, advanced(advanced(subscription)).due
    (datetime.date(2024, 2, 29), None)

    Raises ValueError if the subscription has no due date.
    """
    if subscription.due is None:
        raise ValueError("subscription: expected one with a due date")
    return subscription.model_copy(update={"due": subscription.due_dates.after(subscription.due)})


def customer_answer(
    customer: Mapping[str, Any], methods: Sequence[Any], subscriptions: Sequence[Any]
) -> dict[str, Any]:
    """Return the answer that shows a customer with its methods and any subscriptions."""
    fields = {**customer, "method": list(methods)}
    return {**fields, "subscription": list(subscriptions)} if subscriptions else fields


def token_identity(token: str) -> str:
    """Return the signed part of a token, which identifies it: signatures can vary in form.

    >>> token_identity("abc.def.ghi") == token_identity("abc.def.ghj")
    True
    """
    return token.rpartition(".")[0] or token


def items_with_status(order: OrderCreatable) -> Any:
    """Return the items of an order in wire form, with the status of each unit.

    >>> items_with_status(OrderCreatable(items=Decimal(42), currency="EUR"))
    {'price': Decimal('42'), 'status': ['ordered']}

    A fraction of a unit counts as a unit.
    """
    if isinstance(order.items, Decimal):
        return OrderItem(price=order.items, status=("ordered",)).to_wire()
    items = order.items if isinstance(order.items, tuple) else (order.items,)
    units = [ceil(item.quantity or 1) for item in items]
    if sum(units) > MAX_UNITS:
        units = [1] * len(items)
    wire = [{**item.to_wire(), "status": ["ordered"] * count} for item, count in zip(items, units, strict=True)]
    return wire if isinstance(order.items, tuple) else wire[0]


def _card(found: Authorized) -> dict[str, Any]:
    card = found.card
    return {"scheme": card.scheme, "iin": card.iin, "last4": card.last4, "expires": list(card.expires)}


def _chosen(fields: Mapping[str, Any], *names: str) -> dict[str, Any]:
    return {name: fields[name] for name in names if name in fields}


# Paydock.


@dataclass(frozen=True)
class PaydockPlan(Plan):
    """A customer to be created through Paydock's API."""

    request: PaydockCustomerCreatable
    source_id: str

    def records(self, authorized: Sequence[Authorized], now: datetime, sign: Sign) -> Records:
        """Return the customer with its payment source."""
        (found,) = authorized
        created = date_time_text(now)
        fields = self.request.to_wire()
        given = fields.get("payment_source", {})
        month, year = found.card.expires
        source = {
            "_id": self.source_id,
            "type": given.get("type", "card"),
            "vault_token": found.card.vault_token,
            **_chosen(given, "gateway_id"),
            "ref_token": found.reference,
            **_chosen(given, "card_name"),
            "card_number_bin": found.card.iin,
            "card_number_last4": found.card.last4,
            "card_scheme": found.card.scheme,
            "expire_month": f"{month:02d}",
            "expire_year": f"20{year:02d}",
            "status": "active",
            **{name: value for name, value in given.items() if name.startswith("address_")},
        }
        left_out = {"token", "payment_source", "default_source"}
        customer = {
            "_id": self.id,
            "status": "active",
            "archived": False,
            "created_at": created,
            "updated_at": created,
            **{name: value for name, value in fields.items() if name not in left_out},
            "statistics": {"successful_transactions": 0, "total_collected_amount": 0},
            "_service": {"default_gateway_id": given["gateway_id"]} if "gateway_id" in given else {},
            "default_source": self.source_id,
        }
        return Records(customer, [source], (), (), paydock_answer(customer, [source]))


def plan_paydock_customer(request: PaydockCustomerCreatable, identifiers: Identifiers) -> PaydockPlan:
    """Return the plan of a customer. An authorization of 0 checks the card."""
    source = _source(request)
    return PaydockPlan(
        id=identifiers.object_id(),
        attempt=None,
        claims=(Claim("token", str(UUID(source.token))),) if isinstance(source, OneTimeSource) else (),
        authorizations=(Authorization(source, Decimal(0), None),),
        request=request,
        source_id=identifiers.object_id(),
    )


def _source(request: PaydockCustomerCreatable) -> Source:
    if isinstance(request, PaydockTokenCustomer):
        return OneTimeSource(request.token)
    source = request.payment_source
    if isinstance(source, PaydockCard):
        return CardSource(source.card_number, (int(source.expire_month), int(source.expire_year[-2:])), source.card_ccv)
    return VaultSource(source.vault_token)


def paydock_answer(customer: Mapping[str, Any], sources: Sequence[Any], status: int = 201) -> dict[str, Any]:
    """Return the answer that shows a customer with its payment sources."""
    data = {**customer, "payment_sources": list(sources)}
    return {"status": status, "error": None, "resource": {"type": "customer", "data": data}}
