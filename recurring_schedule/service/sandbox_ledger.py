"""The ledger of the sandbox: every call under its key, once, with its answer and what became of it.

>>> ledger = Ledger(b"the key of the ledger's digests")
>>> ledger.void("merchant", "key-1")
>>> ledger.look_up("merchant", "key-1"), ledger.look_up("another", "key-1")
(Declined(code='authorization not found'), None)
"""

from __future__ import annotations

import hmac
import sqlite3
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from decimal import Decimal
from pathlib import Path
from typing import Any, Literal, NamedTuple, TypeVar, get_args

from pydantic import TypeAdapter

from recurring_schedule.service.gateway import (
    Answer,
    AuthorizationRequest,
    Authorized,
    Captured,
    CardSource,
    Declined,
    FollowUp,
    GatewayError,
    MisuseError,
    Purpose,
    Refunded,
    VerificationRequired,
)

_TABLE = """
CREATE TABLE IF NOT EXISTS call (
    merchant TEXT NOT NULL,
    key TEXT NOT NULL,
    purpose TEXT NOT NULL,
    amount TEXT NOT NULL,
    currency TEXT,
    state TEXT NOT NULL,
    captured TEXT NOT NULL DEFAULT '0',
    refunded TEXT NOT NULL DEFAULT '0',
    request TEXT,  -- a digest
    answer TEXT NOT NULL,
    PRIMARY KEY (merchant, key)
)
"""
_FIELDS = "merchant, key, purpose, amount, currency, state, captured, refunded"
_STATES: Mapping[type, str] = {
    Authorized: "authorized",
    Declined: "declined",
    VerificationRequired: "unverified",
    Captured: "captured",
    Refunded: "refunded",
}
_ADAPTERS: Mapping[str, TypeAdapter[Any]] = {made.__name__: TypeAdapter(made) for made in _STATES}
_VOIDED = Declined("authorization not found")
_Any = TypeVar("_Any", bound=Answer | Captured | Refunded)


class Entry(NamedTuple):
    """A call in the ledger."""

    merchant: str
    key: str
    purpose: str
    """The purpose of an authorization, `capture` or `refund`; `void` if voided before it came."""
    amount: Decimal
    currency: str | None
    state: str
    """`authorized`, `captured`, `refunded`, `voided`, `declined`, or `unverified`."""
    captured: Decimal
    """The amount captured of this authorization."""
    refunded: Decimal
    """The amount refunded of this authorization."""

    @property
    def is_authorization(self) -> bool:
        """True if the call authorized an amount, and is not voided."""
        return self.purpose in get_args(Purpose) and self.state in ("authorized", "captured")


class Ledger:
    """The ledger in a file, or in memory, given the secret key of its digests."""

    def __init__(self, key: bytes, path: Path | None = None) -> None:
        self._key = key
        self._lock = threading.Lock()
        self._connection = sqlite3.connect(
            path or ":memory:", check_same_thread=False, isolation_level=None, timeout=30
        )
        # Without waiting for the disk, writes survive the process but not a power failure: enough for a sandbox.
        self._connection.execute("PRAGMA journal_mode = WAL")
        self._connection.execute("PRAGMA synchronous = OFF")
        self._connection.execute(_TABLE)

    def close(self) -> None:
        """Close the file."""
        self._connection.close()

    def authorize(self, request: AuthorizationRequest, answer: Answer) -> Answer:
        """Enter an authorization with this answer, and return the answer under its key."""
        source = request.source
        payer = source.number.get_secret_value() if isinstance(source, CardSource) else source.token
        asked = type(source).__name__, payer, request.gateway_id
        return self._once(request, request.purpose, asked, lambda: answer)

    def capture(self, request: FollowUp) -> Captured | Declined:
        """Enter a capture, and return the answer to it."""
        return self._follow(request, "capture", Captured(request.key))

    def refund(self, request: FollowUp) -> Refunded | Declined:
        """Enter a refund, and return the answer to it."""
        return self._follow(request, "refund", Refunded(request.key))

    def _follow(self, request: FollowUp, purpose: Literal["capture", "refund"], done: _Any) -> _Any | Declined:
        def decide() -> _Any | Declined:
            found = self._entry(request.merchant, request.authorization)
            if found is None or not found.is_authorization:
                return _VOIDED
            code = _refusal(found, request, purpose)
            if code is not None:
                return Declined(code)
            column, sum_ = ("captured", found.captured) if purpose == "capture" else ("refunded", found.refunded)
            changed = f"UPDATE call SET state = 'captured', {column} = ? WHERE merchant = ? AND key = ?"  # noqa: S608
            self._connection.execute(changed, (str(sum_ + request.amount), found.merchant, found.key))
            return done

        return self._once(request, purpose, (request.authorization,), decide)

    def void(self, merchant: str, key: str) -> None:
        """Void the authorization under a key, or one to come."""
        with self._transaction() as connection:
            found = self._entry(merchant, key)
            if found is None:
                values = merchant, key, "void", "0", None, "voided", _text(_VOIDED)
                connection.execute(
                    "INSERT INTO call (merchant, key, purpose, amount, currency, state, answer) VALUES (?, ?, ?, ?, ?, ?, ?)",
                    values,
                )
            elif found.state in ("captured", "refunded"):
                raise MisuseError("void: expected the key of an authorization that is not captured")
            elif found.state == "authorized":
                changed = "UPDATE call SET state = 'voided', answer = ? WHERE merchant = ? AND key = ?"
                connection.execute(changed, (_text(_VOIDED), merchant, key))

    def look_up(self, merchant: str, key: str) -> Answer | Captured | Refunded | None:
        """Return the answer to the call under a key, or None."""
        with self._transaction():
            found = self._answer(merchant, key)
        return None if found is None else _read(found[1])

    def entries(self) -> list[Entry]:
        """Return all calls, by merchant and key."""
        with self._transaction() as connection:
            rows = connection.execute(f"SELECT {_FIELDS} FROM call ORDER BY merchant, key").fetchall()  # noqa: S608
        return list(map(_entry, rows))

    def _once(
        self,
        call: AuthorizationRequest | FollowUp,
        purpose: str,
        asked: tuple[object, ...],
        decide: Callable[[], _Any],
    ) -> _Any:
        """Decide and enter a call, unless there is an answer under its key."""
        whole = repr((purpose, call.amount.normalize(), call.currency, *asked)).encode()
        digest = hmac.digest(self._key, whole, "sha256").hex()
        with self._transaction() as connection:
            found = self._answer(call.merchant, call.key)
            if found is None:
                answer = decide()
                fields = call.merchant, call.key, purpose, str(call.amount), call.currency, _STATES[type(answer)]
                connection.execute(
                    "INSERT INTO call (merchant, key, purpose, amount, currency, state, request, answer)"
                    " VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
                    (*fields, digest, _text(answer)),
                )
                return answer
        request, text = found
        if request not in (digest, None):
            raise MisuseError("key: expected one that names no other call")
        kept: _Any = _read(text)
        return kept

    def _entry(self, merchant: str, key: str) -> Entry | None:
        chosen = f"SELECT {_FIELDS} FROM call WHERE merchant = ? AND key = ?"  # noqa: S608
        row = self._connection.execute(chosen, (merchant, key)).fetchone()
        return None if row is None else _entry(row)

    def _answer(self, merchant: str, key: str) -> tuple[str | None, str] | None:
        chosen = "SELECT request, answer FROM call WHERE merchant = ? AND key = ?"
        found: tuple[str | None, str] | None = self._connection.execute(chosen, (merchant, key)).fetchone()
        return found

    @contextmanager
    def _transaction(self) -> Iterator[sqlite3.Connection]:
        try:
            with self._lock, self._connection:
                self._connection.execute("BEGIN IMMEDIATE")
                yield self._connection
        except sqlite3.Error:
            raise GatewayError("the sandbox cannot use its file") from None


def _refusal(found: Entry, request: FollowUp, purpose: Literal["capture", "refund"]) -> str | None:
    """Return the code of the decline of a capture or refund of this authorization, or None."""
    if request.currency != found.currency:
        return "invalid currency"
    if request.amount <= 0 or (purpose == "refund" and found.purpose == "withdrawal"):
        return "invalid transaction"
    limit = found.amount - found.captured if purpose == "capture" else found.captured - found.refunded
    return "amount limit" if request.amount > limit else None


def _entry(row: tuple[Any, ...]) -> Entry:
    merchant, key, purpose, amount, currency, state, captured, refunded = row
    return Entry(merchant, key, purpose, Decimal(amount), currency, state, Decimal(captured), Decimal(refunded))


def _text(answer: Answer | Captured | Refunded) -> str:
    name = type(answer).__name__
    return f"{name} {_ADAPTERS[name].dump_json(answer, by_alias=True, exclude_none=True).decode()}"


def _read(text: str) -> Any:
    name, _, fields = text.partition(" ")
    return _ADAPTERS[name].validate_json(fields)
