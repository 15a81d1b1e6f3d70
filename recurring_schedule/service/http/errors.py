"""Refusals as HTTP answers, in the form of each API.

>>> refusal("/v1/customer", RefusedError(MALFORMED, "insufficient funds")).body.decode()
'{"status":400,"type":"malformed content","error":"insufficient funds","content":{"property":"card","description":...}}'
>>> refusal("/v1/customers", RefusedError("not found")).body.decode()
'{"status":404,"error":{"message":"not found","code":"not_found"},...}'
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

import structlog
from fastapi import Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import Response
from sqlalchemy.exc import SQLAlchemyError
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect
from starlette.routing import BaseRoute, Match

from recurring_schedule.core.pydantic_field import safe_key
from recurring_schedule.models import Document, Error, PaydockErrorAnswer, Violation, write_json
from recurring_schedule.service.logs import error_fields
from recurring_schedule.service.refusals import MALFORMED, RefusedError, not_found, unavailable

_log = structlog.get_logger("recurring_schedule.service")


class _Answer(NamedTuple):
    status: int
    paydock_code: str
    headers: Mapping[str, str] = {}


_ANSWERS: Mapping[str, _Answer] = {
    MALFORMED: _Answer(400, "unfulfilled_condition"),
    "missing property": _Answer(400, "required_error"),
    "flawed content": _Answer(400, "validation_error"),
    "not authorized": _Answer(401, "unauthorized", {"WWW-Authenticate": "Bearer"}),
    "forbidden": _Answer(403, "permission_denied"),
    "not found": _Answer(404, "not_found"),
    "method not allowed": _Answer(405, "method_not_allowed"),
    "request timeout": _Answer(408, "request_timeout", {"Connection": "close"}),
    "conflict": _Answer(409, "conflict"),
    "content too large": _Answer(413, "content_too_large", {"Connection": "close"}),
    "unsupported media type": _Answer(415, "unsupported_media_type"),
    "too many requests": _Answer(429, "too_many_requests"),
    "internal error": _Answer(500, "internal_error"),
    "service unavailable": _Answer(503, "service_unavailable"),
}


_PARAMETERS: Mapping[str, tuple[str, str]] = {
    "Idempotency-Key": ("header", "1 to 255 visible ASCII characters"),
    "after": ("query parameter", "the identifier of the last document of a page"),
    "limit": ("query parameter", "a whole number from 1 to 100"),
    "number": ("query parameter", "a number that is not empty"),
    "subscription": ("query parameter", "the identifier of a subscription"),
}
"""The type and the form of the headers and parameters that FastAPI validates."""


def malformed(property_: str, expected: str, condition: str | None = None) -> RefusedError:
    """Return the refusal of a body or a header that cannot be read."""
    return RefusedError(MALFORMED, violations=(Violation(property_, expected, condition),))


def failed() -> RefusedError:
    """Return the refusal of a request on which the service itself failed."""
    return RefusedError("internal error", "unknown error")


def status(refused: RefusedError) -> int:
    """Return the HTTP status of a refusal."""
    return _ANSWERS[refused.type].status


def _intergiro_error(refused: RefusedError) -> Error:
    content: dict[str, Any] | None = None
    if refused.violations:
        first = refused.violations[0]
        content = {"property": first.property, "type": first.type, "description": first.condition}
        if refused.type != MALFORMED:
            content["flaws"] = [one._asdict() for one in refused.violations]
    elif refused.type == MALFORMED:
        content = {"property": "card", "description": refused.error}
        if refused.verification is not None:
            content |= {"type": "Card.Creatable | Card.Token", "details": refused.verification}
    fields = {"type": refused.type, "error": refused.error, "reason": refused.reason, "id": refused.attempt}
    return Error.model_validate({"status": status(refused), **fields, "content": content})


def _paydock_error(refused: RefusedError) -> PaydockErrorAnswer:
    answer = _ANSWERS[refused.type]
    code, path = answer.paydock_code, "payment_source" if answer.status == 400 else None
    messages = [refused.error or refused.reason or refused.type]
    details = [
        {"path": one.property, "message": "; ".join(filter(None, (f"expected {one.type}", one.condition)))}
        for one in refused.violations
    ]
    if details:
        # A violation without a property names the nearest flow; it does not count.
        is_missing = {one.condition for one in refused.violations if one.property} == {"missing"}
        code, path = "required_error" if is_missing else "validation_error", details[0]["path"]
        messages = [f"{one['path'] or 'body'}: {one['message']}" for one in details]
    error = {"message": messages[0], "code": code}
    summary = {**error, "details": {"path": path, "messages": messages}}
    return PaydockErrorAnswer.model_validate(
        {"status": answer.status, "error": {**error, "details": details or None}, "error_summary": summary}
    )


INTERGIRO, PAYDOCK = "intergiro", "paydock"
_ERRORS: Mapping[str, Callable[[RefusedError], Document]] = {INTERGIRO: _intergiro_error, PAYDOCK: _paydock_error}


def path_of(request: Request) -> str:
    """Return the path in the request line. The path of the URL depends on the Host header, too."""
    return str(request.scope["path"])


def api_of(path: str) -> str:
    """Return the API that a path belongs to; Intergiro's for a path of neither."""
    return PAYDOCK if path == "/v1/customers" or path.startswith("/v1/customers/") else INTERGIRO


def refusal(path: str, refused: RefusedError, headers: Mapping[str, str] | None = None) -> Response:
    """Return the response that refuses a request for a path."""
    answer = _ANSWERS[refused.type]
    retry = {"Retry-After": "1"} if refused.is_transient else {}
    document = _ERRORS[api_of(path)](refused).to_wire()
    more = {**answer.headers, **retry, **(headers or {})}
    return json_response(document, answer.status, more, is_replayed=refused.is_replayed)


def json_response(
    document: object, status: int = 200, headers: Mapping[str, str] | None = None, *, is_replayed: bool = False
) -> Response:
    """Return a response with a document in wire form, which no cache stores."""
    replayed = {"Idempotency-Replayed": "true"} if is_replayed else {}
    more = {"Cache-Control": "no-store", **replayed, **(headers or {})}
    return Response(write_json(document), status, more, media_type="application/json")


async def on_error(routes: Sequence[BaseRoute], request: Request, error: Exception) -> Response:
    """Return the response to a request that is refused or fails. `routes` are all routes."""
    headers = {}
    if isinstance(error, HTTPException) and error.status_code == 405:
        matched = (route for route in routes if route.matches(request.scope)[0] is not Match.NONE)
        allowed = {method for route in matched for method in getattr(route, "methods", None) or ()}
        headers["Allow"] = ", ".join(sorted(allowed | {"HEAD"} if "GET" in allowed else allowed))
    return refusal(path_of(request), _refused(error), headers)


def _refused(error: Exception) -> RefusedError:
    if isinstance(error, RefusedError):
        return error
    if isinstance(error, SQLAlchemyError):
        _log.error("store", **error_fields(error))
        return unavailable()
    if isinstance(error, ClientDisconnect):  # the client is gone, but the access log records the status
        return malformed("", "JSON", "the whole body")
    if isinstance(error, RequestValidationError):
        name = safe_key(error.errors()[0]["loc"][1])
        return malformed(name, *_PARAMETERS.get(name, ("nothing", "the request has no parameter of this name")))
    known = {404: not_found(), 405: RefusedError("method not allowed")}
    status = error.status_code if isinstance(error, HTTPException) else 500
    return known.get(status) or (malformed("", "JSON", "a readable request") if status == 400 else failed())
