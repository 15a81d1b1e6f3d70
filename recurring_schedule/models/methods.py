"""Payment methods, and the payloads of the tokens that stand for them."""

from __future__ import annotations

from typing import Literal

from pydantic import ConfigDict, Field

from recurring_schedule.models.client import ClientCreatable
from recurring_schedule.models.document import Document
from recurring_schedule.models.fields import (
    DateTime,
    Expires,
    ExpiresWritten,
    Filled,
    Flag,
    Iin,
    Last4,
    Meta,
    Scheme,
    Seconds,
    Text,
    Token,
)


class MethodCreatable(Document):
    """A payment method to be made of a single-use card token."""

    type: Literal["token"]
    """That the card is a token."""
    card: Filled = Field(repr=False)
    """The single-use card token."""
    client: ClientCreatable | None = None
    """Where the customer is, for 3-D Secure."""


class CustomerMethod(Document):
    """A payment method that a customer has.

    >>> CustomerMethod.model_validate({
    ...     "type": "card", "created": "2020-03-13T13:37:13.123Z", "token": "abc.def.ghi", "scheme": "visa",
    ...     "iin": "411111", "last4": "1111", "expires": [2, 22],
    ... }).expires
    (2, 22)
    """

    type: Literal["card", "token"]
    """What it was made of."""
    created: DateTime
    """When it was made."""
    token: Token = Field(repr=False)
    """What stands for the method."""
    scheme: Scheme
    """The scheme of the card."""
    iin: Iin
    """The first 6 digits of the card number."""
    last4: Last4
    """The last 4 digits of the card number."""
    expires: Expires
    """The month and the year, without its century, after which the card is not valid."""
    acquirer: Literal["intergiro", "clearhaus"] | None = None
    """Who acquires payments with it."""


class CustomerLink(Document):
    """A link with which a customer logs in once."""

    url: Text = Field(repr=False)
    """The link."""
    created: DateTime
    """When it was made."""
    expires: DateTime
    """When it ends."""
    key: Token | None = Field(None, repr=False)
    """The key in it."""
    contact: Text | None = None
    """To whom it was sent."""
    id: Text | None = None
    """Its identifier."""
    used: Flag | None = None
    """Whether it has been used."""


class _TokenPayload(Document):
    """The payload of a token. Claims that it does not know are left out (RFC 7519, section 4)."""

    model_config = ConfigDict(extra="ignore")

    iss: Text
    """Who issued it."""
    iat: Seconds
    """When, in seconds since 1970."""
    aud: Text
    """For whom."""


class CardToken(_TokenPayload):
    """The payload of a single-use card token."""

    iss: Literal["card"]
    """That a card was the source."""
    enc: Filled = Field(repr=False)
    """The card, encrypted."""
    xpr: ExpiresWritten
    """The month and the year, without its century, after which the card is not valid; numbers, or strings of digits."""
    ver: Meta | None = Field(None, repr=False)
    """What a verification gave."""


class MethodToken(_TokenPayload):
    """The payload of a customer method's token."""

    type: Literal["card", "token"]
    """What the method was made of."""
    card: Filled = Field(repr=False)
    """The card."""
    scheme: Scheme
    """The scheme of the card."""
    iin: Iin
    """The first 6 digits of the card number."""
    last4: Last4
    """The last 4 digits of the card number."""
    expires: Expires
    """The month and the year, without its century, after which the card is not valid."""
    reference: Text
    """The acquirer's reference."""
    acquirer: Literal["intergiro", "clearhaus"]
    """Who acquires payments with it."""
    created: DateTime
    """When the method was made."""
