"""The interface of a card gateway: two operations, under references that the service chooses.

The service asks the gateway outside any transaction, so a request may die between the gateway's
answer and the commit. Two rules make that safe:

- The same reference always names the same authorization.
- `void` needs only the reference. It can be repeated, and it works before the authorization too:
  a later authorization under a voided reference is declined.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal
from typing import Protocol

from pydantic import SecretStr

from recurring_schedule.models import CardNumber, Client, Verification


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


@dataclass(frozen=True)
class AuthorizationRequest:
    """A request to authorize an amount."""

    reference: str
    """The service's reference, unique to this authorization."""
    source: Source
    """The source that pays."""
    amount: Decimal
    """The amount; 0 only checks the card."""
    currency: str | None
    """The currency of the amount, or None for an amount of 0 without one."""
    attempt: str
    """The identifier of the attempt, shared by all requests that resume it after a verification."""


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
    card: Card
    scheme_reference: str
    descriptor: str = ""


@dataclass(frozen=True)
class Declined:
    """The answer that the amount is not authorized."""

    code: str
    """One of the decline codes of Intergiro's documents."""


@dataclass(frozen=True)
class VerificationRequired:
    """The answer that the card has to be verified first."""

    details: Verification


Answer = Authorized | Declined | VerificationRequired


class GatewayError(Exception):
    """The gateway gave no answer. It may or may not have carried out the operation."""


class Gateway(Protocol):
    """A card gateway."""

    acquirer: str
    """The acquirer: `intergiro` or `clearhaus`."""

    def authorize(self, request: AuthorizationRequest) -> Answer:
        """Authorize an amount. Raises GatewayError if the outcome is unknown."""

    def void(self, reference: str) -> None:
        """Void a present or future authorization. Raises GatewayError if it has to be repeated."""
