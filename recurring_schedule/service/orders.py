"""The order of a subscription's due date, and its events: pure functions of wire documents.

>>> one = parse_subscription('{"id":"test","items":42,"currency":"EUR","schedule":"monthly","start":"2024-01-31"}')
>>> one.next_due(date(2024, 1, 31))
datetime.date(2024, 2, 29)
>>> order = placed(one, "S9duI_ez6v7o41Gw", "SMmmIYXgLFTgE8qW", date(2024, 1, 31), "2024-01-31T04:00:00.000Z", (3,))
>>> order["number"], order["status"], order["payment"]["due"], order["event"]
('test-2024-01-31', {'ordered': Decimal('42')}, '2024-01-31T00:00:00.000Z', \
[{'type': 'order', 'date': '2024-01-31T04:00:00.000Z', 'items': Decimal('42')}])
>>> charged(order, "2024-01-31T04:00:01.000Z", "a-reference")["status"]
{'charged': Decimal('42')}

An event says when it happened and what amount it is about. A `fail` changes no status: what was
ordered is still owed.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, timedelta
from decimal import Decimal
from functools import lru_cache
from math import ceil
from typing import TYPE_CHECKING, Any, NamedTuple

from recurring_schedule.core.amounts import EXACT, items_total
from recurring_schedule.core.due_dates import DueDates
from recurring_schedule.core.retries import retry_dates
from recurring_schedule.core.schedule import Schedule
from recurring_schedule.models import read_json, write_json

if TYPE_CHECKING:
    from recurring_schedule.core.retries import OpenDays

Document = Mapping[str, Any]
"""A document in wire form, with exact numbers."""

MAX_UNITS = 1000
"""The most units with a status each, in all orders of a request. Above it, each item has one."""


class BilledSubscription(NamedTuple):
    """A stored subscription, as far as its orders need it."""

    document: Document
    """The subscription without its `due`."""
    due_dates: DueDates
    items: Any
    """The items in wire form, with the status `ordered` of each unit."""
    total: Decimal

    def next_due(self, due: date) -> date | None:
        """Return the first due date after a day, or None past the end."""
        return self.due_dates.after(due)


class UnreadableError(ValueError):
    """A stored subscription that cannot be read."""


def parse_subscription(text: str) -> BilledSubscription:
    """Return the subscription in a stored document, without the checks of an incoming one.

    Raises UnreadableError if that is not possible.
    """
    try:
        document = read_json(text)
        end = document.get("end")
        schedule = _schedule(write_json(document["schedule"]))
        due_dates = schedule.due_dates(date.fromisoformat(document["start"]), end and date.fromisoformat(end))
        items, total = _items(write_json(document["items"]))
        _ = document["id"], document["currency"]  # the other fields that an order needs
    except (ArithmeticError, AttributeError, LookupError, TypeError, ValueError) as error:
        raise UnreadableError(type(error).__name__) from None  # messages may have values of the document
    return BilledSubscription(document, due_dates, items, total)


@lru_cache(4096)  # subscriptions share few schedules and items
def _schedule(text: str) -> Schedule:
    return Schedule.parse(read_json(text))


@lru_cache(4096)
def _items(text: str) -> tuple[Any, Decimal]:
    items = read_json(text)
    return with_status(items, "ordered"), items_total(items)


def with_status(items: Any, status: str, most: int = MAX_UNITS) -> Any:
    """Return items in wire form with a status for each unit, or with one status each if there are
    more than `most` units.

    >>> with_status(Decimal(42), "ordered")
    {'price': Decimal('42'), 'status': ['ordered']}
    >>> with_status([{"price": 5, "quantity": Decimal("1.5")}], "charged")
    [{'price': 5, 'quantity': Decimal('1.5'), 'status': ['charged', 'charged']}]

    A fraction of a unit counts as a unit.
    """
    if isinstance(items, Mapping):
        return with_status([items], status, most)[0]
    if not isinstance(items, Sequence):
        return {"price": items, "status": [status]}
    units = [ceil(item.get("quantity") or 1) for item in items]
    if sum(units) > most:
        units = [1] * len(items)
    return [{**item, "status": [status] * count} for item, count in zip(items, units, strict=True)]


def placed(
    subscription: BilledSubscription, identifier: str, customer: str, due: date, now: str, retry_days: Sequence[int]
) -> dict[str, Any]:
    """Return the order of a due date. A declined charge is tried again after `retry_days`."""
    document, total = subscription.document, subscription.total
    payment = {"type": "customer", "charge": "auto", "due": f"{due.isoformat()}T00:00:00.000Z"}
    order = {
        "id": identifier,
        "number": f"{document.get('number') or document['id']}-{due.isoformat()}",
        "created": now,
        "customer": customer,
        "subscription": document["id"],
        "items": subscription.items,
        "currency": document["currency"],
        "category": "purchase",
        "payment": {**payment, "schedule": list(retry_days)} if retry_days else payment,
        "event": [{"type": "order", "date": now, "items": total}],
        "status": {"ordered": total},
    }
    return {**order, "callback": document["callback"]} if document.get("callback") else order


def charge_key(customer: str, subscription: str, due: date, number: int = 1) -> str:
    """Return the idempotency key of a try to charge an order, counted from 1.

    >>> charge_key("SMmmIYXgLFTgE8qW", "test", date(2024, 1, 31)), charge_key("c", "s", date(2024, 1, 31), 2)
    ('SMmmIYXgLFTgE8qW/test@2024-01-31', 'c/s@2024-01-31/2')
    """
    key = f"{customer}/{subscription}@{due.isoformat()}"
    return key if number == 1 else f"{key}/{number}"


def next_try(order: Document, due: date, tries: int, day: date, calendar: OpenDays | None = None) -> date | None:
    """Return the day on which to try again after a number of tries, the last on `day`; else None.

    A try that is late moves those after it: there is at most one a day.

    >>> order = {"payment": {"schedule": [1, 3]}}
    >>> due = date(2024, 1, 31)
    >>> next_try(order, due, 1, due), next_try(order, due, 2, date(2024, 2, 20)), next_try(order, due, 3, date(2024, 2, 21))
    (datetime.date(2024, 2, 1), datetime.date(2024, 2, 21), None)
    """
    dates = retry_dates(due, order["payment"].get("schedule", ()), calendar)
    return None if tries > len(dates) else max(dates[tries - 1], day + timedelta(days=1))


# What becomes of an order.


def amount(order: Document, *statuses: str) -> Decimal:
    """Return the amount of an order that has one of these statuses."""
    # Whole amounts are read as integers.
    return sum((Decimal(order["status"].get(status, 0)) for status in statuses), Decimal(0))


def charged(order: Document, now: str, reference: str) -> dict[str, Any]:
    """Return an order after what was ordered has been charged."""
    return _changed(order, "charge", "ordered", "charged", amount(order, "ordered"), now, reference)


def failed(order: Document, now: str, reference: str, code: str) -> dict[str, Any]:
    """Return an order after a try to charge it has failed, with a decline code."""
    event = {"type": "fail", "date": now, "items": amount(order, "ordered"), "reference": reference, "error": code}
    return {**order, "event": [*order["event"], event]}


def refunded(order: Document, now: str, reference: str, part: Decimal) -> dict[str, Any]:
    """Return an order after a part of what was charged has been refunded."""
    return _changed(order, "refund", "charged", "refunded", part, now, reference)


def voided(order: Document, now: str, reference: str) -> dict[str, Any]:
    """Return an order after the authorization of what was ordered has been voided."""
    return _changed(order, "void", "ordered", "cancelled", amount(order, "ordered"), now, reference)


def _changed(
    order: Document, event: str, before: str, after: str, part: Decimal, now: str, reference: str
) -> dict[str, Any]:
    """Return an order with an event that moves a part of its amount from one status to another."""
    rest = EXACT.subtract(amount(order, before), part)
    status = {**order["status"], before: rest, after: EXACT.add(amount(order, after), part)}
    if not rest:
        del status[before]
    items = order["items"]
    if not amount({"status": status}, *(status.keys() - {after})):
        items = with_status(_without_status(items), after)  # the whole order, so each unit, has it
    entry = {"type": event, "date": now, "items": part, "reference": reference}
    return {**order, "items": items, "event": [*order["event"], entry], "status": status}


def _without_status(items: Any) -> Any:
    if isinstance(items, Mapping):
        return {name: value for name, value in items.items() if name != "status"}
    return [_without_status(item) for item in items]


def event_text(identifier: str, kind: str, order: Document) -> str:
    """Return the body of a callback: an order was placed, charged, or its charge has failed."""
    return write_json({"id": identifier, "type": kind, "order": order})


def totals(amounts: Iterable[tuple[str, Decimal]]) -> dict[str, Decimal]:
    """Return the exact sum of amounts by currency.

    >>> totals([("SEK", Decimal("1.50")), ("EUR", Decimal(2)), ("SEK", Decimal("1.50"))])
    {'SEK': Decimal('3.00'), 'EUR': Decimal('2')}
    """
    found: dict[str, Decimal] = {}
    for currency, one in amounts:
        found[currency] = EXACT.add(found.get(currency, Decimal(0)), one)
    return found
