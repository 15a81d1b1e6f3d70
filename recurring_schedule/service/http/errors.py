"""Refusals as HTTP answers, in the form of each API.

>>> INTERGIRO.refusal(RefusedError(MALFORMED, "insufficient funds")).body
'{"status":400,"type":"malformed content","error":"insufficient funds","content":{"property":"card","description":...}}'
>>> PAYDOCK.refusal(RefusedError("not found")).body
'{"status":404,"error":{"message":"not found","code":"not_found"},...}'
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from fastapi.responses import Response

from recurring_schedule.models import Document, Error, PaydockErrorAnswer, Violation
from recurring_schedule.service.customer_creation import Api, Reply
from recurring_schedule.service.refusals import MALFORMED, RefusedError


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
    "conflict": _Answer(409, "conflict"),
    "content too large": _Answer(413, "content_too_large", {"Connection": "close"}),
    "unsupported media type": _Answer(415, "unsupported_media_type"),
    "internal error": _Answer(500, "internal_error"),
    "service unavailable": _Answer(503, "service_unavailable"),
}


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


def _api(name: str, document: Callable[[RefusedError], Document]) -> Api:
    return Api(name, lambda refused: Reply(status(refused), document(refused).to_json()))


INTERGIRO, PAYDOCK = _api("intergiro", _intergiro_error), _api("paydock", _paydock_error)


def api_of(path: str) -> Api:
    """Return the API that a path belongs to; Intergiro's for a path of neither."""
    return PAYDOCK if path == "/v1/customers" or path.startswith("/v1/customers/") else INTERGIRO


def refusal(path: str, refused: RefusedError, headers: Mapping[str, str] | None = None) -> Response:
    """Return the response that refuses a request for a path."""
    reply = api_of(path).refusal(refused)
    retry = {"Retry-After": "1"} if refused.is_transient else {}
    return json_response(reply.status, reply.body, {**_ANSWERS[refused.type].headers, **retry, **(headers or {})})


def json_response(status: int, text: str, headers: Mapping[str, str] | None = None) -> Response:
    """Return a response with JSON text."""
    return Response(text, status, headers, media_type="application/json")
