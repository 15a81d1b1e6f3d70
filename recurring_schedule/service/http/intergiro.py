"""Intergiro's API: customers with methods, orders and subscriptions."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any

from fastapi import APIRouter, Query, Security
from fastapi.responses import Response

from recurring_schedule.models import (
    Customer,
    CustomerCreatable,
    Error,
    Order,
    Subscription,
    SubscriptionCreatable,
    SubscriptionEnd,
    UpcomingOrder,
)
from recurring_schedule.service import reading, subscriptions
from recurring_schedule.service.domain import CustomerPlan, Issuer, customer_answer, plan_customer
from recurring_schedule.service.http.customers import check_identifier, created, stored
from recurring_schedule.service.http.errors import INTERGIRO, json_response
from recurring_schedule.service.http.openapi import BODIES, CREATES, READS, answered, asked, refused
from recurring_schedule.service.http.pages import LimitQuery, NumberQuery, OrderQuery, listed
from recurring_schedule.service.http.request import BEARER_KEYS, PlainBody, PrivateKey, RequestBody, Shared
from recurring_schedule.service.reading import Stored

ROUTER = APIRouter(
    prefix="/v1/customer",
    tags=[INTERGIRO],
    dependencies=[Security(key) for key in BEARER_KEYS],
    responses=refused(Error),
)


@ROUTER.post(
    "",
    status_code=201,
    responses=answered(201, Customer) | refused(Error, *CREATES),
    openapi_extra=asked(CustomerCreatable),
)
async def create_customer(body: RequestBody, shared: Shared) -> Response:
    """Create a customer with methods, subscriptions and orders."""
    service, settings = shared.service, shared.settings

    def plan() -> CustomerPlan:
        issuer = Issuer(settings.issuer, settings.audience, service.gateway.acquirer)
        request = body.document(CustomerCreatable)
        return plan_customer(request, service.today, service.identifiers, issuer, body.server)

    return await created(shared, lambda: service.create(body.caller, plan))


@ROUTER.get("", responses=answered(200, list[Customer]) | refused(Error, 400, 403))
def get_customers(query: Annotated[NumberQuery, Query()], key: PrivateKey, shared: Shared) -> Response:
    """Return a page of customers, in the order of their identifiers."""
    store = shared.service.store
    number = store.number_digest(query.number)
    found = store.read(lambda unit: reading.customers(unit.connection, key.merchant, INTERGIRO, query.page, number))
    return listed([_shown(one) for one in found], query)


@ROUTER.get("/{identifier}", responses=answered(200, Customer) | refused(Error, *READS))
def get_customer(identifier: str, key: PrivateKey, shared: Shared) -> Response:
    """Return a customer with its methods and subscriptions."""
    return json_response(_shown(stored(shared, key, INTERGIRO, identifier)))


def _shown(found: Stored) -> dict[str, Any]:
    return customer_answer(*found)


@ROUTER.get("/{identifier}/order", responses=answered(200, list[Order]) | refused(Error, 400, *READS))
def get_orders(identifier: str, query: Annotated[OrderQuery, Query()], key: PrivateKey, shared: Shared) -> Response:
    """Return a page of the orders of a customer, oldest first."""
    stored(shared, key, INTERGIRO, identifier)
    found = shared.service.store.read(
        lambda unit: reading.orders(
            unit.connection, key.merchant, identifier, query.page, query.number, query.subscription
        )
    )
    return listed([Order.model_validate(one).to_wire() for one in found], query)


@ROUTER.post(
    "/{identifier}/subscription",
    status_code=201,
    responses=answered(201, Subscription) | refused(Error, *CREATES, *READS),
    openapi_extra=asked(SubscriptionCreatable),
)
async def create_subscription(identifier: str, _: PrivateKey, body: RequestBody, shared: Shared) -> Response:
    """Add a subscription to a customer."""
    check_identifier(identifier)
    add = shared.service.add_subscription
    return await created(shared, lambda: add(body.caller, identifier, lambda: body.document(SubscriptionCreatable)))


@ROUTER.get("/{identifier}/subscription", responses=answered(200, list[Subscription]) | refused(Error, 400, *READS))
def get_subscriptions(
    identifier: str, query: Annotated[NumberQuery, Query()], key: PrivateKey, shared: Shared
) -> Response:
    """Return a page of the subscriptions of a customer, oldest first, with their due dates."""
    found = stored(shared, key, INTERGIRO, identifier).subscriptions
    return listed([_subscription(one) for one in reading.page_of(found, query.page, query.number)], query)


_SUBSCRIPTION = "/{identifier}/subscription/{subscription}"


@ROUTER.get(_SUBSCRIPTION, responses=answered(200, Subscription) | refused(Error, *READS))
def get_subscription(identifier: str, subscription: str, key: PrivateKey, shared: Shared) -> Response:
    """Return a subscription with its due date."""
    check_identifier(identifier, subscription)
    found = subscriptions.find(shared.service.store, key.merchant, identifier, subscription)
    return json_response(_subscription(found.to_wire()))


@ROUTER.patch(
    _SUBSCRIPTION,
    responses=answered(200, Subscription) | refused(Error, *BODIES, *READS, 409),
    openapi_extra=asked(SubscriptionEnd),
)
def end_subscription(identifier: str, subscription: str, key: PrivateKey, body: PlainBody, shared: Shared) -> Response:
    """Set the last day of a subscription that may be due."""
    check_identifier(identifier, subscription)
    day = body.document(SubscriptionEnd).end
    return json_response(
        _subscription(subscriptions.end(shared.service.store, key.merchant, identifier, subscription, day))
    )


@ROUTER.get(f"{_SUBSCRIPTION}/upcoming", responses=answered(200, list[UpcomingOrder]) | refused(Error, 400, *READS))
def get_upcoming_orders(
    identifier: str, subscription: str, query: Annotated[LimitQuery, Query()], key: PrivateKey, shared: Shared
) -> Response:
    """Return the dates and amounts of the next orders of a subscription."""
    check_identifier(identifier, subscription)
    found = subscriptions.upcoming(shared.service.store, key.merchant, identifier, subscription, query.limit)
    return json_response([UpcomingOrder.model_validate(one).to_wire() for one in found])


def _subscription(wire: Mapping[str, Any]) -> dict[str, Any]:
    return Subscription.model_validate(wire).to_wire()
