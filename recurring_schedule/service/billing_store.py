"""The statements of billing. All run on a connection within the caller's transaction.

Rows that another run has locked are passed over on PostgreSQL; on SQLite transactions take turns.

>>> from recurring_schedule.service import migration
>>> from recurring_schedule.service.store import Store
>>> store = Store("sqlite://", b"a secret of the digests")
>>> migration.migrate(store)
>>> store.read(lambda unit: due_subscriptions(unit.connection, date(2024, 1, 31), 500))
[]
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import date
from typing import Any, NamedTuple

import sqlalchemy as sa

from recurring_schedule.service.schema import CUSTOMER, METHOD, ORDER, SUBSCRIPTION


class DueSubscription(NamedTuple):
    """A subscription with a due date for which no order has been placed."""

    merchant: str
    customer: str
    id: str
    due: date
    document: str

    @property
    def name(self) -> str:
        """The identifiers of the customer and the subscription, `CUSTOMER/ID`."""
        return f"{self.customer}/{self.id}"


class Try(NamedTuple):
    """A try to charge an order, owned until its lease runs out."""

    sequence: int
    merchant: str
    customer: str
    subscription: str
    due: date
    ended: int
    """The number of earlier tries."""
    was_begun: bool
    """True if a run has begun this try and has not recorded how it ended."""
    document: str


class Ending(NamedTuple):
    """The order after a try that has ended."""

    sequence: int
    ended: int
    """The number of tries before this one."""
    next: date | None
    document: str


_DUE = (
    sa.select(
        CUSTOMER.c.merchant, SUBSCRIPTION.c.customer, SUBSCRIPTION.c.id, SUBSCRIPTION.c.due, SUBSCRIPTION.c.document
    )
    .join(CUSTOMER, CUSTOMER.c.id == SUBSCRIPTION.c.customer)
    .where(SUBSCRIPTION.c.due <= sa.bindparam("until", type_=sa.Date))
    .order_by(SUBSCRIPTION.c.due)
    .limit(sa.bindparam("most", type_=sa.Integer))
    .with_for_update(skip_locked=True, of=SUBSCRIPTION)
)
_ADVANCE = (
    sa.update(SUBSCRIPTION)
    .where(SUBSCRIPTION.c.customer == sa.bindparam("its_customer"), SUBSCRIPTION.c.id == sa.bindparam("its_id"))
    .values(due=sa.bindparam("following", type_=sa.Date))
)
_OPEN = (
    sa.select(
        ORDER.c.sequence,
        CUSTOMER.c.merchant,
        ORDER.c.customer,
        ORDER.c.subscription,
        ORDER.c.due,
        ORDER.c.tries,
        ORDER.c.lease.is_not(None),
        ORDER.c.document,
    )
    .join(CUSTOMER, CUSTOMER.c.id == ORDER.c.customer)
    .where(
        ORDER.c.next <= sa.bindparam("day", type_=sa.Date),
        sa.or_(ORDER.c.lease.is_(None), ORDER.c.lease < sa.bindparam("before", type_=sa.BigInteger)),
    )
    .order_by(ORDER.c.next, ORDER.c.sequence)
    .limit(sa.bindparam("most", type_=sa.Integer))
    .with_for_update(skip_locked=True, of=ORDER)
)
_LEASE = (
    sa.update(ORDER)
    .where(ORDER.c.sequence.in_(sa.bindparam("sequences", expanding=True)))
    .values(lease=sa.bindparam("until", type_=sa.BigInteger))
)
_UNENDED = (
    sa.select(ORDER.c.sequence, ORDER.c.tries)
    .where(ORDER.c.sequence.in_(sa.bindparam("sequences", expanding=True)))
    .with_for_update()
    .order_by(ORDER.c.sequence)  # the same order in all transactions, so that no two wait for each other
)
_LEFT = sa.select(sa.func.count()).select_from(ORDER).where(ORDER.c.next <= sa.bindparam("day", type_=sa.Date))
_END = (
    sa.update(ORDER)
    .where(ORDER.c.sequence == sa.bindparam("its_sequence"))
    .values(
        tries=sa.bindparam("ended"),
        next=sa.bindparam("following", type_=sa.Date),
        lease=None,
        document=sa.bindparam("now"),
    )
)
_METHODS = (
    sa.select(METHOD.c.customer, METHOD.c.document)
    .where(METHOD.c.customer.in_(sa.bindparam("customers", expanding=True)))
    .order_by(METHOD.c.customer, METHOD.c.index)
)


def due_subscriptions(
    connection: sa.Connection, until: date, most: int, without: Collection[str] = ()
) -> list[DueSubscription]:
    """Lock and return subscriptions of the oldest due date up to a day, at most about this many.

    Those whose names are among `without` are left out.
    """
    chosen = {"until": until, "most": most + len(without)}
    found = [one for one in map(DueSubscription._make, connection.execute(_DUE, chosen)) if one.name not in without]
    oldest = min((one.due for one in found), default=until)
    return [one for one in found if one.due == oldest]


def place(
    connection: sa.Connection, orders: Sequence[Mapping[str, Any]], advances: Sequence[tuple[str, str, date | None]]
) -> None:
    """Store orders, and the next due date of each customer's subscription that they are of.

    Raises IntegrityError if a due date of the subscriptions has an order.
    """
    connection.execute(sa.insert(ORDER), orders)
    moved = [{"its_customer": customer, "its_id": one, "following": due} for customer, one, due in advances]
    connection.execute(_ADVANCE, moved)


def begin_tries(connection: sa.Connection, day: date, before: int, until: int, most: int) -> list[Try]:
    """Lease orders to be charged by a day until a moment, at most this many, oldest first.

    Those leased to another run are passed over, unless their lease ran out `before` a moment.
    Moments are in milliseconds since 1970.
    """
    found = [Try(*row) for row in connection.execute(_OPEN, {"day": day, "before": before, "most": most})]
    extend_leases(connection, [one.sequence for one in found], until)
    return found


def extend_leases(connection: sa.Connection, sequences: Sequence[int], until: int) -> None:
    """Set the end of the leases of tries that have not ended, in milliseconds since 1970."""
    if sequences:
        connection.execute(_LEASE, {"sequences": sequences, "until": until})


def unended(connection: sa.Connection, tries: Mapping[int, int]) -> set[int]:
    """Lock orders, given with their number of tries. Return those where it is still the same."""
    found = connection.execute(_UNENDED, {"sequences": list(tries)})
    return {sequence for sequence, ended in found if tries[sequence] == ended}


def unended_by(connection: sa.Connection, day: date) -> int:
    """Return the number of orders still to be charged by a day."""
    return connection.execute(_LEFT, {"day": day}).scalar_one()


def end_tries(connection: sa.Connection, endings: Sequence[Ending]) -> None:
    """Record how tries have ended that `unended` has returned in this transaction."""
    rows = [
        {"its_sequence": one.sequence, "ended": one.ended + 1, "following": one.next, "now": one.document}
        for one in endings
    ]
    if rows:
        connection.execute(_END, rows)


def methods(connection: sa.Connection, customers: Sequence[str]) -> dict[str, list[str]]:
    """Return the documents of each customer's methods, in their order."""
    found: dict[str, list[str]] = {}
    for customer, document in connection.execute(_METHODS, {"customers": sorted(set(customers))}):
        found.setdefault(customer, []).append(document)
    return found
