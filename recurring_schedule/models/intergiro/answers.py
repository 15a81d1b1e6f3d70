"""Errors, and the steps of a client through 3-D Secure."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from recurring_schedule.models.document import Answer
from recurring_schedule.models.wire.numbers import Status
from recurring_schedule.models.wire.texts import Filled, Flag, Identifier, Text
from recurring_schedule.models.wire.unions import OneOfTypes

__all__ = ["ChallengeStep", "Error", "ErrorContent", "MethodStep", "PayerStep", "ReportedViolation", "Verification"]


class ReportedViolation(Answer):
    """A violation in an error: one entry of `flaws`."""

    property: Text
    """The path of the value."""
    type: Text
    """The expected type."""
    condition: Text | None = None
    """The rule that the value breaks, or that it is missing."""


class _Step(Answer):
    server_transaction: Text = Field(
        validation_alias="threeDSServerTransID", serialization_alias="threeDSServerTransID"
    )
    """The transaction's identifier at the 3-D Secure server, `threeDSServerTransID`."""
    version: Text = Field(validation_alias="messageVersion", serialization_alias="messageVersion")
    """The version of the protocol, `messageVersion`."""


class MethodStep(_Step):
    """The data of the first step of a verification, which the customer does not see."""

    type: Literal["method"]
    """The step."""


class ChallengeStep(_Step):
    """The data of the step of a verification that the customer sees."""

    type: Literal["challenge"]
    """The step."""
    acs_transaction: Text = Field(validation_alias="acsTransID", serialization_alias="acsTransID")
    """The transaction's identifier at the issuer's access control server, `acsTransID`."""
    message_type: Literal["CReq"] = Field(validation_alias="messageType", serialization_alias="messageType")
    """The kind of message, `messageType`."""
    window_size: Text = Field(validation_alias="challengeWindowSize", serialization_alias="challengeWindowSize")
    """The code of the window's size, two digits, `challengeWindowSize`."""


class PayerStep(Answer):
    """The data of a verification by 3-D Secure 1."""

    request: Filled = Field(validation_alias="PaReq", serialization_alias="PaReq")
    """The payer authentication request, `PaReq`."""
    return_url: Text = Field(validation_alias="TermUrl", serialization_alias="TermUrl")
    """The address to which the payer returns, `TermUrl`."""
    merchant_data: Text = Field(validation_alias="MD", serialization_alias="MD")
    """Data that is returned unchanged, `MD`."""


class Verification(Answer):
    """The request that the client makes to verify a card."""

    visible: Flag
    """True if the customer sees it."""
    method: Literal["GET", "POST"]
    """The HTTP method."""
    url: Text
    """The address."""
    data: Annotated[MethodStep | ChallengeStep | PayerStep, OneOfTypes()] | None = None
    """The data to send."""


class ErrorContent(Answer):
    """The details of an error."""

    property: Text | None = None
    """The path of the value."""
    type: Text | None = None
    """The expected type."""
    description: Text | None = None
    """A description for people."""
    flaws: tuple[ReportedViolation, ...] | None = None
    """Everything that is wrong with the request."""
    details: Verification | None = None
    """The next step of a verification."""


class Error(Answer):
    """The answer to a request that fails.

    >>> error = Error(status=400, type="malformed content", content=ErrorContent(property="card", type="Card.Token"))
    >>> error.to_json()
    '{"status":400,"type":"malformed content","content":{"property":"card","type":"Card.Token"}}'
    """

    status: Status
    """The HTTP status."""
    type: Text
    """The kind of error, such as `malformed content`."""
    error: Text | None = None
    """The code of a decline (a `DeclineCode`), `unauthorized` or `verification required`."""
    description: Text | None = None
    """A description for people."""
    reason: Text | None = None
    """The reason why the request is forbidden, or the conflict."""
    id: Identifier | None = None
    """The identifier of the attempt, to send again after the verification."""
    content: ErrorContent | None = None
    """The details."""
