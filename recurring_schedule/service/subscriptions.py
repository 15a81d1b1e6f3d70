"""A stored subscription: its next orders, and its end.

>>> from recurring_schedule.service import migration
>>> store = Store("sqlite://", b"a secret of the digests")
>>> migration.migrate(store)
>>> upcoming(store, "a-merchant", "SMmmIYXgLFTgE8qW", "test", 12)
Traceback (most recent call last):
recurring_schedule.service.refusals.RefusedError: not found
"""

from __future__ import annotations

from datetime import date
from itertools import islice
from typing import Any

import sqlalchemy as sa

from recurring_schedule.models import Violation, read_json, write_json
from recurring_schedule.service import reading
from recurring_schedule.service.orders import parse_subscription
from recurring_schedule.service.reading import StoredSubscription
from recurring_schedule.service.refusals import RefusedError, flawed, not_found
from recurring_schedule.service.schema import SUBSCRIPTION
from recurring_schedule.service.store import Store, Unit


def find(store: Store, merchant: str, customer: str, identifier: str) -> StoredSubscription:
    """Return a subscription of a merchant's customer. Raises RefusedError if there is none."""
    found = store.read(lambda unit: reading.subscription(unit.connection, merchant, customer, identifier))
    if found is None:
        raise not_found()
    return found


def upcoming(store: Store, merchant: str, customer: str, identifier: str, most: int) -> list[dict[str, Any]]:
    """Return the next orders of a subscription, at most this many, in wire form: the due dates not
    placed yet, and the amounts.

    Raises RefusedError if there is no such subscription.
    """
    found = find(store, merchant, customer, identifier)
    if found.due is None:
        return []
    parsed = parse_subscription(found.document)
    days = islice(parsed.due_dates.between(found.due, date.max), most)
    return [{"due": day.isoformat(), "amount": parsed.total, "currency": parsed.document["currency"]} for day in days]


def end(store: Store, merchant: str, customer: str, identifier: str, day: date) -> dict[str, Any]:
    """Set the last day that may be due of a subscription, and return the subscription in wire form.

    Orders that are placed remain. A subscription without a next due date has ended, and is not
    resumed. Raises RefusedError then, if the day is before the start, or if there is no such
    subscription.
    """

    def change(unit: Unit) -> dict[str, Any]:
        found = reading.subscription(unit.connection, merchant, customer, identifier, is_locked=True)
        if found is None:
            raise not_found()
        document, due = read_json(found.document), found.due
        if document.get("end") == day.isoformat():
            return found.to_wire()
        if due is None:
            raise RefusedError("conflict", reason="the subscription has ended; add another one")
        if day.isoformat() < document["start"]:
            raise flawed([Violation("end", "Date", "not before the start")])
        changed = StoredSubscription(write_json({**document, "end": day.isoformat()}), due if due <= day else None)
        row = sa.update(SUBSCRIPTION).filter_by(customer=customer, id=identifier)
        unit.connection.execute(row.values(document=changed.document, due=changed.due))
        return changed.to_wire()

    return store.write(change)
