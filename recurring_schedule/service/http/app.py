"""The ASGI application: two APIs for one way to create customers."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache, partial
from importlib import metadata
from typing import Any

from anyio import CapacityLimiter
from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError
from sqlalchemy.exc import SQLAlchemyError
from starlette.exceptions import HTTPException
from starlette.middleware.cors import CORSMiddleware
from starlette.requests import ClientDisconnect
from starlette.types import Lifespan

from recurring_schedule.service.customer_creation import Service
from recurring_schedule.service.http import intergiro, openapi, orders, own, paydock, test_clock
from recurring_schedule.service.http.access_log import AccessLog
from recurring_schedule.service.http.errors import on_error
from recurring_schedule.service.http.request import Context, RateLimit
from recurring_schedule.service.keys import Keys
from recurring_schedule.service.metrics import Metrics
from recurring_schedule.service.refusals import RefusedError
from recurring_schedule.service.settings import Settings

_EXCESS = 16
"""The threads of creations above the gateway's limit: these are refused instead of waiting."""


def create_app(
    service: Service,
    keys: Keys,
    key_set: Mapping[str, Any],
    settings: Settings,
    lifespan: Lifespan[FastAPI] | None = None,
    metrics: Metrics | None = None,
) -> FastAPI:
    """Return the application. `key_set` are the public keys that verify tokens.

    It publishes `metrics`, if given, at `/metrics`.
    """
    version = metadata.version("recurring-schedule")
    app = FastAPI(
        title="recurring_schedule",
        version=version,
        lifespan=lifespan,
        redirect_slashes=False,
        docs_url=None,
        redoc_url=None,
        separate_input_output_schemas=False,
    )
    creations = CapacityLimiter(settings.gateway_limit + _EXCESS)
    app.state.context = Context(service, settings, keys, RateLimit(settings.rate_limit), key_set, creations)
    routers = [
        intergiro.ROUTER,
        orders.ROUTER,
        paydock.ROUTER,
        own.ROUTER,
        *([test_clock.ROUTER] if settings.test_clock else []),
    ]
    for router in routers:
        app.include_router(router)
    own.add_pages(app, with_explore=settings.explore)
    if metrics:
        own.add_metrics(app, metrics)
    app.add_middleware(AccessLog, observe=metrics.observe_request if metrics else None)
    if settings.cors_origins:
        app.add_middleware(
            CORSMiddleware,
            allow_origins=settings.cors_origins,
            allow_methods=["POST"],
            allow_headers=["Authentication", "Authorization", "Content-Type", "Idempotency-Key", "X-User-Secret-Key"],
            expose_headers=["Idempotency-Replayed", "Retry-After", "X-Request-Id"],
        )
    routes = [*app.routes, *(route for router in routers for route in router.routes)]
    for kind in (RefusedError, HTTPException, RequestValidationError, SQLAlchemyError, ClientDisconnect):
        app.add_exception_handler(kind, partial(on_error, routes))
    app.openapi = cache(partial(openapi.document, app))  # type: ignore[method-assign]  # FastAPI's own way to extend it
    return app
