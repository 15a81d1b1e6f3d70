"""Refusals as HTTP answers, in the form of each API.

>>> from recurring_schedule.service.refusals import declined, not_found
>>> INTERGIRO.refusal(declined("insufficient funds")).body
'{"status":400,"type":"malformed content","error":"insufficient funds","content":{"property":"card","description":...}}'
>>> paydock_error(not_found()).to_wire()["error"]
{'message': 'not found', 'code': 'not_found'}
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import NamedTuple

from fastapi.responses import Response

from recurring_schedule.models import (
    Document,
    Error,
    ErrorContent,
    PaydockError,
    PaydockErrorAnswer,
    PaydockErrorDetails,
    PaydockErrorSummary,
    ReportedViolation,
    Violation,
)
from recurring_schedule.service.customer_creation import Api, Reply
from recurring_schedule.service.refusals import RefusedError

_MALFORMED = "malformed content"


class _Answer(NamedTuple):
    status: int
    paydock_code: str
    headers: Mapping[str, str] = {}


_ANSWERS: Mapping[str, _Answer] = {
    _MALFORMED: _Answer(400, "unfulfilled_condition"),
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
    return RefusedError(_MALFORMED, violations=(Violation(property_, expected, condition),))


def unauthorized() -> RefusedError:
    """Return the refusal of absent, unknown and conflicting keys: the same for all of them."""
    return RefusedError("not authorized", "unauthorized")


def failed() -> RefusedError:
    """Return the refusal of a request on which the service itself failed."""
    return RefusedError("internal error", "unknown error")


def status(refused: RefusedError) -> int:
    """Return the HTTP status of a refusal."""
    return _ANSWERS[refused.type].status


def intergiro_error(refused: RefusedError) -> Error:
    """Return a refusal in the form of Intergiro's API."""
    return Error(
        status=status(refused),
        type=refused.type,
        error=refused.error,
        reason=refused.reason,
        id=refused.attempt,
        content=_content(refused),
    )


def _content(refused: RefusedError) -> ErrorContent | None:
    if refused.verification is not None:
        return ErrorContent(
            property="card",
            type="Card.Creatable | Card.Token",
            description="verification required",
            details=refused.verification,
        )
    if refused.violations:
        first = refused.violations[0]
        violations = tuple(ReportedViolation(**one._asdict()) for one in refused.violations)
        return ErrorContent(
            property=first.property,
            type=first.type,
            description=first.condition,
            flaws=None if refused.type == _MALFORMED else violations,
        )
    return ErrorContent(property="card", description=refused.error) if refused.type == _MALFORMED else None


def paydock_error(refused: RefusedError) -> PaydockErrorAnswer:
    """Return a refusal in the form of Paydock's API."""
    answer = _ANSWERS[refused.type]
    errors = [{"path": one.property, "message": f"expected {_expected(one)}"} for one in refused.violations]
    code, path = answer.paydock_code, "payment_source" if answer.status == 400 else None
    messages: tuple[str, ...] = (refused.error or refused.reason or refused.type,)
    if errors:
        code, path = _validation_code(refused.violations), errors[0]["path"]
        messages = tuple(f"{one['path'] or 'body'}: {one['message']}" for one in errors)
    return PaydockErrorAnswer(
        status=answer.status,
        error=PaydockError(message=messages[0], code=code, details=errors or None),
        error_summary=PaydockErrorSummary(
            message=messages[0], code=code, details=PaydockErrorDetails(path=path, messages=messages)
        ),
    )


def _expected(violation: Violation) -> str:
    return violation.type if violation.condition is None else f"{violation.type}; {violation.condition}"


def _validation_code(violations: Iterable[Violation]) -> str:
    # A violation without a property names the nearest flow; it does not count.
    conditions = {one.condition for one in violations if one.property}
    return "required_error" if conditions == {"missing"} else "validation_error"


def _api(name: str, document: Callable[[RefusedError], Document]) -> Api:
    return Api(name, lambda refused: Reply(status(refused), document(refused).to_json()))


INTERGIRO, PAYDOCK = _api("intergiro", intergiro_error), _api("paydock", paydock_error)


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
