"""The tables. Documents are ASCII JSON text, which keeps every character and digit.

>>> sorted(METADATA.tables)
['attempt', 'authorization_made', 'claim', 'customer', 'customer_order', 'idempotency', 'intent', 'method', 'subscription']
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
    _required("document", sa.Text),
)
METHOD = _part("method")
SUBSCRIPTION = _part("subscription", _required("id", sa.String(4)), sa.Column("due", sa.Date), key="id")
ORDER = _part("customer_order", _required("id", sa.String(16)))
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
    sa.Column("intent", sa.String(16), index=True),  # null for a permanent claim
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
    sa.Column("status", sa.Integer),
    sa.Column("answer", sa.Text),
    _required("made", _MILLISECONDS, index=True),
)
