"""Paydock's API: customers with a payment source."""

from __future__ import annotations

from fastapi import APIRouter, Security
from fastapi.responses import Response
from fastapi.security import APIKeyHeader

from recurring_schedule.models import PaydockAnswer, PaydockCustomerCreatable, PaydockErrorAnswer
from recurring_schedule.service.domain import PaydockPlan, paydock_answer, plan_paydock_customer
from recurring_schedule.service.http.customers import created, stored
from recurring_schedule.service.http.errors import PAYDOCK, json_response
from recurring_schedule.service.http.openapi import CREATES, READS, answered, asked, refused
from recurring_schedule.service.http.request import PrivateKey, RequestBody, Shared

_KEY = APIKeyHeader(name="x-user-secret-key", scheme_name="secretKey", description="The key.", auto_error=False)
ROUTER = APIRouter(
    prefix="/v1/customers", tags=[PAYDOCK], dependencies=[Security(_KEY)], responses=refused(PaydockErrorAnswer)
)


@ROUTER.post(
    "",
    status_code=201,
    responses=answered(201, PaydockAnswer) | refused(PaydockErrorAnswer, *CREATES),
    openapi_extra=asked(PaydockCustomerCreatable),
)
async def create_paydock_customer(body: RequestBody, shared: Shared) -> Response:
    """Create a customer by card, one-time token or vault token."""
    service = shared.service

    def plan() -> PaydockPlan:
        return plan_paydock_customer(body.document(PaydockCustomerCreatable), service.identifiers)

    return await created(shared, lambda: service.create(body.caller, plan))


@ROUTER.get("/{identifier}", responses=answered(200, PaydockAnswer) | refused(PaydockErrorAnswer, *READS))
def get_paydock_customer(identifier: str, key: PrivateKey, shared: Shared) -> Response:
    """Return a customer with its payment source."""
    found = stored(shared, key, PAYDOCK, identifier)
    return json_response(paydock_answer(found.customer, found.methods, 200))
