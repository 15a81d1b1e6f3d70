"""Intergiro's API: customers with methods, orders and subscriptions."""

from __future__ import annotations

from fastapi import APIRouter, Security
from fastapi.responses import Response

from recurring_schedule.models import Customer, CustomerCreatable, Error, Subscription, SubscriptionCreatable
from recurring_schedule.service.domain import CustomerPlan, Issuer, customer_answer, plan_customer
from recurring_schedule.service.http.customers import check_identifier, created, stored
from recurring_schedule.service.http.errors import INTERGIRO, json_response
from recurring_schedule.service.http.openapi import CREATES, READS, answered, asked, refused
from recurring_schedule.service.http.request import BEARER_KEYS, PrivateKey, RequestBody, Shared

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


@ROUTER.get("/{identifier}", responses=answered(200, Customer) | refused(Error, *READS))
def get_customer(identifier: str, key: PrivateKey, shared: Shared) -> Response:
    """Return a customer with its methods and subscriptions."""
    return json_response(customer_answer(*stored(shared, key, INTERGIRO, identifier)))


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


@ROUTER.get("/{identifier}/subscription", responses=answered(200, list[Subscription]) | refused(Error, *READS))
def get_subscriptions(identifier: str, key: PrivateKey, shared: Shared) -> Response:
    """Return the subscriptions of a customer with their due dates."""
    return json_response(stored(shared, key, INTERGIRO, identifier).subscriptions)
