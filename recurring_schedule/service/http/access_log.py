"""The middleware that identifies and logs each request, and answers if the service fails."""

from __future__ import annotations

import re
import time
from collections.abc import Callable

import structlog
from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from recurring_schedule.service.http.errors import failed, refusal
from recurring_schedule.service.identifiers import Identifiers
from recurring_schedule.service.logs import error_fields

_log = structlog.get_logger("recurring_schedule.service")
_IDENTIFIER = re.compile(r"[\w.-]{1,64}", re.ASCII)
_Observe = Callable[[str, str | None, int, float], None]
_SECURITY = [
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"no-referrer"),
    (b"x-frame-options", b"DENY"),
]


class AccessLog:
    """Gives each request an identifier, logs it, and turns unexpected errors into answers.

    It also answers HEAD as GET, without a body, and adds headers for browsers. The method, route,
    status and seconds of each request are passed to `observe`.
    """

    def __init__(self, app: ASGIApp, observe: _Observe | None = None) -> None:
        self._app, self._observe, self._identifiers = app, observe, Identifiers()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve a request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        method, is_head = scope["method"], scope["method"] == "HEAD"
        scope = {**scope, "method": "GET" if is_head else method}
        given = Headers(scope=scope).get("x-request-id", "")
        identifier = given if _IDENTIFIER.fullmatch(given) else self._identifiers.long()
        structlog.contextvars.clear_contextvars()
        structlog.contextvars.bind_contextvars(request=identifier)
        begun = time.perf_counter()
        status = 0

        async def sending(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                message["headers"] = [*message["headers"], (b"x-request-id", identifier.encode()), *_SECURITY]
            elif is_head:
                message = {**message, "body": b""}
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
        seconds = time.perf_counter() - begun
        _log.info("request", method=method, route=route, status=status, milliseconds=round(1000 * seconds, 1))
        if self._observe:
            self._observe(method, route, status, seconds)
