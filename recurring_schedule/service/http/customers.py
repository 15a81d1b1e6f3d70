"""Customers of both APIs: how they are created and read."""

from __future__ import annotations

from collections.abc import Callable

from anyio import to_thread
from fastapi.responses import Response

from recurring_schedule.service import reading
from recurring_schedule.service.customer_creation import Answer
from recurring_schedule.service.http.errors import json_response
from recurring_schedule.service.http.request import Context
from recurring_schedule.service.keys import Key
from recurring_schedule.service.reading import Stored
from recurring_schedule.service.refusals import not_found


async def created(shared: Context, create: Callable[[], Answer]) -> Response:
    """Return the response to a request that creates.

    Creations have threads of their own, so that a slow gateway does not keep reads waiting.
    """

    def work() -> Response:
        answer = create()
        return json_response(answer.document, 201, is_replayed=answer.is_replayed)

    return await to_thread.run_sync(work, limiter=shared.creations)


def stored(shared: Context, key: Key, api: str, identifier: str) -> Stored:
    """Return the merchant's customer. Raises RefusedError if there is none."""
    check_identifier(identifier)
    found = shared.service.store.read(lambda unit: reading.customer(unit.connection, key.merchant, api, identifier))
    if found is None:
        raise not_found()
    return found


def check_identifier(*identifiers: str) -> None:
    """Raise RefusedError for an identifier that some databases do not accept in a query."""
    if not all(one.isascii() and one.isprintable() for one in identifiers):
        raise not_found()
