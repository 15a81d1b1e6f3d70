"""The sandbox: a card gateway that accepts only the documents' test cards and moves no money.

>>> sandbox = Sandbox(b"a secret of the sandbox, 32 bytes")
>>> token = sandbox.card_token("9001100611111111", (12, 30))
>>> request = AuthorizationRequest("merchant", "key-1", "purchase", TokenSource(token), Decimal(42), "EUR", "attempt")
>>> answer = sandbox.authorize(request)
>>> answer.card.iin, answer.card.last4, answer.card.expires
('900110', '1111', (12, 30))

>>> sandbox.capture(FollowUp("merchant", "key-1", "key-2", Decimal(42), "EUR"))
Captured(key='key-2')

Its secrets protect test cards only. It keeps calls in a file of its own: as with a real gateway,
they outlive the service.
"""

from __future__ import annotations

import hmac
import json
import secrets
from collections.abc import Callable, Mapping, Sequence
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import NamedTuple
from uuid import UUID, uuid5

from joserfc import jwe, jws
from joserfc.errors import JoseError
from joserfc.jwk import OctKey

from recurring_schedule.models import CardNumber, CardToken, PayerStep, Verification
from recurring_schedule.service.gateway import (
    Answer,
    AuthorizationRequest,
    Authorized,
    Captured,
    Card,
    CardSource,
    Declined,
    FollowUp,
    OneTimeSource,
    Refunded,
    Source,
    TokenSource,
    VaultSource,
    VerificationRequired,
)
from recurring_schedule.service.sandbox_ledger import Entry, Ledger

CARDS: Mapping[str, tuple[str, ...]] = {
    "4111111111111111": ("method", "challenge"),
    "9001100911111111": ("method", "challenge"),
    "9001101111111111": ("challenge",),
    "9001100511111111": ("method",),
    "9001100611111111": (),
    "9001101011111111": ("failure",),
    "9000100111111111": ("payer",),
    "2221000000000009": (),
    "4200000000000000": (),
    "5555550000004444": (),
}
"""The steps to verify each test card. Others are declined as `invalid card number`."""

_BY_AMOUNT = ("2221000000000009", "4200000000000000", "5555550000004444")
ERRORS: Mapping[Decimal, str] = {
    Decimal("13.11"): "invalid card number",
    Decimal("400.00"): "invalid input",
    Decimal("401.11"): "unsupported card",
    Decimal("401.40"): "invalid currency",
    Decimal("401.50"): "invalid descriptor",
    Decimal("401.90"): "invalid transaction",
    Decimal("402.00"): "rule violation",
    Decimal("403.00"): "3ds problem",
    Decimal("403.10"): "3ds authentication failure",
    Decimal("404.10"): "card declined",
    Decimal("404.13"): "insufficient funds",
    Decimal("404.14"): "suspected fraud",
    Decimal("404.15"): "amount limit",
    Decimal("404.20"): "blocked merchant",
}
"""The errors by amount, on the cards whose amount selects an error."""

_NUMBERS = tuple(CARDS)
_TRANSACTIONS = UUID("6f2f3a5e-1b0f-4c57-9d5f-0d6f4a4be5ac")  # in which attempts are names of transactions
_ONE_TIME, _VAULT = 1, 2
_URL = "https://sandbox.invalid/3ds"


class _TestCard(NamedTuple):
    """The test card behind a source, and the verification steps done, by transaction."""

    number: str
    expires: tuple[int, int]
    verified: Mapping[str, Sequence[str]] = {}


class Sandbox:
    """The sandbox, given its secret, the file of its ledger and a function for today.

    Calls are kept in memory if there is no file. Raises ValueError if the secret has fewer
    than 32 bytes.
    """

    acquirer = "intergiro"

    def __init__(self, secret: bytes, ledger: Path | None = None, today: Callable[[], date] = date.today) -> None:
        if len(secret) < 32:
            raise ValueError("secret: expected at least 32 bytes")
        purposes = b"sign", b"seal", b"mark", b"ask"
        sign, seal, self._marking, asked = (hmac.digest(secret, purpose, "sha256") for purpose in purposes)
        self._signing, self._sealing = OctKey.import_key(sign), OctKey.import_key(seal)
        self._today = today
        self._ledger = Ledger(asked, ledger)

    def close(self) -> None:
        """Close the file."""
        self._ledger.close()

    # The card input and the vault.

    def card_token(self, number: str, expires: tuple[int, int]) -> str:
        """Return a single-use token of a test card, as a card input makes it.

        `expires` is the month, and the year without the century. Raises ValueError if it is not a
        test card.
        """
        _index(number)
        sealed = jwe.encrypt_compact(
            {"alg": "dir", "enc": "A256GCM"},
            json.dumps({"number": number, "nonce": secrets.token_hex(8)}),
            self._sealing,
        )
        issued = 1_600_000_000  # nothing depends on it
        return self._signed({"iss": "card", "iat": issued, "aud": "sandbox", "enc": sealed, "xpr": list(expires)})

    def verified(self, token: str, details: Verification) -> str:
        """Return the token that a client gets for completing a verification step.

        Raises ValueError if the token is not one of the sandbox's card tokens.
        """
        claims, step = self._claims(token), details.data
        if claims is None or step is None:
            raise ValueError("token: expected a card token of this sandbox, and details with data")
        if isinstance(step, PayerStep):
            name, transaction = "payer", step.merchant_data
        else:
            name, transaction = step.type, step.server_transaction
        done = claims.ver if isinstance(claims.ver, dict) else {}
        verified = {**done, transaction: [*done.get(transaction, ()), name]}
        return self._signed({**claims.to_wire(), "ver": verified})

    def one_time_token(self, number: str, expires: tuple[int, int]) -> str:
        """Return a single-use UUID for a test card. Raises ValueError if it is not one."""
        return self._marked(_ONE_TIME, number, expires)

    def vault_token(self, number: str, expires: tuple[int, int], merchant: str) -> str:
        """Return a reusable UUID for a merchant's test card. Raises ValueError if it is not one."""
        return self._marked(_VAULT, number, expires, merchant)

    # The gateway.

    def authorize(self, request: AuthorizationRequest) -> Answer:
        """Authorize an amount, decline it, or require a verification, as the card does."""
        return self._ledger.authorize(request, self._decided(request))

    def capture(self, request: FollowUp) -> Captured | Declined:
        """Capture an amount, at most what is authorized and not captured yet."""
        return self._ledger.capture(request)

    def refund(self, request: FollowUp) -> Refunded | Declined:
        """Refund an amount, at most what is captured and not refunded yet."""
        return self._ledger.refund(request)

    def void(self, merchant: str, key: str, timeout: float = 10.0) -> None:  # it answers at once
        """Void the authorization under a key, and decline any later one under it."""
        self._ledger.void(merchant, key)

    def look_up(
        self,
        merchant: str,
        key: str,
        timeout: float = 10.0,  # it answers at once
    ) -> Answer | Captured | Refunded | None:
        """Return the answer to the call under a key, or None if there was no such call."""
        return self._ledger.look_up(merchant, key)

    def entries(self) -> list[Entry]:
        """Return all calls, by merchant and key."""
        return self._ledger.entries()

    def _decided(self, request: AuthorizationRequest) -> Answer:
        card = self._opened(request.source, request.merchant)
        if card is None:
            return Declined("invalid input")
        if request.amount < 0 or (request.purpose == "verify") != (request.amount == 0):
            return Declined("invalid transaction")
        if (refusal := self._refusal(card, request)) is not None:
            return refusal
        number, token = CardNumber(card.number), self.vault_token(card.number, card.expires, request.merchant)
        shown = Card(token, number.scheme, number.iin, number.last4, card.expires)
        return Authorized(request.key, shown, f"SBX{request.key[:12]}")

    def _refusal(self, card: _TestCard, request: AuthorizationRequest) -> Answer | None:
        if card.number not in CARDS:
            return Declined("invalid card number")
        (month, year), today = card.expires, self._today()
        if (2000 + year, month) < (today.year, today.month):
            return Declined("card expired")
        if isinstance(request.source, TokenSource):  # the only source that needs a verification
            transaction = str(uuid5(_TRANSACTIONS, request.attempt))
            for step in CARDS[card.number]:
                if step == "failure":
                    return Declined("3ds authentication failure")
                if step not in card.verified.get(transaction, ()):
                    return VerificationRequired(_step(step, transaction))
        code = ERRORS.get(request.amount) if card.number in _BY_AMOUNT else None
        return None if code is None else Declined(code)

    def _opened(self, source: Source, merchant: str) -> _TestCard | None:
        if isinstance(source, CardSource):
            return _TestCard(source.number.get_secret_value(), source.expires)
        if isinstance(source, OneTimeSource):
            return self._unmarked(_ONE_TIME, source.token)
        if isinstance(source, VaultSource):
            return self._unmarked(_VAULT, source.token, merchant)
        claims = self._claims(source.token)
        if claims is None:
            return None
        sealed = jwe.decrypt_compact(claims.enc, self._sealing, algorithms=["dir", "A256GCM"]).plaintext
        verified = claims.ver if isinstance(claims.ver, dict) else {}
        return _TestCard(json.loads(sealed or b"")["number"], claims.xpr, verified)

    def _signed(self, claims: Mapping[str, object]) -> str:
        return jws.serialize_compact({"alg": "HS256", "typ": "JWT"}, json.dumps(claims), self._signing)

    def _claims(self, token: str) -> CardToken | None:
        try:
            found = jws.deserialize_compact(token, self._signing, algorithms=["HS256"])
            return CardToken.model_validate(json.loads(found.payload))
        except (JoseError, ValueError):
            return None

    def _marked(self, kind: int, number: str, expires: tuple[int, int], merchant: str = "") -> str:
        """Return a UUID: 24 bits for the card, 42 random ones, 6 fixed ones, and a MAC of 56.

        The MAC is of the merchant, too, so to any other merchant the UUID means nothing.
        """
        month, year = expires
        packed = kind << 20 | _index(number) << 12 | month << 8 | year
        head = bytearray(packed.to_bytes(3, "big") + secrets.token_bytes(6))
        head[6] = head[6] & 0x0F | 0x40  # the version and the variant of a random UUID (RFC 9562, section 5.4)
        head[8] = head[8] & 0x3F | 0x80
        return str(UUID(bytes=bytes(head) + self._mark(head, merchant)))

    def _unmarked(self, kind: int, token: str, merchant: str = "") -> _TestCard | None:
        try:
            whole = UUID(token).bytes
        except ValueError:
            return None
        packed = int.from_bytes(whole[:3], "big")
        if packed >> 20 != kind or not hmac.compare_digest(self._mark(whole[:9], merchant), whole[9:]):
            return None
        return _TestCard(_NUMBERS[packed >> 12 & 0xFF], (packed >> 8 & 0xF, packed & 0xFF))

    def _mark(self, head: bytes | bytearray, merchant: str) -> bytes:
        return hmac.digest(self._marking, bytes(head) + merchant.encode(), "sha256")[:7]


def _index(number: str) -> int:
    if number not in CARDS:
        raise ValueError(f"number: expected a test card of the sandbox: {', '.join(CARDS)}")
    return _NUMBERS.index(number)


def _step(step: str, transaction: str) -> Verification:
    data = {"type": step, "threeDSServerTransID": transaction, "messageVersion": "2.1.0"}
    if step == "challenge":
        acs = str(uuid5(_TRANSACTIONS, transaction))
        data |= {"acsTransID": acs, "messageType": "CReq", "challengeWindowSize": "03"}
    elif step == "payer":
        data = {"PaReq": "c2FuZGJveA", "TermUrl": f"{_URL}/back", "MD": transaction}
    fields = {"visible": step != "method", "method": "POST", "url": f"{_URL}/{step}", "data": data}
    return Verification.model_validate(fields)
