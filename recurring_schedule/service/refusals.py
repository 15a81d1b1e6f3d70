"""Why a request is refused, and how each of the two APIs says it. Never with a value that was sent.

>>> intergiro(declined("insufficient funds")).to_json()
'{"status":400,"type":"malformed content","error":"insufficient funds","content":{"property":"card","description":...}}'
>>> paydock(not_found()).to_wire()["error"]
{'message': 'not found', 'code': 'not_found'}
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from recurring_schedule.models import (
    Error,
    ErrorContent,
    FlawTold,
    PaydockError,
    PaydockErrorAnswer,
    PaydockErrorDetails,
    PaydockErrorSummary,
    Verification,
    Violation,
)

MALFORMED = "malformed content"


@dataclass(eq=False)
class RefusedError(Exception):
    """A request that is refused, whatever the API."""

    status: int
    """The status of the answer."""
    type: str
    """What kind of refusal it is."""
    error: str | None = None
    """The code of a decline, `unauthorized` or `verification required`."""
    reason: str | None = None
    """Why it is forbidden, or with what it is in conflict."""
    id: str | None = None
    """The identifier of an attempt to be gone on with."""
    flaws: tuple[Violation, ...] = ()
    """What is wrong with the body."""
    details: Verification | None = None
    """What to do for a verification."""
    headers: Mapping[str, str] = field(default_factory=dict)
    """What else the answer says."""
    is_kept: bool = True
    """Whether it is the answer to the same request under the same idempotency key."""

    def __str__(self) -> str:
        return f"{self.status} {self.type}"


def malformed(condition: str) -> RefusedError:
    """Of a body that is no JSON."""
    return RefusedError(400, MALFORMED, flaws=(Violation("", "JSON", condition),), is_kept=False)


def flawed(flaws: Iterable[Violation]) -> RefusedError:
    """Of a body whose values are wrong or missing."""
    found = tuple(flaws)
    is_missing = all(flaw.condition == "missing" for flaw in found)
    return RefusedError(400, "missing property" if is_missing else "flawed content", flaws=found)


def wrong_header(name: str, expected: str) -> RefusedError:
    """Of a header that cannot be read."""
    return RefusedError(400, MALFORMED, flaws=(Violation(name, "header", expected),), is_kept=False)


def unauthorized() -> RefusedError:
    """Of no key, an unknown one, or two that differ: the same for all of them."""
    return RefusedError(
        401, "not authorized", error="unauthorized", headers={"WWW-Authenticate": "Bearer"}, is_kept=False
    )


def forbidden(reason: str) -> RefusedError:
    """Of a key that may not do this."""
    return RefusedError(403, "forbidden", reason=reason, is_kept=False)


def not_found() -> RefusedError:
    """Of what is not there, or is another merchant's."""
    return RefusedError(404, "not found", is_kept=False)


def not_allowed(methods: str) -> RefusedError:
    """Of another method than those of the path."""
    return RefusedError(405, "method not allowed", headers={"Allow": methods}, is_kept=False)


def conflict(reason: str) -> RefusedError:
    """Of what there is already."""
    return RefusedError(409, "conflict", reason=reason)


def in_progress(reason: str) -> RefusedError:
    """Of what another request is doing at this moment."""
    return RefusedError(409, "conflict", reason=reason, headers={"Retry-After": "1"}, is_kept=False)


def too_large(most: int) -> RefusedError:
    """Of a body with more bytes than are read."""
    reason = f"at most {most} bytes are read"
    return RefusedError(413, "content too large", reason=reason, headers={"Connection": "close"}, is_kept=False)


def unsupported() -> RefusedError:
    """Of a body that is not sent as JSON."""
    return RefusedError(415, "unsupported media type", reason="expected application/json", is_kept=False)


def declined(code: str) -> RefusedError:
    """Of a card that the gateway declines."""
    return RefusedError(400, MALFORMED, error=code)


def verification_required(identifier: str, details: Verification) -> RefusedError:
    """Of a card that is to be verified first."""
    return RefusedError(400, MALFORMED, error="verification required", id=identifier, details=details)


def unavailable() -> RefusedError:
    """Of a request that could not be done now; nothing of it was kept."""
    return RefusedError(
        503, "service unavailable", error="backend problem", headers={"Retry-After": "1"}, is_kept=False
    )


def failed() -> RefusedError:
    """Of an error in the service itself."""
    return RefusedError(500, "internal error", error="unknown error", is_kept=False)


def intergiro(refused: RefusedError) -> Error:
    """The answer of Intergiro's API."""
    content = None
    if refused.details is not None:
        content = ErrorContent(
            property="card",
            type="Card.Creatable | Card.Token",
            description="verification required",
            details=refused.details,
        )
    elif refused.flaws:
        first = refused.flaws[0]
        told = None
        if refused.type != MALFORMED:
            told = tuple(FlawTold(**_given(flaw._asdict())) for flaw in refused.flaws)
        content = ErrorContent(
            **_given({"property": first.property, "type": first.type, "description": first.condition, "flaws": told})
        )
    elif refused.status == 400:
        content = ErrorContent(property="card", description=refused.error)
    return Error(
        **_given(
            {
                "status": refused.status,
                "type": refused.type,
                "error": refused.error,
                "reason": refused.reason,
                "id": refused.id,
                "content": content,
            }
        )
    )


def _given(fields: Mapping[str, object]) -> dict[str, Any]:
    return {name: value for name, value in fields.items() if value is not None}


def paydock(refused: RefusedError) -> PaydockErrorAnswer:
    """The answer of Paydock's API."""
    flaws = refused.flaws
    if flaws:
        named = [flaw for flaw in flaws if flaw.property]  # one without a name says which flow was nearest
        is_required = bool(named) and all(flaw.condition == "missing" for flaw in named)
        code = "required_error" if is_required else "validation_error"
        message = flaws[0].property or "body"
        message = f"{message}: expected {_expected(flaws[0])}"
        messages = tuple(f"{flaw.property or 'body'}: expected {_expected(flaw)}" for flaw in flaws)
        path: str | None = flaws[0].property
        details: object = [{"path": flaw.property, "message": f"expected {_expected(flaw)}"} for flaw in flaws]
    else:
        code = "unfulfilled_condition" if refused.status == 400 else _CODES.get(refused.status, "internal_error")
        message = refused.error or refused.reason or refused.type
        messages, path, details = (message,), "payment_source" if refused.status == 400 else None, None
    return PaydockErrorAnswer(
        status=refused.status,
        error=PaydockError(**_given({"message": message, "code": code, "details": details})),
        error_summary=PaydockErrorSummary(
            message=message,
            code=code,
            details=PaydockErrorDetails(**_given({"path": path, "messages": messages})),
        ),
    )


_CODES = {
    401: "unauthorized",
    403: "permission_denied",
    404: "not_found",
    405: "method_not_allowed",
    409: "conflict",
    413: "content_too_large",
    415: "unsupported_media_type",
    503: "service_unavailable",
}


def _expected(flaw: Violation) -> str:
    return flaw.type if flaw.condition is None else f"{flaw.type}; {flaw.condition}"
