"""Reading back what is stored: customers, their subscriptions and orders, in wire form.

>>> from recurring_schedule.service.schema import METADATA
>>> engine = sa.create_engine("sqlite://")
>>> METADATA.create_all(engine)
>>> with engine.connect() as connection:
...     customers(connection, "merchant", "intergiro", Page(20))
[]

A page has the documents after a position, in an order that does not change: customers in the order
of their identifiers, subscriptions and orders in that of their creation. Every statement names the
merchant, so nothing of another merchant is read.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any, NamedTuple

import sqlalchemy as sa

from recurring_schedule.models import Violation, read_json
from recurring_schedule.service.refusals import RefusedError, flawed
from recurring_schedule.service.schema import CUSTOMER, METHOD, ORDER, SUBSCRIPTION


class Page(NamedTuple):
    """A part of a list: at most `limit` documents, those behind the one `after` which it begins."""

    limit: int
    after: str | None = None
    """The identifier of the last document of the page before it."""


class Stored(NamedTuple):
    """A stored customer. The documents are in wire form."""

    customer: Mapping[str, Any]
    methods: Sequence[Mapping[str, Any]]
    subscriptions: Sequence[Mapping[str, Any]]


class StoredSubscription(NamedTuple):
    """A stored subscription: its document as text, without `due`, and its present due date."""

    document: str
    due: date | None

    def to_wire(self) -> dict[str, Any]:
        """Return the subscription in wire form."""
        due = {} if self.due is None else {"due": self.due.isoformat()}
        return {**read_json(self.document), **due}


def customer(connection: sa.Connection, merchant: str, api: str, identifier: str) -> Stored | None:
    """Return a merchant's customer, or None."""
    found = _stored(connection, _customers(merchant, api).where(CUSTOMER.c.id == identifier))
    return found[0] if found else None


def customers(
    connection: sa.Connection, merchant: str, api: str, page: Page, number: str | None = None
) -> list[Stored]:
    """Return a page of a merchant's customers, or the one with the digest of a number."""
    chosen = _customers(merchant, api).order_by(CUSTOMER.c.id).limit(page.limit)
    if number is not None:
        chosen = chosen.where(CUSTOMER.c.number == number)
    if page.after is not None:
        chosen = chosen.where(CUSTOMER.c.id > page.after)
    return _stored(connection, chosen)


def _customers(merchant: str, api: str) -> sa.Select[Any]:
    return sa.select(CUSTOMER.c.id, CUSTOMER.c.document).filter_by(merchant=merchant, api=api)


def _stored(connection: sa.Connection, chosen: sa.Select[Any]) -> list[Stored]:
    rows = connection.execute(chosen).all()
    identifiers = [row.id for row in rows]
    methods, subscriptions = defaultdict(list), defaultdict(list)
    found = sa.select(METHOD.c.customer, METHOD.c.document).where(METHOD.c.customer.in_(identifiers))
    for owner, document in connection.execute(found.order_by(METHOD.c.index)):
        methods[owner].append(read_json(document))
    for owner, *row in connection.execute(_subscriptions(SUBSCRIPTION.c.customer.in_(identifiers))):
        subscriptions[owner].append(StoredSubscription(*row).to_wire())
    return [Stored(read_json(row.document), methods[row.id], subscriptions[row.id]) for row in rows]


def _subscriptions(*chosen: sa.ColumnElement[bool]) -> sa.Select[Any]:
    columns = SUBSCRIPTION.c.customer, SUBSCRIPTION.c.document, SUBSCRIPTION.c.due
    return sa.select(*columns).where(*chosen).order_by(SUBSCRIPTION.c.customer, SUBSCRIPTION.c.index)


def subscriptions(connection: sa.Connection, customer: str) -> list[dict[str, Any]]:
    """Return all subscriptions of a customer with their present due dates."""
    found = connection.execute(_subscriptions(SUBSCRIPTION.c.customer == customer))
    return [StoredSubscription(*row).to_wire() for _, *row in found]


def page_of(
    documents: Sequence[Mapping[str, Any]], page: Page, number: str | None = None
) -> Sequence[Mapping[str, Any]]:
    """Return a page of a customer's subscriptions, or the one with a number.

    Raises RefusedError if the page begins after a subscription that the customer does not have.
    """
    begin = 0
    if page.after is not None:
        begin = 1 + next((index for index, one in enumerate(documents) if one["id"] == page.after), -1)
        if not begin:
            raise _unknown_position("a subscription")
    found = [one for one in documents[begin:] if number is None or one.get("number") == number]
    return found[: page.limit]


def subscription(
    connection: sa.Connection, merchant: str, customer: str, identifier: str, *, is_locked: bool = False
) -> StoredSubscription | None:
    """Return a subscription of a merchant's customer, or None. If `is_locked`, lock it as well."""
    chosen = _subscriptions(SUBSCRIPTION.c.customer == customer, SUBSCRIPTION.c.id == identifier)
    chosen = chosen.join(CUSTOMER, CUSTOMER.c.id == SUBSCRIPTION.c.customer).where(CUSTOMER.c.merchant == merchant)
    found = connection.execute(chosen.with_for_update(of=SUBSCRIPTION) if is_locked else chosen).one_or_none()
    return None if found is None else StoredSubscription(*found[1:])


def orders(
    connection: sa.Connection,
    merchant: str,
    customer: str,
    page: Page,
    number: str | None = None,
    subscription: str | None = None,
) -> list[dict[str, Any]]:
    """Return a page of the orders of a merchant's customer: of all, or those with a number, or
    those of a subscription.

    Raises RefusedError if the page begins after an order that the customer does not have.
    """
    chosen = _orders(merchant).where(ORDER.c.customer == customer)
    if number is not None:
        chosen = chosen.where(ORDER.c.number == number)
    if subscription is not None:
        chosen = chosen.where(ORDER.c.subscription == subscription)
    if page.after is not None:
        last = sa.select(ORDER.c.sequence).filter_by(customer=customer, id=page.after)
        position = connection.execute(last).scalar()
        if position is None:
            raise _unknown_position("an order")
        chosen = chosen.where(ORDER.c.sequence > position)
    found = connection.execute(chosen.order_by(ORDER.c.sequence).limit(page.limit))
    return [read_json(document) for document in found.scalars()]


def order(connection: sa.Connection, merchant: str, identifier: str) -> dict[str, Any] | None:
    """Return a merchant's order, or None."""
    found = connection.execute(_orders(merchant).where(ORDER.c.id == identifier)).scalar()
    return None if found is None else dict(read_json(found))


def _orders(merchant: str) -> sa.Select[Any]:
    joined = sa.select(ORDER.c.document).join(CUSTOMER, CUSTOMER.c.id == ORDER.c.customer)
    return joined.where(CUSTOMER.c.merchant == merchant)


def _unknown_position(kind: str) -> RefusedError:
    return flawed([Violation("after", "query parameter", f"the identifier of {kind} of this customer")])
