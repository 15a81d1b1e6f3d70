"""The outbox: callbacks, stored in the transaction that records their cause, and sent afterwards.

>>> from recurring_schedule.service import migration
>>> from recurring_schedule.service.store import Store
>>> store = Store("sqlite://", b"a secret of the digests")
>>> migration.migrate(store)
>>> events = [Event(f"event-{number}", "merchant", "customer", "0001", "receiver.example", "{}", 0) for number in (1, 2)]
>>> store.write(lambda unit: add_events(unit.connection, events))
>>> def lease(now):
...     return [one.id for one in store.write(lambda unit: lease_events(unit.connection, now, until=now + 60, most=10))]
>>> lease(0), lease(1)
(['event-1'], [])

The callbacks of a subscription are delivered in order, so the second one waits for the first. When
the lease of the first has run out, another deliverer may try it:

>>> lease(60)
['event-1']

Moments are in milliseconds since 1970. Except `made`, they are those of the machine, since a test
clock stands still.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import NamedTuple

import sqlalchemy as sa

from recurring_schedule.service.schema import OUTBOX


class Event(NamedTuple):
    """Something that happened to a subscription's order, and its callback."""

    id: str
    """The identifier in the document, by which a receiver recognizes repeats."""
    merchant: str
    customer: str
    subscription: str
    url: str
    """The callback's address as the subscription has it."""
    document: str
    """The callback's body: JSON text."""
    made: int
    """The moment it happened."""


class Leased(NamedTuple):
    """A callback that its deliverer may try until its lease runs out."""

    sequence: int
    id: str
    merchant: str
    customer: str
    subscription: str
    url: str
    document: str
    tries: int
    """The number of tries, with this one."""
    tried: int
    """The moment of the first try."""


class Backlog(NamedTuple):
    """The callbacks that are not delivered yet."""

    pending: int
    oldest: int | None
    """The moment the oldest happened, or None."""


PENDING, DELIVERED, EXPIRED = "pending", "delivered", "expired"
"""The states of a callback."""

_EARLIER = OUTBOX.alias()
_DUE = (
    sa.select(
        OUTBOX.c.sequence,
        OUTBOX.c.id,
        OUTBOX.c.merchant,
        OUTBOX.c.customer,
        OUTBOX.c.subscription,
        OUTBOX.c.url,
        OUTBOX.c.document,
        OUTBOX.c.tries + 1,
        sa.func.coalesce(OUTBOX.c.tried, sa.bindparam("now", type_=sa.BigInteger)),
    )
    .where(
        OUTBOX.c.state == PENDING,
        OUTBOX.c.next <= sa.bindparam("now", type_=sa.BigInteger),
        OUTBOX.c.merchant.not_in(sa.bindparam("without", expanding=True)),
        ~sa.exists().where(
            _EARLIER.c.customer == OUTBOX.c.customer,
            _EARLIER.c.subscription == OUTBOX.c.subscription,
            _EARLIER.c.state == PENDING,
            _EARLIER.c.sequence < OUTBOX.c.sequence,
        ),
    )
    .order_by(OUTBOX.c.next, OUTBOX.c.sequence)
    .limit(sa.bindparam("most", type_=sa.Integer))
    .with_for_update(skip_locked=True, of=OUTBOX)
)
_LEASE = (
    sa.update(OUTBOX)
    .where(OUTBOX.c.sequence.in_(sa.bindparam("sequences", expanding=True)))
    .values(
        tries=OUTBOX.c.tries + 1,
        tried=sa.func.coalesce(OUTBOX.c.tried, sa.bindparam("now", type_=sa.BigInteger)),
        next=sa.bindparam("until", type_=sa.BigInteger),
    )
)


def add_events(connection: sa.Connection, events: Iterable[Event]) -> None:
    """Store events and their callbacks, in the caller's transaction."""
    rows = [one._asdict() for one in events]
    if rows:
        connection.execute(sa.insert(OUTBOX), rows)


def lease_events(
    connection: sa.Connection, now: int, until: int, most: int, without: Collection[str] = ()
) -> list[Leased]:
    """Lease callbacks that are due until a moment, at most this many.

    Of each subscription this is the first pending one. Those of the merchants `without` are left
    out.
    """
    found = connection.execute(_DUE, {"now": now, "most": most, "without": list(without)})
    leased = [Leased(*row) for row in found]
    if leased:
        sequences = [one.sequence for one in leased]
        connection.execute(_LEASE, {"sequences": sequences, "now": now, "until": until})
    return leased


def is_due(connection: sa.Connection, now: int) -> bool:
    """Return True if a callback may be due, so that leasing is worth its lock."""
    chosen = sa.select(OUTBOX.c.sequence).where(OUTBOX.c.state == PENDING, OUTBOX.c.next <= now).limit(1)
    return connection.execute(chosen).first() is not None


def delivered(connection: sa.Connection, one: Leased, now: int) -> None:
    """Record that a callback was delivered."""
    connection.execute(sa.update(OUTBOX).filter_by(sequence=one.sequence).values(state=DELIVERED, next=now))


def failed(connection: sa.Connection, one: Leased, following: int | None, now: int) -> None:
    """Record that a try failed, with the moment of the next try; None to give the callback up.

    Nothing changes if another deliverer has leased it since.
    """
    this = sa.update(OUTBOX).filter_by(sequence=one.sequence, tries=one.tries, state=PENDING)
    if following is None:
        connection.execute(this.values(state=EXPIRED, next=now))
    elif connection.execute(this.values(next=following)).rowcount:
        # Those behind it cannot be tried before it, so they need not be looked at either.
        others = sa.update(OUTBOX).filter_by(customer=one.customer, subscription=one.subscription, state=PENDING)
        connection.execute(others.where(OUTBOX.c.next < following).values(next=following))


def backlog(connection: sa.Connection) -> Backlog:
    """Return the number of callbacks that are not delivered yet, and when the oldest happened."""
    chosen = sa.select(sa.func.count(), sa.func.min(OUTBOX.c.made)).where(OUTBOX.c.state == PENDING)
    return Backlog(*connection.execute(chosen).one())


def forget(connection: sa.Connection, before: int) -> None:
    """Delete the callbacks that were delivered or given up before a moment."""
    ended = sa.delete(OUTBOX).where(OUTBOX.c.state.in_([DELIVERED, EXPIRED]))
    connection.execute(ended.where(OUTBOX.c.next < before))
