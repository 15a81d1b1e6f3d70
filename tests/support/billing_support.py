"""Shared by the tests of billing: a gateway in memory, and customers stored without the gateway."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import closing
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any, NamedTuple

import sqlalchemy as sa

from recurring_schedule.models import read_json, write_json
from recurring_schedule.service.gateway import (
    Answer,
    AuthorizationRequest,
    Authorized,
    Captured,
    Card,
    Declined,
    FollowUp,
    GatewayError,
    MisuseError,
    Refunded,
)
from recurring_schedule.service.schema import CUSTOMER, METHOD, ORDER, SUBSCRIPTION
from recurring_schedule.service.store import Store

CARD = Card("3f1c7b9a-5a0e-4f43-9b57-0d6f4a4be5ac", "visa", "411111", "1111", (12, 30))


class Call(NamedTuple):
    """A call of the gateway."""

    operation: str
    key: str


class Ledger:
    """A gateway in memory: the same key always gets the same answer.

    `interrupt` is called before and after each call takes effect, and may raise an error.
    """

    acquirer = "intergiro"

    def __init__(self) -> None:
        self.calls: list[Call] = []
        self.answers: dict[str, Any] = {}
        self.amounts: dict[str, tuple[Decimal, str]] = {}
        self.sources: dict[str, Any] = {}
        self.voided: set[str] = set()
        self.declines: Callable[[str], str | None] = lambda key: None
        self.interrupt: Callable[[str, str], None] = lambda moment, key: None
        self._lock = threading.Lock()

    def _call(self, operation: str, key: str, answer: Callable[[], Any]) -> Any:
        self.interrupt(f"before {operation}", key)
        with self._lock:
            self.calls.append(Call(operation, key))
            found = answer()
        self.interrupt(f"after {operation}", key)
        return found

    def _kept(self, key: str, amount: tuple[Decimal, str], answer: Any) -> Any:
        if key not in self.answers:
            code = self.declines(key)
            self.answers[key] = Declined(code) if code else answer
            self.amounts[key] = amount
        return self.answers[key]

    def authorize(self, request: AuthorizationRequest) -> Answer:
        def answer() -> Answer:
            if request.key in self.voided:
                return Declined("authorization not found")
            if self.sources.setdefault(request.key, request.source) != request.source:
                raise MisuseError
            amount = request.amount, request.currency or ""
            found: Answer = self._kept(request.key, amount, Authorized(request.key, CARD, "scheme"))
            return found

        found: Answer = self._call("authorize", request.key, answer)
        return found

    def _follow_up(self, operation: str, request: FollowUp, done: Any) -> Any:
        def answer() -> Any:
            if request.authorization in self.voided or not isinstance(self.answers[request.authorization], Authorized):
                return Declined("authorization not found")
            return self._kept(request.key, (request.amount, request.currency), done)

        return self._call(operation, request.key, answer)

    def capture(self, request: FollowUp) -> Captured | Declined:
        found: Captured | Declined = self._follow_up("capture", request, Captured(request.key))
        return found

    def refund(self, request: FollowUp) -> Refunded | Declined:
        found: Refunded | Declined = self._follow_up("refund", request, Refunded(request.key))
        return found

    def void(self, merchant: str, key: str, timeout: float = 10.0) -> None:
        def answer() -> None:
            if key in self.captured():
                raise MisuseError
            self.voided.add(key)

        self._call("void", key, answer)

    def look_up(self, merchant: str, key: str, timeout: float = 10.0) -> Any:
        voided = Declined("authorization not found")
        return self._call("look up", key, lambda: voided if key in self.voided else self.answers.get(key))

    def captured(self) -> dict[str, tuple[Decimal, str]]:
        """Return the captured amount and currency of each authorization."""
        return {
            key.removesuffix("#capture"): self.amounts[key]
            for key, answer in self.answers.items()
            if isinstance(answer, Captured)
        }

    def open(self) -> set[str]:
        """Return the authorizations that are neither captured nor voided."""
        authorized = {key for key, answer in self.answers.items() if isinstance(answer, Authorized)}
        return authorized - self.voided - self.captured().keys()


class FileLedger:
    """A gateway in a file, shared by processes that may be killed: the same key always gets the same answer."""

    acquirer = "intergiro"

    def __init__(self, path: Path, is_declined: Callable[[str], bool], interrupt: Callable[[], None]) -> None:
        self._path, self._is_declined, self._interrupt = path, is_declined, interrupt
        self._own = threading.local()
        with closing(self._open()) as connection:
            connection.execute("PRAGMA journal_mode = WAL")
            connection.execute(
                "CREATE TABLE IF NOT EXISTS call (key TEXT PRIMARY KEY, authorization TEXT, kind TEXT, amount TEXT)"
            )

    def _open(self) -> sqlite3.Connection:
        connection = sqlite3.connect(self._path, timeout=30, isolation_level=None)
        connection.execute("PRAGMA synchronous = OFF")
        return connection

    def _call(self, kind: str, key: str, authorization: str, amount: str) -> str:
        """Return the kind of what is kept under a key, after keeping this if there is nothing."""
        self._interrupt()
        if not hasattr(self._own, "connection"):
            self._own.connection = self._open()
        with self._own.connection as connection:
            connection.execute("BEGIN IMMEDIATE")
            if kind == "captured":
                found = connection.execute("SELECT kind FROM call WHERE key = ?", [authorization]).fetchone()
                if found != ("authorized",):
                    return "declined"
            written = "declined" if kind != "voided" and self._is_declined(key) else kind
            change = "DO UPDATE SET kind = 'voided'" if kind == "voided" else "DO UPDATE SET kind = kind"
            keep = f"INSERT INTO call VALUES (?, ?, ?, ?) ON CONFLICT {change} RETURNING kind"  # noqa: S608  # as above
            ((found,),) = connection.execute(keep, [key, authorization, written, amount]).fetchall()
        self._interrupt()
        return str(found)

    def authorize(self, request: AuthorizationRequest) -> Answer:
        found = self._call("authorized", request.key, request.key, f"{request.amount} {request.currency}")
        return Authorized(request.key, CARD, "scheme") if found == "authorized" else Declined("card declined")

    def capture(self, request: FollowUp) -> Captured | Declined:
        amount = f"{request.amount} {request.currency}"
        found = self._call("captured", request.key, request.authorization, amount)
        return Captured(request.key) if found == "captured" else Declined("amount limit")

    def refund(self, request: FollowUp) -> Refunded | Declined:
        raise NotImplementedError

    def void(self, merchant: str, key: str, timeout: float = 10.0) -> None:
        self._call("voided", key, key, "")

    def look_up(self, merchant: str, key: str, timeout: float = 10.0) -> Any:
        self._interrupt()
        with closing(self._open()) as connection:
            found = connection.execute("SELECT kind FROM call WHERE key = ?", [key]).fetchone()
        if found is None:
            return None
        return Authorized(key, CARD, "scheme") if found == ("authorized",) else Declined("card declined")

    def calls(self) -> dict[str, tuple[str, str, str]]:
        """Return the authorization, kind and amount under each key."""
        with closing(self._open()) as connection:
            return {key: tuple(rest) for key, *rest in connection.execute("SELECT * FROM call")}


class Outage:
    """An `interrupt` of a gateway that gives no answer at some moments."""

    def __init__(self, is_down: Callable[[str, str], bool] = lambda moment, key: True) -> None:
        self.is_down = is_down

    def __call__(self, moment: str, key: str) -> None:
        if self.is_down(moment, key):
            raise GatewayError("no answer")


def subscription(identifier: str, due: date, **fields: Any) -> dict[str, Any]:
    """Return the row of a subscription, but for its customer."""
    document = {"id": identifier, "items": 25, "currency": "SEK", "schedule": "monthly", "start": due.isoformat()}
    return {"id": identifier, "due": due, "document": write_json({**document, **fields})}


def store_customers(
    store: Store, customers: Iterable[tuple[str, Iterable[dict[str, Any]]]], expires: tuple[int, int] | None = (12, 90)
) -> None:
    """Store customers with subscriptions, and with a method that expires in this month, if any."""
    rows: list[dict[str, Any]] = []
    methods: list[dict[str, Any]] = []
    subscriptions: list[dict[str, Any]] = []
    for customer, its in customers:
        rows.append({"id": customer, "merchant": "one", "api": "intergiro", "document": "{}"})
        methods.append(method(customer, expires or (1, 0)))
        subscriptions += [{"customer": customer, "index": index, **one} for index, one in enumerate(its)]
    with store.engine.begin() as connection:
        for table, values in ((CUSTOMER, rows), (METHOD, methods if expires else []), (SUBSCRIPTION, subscriptions)):
            if values:
                connection.execute(sa.insert(table), values)


def method(customer: str, expires: tuple[int, int], index: int = 0) -> dict[str, Any]:
    """Return the row of a method."""
    document = {"expires": list(expires), "vault_token": f"{CARD.vault_token}-{index}"}
    return {"customer": customer, "index": index, "document": write_json(document)}


def orders_of(store: Store) -> Iterator[tuple[Any, dict[str, Any]]]:
    """Yield the row and the document of each order, in the order in which they were placed."""
    with store.engine.connect() as connection:
        for row in connection.execute(sa.select(ORDER).order_by(ORDER.c.sequence)):
            yield row, read_json(row.document)
