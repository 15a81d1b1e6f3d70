"""The store: units of work on SQLite or PostgreSQL, which roll back unless they are committed.

>>> from recurring_schedule.service.schema import METADATA
>>> store = Store("sqlite://", b"a secret of the digests")
>>> METADATA.create_all(store.engine)
>>> with store.unit() as unit:
...     unit.reserve("i" * 16, authorizations=1, until=0)
...     unit.claim("merchant", "number", "customer-number-001", "i" * 16)
True
>>> with store.unit() as unit:
...     unit.claim("merchant", "number", "customer-number-001", "j" * 16)
True

The second claim is free, for the first unit was not committed. Of what claims and keys are made for only keyed digests are stored.
"""

from __future__ import annotations

import hmac
import sqlite3
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from datetime import date
from typing import Any, NamedTuple

from sqlalchemy import (
    Connection,
    Engine,
    NestedTransaction,
    Table,
    create_engine,
    delete,
    event,
    insert,
    select,
    update,
)
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import make_url
from sqlalchemy.pool import QueuePool, StaticPool

from recurring_schedule.models import Subscription, read_json, write_json
from recurring_schedule.service.domain import Claim, Records, due_again
from recurring_schedule.service.schema import (
    ATTEMPT,
    AUTHORIZATION,
    CLAIM,
    CUSTOMER,
    IDEMPOTENCY,
    INTENT,
    METHOD,
    ORDER,
    SUBSCRIPTION,
)

_OPEN, _VOIDING = "open", "voiding"
_BUSY = 30
"""How many seconds a unit waits for another."""


class Kept(NamedTuple):
    """What is kept under an idempotency key."""

    body: str
    """The digest of the request's body."""
    status: int | None
    """The status of the answer; `None` if there is none yet."""
    answer: str | None
    """The body of the answer."""


class Taken(NamedTuple):
    """A claim that was not free."""

    kind: str
    digest: str


class Intent(NamedTuple):
    """A creation that was begun."""

    id: str
    authorizations: int

    @property
    def references(self) -> list[str]:
        """Under what the gateway was asked, or would have been."""
        return references(self.id, self.authorizations)


def references(intent: str, count: int) -> list[str]:
    """The references of an intent's authorizations.

    >>> references("i2WqFCPYgb1BWaCU", 2)
    ['i2WqFCPYgb1BWaCU-0', 'i2WqFCPYgb1BWaCU-1']
    """
    return [f"{intent}-{place}" for place in range(count)]


class Stored(NamedTuple):
    """A customer, its documents in the wire's form."""

    customer: Mapping[str, Any]
    methods: Sequence[Mapping[str, Any]]
    subscriptions: Sequence[Mapping[str, Any]]


class Store:
    """A database, by its URL: `sqlite:///file`, or `postgresql+psycopg://user@host/name`; and the key of its digests."""

    def __init__(self, url: str, secret: bytes) -> None:
        self._secret = secret
        parsed = make_url(url)
        if parsed.drivername in ("postgresql", "postgres"):
            parsed = parsed.set(drivername="postgresql+psycopg")
        self.is_sqlite = parsed.get_backend_name() == "sqlite"
        # Values of rows are in no message, so in no log.
        if self.is_sqlite and parsed.database in (None, "", ":memory:"):
            self.engine = create_engine(
                parsed, poolclass=StaticPool, connect_args={"check_same_thread": False}, hide_parameters=True
            )
        else:
            arguments = {"timeout": _BUSY, "check_same_thread": False} if self.is_sqlite else {"connect_timeout": 10}
            self.engine = create_engine(
                parsed, poolclass=QueuePool, pool_size=10, max_overflow=40, connect_args=arguments, hide_parameters=True
            )
        self._insert = sqlite.insert if self.is_sqlite else postgresql.insert
        self._claiming = self._insert(CLAIM).on_conflict_do_nothing().returning(CLAIM.c.digest)
        self._writing: AbstractContextManager[object] = nullcontext()
        if self.is_sqlite:
            _prepare_sqlite(self.engine)
            self._writing = threading.Lock()  # its threads wait in turn; SQLite's own waiting sleeps longer and longer
        # Who shares the one connection of a database in memory would end another's transaction.
        self._reading = self._writing if isinstance(self.engine.pool, StaticPool) else nullcontext()

    def digest(self, *parts: str) -> str:
        """What is stored for something that is only compared: no more can be guessed from it without the secret."""
        framed = b"".join(len(part.encode()).to_bytes(8, "big") + part.encode() for part in parts)
        return hmac.digest(self._secret, framed, "sha256").hex()

    @contextmanager
    def unit(self) -> Iterator[Unit]:
        """A unit of work, which is rolled back unless it is committed."""
        with self._writing, self.engine.connect() as connection, connection.begin():
            unit = Unit(self, connection)
            yield unit
            if not unit.is_committed:
                connection.rollback()

    @contextmanager
    def reading(self) -> Iterator[Unit]:
        """A unit of work that only reads, and waits for no other but in memory."""
        with self.reading_connection() as connection:
            yield Unit(self, connection)

    @contextmanager
    def reading_connection(self) -> Iterator[Connection]:
        """A connection for statements that only read."""
        with self._reading, self.engine.connect().execution_options(reads=True) as connection:
            yield connection

    def close(self) -> None:
        """Close all connections."""
        self.engine.dispose()


def _prepare_sqlite(engine: Engine) -> None:
    @event.listens_for(engine, "connect")
    def connected(connection: sqlite3.Connection, _: object) -> None:
        connection.isolation_level = None  # transactions are begun below, not by the driver
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = FULL")  # else an answered customer may be lost with the power
        connection.execute("PRAGMA foreign_keys = ON")

    @event.listens_for(engine, "begin")
    def begun(connection: Connection) -> None:
        # A unit that reads and then writes must have the lock before it reads.
        reads = connection.get_execution_options().get("reads", False)
        connection.exec_driver_sql("BEGIN" if reads else "BEGIN IMMEDIATE")


def _owner(merchant: str, kind: str) -> str:
    """Within whom a claim is there once: a token is used once by anybody."""
    return "" if kind == "token" else merchant


class Unit:
    """A unit of work."""

    def __init__(self, store: Store, connection: Connection) -> None:
        self._store, self._connection = store, connection
        self.is_committed = False

    def commit(self) -> None:
        """Let all of it happen when the unit ends."""
        self.is_committed = True

    def savepoint(self) -> NestedTransaction:
        """A part of the unit that can be rolled back alone."""
        return self._connection.begin_nested()

    # Intents and claims.

    def reserve(self, intent: str, authorizations: int, until: int) -> None:
        """Begin a creation; `until` is when it is taken for dead, in milliseconds since 1970."""
        self._connection.execute(
            insert(INTENT).values(id=intent, state=_OPEN, authorizations=authorizations, until=until)
        )

    def claim(self, merchant: str, kind: str, value: str, intent: str | None) -> bool:
        """Whether it was free; it is not any more."""
        digest = self._store.digest(kind, value)
        return self._insert_new(CLAIM, merchant=_owner(merchant, kind), kind=kind, digest=digest, intent=intent)

    def claim_all(
        self, merchant: str, claims: Sequence[Claim], intent: str | None, tokens: Sequence[str] = ()
    ) -> Taken | None:
        """`None` if all of them were free; else one that was not, and then the unit is to be rolled back.

        `tokens` are digests of tokens that are claimed too.
        """
        digests = {**dict.fromkeys(tokens, "token"), **{self._store.digest(*claim): claim.kind for claim in claims}}
        if not digests:
            return None
        rows = [
            {"merchant": _owner(merchant, kind), "kind": kind, "digest": digest, "intent": intent}
            for digest, kind in sorted(digests.items())  # in one order, so that no two units wait for each other
        ]
        free = set(self._connection.execute(self._store._claiming, rows).scalars())
        return next((Taken(kind, digest) for digest, kind in digests.items() if digest not in free), None)

    def claimed_by_another(self, merchant: str, taken: Taken) -> bool:
        """Whether what is claimed may become free again, since a creation is not finished."""
        found = self._connection.execute(
            select(CLAIM.c.intent).where(
                CLAIM.c.merchant == _owner(merchant, taken.kind),
                CLAIM.c.kind == taken.kind,
                CLAIM.c.digest == taken.digest,
            )
        ).one_or_none()
        return found is None or found.intent is not None

    def finish(self, intent: str, state: str = _OPEN) -> bool:
        """End an intent; whether it was there in this state, so that nobody else has ended it."""
        found = self._connection.execute(delete(INTENT).where(INTENT.c.id == intent, INTENT.c.state == state))
        return found.rowcount == 1

    def finish_voiding(self, intent: str) -> bool:
        """End an intent whose authorizations are void; whether nobody else has."""
        return self.finish(intent, _VOIDING)

    def begin_voiding(self, intent: str, until: int) -> bool:
        """Let an intent never be committed; whether it is there, so that it was not: only then may it be voided.

        `until` is when who voids it is taken for dead.
        """
        chosen = update(INTENT).where(INTENT.c.id == intent)
        return self._connection.execute(chosen.values(state=_VOIDING, until=until)).rowcount == 1

    def begin_burying(self, intent: str, now: int) -> bool:
        """The same for one that is taken for dead; whether it still is."""
        chosen = update(INTENT).where(INTENT.c.id == intent, INTENT.c.until < now)
        return self._connection.execute(chosen.values(state=_VOIDING)).rowcount == 1

    def dead(self, now: int) -> list[Intent]:
        """The intents that are taken for dead."""
        found = self._connection.execute(select(INTENT.c.id, INTENT.c.authorizations).where(INTENT.c.until < now))
        return [Intent(*row) for row in found]

    def keep_claims(self, intent: str, kinds: Sequence[str] | None = None) -> None:
        """Make an intent's claims claims for good: those of these kinds, or all."""
        chosen = update(CLAIM).where(CLAIM.c.intent == intent)
        if kinds is not None:
            chosen = chosen.where(CLAIM.c.kind.in_(kinds))
        self._connection.execute(chosen.values(intent=None))

    def release(self, intent: str) -> None:
        """Free all that an intent has claimed, and the idempotency key that waits for it."""
        self._connection.execute(delete(CLAIM).where(CLAIM.c.intent == intent))
        self._connection.execute(delete(IDEMPOTENCY).where(IDEMPOTENCY.c.intent == intent))

    # Attempts.

    def keep_attempt(self, attempt: str, merchant: str, amounts: str, intent: str, now: int) -> None:
        """Remember what a verification is for, and the tokens that the intent has claimed."""
        claimed = select(CLAIM.c.digest).where(CLAIM.c.intent == intent, CLAIM.c.kind == "token")
        tokens = " ".join(self._connection.execute(claimed.order_by(CLAIM.c.digest)).scalars())
        values = {"merchant": merchant, "amounts": self._store.digest(amounts), "tokens": tokens, "made": now}
        kept = self._store._insert(ATTEMPT).values(id=attempt, **values)
        self._connection.execute(kept.on_conflict_do_update(index_elements=["id"], set_={"tokens": tokens}))

    def attempt_tokens(self, attempt: str, merchant: str, amounts: str) -> list[str] | None:
        """The digests of the tokens of an attempt; `None` if no verification was for this."""
        found = self._connection.execute(
            select(ATTEMPT.c.amounts, ATTEMPT.c.tokens).where(ATTEMPT.c.id == attempt, ATTEMPT.c.merchant == merchant)
        ).one_or_none()
        if found is None or not hmac.compare_digest(found.amounts, self._store.digest(amounts)):
            return None
        return list(found.tokens.split())

    def end_attempt(self, attempt: str) -> None:
        """Forget it."""
        self._connection.execute(delete(ATTEMPT).where(ATTEMPT.c.id == attempt))

    # Idempotency keys.

    def take_key(self, merchant: str, path: str, key: str, body: str, intent: str, now: int) -> Kept | None:
        """`None` if the key is new, and now waits for this intent; else what is kept under it. `body` is a digest."""
        place = {"merchant": merchant, "path": self._store.digest(path), "key": self._store.digest(key)}
        if self._insert_new(IDEMPOTENCY, **place, body=body, intent=intent, made=now):
            return None
        found = self._connection.execute(
            select(IDEMPOTENCY.c.body, IDEMPOTENCY.c.status, IDEMPOTENCY.c.answer).filter_by(**place)
        ).one_or_none()
        # Another unit may have freed it between the two statements.
        return Kept(body, None, None) if found is None else Kept(*found)

    def answer_key(self, intent: str, status: int, answer: str) -> None:
        """Keep an answer under the key that waits for an intent."""
        self._connection.execute(
            update(IDEMPOTENCY).where(IDEMPOTENCY.c.intent == intent).values(intent=None, status=status, answer=answer)
        )

    def forget(self, before: int) -> None:
        """Delete answers and attempts from before a moment, in milliseconds since 1970."""
        self._connection.execute(delete(IDEMPOTENCY).where(IDEMPOTENCY.c.made < before, IDEMPOTENCY.c.intent.is_(None)))
        self._connection.execute(delete(ATTEMPT).where(ATTEMPT.c.made < before))

    # Customers.

    def add(self, merchant: str, api: str, identifier: str, records: Records, authorized: Sequence[str]) -> None:
        """A customer with all that belongs to it."""
        self._connection.execute(
            insert(CUSTOMER).values(id=identifier, merchant=merchant, api=api, document=write_json(records.customer))
        )
        owned = {"customer": identifier}
        self._insert_all(
            METHOD,
            [{**owned, "place": place, "document": write_json(one)} for place, one in enumerate(records.methods)],
        )
        for place, one in enumerate(records.subscriptions):
            self._insert_subscription(identifier, place, one)
        self._insert_all(
            ORDER,
            [
                {**owned, "place": place, "id": one["id"], "document": write_json(one)}
                for place, one in enumerate(records.orders)
            ],
        )
        self._insert_all(AUTHORIZATION, [{**owned, "reference": reference} for reference in authorized])

    def customer(self, merchant: str, api: str, identifier: str) -> Stored | None:
        """A merchant's customer; `None` if there is none."""
        found = self._connection.execute(
            select(CUSTOMER.c.document).filter_by(id=identifier, merchant=merchant, api=api)
        ).scalar()
        if found is None:
            return None
        methods = self._connection.execute(
            select(METHOD.c.document).filter_by(customer=identifier).order_by(METHOD.c.place)
        ).scalars()
        return Stored(read_json(found), list(map(read_json, methods)), self.subscriptions(identifier))

    def orders(self, identifier: str) -> list[Any]:
        """The payloads of a customer's orders."""
        found = self._connection.execute(
            select(ORDER.c.document).filter_by(customer=identifier).order_by(ORDER.c.place)
        ).scalars()
        return list(map(read_json, found))

    def has_customer(self, merchant: str, api: str, identifier: str) -> bool:
        """Whether there is such a customer; until the unit ends, no other unit changes it."""
        chosen = select(CUSTOMER.c.id).filter_by(id=identifier, merchant=merchant, api=api).with_for_update()
        return self._connection.execute(chosen).scalar() is not None

    def subscriptions(self, customer: str) -> list[dict[str, Any]]:
        """The subscriptions of a customer, in the wire's form, with the due dates of now."""
        found = self._connection.execute(
            select(SUBSCRIPTION.c.document, SUBSCRIPTION.c.due)
            .filter_by(customer=customer)
            .order_by(SUBSCRIPTION.c.place)
        )
        return [due_again(read_json(document), due) for document, due in found]

    def add_subscription(self, customer: str, subscription: Subscription) -> None:
        """One more subscription of a customer, which `has_customer` has found in this unit."""
        self._insert_subscription(customer, len(self.subscriptions(customer)), subscription)

    def advance(self, customer: str, identifier: str, due: date, following: date | None) -> bool:
        """Make another day the due date; whether it was `due` until now."""
        found = self._connection.execute(
            update(SUBSCRIPTION).filter_by(customer=customer, id=identifier, due=due).values(due=following)
        )
        return found.rowcount == 1

    def _insert_subscription(self, customer: str, place: int, one: Subscription) -> None:
        self._connection.execute(
            insert(SUBSCRIPTION).values(customer=customer, id=one.id, place=place, due=one.due, document=one.to_json())
        )

    def _insert_all(self, table: Table, rows: list[dict[str, Any]]) -> None:
        if rows:
            self._connection.execute(insert(table), rows)

    def _insert_new(self, table: Table, **values: object) -> bool:
        """Whether the row is new. On PostgreSQL a unit that inserts the same row is waited for."""
        statement = self._store._insert(table).values(**values).on_conflict_do_nothing()
        found = self._connection.execute(statement, execution_options={"preserve_rowcount": True})
        return found.rowcount == 1
