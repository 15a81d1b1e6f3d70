"""The tables. Documents are JSON text in ASCII, so that every character and number of them is kept; what is compared has a column.

>>> sorted(METADATA.tables)
['attempt', 'authorization_made', 'claim', 'customer', 'customer_order', 'idempotency', 'intent', 'method', 'subscription']
"""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Column,
    Date,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    PrimaryKeyConstraint,
    String,
    Table,
    Text,
)

METADATA = MetaData(
    naming_convention={
        "fk": "fk_%(table_name)s_%(column_0_name)s",
        "ix": "ix_%(table_name)s_%(column_0_name)s",
        "pk": "pk_%(table_name)s",
    }
)

CUSTOMER = Table(
    "customer",
    METADATA,
    Column("id", String(24), primary_key=True),
    Column("merchant", String(64), nullable=False),
    Column("api", String(16), nullable=False),
    Column("document", Text, nullable=False),
)
METHOD = Table(
    "method",
    METADATA,
    Column("customer", ForeignKey("customer.id"), nullable=False),
    Column("index", Integer, nullable=False),
    Column("document", Text, nullable=False),
    PrimaryKeyConstraint("customer", "index"),
)
SUBSCRIPTION = Table(
    "subscription",
    METADATA,
    Column("customer", ForeignKey("customer.id"), nullable=False),
    Column("id", String(4), nullable=False),
    Column("index", Integer, nullable=False),
    Column("due", Date),
    Column("document", Text, nullable=False),
    PrimaryKeyConstraint("customer", "id"),
)
ORDER = Table(
    "customer_order",
    METADATA,
    Column("customer", ForeignKey("customer.id"), nullable=False),
    Column("index", Integer, nullable=False),
    Column("id", String(16), nullable=False),
    Column("document", Text, nullable=False),
    PrimaryKeyConstraint("customer", "index"),
)
AUTHORIZATION = Table(
    "authorization_made",
    METADATA,
    Column("reference", String(32), primary_key=True),
    Column("customer", ForeignKey("customer.id"), nullable=False),
)

INTENT = Table(
    "intent",
    METADATA,
    Column("id", String(16), primary_key=True),
    Column("state", String(8), nullable=False),  # open, or voiding
    Column("authorizations", Integer, nullable=False),
    Column("until", BigInteger, nullable=False),  # milliseconds since 1970
    Index(None, "until"),
)
CLAIM = Table(
    "claim",
    METADATA,
    Column("merchant", String(64), nullable=False),  # empty for what is there once for all of them
    Column("kind", String(32), nullable=False),
    Column("digest", String(64), nullable=False),
    Column("intent", String(16)),  # none for what is claimed for good
    PrimaryKeyConstraint("merchant", "kind", "digest"),
    Index(None, "intent"),
)
ATTEMPT = Table(
    "attempt",
    METADATA,
    Column("id", String(16), primary_key=True),
    Column("merchant", String(64), nullable=False),
    Column("amounts", String(64), nullable=False),  # a digest
    Column("tokens", Text, nullable=False),  # digests, with spaces between
    Column("made", BigInteger, nullable=False),  # milliseconds since 1970
    Index(None, "made"),
)
IDEMPOTENCY = Table(
    "idempotency",
    METADATA,
    Column("merchant", String(64), nullable=False),
    Column("path", String(64), nullable=False),  # a digest
    Column("key", String(64), nullable=False),  # a digest
    Column("body", String(64), nullable=False),  # a digest
    Column("intent", String(16)),  # none if there is an answer
    Column("status", Integer),
    Column("answer", Text),
    Column("made", BigInteger, nullable=False),  # milliseconds since 1970
    PrimaryKeyConstraint("merchant", "path", "key"),
    Index(None, "intent"),
    Index(None, "made"),
)
