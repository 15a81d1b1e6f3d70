"""The tables. Documents are ASCII JSON text, which keeps every character and digit.

>>> sorted(METADATA.tables)[:3]
['attempt', 'authorization_made', 'claim']
"""

from __future__ import annotations

from functools import partial
from typing import Any

import sqlalchemy as sa

METADATA = sa.MetaData(
    naming_convention={
        "fk": "fk_%(table_name)s_%(column_0_name)s",
        "ix": "ix_%(table_name)s_%(column_0_name)s",
        "pk": "pk_%(table_name)s",
    }
)

_key, _required = partial(sa.Column, primary_key=True), partial(sa.Column, nullable=False)
_DIGEST = sa.String(64)
_MERCHANT = sa.String(64)
_MILLISECONDS = sa.BigInteger  # since 1970


def _part(name: str, *columns: sa.Column[Any], key: str = "index") -> sa.Table:
    """Return a table of documents that belong to a customer, in an order."""
    return sa.Table(
        name,
        METADATA,
        _required("customer", sa.ForeignKey("customer.id")),
        _required("index", sa.Integer),
        *columns,
        _required("document", sa.Text),
        sa.PrimaryKeyConstraint("customer", key),
    )


CUSTOMER = sa.Table(
    "customer",
    METADATA,
    _key("id", sa.String(24)),
    _required("merchant", _MERCHANT),
    _required("api", sa.String(16)),
    sa.Column("number", _DIGEST, index=True),  # of the merchant's number for the customer
    _required("document", sa.Text),
    sa.Index("ix_customer_merchant", "merchant", "api", "id"),
)
METHOD = _part("method")
SUBSCRIPTION = _part("subscription", _required("id", sa.String(4)), sa.Column("due", sa.Date, index=True), key="id")
ORDER = sa.Table(
    "customer_order",
    METADATA,
    _key("sequence", sa.BigInteger().with_variant(sa.Integer, "sqlite")),  # counts up: the order of orders
    _required("id", sa.String(16), index=True),
    _required("customer", sa.ForeignKey("customer.id")),
    sa.Column("number", sa.Text),  # the merchant's
    sa.Column("subscription", sa.String(4)),  # this and all below but the document: of orders placed when due
    sa.Column("due", sa.Date),
    _required("tries", sa.Integer, server_default="0"),  # the tries to charge it that have ended
    sa.Column("next", sa.Date),  # the day of the next try; null if there is none
    sa.Column("lease", _MILLISECONDS),  # until when a run owns the next try; null if none has begun it
    _required("document", sa.Text),
    sa.UniqueConstraint("customer", "subscription", "due"),
)
sa.Index(
    "ix_customer_order_next",
    ORDER.c.next,
    ORDER.c.sequence,
    sqlite_where=ORDER.c.next.is_not(None),
    postgresql_where=ORDER.c.next.is_not(None),
)
AUTHORIZATION = sa.Table(
    "authorization_made",
    METADATA,
    _key("reference", sa.String(32)),
    _required("customer", sa.ForeignKey("customer.id")),
)

INTENT = sa.Table(
    "intent",
    METADATA,
    _key("id", sa.String(16)),
    _required("merchant", _MERCHANT),
    _required("state", sa.String(8)),  # open or voiding
    _required("authorizations", sa.Integer),
    _required("until", _MILLISECONDS, index=True),
)
CLAIM = sa.Table(
    "claim",
    METADATA,
    _key("merchant", _MERCHANT),  # empty for values that are unique among all merchants
    _key("kind", sa.String(32)),
    _key("digest", _DIGEST),
    _required("intent", sa.String(16), index=True),  # once it has ended, the claim is final
)
ATTEMPT = sa.Table(
    "attempt",
    METADATA,
    _key("id", sa.String(16)),
    _required("merchant", _MERCHANT),
    _required("amounts", _DIGEST),
    _required("tokens", sa.Text),  # digests, separated by spaces
    _required("made", _MILLISECONDS, index=True),
)
IDEMPOTENCY = sa.Table(
    "idempotency",
    METADATA,
    _key("merchant", _MERCHANT),
    _key("path", _DIGEST),
    _key("key", _DIGEST),
    _required("body", _DIGEST),
    sa.Column("intent", sa.String(16), index=True),  # null once there is an answer
    sa.Column("answer", sa.Text),
    sa.Column("refusal", sa.Text),
    _required("made", _MILLISECONDS, index=True),
)
SETTING = sa.Table(
    "setting",
    METADATA,
    _key("name", sa.String(32)),
    _required("value", sa.Text),
)
SETTLEMENT = sa.Table(  # captures, refunds and voids of orders whose outcome is not recorded yet
    "settlement",
    METADATA,
    _key("order", sa.ForeignKey("customer_order.sequence")),
    _key("key", sa.String(255)),
    _required("kind", sa.String(8)),
    _required("amount", sa.Text),
    _required("made", _MILLISECONDS, index=True),
)
OUTBOX = sa.Table(  # callbacks
    "outbox",
    METADATA,
    _key("sequence", sa.BigInteger().with_variant(sa.Integer, "sqlite")),  # counts up: the order of callbacks
    _required("id", sa.String(16)),
    _required("merchant", _MERCHANT),
    _required("customer", sa.String(24)),
    _required("subscription", sa.String(4)),
    _required("url", sa.Text),
    _required("document", sa.Text),
    _required("made", _MILLISECONDS),
    _required("tries", sa.Integer, server_default="0"),  # those that have begun
    sa.Column("tried", _MILLISECONDS),  # the first time
    _required("next", _MILLISECONDS, server_default="0"),  # the next try, or else the end
    _required("state", sa.String(9), server_default="pending"),  # or delivered or expired
    sa.Index("ix_outbox_next", "state", "next", "sequence"),
    sa.Index("ix_outbox_subscription", "customer", "subscription", "state", "sequence"),
    sqlite_autoincrement=True,  # so that a number is never used again
)
TEST_CLOCK = sa.Table(
    "test_clock", METADATA, _key("id", sa.Integer, autoincrement=False), _required("now", _MILLISECONDS)
)
