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

import json
from abc import ABC, abstractmethod
from base64 import urlsafe_b64decode
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any, NamedTuple
from uuid import UUID

from pydantic import ValidationError

from recurring_schedule.models import (
    Client,
    ClientCreatable,
    Customer,
    CustomerCreatable,
    Limit,
    OrderCreatable,
    OrderToken,
    PaydockAnswer,
    PaydockCard,
    PaydockCustomerCreatable,
    PaydockTokenCustomer,
    Subscription,
    SubscriptionCreatable,
    Violation,
    violations_of,
)
from recurring_schedule.models.wire.dates import date_time_text
from recurring_schedule.service.gateway import (
    Authorized,
    CardSource,
    Holder,
    OneTimeSource,
    Purpose,
    Source,
    TokenSource,
    VaultSource,
)
from recurring_schedule.service.identifiers import Identifiers
from recurring_schedule.service.orders import MAX_UNITS, with_status
from recurring_schedule.service.refusals import flawed

Sign = Callable[[Mapping[str, Any]], str]
_Amount = tuple[Purpose, Decimal, str | None]

_VAULT_TOKEN = "vault_token"  # noqa: S105  # the name of a field


class Claim(NamedTuple):
    """A value that must be unique within its merchant or, for a token, among all merchants."""

    kind: str
    value: str

    def __repr__(self) -> str:
        return f"Claim({self.kind!r})"


class Authorization(NamedTuple):
    """An authorization that a plan needs."""

    source: Source | None
    """The source that pays; None for the card of the plan's first authorization."""
    purpose: Purpose
    amount: Decimal
    currency: str | None
    gateway_id: str | None = None
    """The gateway that the merchant chose."""
    holder: Holder | None = None


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
            self._order(identifier, order, answer, authorized[0].reference, created, issued)
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
        tokens = [sign(order) for order in orders]
        shown = (
            {**customer, "order": tokens if isinstance(self.request.order, tuple) else tokens[0]}
            if tokens
            else customer
        )
        answer = customer_answer(shown, methods, [one.to_wire() for one in self.subscriptions])
        return Records(customer, methods, self.subscriptions, orders, answer)

    def _method(self, found: Authorized, created: str, issued: Mapping[str, Any], sign: Sign) -> dict[str, Any]:
        card, acquirer = _card(found), self.issuer.acquirer
        token = {
            **issued,
            "type": "card",
            "card": found.reference,
            **card,
            "reference": found.reference,
            "acquirer": acquirer,
            "created": created,
        }
        shown = {"type": "card", **card, "acquirer": acquirer, "created": created, "token": sign(token)}
        return {**shown, _VAULT_TOKEN: found.card.vault_token}

    def _order(
        self,
        identifier: str,
        order: OrderCreatable,
        found: Authorized,
        card: str,
        created: str,
        issued: Mapping[str, Any],
    ) -> dict[str, Any]:
        payment = {
            "type": "card",
            "card": card,
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
        fields = order.to_wire()
        token = {
            **issued,
            "id": identifier,
            "created": created,
            "items": with_status(fields["items"], "ordered", MAX_UNITS // len(self.orders)),
            "currency": order.currency,
            "category": order.category,
            "customer": self.id,
            **_chosen(fields, "number", "theme", "meta", "callback", "language"),
            "payment": payment,
            "event": [{"type": "order", "date": created}],
            "status": {"ordered": order.total},
        }
        return OrderToken.model_validate(token).to_wire()


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

    Raises RefusedError if a token or an order's identifier is repeated, if the purchases, or an
    order of a subscription, are more than the customer's limit or in another currency than it, or
    if a subscription ends before it starts.
    """
    subscriptions, misdated = _subscriptions(request, today, identifiers)
    violations = [
        *_repeated("method", "card", "a token that is not repeated", [method.card for method in request.method]),
        *_repeated("order", "id", "an identifier that is not repeated", [order.id for order in request.orders]),
        *_beyond_limits(request),
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


def _beyond_limits(request: CustomerCreatable) -> list[Violation]:
    limit, currency = request.limit, request.currency
    hard = limit.hard if isinstance(limit, Limit) else limit
    purchases = [order for order in request.orders if order.category == "purchase"]
    found = _beyond(hard, currency, "order", *purchases)
    for path, one in _subscriptions_by_path(request):
        found += _beyond(hard, currency, path, one)
    return found


def _beyond(
    limit: Decimal | None, currency: str, path: str, *charges: OrderCreatable | SubscriptionCreatable
) -> list[Violation]:
    """Return the violation if charges are together more than a limit, or in another currency."""
    if limit is None or not charges:
        return []
    kind = charges[0].wire_name()
    if any(one.currency != currency for one in charges):
        return [Violation(path, kind, "the customer's currency, in which its limit is")]
    return [Violation(path, kind, "at most the customer's limit")] * (sum(one.total for one in charges) > limit)


def _claims(request: CustomerCreatable, orders: Sequence[str]) -> tuple[Claim, ...]:
    number = () if request.number is None else (Claim("number", request.number),)
    tokens = (Claim("token", token_identity(method.card)) for method in request.method)
    return (*number, *tokens, *(Claim("order", order) for order in orders))


def _authorizations(request: CustomerCreatable, server: Mapping[str, str]) -> list[Authorization]:
    nothing: _Amount = ("verify", Decimal(0), request.currency)
    amounts: list[_Amount] = [
        (order.category if order.total else "verify", order.total, order.currency) for order in request.orders
    ]
    amounts = amounts or [nothing]
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
    for path, one in _subscriptions_by_path(request):
        try:
            made.append(one.created(identifiers.short({other.id for other in made}), today))
        except ValidationError as error:  # noqa: PERF203  # every violation is reported
            violations += [found._replace(property=f"{path}.{found.property}") for found in violations_of(error)]
    return made, violations


def _subscriptions_by_path(request: CustomerCreatable) -> list[tuple[str, SubscriptionCreatable]]:
    if not isinstance(request.subscription, tuple):
        return [("subscription", one) for one in request.subscriptions]
    return [(f"subscription[{index}]", one) for index, one in enumerate(request.subscriptions)]


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
    request: SubscriptionCreatable,
    customer: Mapping[str, Any],
    today: date,
    identifiers: Identifiers,
    taken: Sequence[str],
) -> Subscription:
    """Return the subscription that a request adds to a customer, given in wire form, today.

    `taken` are the identifiers of the customer's other subscriptions. Raises RefusedError if the
    subscription ends before it starts, or if its orders are beyond the customer's limit.
    """
    limit = customer.get("limit")
    hard = limit.get("hard") if isinstance(limit, Mapping) else limit
    if violations := _beyond(hard, customer["currency"], "", request):
        raise flawed(violations)
    try:
        return request.created(identifiers.short(taken), today)
    except ValidationError as error:
        raise flawed(violations_of(error)) from None


def customer_answer(
    customer: Mapping[str, Any], methods: Sequence[Any], subscriptions: Sequence[Any]
) -> dict[str, Any]:
    """Return the answer that shows a customer with its methods and any subscriptions.

    It shows nothing that charges a card: the model of a method leaves out the vault token.
    """
    fields = {**customer, "method": list(methods)}
    return Customer.model_validate(
        {**fields, "subscription": list(subscriptions)} if subscriptions else fields
    ).to_wire()


def vault_source(method: Mapping[str, Any]) -> VaultSource:
    """Return the source that charges a stored method, or payment source, of a customer."""
    return VaultSource(method[_VAULT_TOKEN])


def token_identity(token: str) -> str:
    """Return what identifies a token: of a JWT or JWE all but the last part, which varies in form.

    >>> token_identity("eyJhbGciOiJIUzI1NiJ9.e30.ghi")
    'eyJhbGciOiJIUzI1NiJ9.e30'
    >>> token_identity("an.opaque.token")
    'an.opaque.token'
    """
    signed, _, _ = token.rpartition(".")
    header, _, _ = signed.partition(".")
    try:
        is_jose = token.count(".") in (2, 4) and "alg" in json.loads(urlsafe_b64decode(f"{header}=="))
    except (ValueError, TypeError, RecursionError):
        is_jose = False
    return signed if is_jose else token


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
            _VAULT_TOKEN: found.card.vault_token,
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
        authorizations=(Authorization(source, "verify", Decimal(0), None, **_routing(request)),),
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


def _routing(request: PaydockCustomerCreatable) -> dict[str, Any]:
    """Return the gateway and the holder that a request names."""
    source = {} if request.payment_source is None else request.payment_source.to_wire()
    holder = {field: source[name] for field, name in _HOLDER.items() if name in source}
    return {"gateway_id": source.get("gateway_id"), "holder": Holder(**holder) if holder else None}


_HOLDER = {"name": "card_name"} | {
    name: f"address_{name}" for name in ("line1", "line2", "postcode", "city", "state", "country")
}


def paydock_answer(customer: Mapping[str, Any], sources: Sequence[Any], status: int = 201) -> dict[str, Any]:
    """Return the answer that shows a customer with its payment sources."""
    data = {**customer, "payment_sources": list(sources)}
    answer = PaydockAnswer.model_validate({"status": status, "resource": {"type": "customer", "data": data}})
    return {"error": None, **answer.to_wire()}
