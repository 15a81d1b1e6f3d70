"""The endpoints of both APIs, and those of the service itself."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Annotated, Any

from fastapi import Depends, FastAPI, Request
from fastapi.responses import RedirectResponse, Response
from sqlalchemy.exc import SQLAlchemyError

from recurring_schedule.models import CustomerCreatable, PaydockCustomerCreatable, SubscriptionCreatable, write_json
from recurring_schedule.service import migration
from recurring_schedule.service.customer_creation import Api, Reply, Service
from recurring_schedule.service.domain import (
    CustomerPlan,
    PaydockPlan,
    customer_answer,
    paydock_answer,
    plan_customer,
    plan_paydock_customer,
)
from recurring_schedule.service.http import openapi
from recurring_schedule.service.http.errors import INTERGIRO, PAYDOCK, api_of, json_response
from recurring_schedule.service.http.request import Body, read_body, reading_key
from recurring_schedule.service.keys import Key
from recurring_schedule.service.refusals import not_found
from recurring_schedule.service.store import Stored


def _service(request: Request) -> Service:
    found: Service = request.app.state.service
    return found


_Body = Annotated[Body, Depends(read_body)]
_Reader = Annotated[Key, Depends(reading_key)]
_Service = Annotated[Service, Depends(_service)]


def _replied(reply: Reply) -> Response:
    return json_response(reply.status, reply.body, {"Idempotency-Replayed": "true"} if reply.is_replayed else None)


def _stored(service: Service, key: Key, api: Api, identifier: str) -> Stored:
    _check_identifier(identifier)
    with service.store.reading() as unit:
        found = unit.customer(key.merchant, api.name, identifier)
    if found is None:
        raise not_found()
    return found


def _check_identifier(identifier: str) -> None:
    """Raise RefusedError for an identifier that some databases do not accept in a query."""
    if not (identifier.isascii() and identifier.isprintable()):
        raise not_found()


def create_customer(body: _Body, service: _Service, request: Request) -> Response:
    """Create a customer with methods, subscriptions and orders."""

    def plan() -> CustomerPlan:
        creatable: CustomerCreatable = body.document(CustomerCreatable)
        return plan_customer(creatable, service.today, service.identifiers, request.app.state.issuer, body.server)

    return _replied(service.create(body.caller, plan))


def get_customer(identifier: str, key: _Reader, service: _Service) -> Response:
    """Return a customer with its methods and subscriptions."""
    return json_response(200, write_json(customer_answer(*_stored(service, key, INTERGIRO, identifier))))


def create_paydock_customer(body: _Body, service: _Service) -> Response:
    """Create a customer by card, one-time token or vault token."""

    def plan() -> PaydockPlan:
        return plan_paydock_customer(body.document(PaydockCustomerCreatable), service.identifiers)

    return _replied(service.create(body.caller, plan))


def get_paydock_customer(identifier: str, key: _Reader, service: _Service) -> Response:
    """Return a customer with its payment source."""
    found = _stored(service, key, PAYDOCK, identifier)
    return json_response(200, write_json(paydock_answer(found.customer, found.methods, 200)))


def create_subscription(identifier: str, body: _Body, service: _Service) -> Response:
    """Add a subscription to a customer."""
    _check_identifier(identifier)
    return _replied(service.add_subscription(body.caller, identifier, lambda: body.document(SubscriptionCreatable)))


def get_subscriptions(identifier: str, key: _Reader, service: _Service) -> Response:
    """Return the subscriptions of a customer with their due dates."""
    return json_response(200, write_json(_stored(service, key, INTERGIRO, identifier).subscriptions))


# The asynchronous ones need no thread, so they answer even when all threads are in use.


async def health() -> Response:
    """Say that the service is running."""
    return json_response(200, '{"status":"ok"}')


async def key_set(request: Request) -> Response:
    """Return the public key that verifies tokens."""
    return json_response(200, write_json(request.app.state.key_set))


async def to_explore() -> Response:
    """Redirect to the page for trying schedules, because its links are relative to /explore/."""
    return RedirectResponse("explore/")


def ready(service: _Service) -> Response:
    """Say if the database can be used."""
    try:
        migration.check(service.store)
    except (SQLAlchemyError, migration.MigrationError):
        return json_response(503, '{"status":"not ready"}')
    return json_response(200, '{"status":"ready"}')


_CUSTOMER = "/v1/customer"
_SUBSCRIPTION = f"{_CUSTOMER}/{{identifier}}/subscription"
_ROUTES: Sequence[tuple[str, Callable[..., Response], str, str | None]] = (
    (_CUSTOMER, create_customer, "Customer", "CustomerCreatable"),
    (f"{_CUSTOMER}/{{identifier}}", get_customer, "Customer", None),
    (_SUBSCRIPTION, create_subscription, "Subscription", "SubscriptionCreatable"),
    (_SUBSCRIPTION, get_subscriptions, "Subscription[]", None),
    ("/v1/customers", create_paydock_customer, "PaydockAnswer", "PaydockCustomerCreatable"),
    ("/v1/customers/{identifier}", get_paydock_customer, "PaydockAnswer", None),
)
"""Each endpoint with its path and the models of its answer and, to be posted, of its request."""


def add_routes(app: FastAPI) -> None:
    """Add all endpoints to an application, with their descriptions in the OpenAPI document."""
    for path, endpoint, answer, request in _ROUTES:
        described = openapi.operation(api_of(path).name, path, answer, request)
        app.add_api_route(path, endpoint, response_class=Response, **described)
    success = {"description": "Success.", "content": {"application/json": {"schema": {"type": "object"}}}}
    for path, own in (("/health", health), ("/ready", ready), ("/.well-known/jwks.json", key_set)):
        responses: dict[int | str, Any] = {200: success}
        if own is ready:
            responses[503] = {**success, "description": "Not ready."}
        app.add_api_route(path, own, response_class=Response, responses=responses, tags=["service"])
    app.add_api_route("/explore", to_explore, include_in_schema=False)
