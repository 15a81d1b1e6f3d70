"""The middleware that identifies and logs each request, and answers if the service fails."""

from __future__ import annotations

import time

import structlog
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from recurring_schedule.service.http.errors import failed, refusal
from recurring_schedule.service.identifiers import Identifiers
from recurring_schedule.service.logs import error_fields

_log = structlog.get_logger("recurring_schedule.service")


class AccessLog:
    """Gives each request an identifier, logs it, and turns unexpected errors into answers."""

    def __init__(self, app: ASGIApp) -> None:
        self._app, self._identifiers = app, Identifiers()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve a request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        identifier = self._identifiers.long()
        structlog.contextvars.clear_contextvars()
        structlog.contextvars.bind_contextvars(request=identifier)
        begun = time.perf_counter()
        status = 0

        async def sending(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                message["headers"] = [*message["headers"], (b"x-request-id", identifier.encode())]
            await send(message)

        try:
            await self._app(scope, receive, sending)
        except Exception as error:
            _log.error("failed", **error_fields(error))
            if status:
                raise
            await refusal(scope["path"], failed())(scope, receive, sending)
        # The path of the request may contain anything, so the route is logged instead.
        route = getattr(scope.get("route"), "path", None)
        took = round(1000 * (time.perf_counter() - begun), 1)
        _log.info("request", method=scope["method"], route=route, status=status, milliseconds=took)
