"""The tables. Documents are ASCII JSON text, which keeps every character and digit.

>>> sorted(METADATA.tables)
['attempt', 'authorization_made', 'claim', 'customer', 'customer_order', 'idempotency', 'intent', 'method', 'subscription']
"""

from __future__ import annotations

import sqlalchemy as sa

METADATA = sa.MetaData(
    naming_convention={
        "fk": "fk_%(table_name)s_%(column_0_name)s",
        "ix": "ix_%(table_name)s_%(column_0_name)s",
        "pk": "pk_%(table_name)s",
    }
)

CUSTOMER = sa.Table(
    "customer",
    METADATA,
    sa.Column("id", sa.String(24), primary_key=True),
    sa.Column("merchant", sa.String(64), nullable=False),
    sa.Column("api", sa.String(16), nullable=False),
    sa.Column("document", sa.Text, nullable=False),
)
METHOD = sa.Table(
    "method",
    METADATA,
    sa.Column("customer", sa.ForeignKey("customer.id"), nullable=False),
    sa.Column("index", sa.Integer, nullable=False),
    sa.Column("document", sa.Text, nullable=False),
    sa.PrimaryKeyConstraint("customer", "index"),
)
SUBSCRIPTION = sa.Table(
    "subscription",
    METADATA,
    sa.Column("customer", sa.ForeignKey("customer.id"), nullable=False),
    sa.Column("id", sa.String(4), nullable=False),
    sa.Column("index", sa.Integer, nullable=False),
    sa.Column("due", sa.Date),
    sa.Column("document", sa.Text, nullable=False),
    sa.PrimaryKeyConstraint("customer", "id"),
)
ORDER = sa.Table(
    "customer_order",
    METADATA,
    sa.Column("customer", sa.ForeignKey("customer.id"), nullable=False),
    sa.Column("index", sa.Integer, nullable=False),
    sa.Column("id", sa.String(16), nullable=False),
    sa.Column("document", sa.Text, nullable=False),
    sa.PrimaryKeyConstraint("customer", "index"),
)
AUTHORIZATION = sa.Table(
    "authorization_made",
    METADATA,
    sa.Column("reference", sa.String(32), primary_key=True),
    sa.Column("customer", sa.ForeignKey("customer.id"), nullable=False),
)

INTENT = sa.Table(
    "intent",
    METADATA,
    sa.Column("id", sa.String(16), primary_key=True),
    sa.Column("state", sa.String(8), nullable=False),  # open or voiding
    sa.Column("authorizations", sa.Integer, nullable=False),
    sa.Column("until", sa.BigInteger, nullable=False),  # milliseconds since 1970
    sa.Index(None, "until"),
)
CLAIM = sa.Table(
    "claim",
    METADATA,
    sa.Column("merchant", sa.String(64), nullable=False),  # empty for values that are unique among all merchants
    sa.Column("kind", sa.String(32), nullable=False),
    sa.Column("digest", sa.String(64), nullable=False),
    sa.Column("intent", sa.String(16)),  # null for a permanent claim
    sa.PrimaryKeyConstraint("merchant", "kind", "digest"),
    sa.Index(None, "intent"),
)
ATTEMPT = sa.Table(
    "attempt",
    METADATA,
    sa.Column("id", sa.String(16), primary_key=True),
    sa.Column("merchant", sa.String(64), nullable=False),
    sa.Column("amounts", sa.String(64), nullable=False),  # a digest
    sa.Column("tokens", sa.Text, nullable=False),  # digests, separated by spaces
    sa.Column("made", sa.BigInteger, nullable=False),  # milliseconds since 1970
    sa.Index(None, "made"),
)
IDEMPOTENCY = sa.Table(
    "idempotency",
    METADATA,
    sa.Column("merchant", sa.String(64), nullable=False),
    sa.Column("path", sa.String(64), nullable=False),  # a digest
    sa.Column("key", sa.String(64), nullable=False),  # a digest
    sa.Column("body", sa.String(64), nullable=False),  # a digest
    sa.Column("intent", sa.String(16)),  # null once there is an answer
    sa.Column("status", sa.Integer),
    sa.Column("answer", sa.Text),
    sa.Column("made", sa.BigInteger, nullable=False),  # milliseconds since 1970
    sa.PrimaryKeyConstraint("merchant", "path", "key"),
    sa.Index(None, "intent"),
    sa.Index(None, "made"),
)
