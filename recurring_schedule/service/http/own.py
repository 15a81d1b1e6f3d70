"""The service's own endpoints and pages. They need no key.

The asynchronous ones need no thread, so they answer even when all threads are in use.
"""

from __future__ import annotations

import re
from base64 import b64encode
from hashlib import sha256
from typing import Any

from fastapi import APIRouter, FastAPI
from fastapi.openapi.docs import get_swagger_ui_html
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from prometheus_client import CONTENT_TYPE_LATEST
from sqlalchemy.exc import SQLAlchemyError
from starlette.staticfiles import StaticFiles

from recurring_schedule.service import migration
from recurring_schedule.service.http.request import Shared
from recurring_schedule.service.metrics import Metrics
from recurring_schedule.views import explore

ROUTER = APIRouter(tags=["service"])


@ROUTER.get("/health")
async def health() -> dict[str, str]:
    """Say that the service is running."""
    return {"status": "ok"}


@ROUTER.get("/ready", responses={503: {"model": dict[str, str]}})
def ready(shared: Shared, response: Response) -> dict[str, str]:
    """Say if the database can be used."""
    try:
        migration.check(shared.service.store)
    except (SQLAlchemyError, migration.MigrationError):
        response.status_code = 503
        return {"status": "not ready"}
    return {"status": "ready"}


@ROUTER.get("/.well-known/jwks.json")
async def key_set(shared: Shared, response: Response) -> dict[str, Any]:
    """Return the public keys that verify tokens."""
    response.headers["Cache-Control"] = "max-age=300"
    return dict(shared.key_set)


def add_pages(app: FastAPI, *, with_explore: bool) -> None:
    """Add the page that shows the OpenAPI document, and the one for trying schedules."""
    # Its addresses are relative, and its scripts and styles come from a package, not from another server.
    page = get_swagger_ui_html(
        openapi_url="openapi.json",
        title=app.title,
        swagger_js_url="docs/swagger-ui-bundle.js",
        swagger_css_url="docs/swagger-ui.css",
        swagger_favicon_url="data:,",
    )
    _add_page(app, "/docs", bytes(page.body).decode())
    app.mount("/docs", StaticFiles(packages=[("fastapi_offline", "static")]))
    if with_explore:
        app.add_route(
            "/explore", lambda _: RedirectResponse("explore/")
        )  # the addresses of the page are relative to it
        _add_page(app, "/explore/", explore.page())
        app.mount("/explore", explore.asgi)


def add_metrics(app: FastAPI, metrics: Metrics) -> None:
    """Add the metrics, which are text for Prometheus."""
    headers = {"Cache-Control": "no-store", "Content-Type": CONTENT_TYPE_LATEST}

    # A route of FastAPI, because the route of a plain page is neither logged nor counted.
    @app.get("/metrics", include_in_schema=False)
    def read_metrics() -> Response:
        return Response(metrics.text(), headers=headers)


def _add_page(app: FastAPI, path: str, text: str) -> None:
    """Add a page that may run its own scripts and send requests to this service, and no others."""
    scripts = re.findall("<script>(.*?)</script>", text, re.DOTALL)
    hashes = " ".join(f"'sha256-{b64encode(sha256(script.encode()).digest()).decode()}'" for script in scripts)
    policy = (
        f"default-src 'none'; script-src 'self' {hashes}; style-src 'self' 'unsafe-inline'; img-src 'self' data:; "
        "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    )
    app.add_route(path, lambda _: HTMLResponse(text, headers={"Content-Security-Policy": policy}))
