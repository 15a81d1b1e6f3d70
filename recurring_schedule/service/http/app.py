"""The ASGI application: two APIs for one way to create customers.

>>> from datetime import datetime, timezone
>>> from recurring_schedule.service import migration, sandbox, signing
>>> from recurring_schedule.service.store import Store
>>> store, signer = Store("sqlite://", b"a secret of the digests"), signing.Signer.generate()
>>> migration.migrate(store)
>>> cards = sandbox.Sandbox(b"a secret of the sandbox, 32 bytes")
>>> service = Service(store, cards, signer.sign, lambda: datetime.now(timezone.utc), timezone.utc)
>>> app = create_app(service, Keys([]), signer.key_set(), max_bytes=65536)
>>> sorted(app.openapi()["paths"])[:3]
['/.well-known/jwks.json', '/health', '/ready']
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from importlib import metadata
from typing import Any

import structlog
from fastapi import FastAPI, Request
from fastapi.openapi.utils import get_openapi
from fastapi.responses import Response
from sqlalchemy.exc import SQLAlchemyError
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect
from starlette.routing import Match

from recurring_schedule.service.customer_creation import Service
from recurring_schedule.service.domain import Issuer
from recurring_schedule.service.http import openapi
from recurring_schedule.service.http.access_log import AccessLog
from recurring_schedule.service.http.endpoints import add_routes
from recurring_schedule.service.http.errors import failed, malformed, refusal
from recurring_schedule.service.http.request import path_of
from recurring_schedule.service.keys import Keys
from recurring_schedule.service.logs import error_fields
from recurring_schedule.service.refusals import RefusedError, not_found, unavailable
from recurring_schedule.views import explore

_log = structlog.get_logger("recurring_schedule.service")


def create_app(
    service: Service,
    keys: Keys,
    key_set: Mapping[str, Any],
    *,
    max_bytes: int,
    issuer: Issuer | None = None,
    started: Callable[[], None] = lambda: None,
    stopped: Callable[[], None] = lambda: None,
) -> FastAPI:
    """Return the application, which accepts bodies of `max_bytes`.

    It calls `started` before it begins to serve, and `stopped` after it has ended.
    """

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        started()
        yield
        stopped()

    app = FastAPI(
        title="recurring_schedule",
        version=metadata.version("recurring-schedule"),
        lifespan=lifespan,
        redirect_slashes=False,
        redoc_url=None,
    )
    app.state.service, app.state.keys, app.state.key_set = service, keys, key_set
    app.state.issuer, app.state.max_bytes = issuer, max_bytes
    add_routes(app)
    app.mount("/explore", explore.asgi)
    app.add_middleware(AccessLog)
    app.add_exception_handler(RefusedError, _on_refused)
    app.add_exception_handler(HTTPException, _on_http_error)
    app.add_exception_handler(SQLAlchemyError, _on_store_error)
    app.add_exception_handler(ClientDisconnect, _on_disconnect)

    def document() -> dict[str, Any]:
        if app.openapi_schema is None:
            app.openapi_schema = openapi.completed(get_openapi(title=app.title, version=app.version, routes=app.routes))
        return app.openapi_schema

    app.openapi = document  # type: ignore[method-assign]  # FastAPI's own way to extend the document
    return app


async def _on_refused(request: Request, error: Exception) -> Response:
    assert isinstance(error, RefusedError)  # noqa: S101  # it is registered for this class
    return refusal(path_of(request), error)


async def _on_http_error(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)  # noqa: S101  # it is registered for this class
    if error.status_code == 405:
        allowed = {"Allow": ", ".join(sorted(_methods(request)))}
        return refusal(path_of(request), RefusedError("method not allowed"), allowed)
    known = {404: not_found(), 400: malformed("", "JSON", "a readable request")}
    return refusal(path_of(request), known.get(error.status_code, failed()))


def _methods(request: Request) -> set[str]:
    matched = (route for route in request.app.routes if route.matches(request.scope)[0] is not Match.NONE)
    return {method for route in matched for method in getattr(route, "methods", None) or ()}


async def _on_store_error(request: Request, error: Exception) -> Response:
    _log.error("store", **error_fields(error))
    return refusal(path_of(request), unavailable())


async def _on_disconnect(request: Request, _: Exception) -> Response:
    # The client is gone, but the access log records the status.
    return refusal(path_of(request), malformed("", "JSON", "the whole body"))
