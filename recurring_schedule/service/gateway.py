"""The interface of a card gateway: each call has an idempotency key that the service chooses.

The service asks the gateway outside any transaction, so a request may die between the gateway's
answer and the commit. These rules make that safe:

- A key belongs to a merchant. The same call under the same key has the same answer and takes effect
  once; another call under it raises MisuseError.
- `void` needs only the key of the authorization. It can be repeated, and it works before the
  authorization too: a later authorization under a voided key is declined.
- `look_up` returns the answer to the call under a key.

A vault token belongs to the merchant whose call it was made for. To another merchant it is unknown.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal
from typing import Literal, Protocol, get_args

from pydantic import SecretStr

from recurring_schedule.models import CardNumber, Client, DeclineCode, Verification


@dataclass(frozen=True)
class TokenSource:
    """A single-use card token, which may need a verification."""

    token: str = field(repr=False)
    client: Client | None = None
    """The customer's browser and address, for the verification."""


@dataclass(frozen=True)
class CardSource:
    """A card number with its expiry."""

    number: CardNumber
    expires: tuple[int, int]
    """The month, and the year without the century."""
    ccv: SecretStr | None


@dataclass(frozen=True)
class OneTimeSource:
    """A one-time token, a UUID."""

    token: str = field(repr=False)


@dataclass(frozen=True)
class VaultSource:
    """A token for a card in the gateway's vault, a UUID. It can be used any number of times."""

    token: str = field(repr=False)


Source = TokenSource | CardSource | OneTimeSource | VaultSource

Purpose = Literal["verify", "purchase", "withdrawal"]
"""The purpose of an authorization: to check the card, to charge it, or to pay out to it."""


@dataclass(frozen=True, repr=False)
class Holder:
    """The name and the address of the cardholder, as far as known."""

    name: str | None = None
    line1: str | None = None
    line2: str | None = None
    postcode: str | None = None
    city: str | None = None
    state: str | None = None
    country: str | None = None
    """The country's code of two letters."""


@dataclass(frozen=True)
class AuthorizationRequest:
    """A request to authorize an amount."""

    merchant: str
    key: str
    """The idempotency key, unique to this authorization of the merchant."""
    purpose: Purpose
    source: Source
    """The source that pays."""
    amount: Decimal
    """The amount; 0 to verify a card."""
    currency: str | None
    """The currency of the amount, or None for an amount of 0 without one."""
    attempt: str
    """The identifier of the attempt, shared by all requests that resume it after a verification."""
    gateway_id: str | None = None
    """The gateway that the merchant chose, by Paydock's identifier."""
    holder: Holder | None = None
    timeout: float = 10.0
    """The number of seconds within which an answer is of use."""


@dataclass(frozen=True)
class FollowUp:
    """A request to capture or refund an amount of an authorization."""

    merchant: str
    authorization: str
    """The key of the authorization."""
    key: str
    """The idempotency key of this call."""
    amount: Decimal
    currency: str
    timeout: float = 10.0
    """The number of seconds within which an answer is of use."""


@dataclass(frozen=True)
class Card:
    """The details of a card that may be stored and shown."""

    vault_token: str = field(repr=False)
    scheme: str
    iin: str
    last4: str
    expires: tuple[int, int]
    """The month, and the year without the century."""


@dataclass(frozen=True)
class Authorized:
    """The answer that the amount is authorized."""

    reference: str
    """The key of the authorization."""
    card: Card
    scheme_reference: str
    descriptor: str = ""


DECLINE_CODES = frozenset(get_args(DeclineCode.__value__))
"""The decline codes of Intergiro's documents."""


@dataclass(frozen=True)
class Declined:
    """The answer that a call takes no effect."""

    code: str
    """One of DECLINE_CODES."""


@dataclass(frozen=True)
class VerificationRequired:
    """The answer that the card has to be verified first."""

    details: Verification


@dataclass(frozen=True)
class Captured:
    """The answer that the amount is captured."""

    key: str


@dataclass(frozen=True)
class Refunded:
    """The answer that the amount is refunded."""

    key: str


Answer = Authorized | Declined | VerificationRequired


class GatewayError(Exception):
    """The gateway gave no answer. It may or may not have carried out the call."""


class GatewayBusyError(GatewayError):
    """The call was not made, because too many are in flight."""


class MisuseError(ValueError):
    """A call that contradicts an earlier one. It takes no effect."""


class Gateway(Protocol):
    """A card gateway. Every call raises GatewayError if its outcome is unknown."""

    acquirer: str
    """The acquirer: `intergiro` or `clearhaus`."""

    def authorize(self, request: AuthorizationRequest) -> Answer:
        """Authorize an amount. Raises MisuseError if the key names another call."""

    def capture(self, request: FollowUp) -> Captured | Declined:
        """Capture an amount, at most what is authorized and not captured yet.

        A withdrawal is paid out. Raises MisuseError if the key names another call.
        """

    def refund(self, request: FollowUp) -> Refunded | Declined:
        """Refund an amount, at most what is captured and not refunded yet.

        Raises MisuseError if the key names another call.
        """

    def void(self, merchant: str, key: str, timeout: float = 10.0) -> None:
        """Void the present or future authorization under a key.

        Raises MisuseError if it is captured, or if the key names another call.
        """

    def look_up(self, merchant: str, key: str, timeout: float = 10.0) -> Answer | Captured | Refunded | None:
        """Return the answer to the call under a key, or None if there was no such call.

        The answer to a voided authorization is Declined.
        """
