"""The ASGI application: two APIs for one way to create customers.

>>> from datetime import datetime, timezone
>>> from recurring_schedule.service import migration, sandbox, signing
>>> from recurring_schedule.service.store import Store
>>> store, signer = Store("sqlite://", b"a secret of the digests"), signing.Signer.generate()
>>> migration.migrate(store)
>>> cards = sandbox.Sandbox(b"a secret of the sandbox, 32 bytes")
>>> service = Service(store, cards, signer.sign, lambda: datetime.now(timezone.utc), timezone.utc)
>>> app = create_app(service, Keys({}), signer.key_set(), max_bytes=65536)
>>> sorted(app.openapi()["paths"])[:3]
['/.well-known/jwks.json', '/health', '/ready']
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache, partial
from importlib import metadata
from typing import Any

import structlog
from fastapi import FastAPI, Request
from fastapi.responses import Response
from sqlalchemy.exc import SQLAlchemyError
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect
from starlette.routing import Match
from starlette.types import Lifespan

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
    lifespan: Lifespan[FastAPI] | None = None,
) -> FastAPI:
    """Return the application, which accepts bodies of `max_bytes`."""
    version = metadata.version("recurring-schedule")
    app = FastAPI(
        title="recurring_schedule", version=version, lifespan=lifespan, redirect_slashes=False, redoc_url=None
    )
    app.state.service, app.state.keys, app.state.key_set = service, keys, key_set
    app.state.issuer, app.state.max_bytes = issuer, max_bytes
    add_routes(app)
    app.mount("/explore", explore.asgi)
    app.add_middleware(AccessLog)
    for kind in (RefusedError, HTTPException, SQLAlchemyError, ClientDisconnect):
        app.add_exception_handler(kind, _on_error)
    app.openapi = cache(partial(openapi.document, app))  # type: ignore[method-assign]  # FastAPI's own way to extend it
    return app


async def _on_error(request: Request, error: Exception) -> Response:
    refused, headers = failed(), {}
    if isinstance(error, RefusedError):
        refused = error
    elif isinstance(error, SQLAlchemyError):
        _log.error("store", **error_fields(error))
        refused = unavailable()
    elif isinstance(error, ClientDisconnect):  # the client is gone, but the access log records the status
        refused = malformed("", "JSON", "the whole body")
    elif isinstance(error, HTTPException):
        if error.status_code == 405:
            matched = (route for route in request.app.routes if route.matches(request.scope)[0] is not Match.NONE)
            allowed = {method for route in matched for method in getattr(route, "methods", None) or ()}
            headers["Allow"] = ", ".join(sorted(allowed))
        known = {
            400: malformed("", "JSON", "a readable request"),
            404: not_found(),
            405: RefusedError("method not allowed"),
        }
        refused = known.get(error.status_code, refused)
    return refusal(path_of(request), refused, headers)
