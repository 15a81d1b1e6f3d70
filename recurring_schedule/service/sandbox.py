"""The sandbox: a card gateway for trying out, with the documents' test cards and no others. No money moves.

>>> sandbox = Sandbox(b"a secret of the sandbox, 32 bytes")
>>> token = sandbox.card_token("9001100611111111", (12, 30))
>>> answer = sandbox.authorize(Asked("reference-1", TokenSource(token), Decimal(42), "EUR", "attempt-1"))
>>> answer.card.iin, answer.card.last4, answer.card.expires
('900110', '1111', (12, 30))

Its secrets protect nothing but test cards. It keeps its authorizations in a file of its own, so that they outlive the service,
as those of a real gateway do.
"""

from __future__ import annotations

import hmac
import json
import secrets
import sqlite3
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing, contextmanager
from datetime import date
from decimal import Decimal
from hashlib import sha256
from pathlib import Path
from typing import NamedTuple
from uuid import UUID, uuid5

from joserfc import jwe, jws
from joserfc.errors import JoseError
from joserfc.jwk import OctKey

from recurring_schedule.models import CardNumber, CardToken, ChallengeStep, MethodStep, PayerStep, Verification
from recurring_schedule.service.gateway import (
    Answer,
    Asked,
    Authorized,
    Card,
    CardSource,
    Declined,
    GatewayError,
    OneTimeSource,
    Source,
    TokenSource,
    VaultSource,
    VerificationRequired,
)


class Behaviour(NamedTuple):
    """What a test card does."""

    steps: tuple[str, ...] = ()
    """The steps of its verification."""
    fails: bool = False
    """Whether its verification fails."""
    by_amount: bool = False
    """Whether the amount picks an error."""


CARDS: Mapping[str, Behaviour] = {
    "4111111111111111": Behaviour(("method", "challenge")),
    "9001100911111111": Behaviour(("method", "challenge")),
    "9001101111111111": Behaviour(("challenge",)),
    "9001100511111111": Behaviour(("method",)),
    "9001100611111111": Behaviour(),
    "9001101011111111": Behaviour(fails=True),
    "9000100111111111": Behaviour(("payer",)),
    "2221000000000009": Behaviour(by_amount=True),
    "4200000000000000": Behaviour(by_amount=True),
    "5555550000004444": Behaviour(by_amount=True),
}
"""The test cards, by their numbers. Every other number is declined as `invalid card number`."""

ERRORS: Mapping[Decimal, str] = {
    Decimal(amount): code
    for amount, code in (
        ("13.11", "invalid card number"),
        ("400.00", "invalid input"),
        ("401.11", "unsupported card"),
        ("401.40", "invalid currency"),
        ("401.50", "invalid descriptor"),
        ("401.90", "invalid transaction"),
        ("402.00", "rule violation"),
        ("403.00", "3ds problem"),
        ("403.10", "3ds authentication failure"),
        ("404.10", "card declined"),
        ("404.13", "insufficient funds"),
        ("404.14", "suspected fraud"),
        ("404.15", "amount limit"),
        ("404.20", "blocked merchant"),
    )
}
"""The errors that amounts pick, on the cards that do that."""

_NUMBERS = tuple(CARDS)
_TRANSACTIONS = UUID("6f2f3a5e-1b0f-4c57-9d5f-0d6f4a4be5ac")  # a namespace of its own, for transactions out of attempts
_ONE_TIME, _VAULT = 1, 2
_URL = "https://sandbox.invalid/3ds"


class _Paying(NamedTuple):
    """What a source stands for."""

    number: str
    expires: tuple[int, int]
    done: tuple[str, ...] = ()
    transaction: str | None = None


class Sandbox:
    """The sandbox, with its secret, the file of its authorizations (none: in memory), and today.

    Raises ValueError for a secret of fewer than 32 bytes.
    """

    acquirer = "intergiro"

    def __init__(self, secret: bytes, ledger: Path | None = None, today: Callable[[], date] = date.today) -> None:
        if len(secret) < 32:
            raise ValueError("secret: expected at least 32 bytes")
        self._signing = OctKey.import_key(_derived(secret, b"sign"))
        self._sealing = OctKey.import_key(_derived(secret, b"seal"))
        self._marking = _derived(secret, b"mark")
        self._today = today
        self._lock = threading.Lock()
        self._ledger = sqlite3.connect(ledger or ":memory:", check_same_thread=False, isolation_level=None, timeout=30)
        # What is written outlives the process, and need not outlive the machine: it is a sandbox.
        self._ledger.execute("PRAGMA journal_mode = WAL")
        self._ledger.execute("PRAGMA synchronous = OFF")
        self._ledger.execute(
            "CREATE TABLE IF NOT EXISTS authorization"
            " (reference TEXT PRIMARY KEY, state TEXT NOT NULL, amount TEXT, currency TEXT, vault_token TEXT)"
        )

    def close(self) -> None:
        """Close the file."""
        self._ledger.close()

    # What a card input or a vault gives.

    def card_token(self, number: str, expires: tuple[int, int]) -> str:
        """A single-use token of a test card, as a card input makes it. `expires` is the month, and the year without its century.

        Raises ValueError for a number that is no test card's.
        """
        _checked(number)
        sealed = jwe.encrypt_compact(
            {"alg": "dir", "enc": "A256GCM"},
            json.dumps({"number": number, "nonce": secrets.token_hex(8)}),
            self._sealing,
        )
        return self._signed({"iss": "card", "iat": _EPOCH, "aud": "sandbox", "enc": sealed, "xpr": list(expires)})

    def verified(self, token: str, details: Verification) -> str:
        """The token that a client has when it has done what a verification asks for.

        Raises ValueError for a token that is none of the sandbox.
        """
        claims = self._claims(token)
        step = details.data
        if claims is None or step is None:
            raise ValueError("token: expected a card token of the sandbox, and a step")
        name = "payer" if isinstance(step, PayerStep) else step.type
        transaction = step.merchant_data if isinstance(step, PayerStep) else step.server_transaction
        before = claims.ver if isinstance(claims.ver, dict) else {}
        done = before.get("done", []) if before.get("transaction") == transaction else []
        verified = {"transaction": transaction, "done": [*done, name]}
        return self._signed({**claims.to_wire(), "ver": verified})

    def one_time_token(self, number: str, expires: tuple[int, int]) -> str:
        """A UUID that stands for a test card once. Raises ValueError for a number that is no test card's."""
        return self._marked(_ONE_TIME, number, expires)

    def vault_token(self, number: str, expires: tuple[int, int]) -> str:
        """A UUID that stands for a test card any number of times. Raises ValueError for a number that is no test card's."""
        return self._marked(_VAULT, number, expires)

    # What the gateway does.

    def authorize(self, asked: Asked) -> Answer:
        """Authorize an amount, decline it, or ask for a verification, as the card does."""
        paying = self._opened(asked.source)
        if paying is None:
            return Declined("invalid input")
        behaviour = CARDS.get(paying.number)
        if behaviour is None:
            return Declined("invalid card number")
        month, year = paying.expires
        today = self._today()
        if (2000 + year, month) < (today.year, today.month):
            return Declined("card expired")
        if isinstance(asked.source, TokenSource):
            if behaviour.fails:
                return Declined("3ds authentication failure")
            transaction = str(uuid5(_TRANSACTIONS, asked.attempt))
            done = paying.done if paying.transaction == transaction else ()
            for step in behaviour.steps:
                if step not in done:
                    return VerificationRequired(_step(step, transaction))
        if behaviour.by_amount and asked.amount in ERRORS:
            return Declined(ERRORS[asked.amount])
        vault_token = self.vault_token(paying.number, paying.expires)
        if not self._entered(asked, vault_token):
            return Declined("authorization not found")
        number = CardNumber(paying.number)
        card = Card(vault_token, number.scheme, number.iin, number.last4, paying.expires)
        return Authorized(asked.reference, card, f"SBX{asked.reference[:12]}")

    def void(self, reference: str) -> None:
        """Give back what is authorized under a reference, and decline what comes under it later."""
        with self._entries() as cursor:
            cursor.execute(
                "INSERT INTO authorization (reference, state) VALUES (?, 'voided')"
                " ON CONFLICT (reference) DO UPDATE SET state = 'voided'",
                (reference,),
            )

    def authorizations(self) -> dict[str, str]:
        """What became of each reference: `authorized` or `voided`."""
        with self._entries() as cursor:
            return dict(cursor.execute("SELECT reference, state FROM authorization").fetchall())

    @contextmanager
    def _entries(self) -> Iterator[sqlite3.Cursor]:
        try:
            with self._lock, closing(self._ledger.cursor()) as cursor:
                yield cursor
        except sqlite3.Error:
            raise GatewayError("the sandbox's file") from None

    def _entered(self, asked: Asked, vault_token: str) -> bool:
        with self._entries() as cursor:
            cursor.execute(
                "INSERT INTO authorization VALUES (?, 'authorized', ?, ?, ?) ON CONFLICT (reference) DO NOTHING",
                (asked.reference, str(asked.amount), asked.currency, vault_token),
            )
            (state,) = cursor.execute(
                "SELECT state FROM authorization WHERE reference = ?", (asked.reference,)
            ).fetchone()
        return bool(state == "authorized")

    def _opened(self, source: Source) -> _Paying | None:
        if isinstance(source, CardSource):
            return _Paying(source.number.get_secret_value(), source.expires)
        if isinstance(source, (OneTimeSource, VaultSource)):
            return self._unmarked(_ONE_TIME if isinstance(source, OneTimeSource) else _VAULT, source.token)
        claims = self._claims(source.token)
        if claims is None:
            return None
        try:
            sealed = jwe.decrypt_compact(claims.enc, self._sealing, algorithms=["dir", "A256GCM"]).plaintext
        except (JoseError, ValueError):
            return None
        verified = claims.ver if isinstance(claims.ver, dict) else {}
        return _Paying(
            json.loads(sealed or b"")["number"],
            claims.xpr,
            tuple(verified.get("done", ())),
            verified.get("transaction"),
        )

    def _signed(self, claims: Mapping[str, object]) -> str:
        return jws.serialize_compact({"alg": "HS256", "typ": "JWT"}, json.dumps(claims), self._signing)

    def _claims(self, token: str) -> CardToken | None:
        try:
            found = jws.deserialize_compact(token, self._signing, algorithms=["HS256"])
            return CardToken.model_validate(json.loads(found.payload))
        except (JoseError, ValueError):
            return None

    def _marked(self, kind: int, number: str, expires: tuple[int, int]) -> str:
        """The card's place and its expiry, 48 random bits, and 56 bits that only the secret makes; all but 6 of them."""
        month, year = expires
        said = kind << 20 | _checked(number) << 12 | month << 8 | year
        head = bytearray(said.to_bytes(3, "big") + secrets.token_bytes(6))
        head[6] = head[6] & 0x0F | 0x40  # the version and the variant of a random UUID (RFC 9562, section 5.4)
        head[8] = head[8] & 0x3F | 0x80
        return str(UUID(bytes=bytes(head) + self._mark(head)))

    def _unmarked(self, kind: int, token: str) -> _Paying | None:
        whole = UUID(token).bytes
        said = int.from_bytes(whole[:3], "big")
        if said >> 20 != kind or not hmac.compare_digest(self._mark(whole[:9]), whole[9:]):
            return None
        return _Paying(_NUMBERS[said >> 12 & 0xFF], (said >> 8 & 0xF, said & 0xFF))

    def _mark(self, head: bytes | bytearray) -> bytes:
        return hmac.digest(self._marking, head, "sha256")[:7]


_EPOCH = 1_600_000_000
"""When all card tokens of the sandbox were issued, in seconds since 1970: nothing depends on it."""


def _derived(secret: bytes, purpose: bytes) -> bytes:
    return hmac.digest(secret, purpose, sha256)


def _checked(number: str) -> int:
    """The place of a test card."""
    if number not in CARDS:
        raise ValueError(f"number: expected a test card of the sandbox: {', '.join(CARDS)}")
    return _NUMBERS.index(number)


def _step(step: str, transaction: str) -> Verification:
    data: MethodStep | ChallengeStep | PayerStep
    if step == "method":
        data = MethodStep(type="method", server_transaction=transaction, version="2.1.0")
    elif step == "challenge":
        acs = str(uuid5(_TRANSACTIONS, transaction))
        data = ChallengeStep(
            type="challenge",
            server_transaction=transaction,
            acs_transaction=acs,
            version="2.1.0",
            message_type="CReq",
            window_size="03",
        )
    else:
        data = PayerStep(request="c2FuZGJveA", return_url=f"{_URL}/back", merchant_data=transaction)
    return Verification(visible=step != "method", method="POST", url=f"{_URL}/{step}", data=data)
