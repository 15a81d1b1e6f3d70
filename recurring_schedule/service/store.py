"""The store: units of work on SQLite or PostgreSQL. A unit is rolled back unless it is committed.

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

The second claim is free because the first unit was not committed. Claimed values and idempotency
keys are stored as keyed digests only.
"""

from __future__ import annotations

import hmac
import sqlite3
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from datetime import date
from operator import itemgetter
from typing import Any, NamedTuple

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import make_url
from sqlalchemy.pool import QueuePool, StaticPool

from recurring_schedule.models import Subscription, read_json, write_json
from recurring_schedule.service.domain import Claim, Records
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

OPEN, VOIDING = "open", "voiding"
"""The states of an intent."""


class Kept(NamedTuple):
    """The request and the answer kept under an idempotency key."""

    body: str
    """The digest of the request's body."""
    status: int | None
    """The status of the answer; None if there is no answer yet."""
    answer: str | None
    """The body of the answer."""


class Taken(NamedTuple):
    """A claim that was not free."""

    kind: str
    is_final: bool
    """False if the value may become free again, because its creation is in progress."""


class Intent(NamedTuple):
    """The intent to authorize a number of amounts for a customer that is being created.

    >>> Intent("i2WqFCPYgb1BWaCU", 2).references
    ['i2WqFCPYgb1BWaCU-0', 'i2WqFCPYgb1BWaCU-1']
    """

    id: str
    authorizations: int

    @property
    def references(self) -> list[str]:
        """The references under which the gateway is asked."""
        return [f"{self.id}-{index}" for index in range(self.authorizations)]


class Stored(NamedTuple):
    """A stored customer. The documents are in wire form."""

    customer: Mapping[str, Any]
    methods: Sequence[Mapping[str, Any]]
    subscriptions: Sequence[Mapping[str, Any]]


class Store:
    """A database, given its URL, of SQLite or PostgreSQL, and the secret key of its digests."""

    def __init__(self, url: str, secret: bytes) -> None:
        self._secret = secret
        parsed = make_url(url)
        if parsed.drivername in ("postgresql", "postgres"):
            parsed = parsed.set(drivername="postgresql+psycopg")
        self.is_sqlite = parsed.get_backend_name() == "sqlite"
        is_in_memory = self.is_sqlite and parsed.database in (None, "", ":memory:")
        # A unit on SQLite waits for the unit of another process.
        timeout = {"timeout": 30, "check_same_thread": False} if self.is_sqlite else {"connect_timeout": 10}
        pool: dict[str, Any] = {"poolclass": QueuePool, "pool_size": 10, "max_overflow": 40}
        if is_in_memory:
            pool = {"poolclass": StaticPool}
        # Errors do not show the values of rows, so logs do not either.
        self.engine = sa.create_engine(parsed, connect_args=timeout, hide_parameters=True, **pool)
        self._insert = sqlite.insert if self.is_sqlite else postgresql.insert
        self._claiming = self._insert(CLAIM).on_conflict_do_nothing().returning(CLAIM.c.digest)
        self._writing: AbstractContextManager[object] = nullcontext()
        if self.is_sqlite:
            _prepare_sqlite(self.engine)
            self._writing = threading.Lock()  # threads take turns: SQLite's own waiting sleeps longer and longer
        # In memory there is one connection: a reader would end the transaction of a writer.
        self._reading = self._writing if is_in_memory else nullcontext()

    def digest(self, *parts: str) -> str:
        """Return the digest to compare values by. Without the secret it reveals nothing."""
        framed = b"".join(len(part.encode()).to_bytes(8, "big") + part.encode() for part in parts)
        return hmac.digest(self._secret, framed, "sha256").hex()

    @contextmanager
    def unit(self) -> Iterator[Unit]:
        """Begin a unit of work, which is rolled back unless it is committed."""
        with self._writing, self.engine.connect() as connection, connection.begin():
            unit = Unit(self, connection)
            yield unit
            if not unit.is_committed:
                connection.rollback()

    @contextmanager
    def reading(self) -> Iterator[Unit]:
        """Begin a unit that only reads. Except in memory, it never waits for another."""
        with self.reading_connection() as connection:
            yield Unit(self, connection)

    @contextmanager
    def reading_connection(self) -> Iterator[sa.Connection]:
        """Open a connection for statements that only read."""
        with self._reading, self.engine.connect().execution_options(reads=True) as connection:
            yield connection

    def close(self) -> None:
        """Close all connections."""
        self.engine.dispose()


def _prepare_sqlite(engine: sa.Engine) -> None:
    @sa.event.listens_for(engine, "connect")
    def connected(connection: sqlite3.Connection, _: object) -> None:
        connection.isolation_level = None  # `begun` begins transactions, not the driver
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = FULL")  # else a power failure may lose a customer that was answered
        connection.execute("PRAGMA foreign_keys = ON")

    @sa.event.listens_for(engine, "begin")
    def begun(connection: sa.Connection) -> None:
        # A unit that reads and then writes needs the lock before it reads.
        reads = connection.get_execution_options().get("reads", False)
        connection.exec_driver_sql("BEGIN" if reads else "BEGIN IMMEDIATE")


def _subscription_row(one: Subscription) -> dict[str, Any]:
    document = {name: value for name, value in one.to_wire().items() if name != "due"}
    return {"id": one.id, "due": one.due, "document": write_json(document)}


class Unit:
    """A unit of work."""

    def __init__(self, store: Store, connection: sa.Connection) -> None:
        self._store, self._connection = store, connection
        self.is_committed = False

    def commit(self) -> None:
        """Commit the unit when it ends."""
        self.is_committed = True

    def savepoint(self) -> sa.NestedTransaction:
        """Begin a part of the unit that can be rolled back alone."""
        return self._connection.begin_nested()

    # Intents and claims.

    def reserve(self, intent: str, authorizations: int, until: int) -> None:
        """Begin a creation with a lease until a moment, in milliseconds since 1970."""
        values = {"id": intent, "state": OPEN, "authorizations": authorizations, "until": until}
        self._connection.execute(sa.insert(INTENT).values(values))

    def claim(self, merchant: str, kind: str, value: str, intent: str | None) -> bool:
        """Claim a value. Return True if it was free."""
        return self.claim_all(merchant, [Claim(kind, value)], intent) is None

    def claim_all(
        self, merchant: str, claims: Sequence[Claim], intent: str | None, tokens: Sequence[str] = ()
    ) -> Taken | None:
        """Claim values. Return None if all were free, else one that was not: then roll back.

        `tokens` are the digests of tokens to claim as well.
        """
        digests = {**dict.fromkeys(tokens, "token"), **{self._store.digest(*claim): claim.kind for claim in claims}}
        if not digests:
            return None
        rows = [  # a token is unique among all merchants
            {"merchant": "" if kind == "token" else merchant, "kind": kind, "digest": digest, "intent": intent}
            for digest, kind in digests.items()
        ]
        in_order = sorted(rows, key=itemgetter("digest"))  # the same in all units, so that no two wait for each other
        free = set(self._connection.execute(self._store._claiming, in_order).scalars())
        for row in rows:
            if row["digest"] not in free:
                chosen = {name: row[name] for name in ("merchant", "kind", "digest")}
                found = self._connection.execute(sa.select(CLAIM.c.intent).filter_by(**chosen)).one_or_none()
                return Taken(str(row["kind"]), is_final=found is not None and found.intent is None)
        return None

    def finish(self, intent: str, state: str = OPEN) -> bool:
        """End an intent in this state. Return True unless something else has ended it."""
        return self._connection.execute(sa.delete(INTENT).filter_by(id=intent, state=state)).rowcount == 1

    def begin_voiding(self, intent: str, until: int, dead_at: int | None = None) -> bool:
        """Prevent an intent from ever being committed. Return True if it has not ended.

        Only then may it be voided. Its lease is extended. With `dead_at`, do so only if the lease
        had run out by that moment, and do not extend it, so that the next recovery tries again.
        """
        changed = sa.update(INTENT).filter_by(id=intent).values(state=VOIDING)
        changed = changed.values(until=until) if dead_at is None else changed.where(INTENT.c.until < dead_at)
        return self._connection.execute(changed).rowcount == 1

    def dead(self, now: int) -> list[Intent]:
        """Return the intents whose lease has run out."""
        found = self._connection.execute(sa.select(INTENT.c.id, INTENT.c.authorizations).where(INTENT.c.until < now))
        return [Intent(*row) for row in found]

    def keep_claims(self, intent: str, **chosen: str) -> None:
        """Make the claims of an intent permanent: those of a `kind`, or all."""
        self._connection.execute(sa.update(CLAIM).filter_by(intent=intent, **chosen).values(intent=None))

    def release(self, intent: str) -> None:
        """Free the claims of an intent, and the idempotency key that waits for it."""
        for table in (CLAIM, IDEMPOTENCY):
            self._connection.execute(sa.delete(table).filter_by(intent=intent))

    # Attempts.

    def keep_attempt(self, attempt: str, merchant: str, amounts: str, intent: str, now: int) -> None:
        """Store the amounts that a verification is for, and the intent's tokens."""
        claimed = sa.select(CLAIM.c.digest).where(CLAIM.c.intent == intent, CLAIM.c.kind == "token")
        tokens = " ".join(self._connection.execute(claimed.order_by(CLAIM.c.digest)).scalars())
        values = {"merchant": merchant, "amounts": self._store.digest(amounts), "tokens": tokens, "made": now}
        kept = self._store._insert(ATTEMPT).values(id=attempt, **values)
        self._connection.execute(kept.on_conflict_do_update(index_elements=["id"], set_={"tokens": tokens}))

    def attempt_tokens(self, attempt: str, merchant: str, amounts: str) -> list[str] | None:
        """Return the digests of an attempt's tokens, or None if it was for other amounts."""
        chosen = sa.select(ATTEMPT.c.amounts, ATTEMPT.c.tokens).filter_by(id=attempt, merchant=merchant)
        found = self._connection.execute(chosen).one_or_none()
        if found is None or not hmac.compare_digest(found.amounts, self._store.digest(amounts)):
            return None
        return list(found.tokens.split())

    def end_attempt(self, attempt: str) -> None:
        """Delete an attempt."""
        self._connection.execute(sa.delete(ATTEMPT).filter_by(id=attempt))

    # Idempotency keys.

    def take_key(self, merchant: str, path: str, key: str, body: str, intent: str, now: int) -> Kept | None:
        """Take an idempotency key for an intent. Return None if it is new, else its record.

        `body` is a digest.
        """
        scope = {"merchant": merchant, "path": self._store.digest(path), "key": self._store.digest(key)}
        taking = self._store._insert(IDEMPOTENCY).values(**scope, body=body, intent=intent, made=now)
        # PostgreSQL waits for units that take the same key.
        options = {"preserve_rowcount": True}
        if self._connection.execute(taking.on_conflict_do_nothing(), execution_options=options).rowcount == 1:
            return None
        chosen = sa.select(IDEMPOTENCY.c.body, IDEMPOTENCY.c.status, IDEMPOTENCY.c.answer).filter_by(**scope)
        found = self._connection.execute(chosen).one_or_none()
        # Another unit may have freed the key between the two statements.
        return Kept(body, None, None) if found is None else Kept(*found)

    def answer_key(self, intent: str, status: int, answer: str) -> None:
        """Keep an answer under the idempotency key that waits for an intent."""
        values = {"intent": None, "status": status, "answer": answer}
        self._connection.execute(sa.update(IDEMPOTENCY).filter_by(intent=intent).values(values))

    def forget(self, before: int) -> None:
        """Delete the answers and attempts made before a moment, in milliseconds since 1970."""
        answered = sa.delete(IDEMPOTENCY).where(IDEMPOTENCY.c.intent.is_(None))
        self._connection.execute(answered.where(IDEMPOTENCY.c.made < before))
        self._connection.execute(sa.delete(ATTEMPT).where(ATTEMPT.c.made < before))

    # Customers.

    def add(self, merchant: str, api: str, identifier: str, records: Records, authorized: Sequence[str]) -> None:
        """Store a customer with all its records and the references of its authorizations."""
        customer = {"id": identifier, "merchant": merchant, "api": api, "document": write_json(records.customer)}
        self._connection.execute(sa.insert(CUSTOMER).values(customer))
        orders = [{"id": order["id"], "document": write_json(order)} for order in records.orders]
        self._insert_all(METHOD, identifier, [{"document": write_json(method)} for method in records.methods])
        self._insert_all(SUBSCRIPTION, identifier, list(map(_subscription_row, records.subscriptions)))
        self._insert_all(ORDER, identifier, orders)
        if authorized:
            rows = [{"reference": reference, "customer": identifier} for reference in authorized]
            self._connection.execute(sa.insert(AUTHORIZATION), rows)

    def customer(self, merchant: str, api: str, identifier: str) -> Stored | None:
        """Return a merchant's customer, or None."""
        chosen = sa.select(CUSTOMER.c.document).filter_by(id=identifier, merchant=merchant, api=api)
        found = self._connection.execute(chosen).scalar()
        if found is None:
            return None
        return Stored(read_json(found), self._documents(METHOD, identifier), self.subscriptions(identifier))

    def has_customer(self, merchant: str, api: str, identifier: str) -> bool:
        """Return True if a merchant has this customer, and lock it until the unit ends."""
        chosen = sa.select(CUSTOMER.c.id).filter_by(id=identifier, merchant=merchant, api=api).with_for_update()
        return self._connection.execute(chosen).scalar() is not None

    def subscriptions(self, customer: str) -> list[dict[str, Any]]:
        """Return the subscriptions of a customer, in wire form, with their present due dates."""
        chosen = sa.select(SUBSCRIPTION.c.document, SUBSCRIPTION.c.due).filter_by(customer=customer)
        found = self._connection.execute(chosen.order_by(SUBSCRIPTION.c.index))
        return [read_json(document) | ({} if due is None else {"due": due.isoformat()}) for document, due in found]

    def add_subscription(self, customer: str, subscription: Subscription) -> None:
        """Add a subscription to a customer that `has_customer` has locked in this unit."""
        self._insert_all(SUBSCRIPTION, customer, [_subscription_row(subscription)], len(self.subscriptions(customer)))

    def advance(self, customer: str, identifier: str, due: date, following: date | None) -> bool:
        """Replace the due date of a subscription. Return True if it was `due` until now."""
        chosen = sa.update(SUBSCRIPTION).filter_by(customer=customer, id=identifier, due=due)
        return self._connection.execute(chosen.values(due=following)).rowcount == 1

    def _documents(self, table: sa.Table, customer: str) -> list[Any]:
        chosen = sa.select(table.c.document).filter_by(customer=customer).order_by(table.c.index)
        return list(map(read_json, self._connection.execute(chosen).scalars()))

    def _insert_all(self, table: sa.Table, customer: str, rows: list[dict[str, Any]], first: int = 0) -> None:
        if rows:
            numbered = [{"customer": customer, "index": index, **row} for index, row in enumerate(rows, first)]
            self._connection.execute(sa.insert(table), numbered)
