"""The other answers: errors, and what a client has to do for 3-D Secure."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, Tag

from recurring_schedule.models.document import Document
from recurring_schedule.models.fields import Filled, Flag, Identifier, Listed, Status, Text, ToldByType


class FlawTold(Document):
    """A flaw, as an error tells it."""

    property: Text
    """Where it is, as a path."""
    type: Text
    """What is expected there."""
    condition: Text | None = None
    """What else it has to be."""


class MethodStep(Document):
    """The data of a verification's first step, which is not visible."""

    type: Literal["method"]
    """Which step it is."""
    server_transaction: Text = Field(
        validation_alias="threeDSServerTransID", serialization_alias="threeDSServerTransID"
    )
    """The identifier of the 3-D Secure server, `threeDSServerTransID`."""
    version: Text = Field(validation_alias="messageVersion", serialization_alias="messageVersion")
    """The version of the protocol, `messageVersion`."""


class ChallengeStep(Document):
    """The data of a verification's visible step."""

    type: Literal["challenge"]
    """Which step it is."""
    server_transaction: Text = Field(
        validation_alias="threeDSServerTransID", serialization_alias="threeDSServerTransID"
    )
    """The identifier of the 3-D Secure server, `threeDSServerTransID`."""
    acs_transaction: Text = Field(validation_alias="acsTransID", serialization_alias="acsTransID")
    """The identifier of the issuer's access control server, `acsTransID`."""
    version: Text = Field(validation_alias="messageVersion", serialization_alias="messageVersion")
    """The version of the protocol, `messageVersion`."""
    message_type: Literal["CReq"] = Field(validation_alias="messageType", serialization_alias="messageType")
    """The kind of message, `messageType`."""
    window_size: Text = Field(validation_alias="challengeWindowSize", serialization_alias="challengeWindowSize")
    """How large the window is, as a number of two digits, `challengeWindowSize`."""


class PayerStep(Document):
    """The data of a verification with version 1 of 3-D Secure."""

    request: Filled = Field(validation_alias="PaReq", serialization_alias="PaReq")
    """The payer authentication request, `PaReq`."""
    return_url: Text = Field(validation_alias="TermUrl", serialization_alias="TermUrl")
    """Where the payer comes back to, `TermUrl`."""
    merchant_data: Text = Field(validation_alias="MD", serialization_alias="MD")
    """What comes back as it was sent, `MD`."""


def _is_payer_step(wire: dict[str, object]) -> str | None:
    known = {field.validation_alias for field in PayerStep.model_fields.values()}
    return "<other>" if "type" not in wire and known & wire.keys() else None


class Verification(Document):
    """What the client does to verify a card."""

    visible: Flag
    """Whether the customer sees it."""
    method: Literal["GET", "POST"]
    """How the address is asked."""
    url: Text
    """The address."""
    data: (
        Annotated[
            Annotated[MethodStep, Tag("<method>")]
            | Annotated[ChallengeStep, Tag("<challenge>")]
            | Annotated[PayerStep, Tag("<other>")],
            ToldByType("method", "challenge", otherwise=_is_payer_step),
        ]
        | None
    ) = None
    """What is sent there."""


class ErrorContent(Document):
    """What an error is about."""

    property: Text | None = None
    """Where, as a path."""
    type: Text | None = None
    """What is expected there."""
    description: Text | None = None
    """The same for a reader."""
    flaws: Annotated[tuple[FlawTold, ...], Listed()] | None = None
    """Everything that is wrong."""
    details: Verification | None = None
    """What to do for a verification."""


class Error(Document):
    """An answer that says what is wrong.

    >>> error = Error(status=400, type="malformed content", content=ErrorContent(property="card", type="Card.Token"))
    >>> error.to_json()
    '{"status":400,"type":"malformed content","content":{"property":"card","type":"Card.Token"}}'
    """

    status: Status
    """The status of the answer."""
    type: Text
    """What kind of error it is, such as `malformed content`."""
    error: Text | None = None
    """The code of a decline, `unauthorized` or `verification required`."""
    description: Text | None = None
    """The same for a reader."""
    reason: Text | None = None
    """Why it is forbidden, or with what it is in conflict."""
    id: Identifier | None = None
    """The identifier of the attempt, if it is to be gone on with after a verification."""
    content: ErrorContent | None = None
    """What it is about."""
