"""Refusals of requests, in terms that both APIs share. They never repeat a value that was sent.

>>> raise RefusedError("conflict", reason="a customer with this number exists")
Traceback (most recent call last):
recurring_schedule.service.refusals.RefusedError: conflict: a customer with this number exists
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from recurring_schedule.models import Verification, Violation

MALFORMED = "malformed content"
"""The type for an unreadable body, a declined card, and one that has to be verified."""


@dataclass(eq=False)
class RefusedError(Exception):
    """A request that is refused."""

    type: str
    """The type of refusal, as Intergiro's documents name it."""
    error: str | None = None
    """The code of a decline, `unauthorized` or `verification required`."""
    reason: str | None = None
    """The reason, in a few words."""
    violations: tuple[Violation, ...] = ()
    """Everything that is wrong with the request."""
    attempt: str | None = None
    """The identifier of the attempt to resume after the verification."""
    verification: Verification | None = None
    """The verification that the client has to do."""
    is_kept: bool = True
    """True if the same request under the same idempotency key gets this refusal again."""
    is_transient: bool = False
    """True if the same request may succeed in a moment."""
    is_replayed: bool = False
    """True if the refusal was kept under the idempotency key of an earlier request."""

    def __str__(self) -> str:
        return ": ".join(filter(None, (self.type, self.error or self.reason)))

    def to_wire(self) -> dict[str, Any]:
        """Return the fields that are kept under an idempotency key."""
        verification = self.verification and self.verification.to_wire()
        fields = {name: getattr(self, name) for name in ("type", "error", "reason", "violations", "attempt")}
        return {**fields, "verification": verification}

    @classmethod
    def replayed(cls, wire: Mapping[str, Any]) -> RefusedError:
        """Return the refusal kept under an idempotency key."""
        verification = wire["verification"] and Verification.model_validate(wire["verification"])
        violations = tuple(Violation(*violation) for violation in wire["violations"])
        return cls(**{**wire, "violations": violations, "verification": verification}, is_replayed=True)


def flawed(violations: Iterable[Violation]) -> RefusedError:
    """Return the refusal of a body with missing or wrong values."""
    found = tuple(violations)
    is_missing = all(violation.condition == "missing" for violation in found)
    return RefusedError("missing property" if is_missing else "flawed content", violations=found)


def not_found() -> RefusedError:
    """Return the refusal of a request for something unknown or another merchant's."""
    return RefusedError("not found", is_kept=False)


def in_progress(shared: str) -> RefusedError:
    """Return the refusal while another request with the same value is in progress."""
    reason = f"a request with this {shared} is in progress"
    return RefusedError("conflict", reason=reason, is_kept=False, is_transient=True)


def unavailable() -> RefusedError:
    """Return the refusal of a request that cannot be completed now."""
    return RefusedError("service unavailable", "backend problem", is_kept=False, is_transient=True)
