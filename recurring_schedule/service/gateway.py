"""What a card gateway does for the service: two operations, under the service's own references.

A gateway is asked outside of any transaction, so a request may die between its answer and the commit. What makes that safe:

- An authorization is asked for under a reference of the service. The same reference again is the same authorization.
- `void` works by that reference alone, any number of times, and also if nothing is authorized under it yet: an authorization
  that comes later under a reference that was voided is declined.
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
    """Where the customer is, for the verification."""


@dataclass(frozen=True)
class CardSource:
    """A card as it was written."""

    number: CardNumber
    expires: tuple[int, int]
    """The month, and the year without its century."""
    ccv: SecretStr | None


@dataclass(frozen=True)
class OneTimeSource:
    """A one-time token: a UUID."""

    token: str = field(repr=False)


@dataclass(frozen=True)
class VaultSource:
    """What stands for a card in the gateway's vault, any number of times: a UUID."""

    token: str = field(repr=False)


Source = TokenSource | CardSource | OneTimeSource | VaultSource


@dataclass(frozen=True)
class Asked:
    """An authorization that is asked for."""

    reference: str
    """The service's own, another for each."""
    source: Source
    """What pays."""
    amount: Decimal
    """How much: 0 if only the card is checked."""
    currency: str | None
    """The currency of the amount; `None` if there is none for 0."""
    attempt: str
    """The same for all requests that go on with one after a verification."""


@dataclass(frozen=True)
class Card:
    """What may be told of a card, and kept."""

    vault_token: str = field(repr=False)
    """What stands for it in the vault."""
    scheme: str
    iin: str
    last4: str
    expires: tuple[int, int]
    """The month, and the year without its century."""


@dataclass(frozen=True)
class Authorized:
    """The answer that the amount is authorized."""

    reference: str
    card: Card
    scheme_reference: str
    descriptor: str = ""


@dataclass(frozen=True)
class Declined:
    """The answer that it is not."""

    code: str
    """One of the codes that the documents list."""


@dataclass(frozen=True)
class VerificationRequired:
    """The answer that the card is to be verified first."""

    details: Verification


Answer = Authorized | Declined | VerificationRequired


class GatewayError(Exception):
    """The gateway gave no answer: what it was asked for may have been done or not."""


class Gateway(Protocol):
    """A card gateway."""

    acquirer: str
    """Who acquires: `intergiro` or `clearhaus`."""

    def authorize(self, asked: Asked) -> Answer:
        """Authorize an amount. Raises GatewayError if it is not known whether that was done."""

    def void(self, reference: str) -> None:
        """Give back what is authorized under a reference, now or later. Raises GatewayError if it is to be asked again."""
