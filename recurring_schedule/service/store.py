"""The store: works in transactions on SQLite or PostgreSQL.

>>> from recurring_schedule.service.schema import METADATA
>>> store = Store("sqlite://", b"a secret of the digests")
>>> METADATA.create_all(store.engine)
>>> store.write(lambda unit: unit.claim("merchant", "number", "customer-number-001", "i" * 16))
True
>>> store.write(lambda unit: unit.claim("merchant", "number", "customer-number-001", "j" * 16))
False

On SQLite, the works of concurrent threads share a transaction, and so wait for the disk once.
Claimed values and idempotency keys are stored as keyed digests only.
"""

from __future__ import annotations

import hmac
import sqlite3
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any, ClassVar, NamedTuple, TypeVar

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql
from sqlalchemy.engine import make_url
from sqlalchemy.pool import QueuePool, StaticPool

from recurring_schedule.models import Subscription, read_json, write_json
from recurring_schedule.service import reading
from recurring_schedule.service.domain import Claim, Records
from recurring_schedule.service.refusals import RefusedError
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

_Result = TypeVar("_Result")

MAX_ANSWER = 1_000_000
"""The most characters of an answer that is kept under an idempotency key."""
OPEN, VOIDING = "open", "voiding"
"""The states of an intent."""


class Kept(NamedTuple):
    """The request and the answer kept under an idempotency key."""

    body: str
    """The digest of the request's body."""
    answer: str | None
    """The answer as JSON text."""
    refusal: str | None
    """The refusal as JSON text."""

    @property
    def is_in_progress(self) -> bool:
        """True if the request has not been answered yet."""
        return self.answer is None and self.refusal is None


class Taken(NamedTuple):
    """A claim that was not free."""

    kind: str
    is_final: bool
    """False if the value may become free again, because its creation is in progress."""


class Intent(NamedTuple):
    """The intent to authorize a number of amounts for a customer that is being created.

    >>> Intent("i2WqFCPYgb1BWaCU", "merchant", 2).references
    ['i2WqFCPYgb1BWaCU-0', 'i2WqFCPYgb1BWaCU-1']
    """

    id: str
    merchant: str
    authorizations: int

    @property
    def references(self) -> list[str]:
        """The keys under which the gateway is asked."""
        return [f"{self.id}-{index}" for index in range(self.authorizations)]


class Store:
    """A database, given its URL, of SQLite or PostgreSQL, and the secret key of its digests."""

    def __init__(self, url: str, secret: bytes) -> None:
        self._secret = secret
        parsed = make_url(url)
        if parsed.drivername in ("postgresql", "postgres"):
            parsed = parsed.set(drivername="postgresql+psycopg")
        self.is_sqlite = parsed.get_backend_name() == "sqlite"
        self._is_in_memory = self.is_sqlite and parsed.database in (None, "", ":memory:")
        # A transaction on SQLite waits for that of another process.
        timeout = {"timeout": 30, "check_same_thread": False} if self.is_sqlite else {"connect_timeout": 10}
        pool: dict[str, Any] = {"poolclass": QueuePool, "pool_size": 10, "max_overflow": 40}
        if self._is_in_memory:
            pool = {"poolclass": StaticPool}
        # Errors do not show the values of rows, so logs do not either.
        self.engine = sa.create_engine(parsed, connect_args=timeout, hide_parameters=True, **pool)
        if self.is_sqlite:
            _prepare_sqlite(self.engine)
        self._queue: list[_Job] = []  # the first writes for those behind it
        self._queueing = threading.Lock()

    def digest(self, *parts: str) -> str:
        """Return the digest to compare values by. Without the secret it reveals nothing."""
        framed = b"".join(len(part.encode()).to_bytes(8, "big") + part.encode() for part in parts)
        return hmac.digest(self._secret, framed, "sha256").hex()

    def number_digest(self, number: str | None) -> str | None:
        """Return the digest by which a customer is found by the merchant's number for it."""
        return None if number is None else self.digest(*Claim("number", number))

    def write(self, work: Callable[[Unit], _Result]) -> _Result:
        """Run a work in a transaction, and return its result once it is committed.

        An exception rolls back this work only. A work must be repeatable, and must wait for nothing
        but the database.
        """
        if not self.is_sqlite:
            with self.engine.begin() as connection:
                return work(Unit(self, connection))
        job = _Job(work)
        with self._queueing:
            self._queue.append(job)
            is_first = len(self._queue) == 1
        if not is_first:
            job.woken.wait()
        if not job.is_done:
            self._write_queue()
        if job.error is not None:
            raise job.error
        return job.result  # type: ignore[no-any-return]  # the result of this work

    def _write_queue(self) -> None:
        """Run the works that wait, in one transaction, and wake the next to do the same."""
        with self._queueing:
            jobs = self._queue.copy()
        try:
            with self.engine.begin() as connection:
                unit = Unit(self, connection)
                for job in jobs:
                    job.run(unit, is_alone=len(jobs) == 1)
        except BaseException as error:  # each thread raises it
            for job in jobs:
                job.error = job.error or error
        with self._queueing:
            del self._queue[: len(jobs)]
            following = self._queue[:1]
        for job in jobs:
            job.is_done = True
        for job in (*jobs, *following):
            job.woken.set()

    def read(self, work: Callable[[Unit], _Result]) -> _Result:
        """Return the result of a work that only reads. Except in memory, it never waits."""
        if self._is_in_memory:  # there is one connection
            return self.write(work)
        with self.engine.connect().execution_options(reads=True) as connection:
            return work(Unit(self, connection))

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
        # A work that reads and then writes needs the lock before it reads.
        reads = connection.get_execution_options().get("reads", False)
        connection.exec_driver_sql("BEGIN" if reads else "BEGIN IMMEDIATE")


class _Job:
    """A work that waits to be written."""

    def __init__(self, work: Callable[[Unit], Any]) -> None:
        self.work = work
        self.woken = threading.Event()
        self.is_done = False
        self.result: Any = None
        self.error: BaseException | None = None

    def run(self, unit: Unit, *, is_alone: bool) -> None:
        """Run the work. Raise its error if that ends the whole transaction."""
        try:
            if is_alone:
                self.result = self.work(unit)
            else:
                with unit.savepoint():
                    self.result = self.work(unit)
        except BaseException as error:
            self.error = error
            # After some errors, such as a full disk, SQLite itself rolls back the transaction.
            if is_alone or not unit.is_in_transaction:
                raise


def _insert(table: sa.Table) -> postgresql.Insert:
    """Return an insertion that leaves out rows that exist, and counts the others."""
    # Compiled for SQLite, the statement is the same.
    return postgresql.insert(table).on_conflict_do_nothing().execution_options(preserve_rowcount=True)


def _by(*names: str) -> dict[str, sa.BindParameter[Any]]:
    return {name: sa.bindparam(name) for name in names}


class Unit:
    """The statements of a work.

    Those of a creation are made once: making a statement takes four times as long as executing it.
    """

    def __init__(self, store: Store, connection: sa.Connection) -> None:
        self._store, self.connection = store, connection

    def _execute(self, statement: sa.Executable, **values: Any) -> sa.CursorResult[Any]:
        return self.connection.execute(statement, values)

    @contextmanager
    def savepoint(self) -> Iterator[None]:
        """Begin a part of the work that an exception rolls back alone."""
        self.connection.exec_driver_sql("SAVEPOINT part")
        try:
            yield
        except BaseException:
            self.connection.exec_driver_sql("ROLLBACK TO SAVEPOINT part")
            raise
        finally:
            self.connection.exec_driver_sql("RELEASE SAVEPOINT part")

    @property
    def is_in_transaction(self) -> bool:
        """True unless SQLite has rolled back the transaction."""
        driver: Any = self.connection.connection.dbapi_connection
        return bool(driver.in_transaction)

    # Intents and claims.

    _reserving = sa.insert(INTENT)

    def reserve(self, intent: Intent, until: int) -> None:
        """Begin a creation with a lease until a moment, in milliseconds since 1970."""
        self._execute(self._reserving, **intent._asdict(), state=OPEN, until=until)

    def claim(self, merchant: str, kind: str, value: str, intent: str) -> bool:
        """Claim a value. Return True if it was free."""
        return self.claim_all(merchant, [Claim(kind, value)], intent) is None

    _claiming = _insert(CLAIM)
    _claimed = (
        sa.select(CLAIM.c.digest, INTENT.c.id)
        .outerjoin(INTENT, INTENT.c.id == CLAIM.c.intent)
        .where(CLAIM.c.merchant.in_(["", sa.bindparam("merchant")]), CLAIM.c.intent != sa.bindparam("intent"))
        .where(CLAIM.c.digest.in_(sa.bindparam("digests", expanding=True)))
    )

    def claim_all(
        self, merchant: str, claims: Sequence[Claim], intent: str, tokens: Sequence[str] = ()
    ) -> Taken | None:
        """Claim values. Return None if all were free, else one that was not: then roll back.

        `tokens` are the digests of tokens to claim as well. The claims are final once the intent
        has ended, unless they have been released.
        """
        digests = {**dict.fromkeys(tokens, "token"), **{self._store.digest(*claim): claim.kind for claim in claims}}
        if not digests:
            return None
        # The order is the same in all works, so that no two wait for each other.
        rows = [  # a token is unique among all merchants
            {"merchant": "" if kind == "token" else merchant, "kind": kind, "digest": digest, "intent": intent}
            for digest, kind in sorted(digests.items())
        ]
        if self.connection.execute(self._claiming, rows).rowcount == len(rows):
            return None
        found = self._execute(self._claimed, merchant=merchant, intent=intent, digests=list(digests))
        taken = {row.digest: row.id is None for row in found}
        # A claim may have been released between the two statements.
        first = next((digest for digest in digests if digest in taken), rows[0]["digest"])
        return Taken(digests[first], is_final=taken.get(first, False))

    _finishing = sa.delete(INTENT).filter_by(**_by("id", "state"))

    def finish(self, intent: str, state: str = OPEN) -> bool:
        """End an intent in this state. Return True unless something else has ended it."""
        return self._execute(self._finishing, id=intent, state=state).rowcount == 1

    def begin_voiding(self, intent: str, until: int, dead_at: int | None = None) -> bool:
        """Prevent an intent from ever being committed. Return True if it has not ended.

        Only then may it be voided. Its lease is extended. With `dead_at`, do so only if the lease
        had run out by that moment, and do not extend it, so that the next recovery tries again.
        """
        changed = sa.update(INTENT).filter_by(id=intent).values(state=VOIDING)
        changed = changed.values(until=until) if dead_at is None else changed.where(INTENT.c.until < dead_at)
        return self.connection.execute(changed).rowcount == 1

    def dead(self, now: int) -> list[Intent]:
        """Return the intents whose lease has run out."""
        chosen = sa.select(INTENT.c.id, INTENT.c.merchant, INTENT.c.authorizations)
        return [Intent(*row) for row in self.connection.execute(chosen.where(INTENT.c.until < now))]

    def release(self, intent: str, *, keeps_tokens: bool = False) -> None:
        """Free the claims of an intent, and the idempotency key that waits for it."""
        released = sa.delete(CLAIM).filter_by(intent=intent)
        self.connection.execute(released.where(CLAIM.c.kind != "token") if keeps_tokens else released)
        self.connection.execute(sa.delete(IDEMPOTENCY).filter_by(intent=intent))

    # Attempts.

    def keep_attempt(self, attempt: str, merchant: str, amounts: str, intent: str, now: int) -> None:
        """Store the amounts that a verification is for, and the intent's tokens."""
        claimed = sa.select(CLAIM.c.digest).filter_by(intent=intent, kind="token").order_by(CLAIM.c.digest)
        tokens = " ".join(self.connection.execute(claimed).scalars())
        self.end_attempt(attempt)
        values = {"merchant": merchant, "amounts": self._store.digest(amounts), "tokens": tokens, "made": now}
        self.connection.execute(sa.insert(ATTEMPT).values(id=attempt, **values))

    def attempt_tokens(self, attempt: str, merchant: str, amounts: str) -> list[str] | None:
        """Return the digests of an attempt's tokens, or None if it was for other amounts."""
        chosen = sa.select(ATTEMPT.c.amounts, ATTEMPT.c.tokens).filter_by(id=attempt, merchant=merchant)
        found = self.connection.execute(chosen).one_or_none()
        if found is None or not hmac.compare_digest(found.amounts, self._store.digest(amounts)):
            return None
        return list(found.tokens.split())

    def end_attempt(self, attempt: str) -> None:
        """Delete an attempt."""
        self.connection.execute(sa.delete(ATTEMPT).filter_by(id=attempt))

    # Idempotency keys.

    _taking = _insert(IDEMPOTENCY)
    _keeping = sa.select(IDEMPOTENCY.c.body, IDEMPOTENCY.c.answer, IDEMPOTENCY.c.refusal).filter_by(
        **_by("merchant", "path", "key")
    )

    def kept(self, merchant: str, path: str, key: str) -> Kept | None:
        """Return the record of an idempotency key, or None if the key is new."""
        found = self._execute(self._keeping, **self._scope(merchant, path, key)).one_or_none()
        return None if found is None else Kept._make(found)

    def take_key(self, merchant: str, path: str, key: str, body: str, intent: str, now: int) -> Kept | None:
        """Take an idempotency key for an intent. Return None if it is new, else its record.

        `body` is a digest.
        """
        # PostgreSQL waits for works that take the same key.
        taken = {**self._scope(merchant, path, key), "body": body, "intent": intent, "made": now}
        if self._execute(self._taking, **taken).rowcount == 1:
            return None
        # Another work may have freed the key between the two statements.
        return self.kept(merchant, path, key) or Kept(body, None, None)

    def _scope(self, merchant: str, path: str, key: str) -> dict[str, str]:
        return {"merchant": merchant, "path": self._store.digest(path), "key": self._store.digest(key)}

    _answering = (
        sa.update(IDEMPOTENCY)
        .where(IDEMPOTENCY.c.intent == sa.bindparam("waiting"))
        .values(intent=None, **_by("answer", "refusal"))
    )

    def answer_key(self, intent: str, answer: Mapping[str, Any] | RefusedError) -> None:
        """Keep an answer or a refusal under the idempotency key that waits for an intent.

        Raises RefusedError if it is too large.
        """
        is_refused = isinstance(answer, RefusedError)
        text = write_json(answer.to_wire() if isinstance(answer, RefusedError) else answer)
        if len(text) > MAX_ANSWER:
            reason = f"expected a request whose answer has at most {MAX_ANSWER} characters"
            raise RefusedError("content too large", reason=reason, is_kept=False)
        texts = {"answer": None, "refusal": text} if is_refused else {"answer": text, "refusal": None}
        self._execute(self._answering, waiting=intent, **texts)

    def forget(self, before: int) -> None:
        """Delete the answers and attempts made before a moment, in milliseconds since 1970."""
        answered = sa.delete(IDEMPOTENCY).where(IDEMPOTENCY.c.intent.is_(None))
        self.connection.execute(answered.where(IDEMPOTENCY.c.made < before))
        self.connection.execute(sa.delete(ATTEMPT).where(ATTEMPT.c.made < before))

    # Customers.

    _inserting: ClassVar = {table: sa.insert(table) for table in (CUSTOMER, METHOD, SUBSCRIPTION, ORDER, AUTHORIZATION)}

    def _insert_all(self, table: sa.Table, rows: list[dict[str, Any]]) -> None:
        if rows:
            self.connection.execute(self._inserting[table], rows)

    def add(self, merchant: str, api: str, identifier: str, records: Records, authorized: Sequence[str]) -> None:
        """Store a customer with all its records and the references of its authorizations."""
        customer = {
            "id": identifier,
            "merchant": merchant,
            "api": api,
            "number": self._store.number_digest(records.customer.get("number")),
            "document": write_json(records.customer),
        }
        self._insert_all(CUSTOMER, [customer])
        methods = [{"document": write_json(method)} for method in records.methods]
        orders = [
            {"id": one["id"], "customer": identifier, "number": one.get("number"), "document": write_json(one)}
            for one in records.orders
        ]
        self._insert_all(METHOD, _numbered(identifier, methods))
        self._insert_all(SUBSCRIPTION, _numbered(identifier, map(_subscription_row, records.subscriptions)))
        self._insert_all(ORDER, orders)
        self._insert_all(AUTHORIZATION, [{"reference": one, "customer": identifier} for one in authorized])

    def locked_customer(self, merchant: str, api: str, identifier: str) -> Mapping[str, Any] | None:
        """Return a merchant's customer in wire form, or None. It is locked until the work ends."""
        chosen = sa.select(CUSTOMER.c.document).filter_by(id=identifier, merchant=merchant, api=api)
        chosen = chosen.with_for_update(key_share=True)  # orders may refer to it meanwhile
        found = self.connection.execute(chosen).scalar()
        return None if found is None else dict(read_json(found))

    def add_subscription(self, customer: str, subscription: Subscription) -> None:
        """Add a subscription to a customer that `locked_customer` has locked in this work."""
        first = len(reading.subscriptions(self.connection, customer))
        self._insert_all(SUBSCRIPTION, _numbered(customer, [_subscription_row(subscription)], first))


def _subscription_row(one: Subscription) -> dict[str, Any]:
    document = {name: value for name, value in one.to_wire().items() if name != "due"}
    return {"id": one.id, "due": one.due, "document": write_json(document)}


def _numbered(customer: str, rows: Iterable[dict[str, Any]], first: int = 0) -> list[dict[str, Any]]:
    return [{"customer": customer, "index": index, **row} for index, row in enumerate(rows, first)]
