"""What a request makes: pure functions of the request, today and identifiers. No clock, no store, no gateway.

>>> from random import Random
>>> from recurring_schedule.models import CustomerCreatable
>>> from recurring_schedule.service.identifiers import Identifiers
>>> asked = CustomerCreatable.model_validate({
...     "number": "customer-number-001", "method": [{"type": "token", "card": "abc.def.ghi"}],
...     "order": {"items": 42, "currency": "EUR"},
...     "subscription": {"items": 25, "currency": "SEK", "schedule": {"frequency": "quarterly", "offset": [2, -1]}},
... })
>>> plan = planned(asked, date(2024, 1, 31), Identifiers(Random(1)))
>>> plan.subscriptions[0].due, [(one.amount, one.currency) for one in plan.authorizations]
(datetime.date(2024, 3, 31), [(Decimal('42'), 'EUR')])

A plan says which authorizations it needs; with what the gateway answers it says what is stored and told.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from math import ceil
from typing import Any, NamedTuple, Protocol
from uuid import UUID

from pydantic import ValidationError

from recurring_schedule.models import (
    Client,
    ClientCreatable,
    CustomerCreatable,
    OrderCreatable,
    OrderItem,
    PaydockCard,
    PaydockCardCustomer,
    PaydockTokenCustomer,
    PaydockVaultCustomer,
    PaydockVaultCustomerWithoutGateway,
    Subscription,
    SubscriptionCreatable,
    Violation,
    flaws,
)
from recurring_schedule.models.fields import date_time_text
from recurring_schedule.service.gateway import Authorized, CardSource, OneTimeSource, Source, TokenSource, VaultSource
from recurring_schedule.service.identifiers import Identifiers
from recurring_schedule.service.refusals import flawed

PaydockCreatable = (
    PaydockCardCustomer | PaydockTokenCustomer | PaydockVaultCustomer | PaydockVaultCustomerWithoutGateway
)
Sign = Callable[[Mapping[str, Any]], str]

MOST_MEMBERS = 50
"""So many methods, orders and subscriptions a customer is created with at most: each is one thing or more to authorize."""
MOST_UNITS = 1000
"""An order tells the status of each unit if it has at most so many; else each item has one status."""


class Claim(NamedTuple):
    """Something that is there once within a merchant; a token, once for all of them."""

    kind: str
    value: str


class Authorization(NamedTuple):
    """An authorization that is needed."""

    source: Source | None
    """What pays; `None` for the card of an authorization before."""
    of: int
    """Which authorization has the card: this one, if it has a source."""
    amount: Decimal
    currency: str | None


class Records(NamedTuple):
    """What is stored of a customer, and told. Documents are in the wire's form."""

    customer: Mapping[str, Any]
    """Without methods, subscriptions and orders."""
    methods: Sequence[Mapping[str, Any]]
    subscriptions: Sequence[Subscription]
    orders: Sequence[Mapping[str, Any]]
    """The payloads of their tokens."""
    answer: Mapping[str, Any]
    """What is answered."""


class Plan(Protocol):
    """A customer to be made."""

    @property
    def id(self) -> str:
        """The customer's identifier."""

    @property
    def attempt(self) -> str | None:
        """The attempt that is gone on with; `None` for a new one."""

    @property
    def claims(self) -> Sequence[Claim]:
        """What must be there once."""

    @property
    def authorizations(self) -> Sequence[Authorization]:
        """What must be authorized, in order."""

    def made(self, authorized: Sequence[Authorized], now: datetime, sign: Sign) -> Records:
        """What is stored and told, with an answer of the gateway for each authorization."""


class Issuer(NamedTuple):
    """Who issues tokens, and for whom."""

    name: str = "recurring-schedule"
    audience: str = "sandbox"
    acquirer: str = "intergiro"


# Intergiro.


@dataclass(frozen=True)
class CustomerPlan:
    """A customer of Intergiro's API."""

    id: str
    asked: CustomerCreatable
    orders: tuple[tuple[str, OrderCreatable], ...]
    """With their identifiers."""
    subscriptions: tuple[Subscription, ...]
    authorizations: tuple[Authorization, ...]
    issuer: Issuer

    @property
    def attempt(self) -> str | None:
        """The identifier that the request has."""
        return self.asked.id

    @property
    def claims(self) -> Sequence[Claim]:
        """The customer's number, the single-use tokens, and the orders' identifiers."""
        number = [] if self.asked.number is None else [Claim("number", self.asked.number)]
        tokens = [Claim("token", token_identity(method.card)) for method in self.asked.method]
        orders = [Claim("order", identifier) for identifier, _ in self.orders]
        return [*number, *tokens, *orders]

    def made(self, authorized: Sequence[Authorized], now: datetime, sign: Sign) -> Records:
        """The customer with methods, subscriptions and orders."""
        created = date_time_text(now)
        issued = {"iss": self.issuer.name, "iat": int(now.timestamp()), "aud": self.issuer.audience}
        methods = [
            self._method(found, created, issued, sign)
            for one, found in zip(self.authorizations, authorized, strict=True)
            if one.source is not None
        ]
        orders = [
            {**issued, **self._order(identifier, order, one, found, created)}
            # The first authorizations are those of the orders.
            for (identifier, order), one, found in zip(self.orders, self.authorizations, authorized, strict=False)
        ]
        fields = self.asked.to_wire()
        customer: dict[str, Any] = {"id": self.id}
        customer.update((name, fields[name]) for name in ("number", "contact") if name in fields)
        customer["status"] = "active" if self.asked.method else "created"
        customer.update(total=0, balance=[], schedule=self.asked.schedule.to_wire(), currency=self.asked.currency)
        if "limit" in fields:
            customer["limit"] = fields["limit"]
        subscriptions = [one.to_wire() for one in self.subscriptions]
        answer = customer_answer(customer, methods, subscriptions)
        if self.asked.order is not None:
            tokens = [sign(order) for order in orders]
            answer["order"] = tokens if isinstance(self.asked.order, tuple) else tokens[0]
        return Records(customer, methods, self.subscriptions, orders, answer)

    def _method(self, found: Authorized, created: str, issued: Mapping[str, Any], sign: Sign) -> dict[str, Any]:
        card = _card(found)
        token = {
            **issued,
            "type": "card",
            "card": found.card.vault_token,
            **card,
            "reference": found.reference,
            "acquirer": self.issuer.acquirer,
            "created": created,
        }
        return {"type": "card", **card, "acquirer": self.issuer.acquirer, "created": created, "token": sign(token)}

    def _order(
        self, identifier: str, order: OrderCreatable, one: Authorization, found: Authorized, created: str
    ) -> dict[str, Any]:
        fields = order.to_wire()
        payment = {
            "type": "card",
            "card": found.card.vault_token,
            "created": created,
            **_card(found),
            "amount": one.amount,
            "currency": one.currency,
            "status": "created",
            "descriptor": found.descriptor,
            "reference": found.reference,
            "schemeReference": found.scheme_reference,
            "service": self.issuer.acquirer,
        }
        return {
            "id": identifier,
            "created": created,
            "items": ordered(order),
            "currency": order.currency,
            "category": order.category,
            "customer": self.id,
            **{name: fields[name] for name in ("number", "theme", "meta", "callback", "language") if name in fields},
            "payment": payment,
            "event": [{"type": "order", "date": created}],
            "status": {"ordered": order.total},
        }


def planned(
    asked: CustomerCreatable,
    today: date,
    identifiers: Identifiers,
    issuer: Issuer | None = None,
    server: Mapping[str, str] | None = None,
) -> CustomerPlan:
    """What a request makes of a customer today.

    Without an order the first method is authorized with 0, else with the first order; further orders are authorized with its card,
    further methods with 0. `server` is what the server knows of a browser: `accept_header`, `user_agent` and `ip`.

    Raises RefusedError for a subscription that would end before it starts, and for a token or an order's identifier
    that stands twice.
    """
    found = [
        Violation(name, "array", f"at most {MOST_MEMBERS} of them")
        for name, members in (("method", asked.method), ("order", asked.orders), ("subscription", asked.subscriptions))
        if len(members) > MOST_MEMBERS
    ]
    found += _twice("method", "card", "another token than before", [method.card for method in asked.method])
    several = isinstance(asked.order, tuple)
    ids = [order.id for order in asked.orders]
    found += _twice("order", "id", "another identifier than before", ids) if several else ()
    subscriptions: list[Subscription] = []
    for place, one in enumerate(asked.subscriptions):
        name = f"subscription[{place}]" if isinstance(asked.subscription, tuple) else "subscription"
        try:
            subscriptions.append(one.created(identifiers.short({made.id for made in subscriptions}), today))
        except ValidationError as error:
            found += [flaw._replace(property=f"{name}.{flaw.property}") for flaw in flaws(error)]
    if found:
        raise flawed(found)
    zero = Decimal(0), asked.currency
    amounts = [(order.total, order.currency) for order in asked.orders]
    sources = [TokenSource(method.card, _client(method.client, server)) for method in asked.method]
    authorizations = [
        *(Authorization(source, 0, *(amounts or [zero])[0]) for source in sources[:1]),
        *(Authorization(None, 0, *amount) for amount in amounts[1:]),
    ]
    for source in sources[1:]:
        authorizations.append(Authorization(source, len(authorizations), *zero))
    return CustomerPlan(
        id=asked.id or identifiers.long(),
        asked=asked,
        orders=tuple((order.id or identifiers.long(), order) for order in asked.orders),
        subscriptions=tuple(subscriptions),
        authorizations=tuple(authorizations),
        issuer=issuer or Issuer(),
    )


def _client(client: ClientCreatable | None, server: Mapping[str, str] | None) -> Client | None:
    if client is None:
        return None
    fields = client.to_wire()
    if "browser" in fields:
        fields["browser"] = {**fields["browser"], **(server or {})}
    return Client.model_validate(fields)


def _twice(name: str, field: str, condition: str, values: Sequence[str | None]) -> list[Violation]:
    return [
        Violation(f"{name}[{place}].{field}", "string", condition)
        for place, value in enumerate(values)
        if value is not None and value in values[:place]
    ]


def added(asked: SubscriptionCreatable, today: date, identifiers: Identifiers, taken: Sequence[str]) -> Subscription:
    """The subscription that a request adds to a customer today. Raises RefusedError if it would end before it starts."""
    try:
        return asked.created(identifiers.short(taken), today)
    except ValidationError as error:
        raise flawed(flaws(error)) from None


def advanced(subscription: Subscription) -> Subscription:
    """The same subscription after its due date: due on the next one, or no more.

    >>> start, end = date(2024, 1, 31), date(2024, 3, 1)
    >>> subscription = Subscription(
    ...     id="test", items=25, currency="SEK", schedule="monthly", start=start, end=end, due=start
    ... )
    >>> advanced(subscription).due, advanced(advanced(subscription)).due
    (datetime.date(2024, 2, 29), None)

    Raises ValueError for one that is not due any more.
    """
    if subscription.due is None:
        raise ValueError("subscription: expected one that has a due date")
    return subscription.model_copy(update={"due": subscription.due_dates.after(subscription.due)})


def customer_answer(
    customer: Mapping[str, Any], methods: Sequence[Any], subscriptions: Sequence[Any]
) -> dict[str, Any]:
    """A customer as it is answered: with its methods, and its subscriptions if it has some."""
    fields = {**customer, "method": list(methods)}
    return {**fields, "subscription": list(subscriptions)} if subscriptions else fields


def token_identity(token: str) -> str:
    """What tells tokens apart: what is signed, since a signature can be written in several ways.

    >>> token_identity("abc.def.ghi") == token_identity("abc.def.ghj")
    True
    """
    return token.rpartition(".")[0] or token


def ordered(order: OrderCreatable) -> Any:
    """The items of an order, in the wire's form, with the status of each unit.

    >>> ordered(OrderCreatable(items=Decimal(42), currency="EUR"))
    {'price': Decimal('42'), 'status': ['ordered']}

    A unit that is not whole has a status too.
    """
    if isinstance(order.items, Decimal):
        return OrderItem(price=order.items, status=("ordered",)).to_wire()
    items = order.items if isinstance(order.items, tuple) else (order.items,)
    units = [ceil(item.quantity or 1) for item in items]
    if sum(units) > MOST_UNITS:
        units = [1] * len(items)
    told = [{**item.to_wire(), "status": ["ordered"] * count} for item, count in zip(items, units, strict=True)]
    return told if isinstance(order.items, tuple) else told[0]


def _card(found: Authorized) -> dict[str, Any]:
    card = found.card
    return {"scheme": card.scheme, "iin": card.iin, "last4": card.last4, "expires": list(card.expires)}


# Paydock.


@dataclass(frozen=True)
class PaydockPlan:
    """A customer of Paydock's API."""

    id: str
    source_id: str
    asked: PaydockCreatable
    authorizations: tuple[Authorization, ...]
    attempt: str | None = None

    @property
    def claims(self) -> Sequence[Claim]:
        """The one-time token."""
        if not isinstance(self.asked, PaydockTokenCustomer):
            return []
        return [Claim("token", str(UUID(self.asked.token)))]

    def made(self, authorized: Sequence[Authorized], now: datetime, sign: Sign) -> Records:
        """The customer with its payment source."""
        (found,) = authorized
        created = date_time_text(now)
        fields = self.asked.to_wire()
        given = fields.get("payment_source", {})
        month, year = found.card.expires
        gateway = {"gateway_id": given["gateway_id"]} if "gateway_id" in given else {}
        source = {
            "_id": self.source_id,
            "type": given.get("type", "card"),
            "vault_token": found.card.vault_token,
            **gateway,
            "ref_token": found.reference,
            **({"card_name": given["card_name"]} if "card_name" in given else {}),
            "card_number_bin": found.card.iin,
            "card_number_last4": found.card.last4,
            "card_scheme": found.card.scheme,
            "expire_month": f"{month:02d}",
            "expire_year": f"20{year:02d}",
            "status": "active",
            **{name: value for name, value in given.items() if name.startswith("address_")},
        }
        not_told = {"token", "payment_source", "default_source"}
        customer = {
            "_id": self.id,
            "status": "active",
            "archived": False,
            "created_at": created,
            "updated_at": created,
            **{name: value for name, value in fields.items() if name not in not_told},
            "statistics": {"successful_transactions": 0, "total_collected_amount": 0},
            "_service": {"default_gateway_id": gateway["gateway_id"]} if gateway else {},
            "default_source": self.source_id,
        }
        return Records(customer, [source], (), (), paydock_answer(customer, [source]))


def paydock_planned(asked: PaydockCreatable, identifiers: Identifiers) -> PaydockPlan:
    """What a request makes of a customer: the card is checked with an authorization of 0."""
    return PaydockPlan(
        id=identifiers.object_id(),
        source_id=identifiers.object_id(),
        asked=asked,
        authorizations=(Authorization(_source(asked), 0, Decimal(0), None),),
    )


def _source(asked: PaydockCreatable) -> Source:
    if isinstance(asked, PaydockTokenCustomer):
        return OneTimeSource(asked.token)
    source = asked.payment_source
    if isinstance(source, PaydockCard):
        return CardSource(source.card_number, (int(source.expire_month), int(source.expire_year[-2:])), source.card_ccv)
    return VaultSource(source.vault_token)


def paydock_answer(customer: Mapping[str, Any], sources: Sequence[Any], status: int = 201) -> dict[str, Any]:
    """A customer as it is answered."""
    data = {**customer, "payment_sources": list(sources)}
    return {"status": status, "error": None, "resource": {"type": "customer", "data": data}}


def due_again(document: Mapping[str, Any], due: date | None) -> dict[str, Any]:
    """A subscription in the wire's form, with another due date.

    >>> due_again({"id": "test", "due": "2024-01-31"}, date(2024, 2, 29)), due_again({"id": "test", "due": "2024-01-31"}, None)
    ({'id': 'test', 'due': '2024-02-29'}, {'id': 'test'})
    """
    fields = {name: value for name, value in document.items() if name != "due"}
    return fields if due is None else {**fields, "due": due.isoformat()}
