"""Payment methods, and the payloads of their tokens."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from recurring_schedule.models.document import Answer, Document
from recurring_schedule.models.intergiro.client import ClientCreatable
from recurring_schedule.models.wire.cards import Expires, ExpiresWritten, Iin, Last4, Scheme
from recurring_schedule.models.wire.dates import DateTime
from recurring_schedule.models.wire.numbers import Meta, Seconds
from recurring_schedule.models.wire.texts import Filled, Flag, Text, Token

__all__ = ["CardToken", "CustomerLink", "CustomerMethod", "MethodCreatable", "MethodToken"]


class MethodCreatable(Document):
    """A payment method to create from a single-use card token."""

    type: Literal["token"]
    """The kind of source: a token."""
    card: Filled = Field(repr=False)
    """The single-use card token."""
    client: ClientCreatable | None = None
    """The client of the customer, for 3-D Secure."""


class CardDetails(Document):
    """The details of a card that may be shown."""

    scheme: Scheme
    """The scheme of the card."""
    iin: Iin
    """The first 6 digits of the card number."""
    last4: Last4
    """The last 4 digits of the card number."""
    expires: Expires
    """The last month in which the card is valid, as [month, year without century]."""


class CustomerMethod(CardDetails, Answer):
    """A payment method of a customer.

    >>> CustomerMethod.model_validate({
    ...     "type": "card", "created": "2020-03-13T13:37:13.123Z", "token": "abc.def.ghi", "scheme": "visa",
    ...     "iin": "411111", "last4": "1111", "expires": [2, 22],
    ... }).expires
    (2, 22)
    """

    type: Literal["card", "token"]
    """The source that it was created from."""
    created: DateTime
    """The time when it was created."""
    token: Token = Field(repr=False)
    """The token for the method."""
    acquirer: Literal["intergiro", "clearhaus"] | None = None
    """The acquirer of payments with it."""


class CustomerLink(Answer):
    """A link by which a customer logs in once."""

    url: Text = Field(repr=False)
    """The link."""
    created: DateTime
    """The time when it was created."""
    expires: DateTime
    """The time when it expires."""
    key: Token | None = Field(None, repr=False)
    """The key in the link."""
    contact: Text | None = None
    """The address to which it was sent."""
    id: Text | None = None
    """The identifier of the link."""
    used: Flag | None = None
    """True if it has been used."""


class TokenPayload(Answer):
    """The payload of a token. Unknown claims are ignored (RFC 7519, section 4)."""

    iss: Text
    """The issuer."""
    iat: Seconds
    """The time of issue, in seconds since 1970."""
    aud: Text
    """The audience."""


class CardToken(TokenPayload):
    """The payload of a single-use card token."""

    iss: Literal["card"]
    """The issuer: the card."""
    enc: Filled = Field(repr=False)
    """The card, encrypted."""
    xpr: ExpiresWritten
    """The last valid month, as [month, year without century], integers or strings of digits."""
    ver: Meta | None = Field(None, repr=False)
    """The result of a verification."""


class MethodToken(CardDetails, TokenPayload):
    """The payload of the token for a customer's method."""

    type: Literal["card", "token"]
    """The source that the method was created from."""
    card: Filled = Field(repr=False)
    """The card."""
    reference: Text
    """The acquirer's reference."""
    acquirer: Literal["intergiro", "clearhaus"]
    """The acquirer of payments with it."""
    created: DateTime
    """The time when the method was created."""
