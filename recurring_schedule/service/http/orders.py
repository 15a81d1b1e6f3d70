"""Orders of Intergiro's API: how they are read, and what becomes of them at the gateway."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from anyio import to_thread
from fastapi import APIRouter, Security
from fastapi.responses import Response

from recurring_schedule.models import Error, Order, RefundCreatable
from recurring_schedule.service import reading
from recurring_schedule.service.http.customers import check_identifier
from recurring_schedule.service.http.errors import INTERGIRO, json_response
from recurring_schedule.service.http.openapi import BODIES, READS, SETTLES, answered, asked, refused
from recurring_schedule.service.http.request import BEARER_KEYS, Context, PlainBody, PrivateKey, Shared
from recurring_schedule.service.refusals import not_found

ROUTER = APIRouter(
    prefix="/v1/order/{identifier}",
    tags=[INTERGIRO],
    dependencies=[Security(key) for key in BEARER_KEYS],
    responses=answered(200, Order) | refused(Error, *READS),
)


@ROUTER.get("")
def get_order(identifier: str, key: PrivateKey, shared: Shared) -> Response:
    """Return an order with its events."""
    check_identifier(identifier)
    found = shared.service.store.read(lambda unit: reading.order(unit.connection, key.merchant, identifier))
    if found is None:
        raise not_found()
    return json_response(Order.model_validate(found).to_wire())


@ROUTER.post("/capture", responses=refused(Error, *SETTLES))
async def capture_order(identifier: str, key: PrivateKey, shared: Shared) -> Response:
    """Capture what is ordered. The order of a withdrawal is paid out."""
    return await _settled(shared, identifier, lambda: shared.service.settlement.capture(key.merchant, identifier))


@ROUTER.post("/void", responses=refused(Error, *SETTLES))
async def void_order(identifier: str, key: PrivateKey, shared: Shared) -> Response:
    """Void the authorization of what is ordered."""
    return await _settled(shared, identifier, lambda: shared.service.settlement.void(key.merchant, identifier))


@ROUTER.post("/refund", responses=refused(Error, *SETTLES, *BODIES), openapi_extra=asked(RefundCreatable))
async def refund_order(identifier: str, key: PrivateKey, body: PlainBody, shared: Shared) -> Response:
    """Refund what is charged, or a part of it, once for each reference."""
    asked_for = body.document(RefundCreatable)
    settle, amount, reference = shared.service.settlement.refund, asked_for.amount, asked_for.reference
    return await _settled(shared, identifier, lambda: settle(key.merchant, identifier, amount, reference))


async def _settled(shared: Context, identifier: str, settle: Callable[[], Mapping[str, Any]]) -> Response:
    check_identifier(identifier)
    order = await to_thread.run_sync(settle, limiter=shared.creations)
    return json_response(Order.model_validate(order).to_wire())
