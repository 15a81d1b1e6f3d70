"""The first tables. Their constraints are named by the schema's naming convention."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None


def _required(name: str, kind: sa.types.TypeEngine[Any]) -> sa.Column[Any]:
    return sa.Column(name, kind, nullable=False)


def _customer() -> sa.Column[Any]:
    return sa.Column("customer", sa.String(24), sa.ForeignKey("customer.id"), nullable=False)


def upgrade() -> None:
    """Create the tables."""
    op.create_table(
        "attempt",
        sa.Column("id", sa.String(16), primary_key=True),
        _required("merchant", sa.String(64)),
        _required("amounts", sa.String(64)),
        _required("tokens", sa.Text()),
        _required("made", sa.BigInteger()),
        sa.Index(None, "made"),
    )
    op.create_table(
        "claim",
        sa.Column("merchant", sa.String(64), primary_key=True),
        sa.Column("kind", sa.String(32), primary_key=True),
        sa.Column("digest", sa.String(64), primary_key=True),
        sa.Column("intent", sa.String(16)),
        sa.Index(None, "intent"),
    )
    op.create_table(
        "customer",
        sa.Column("id", sa.String(24), primary_key=True),
        _required("merchant", sa.String(64)),
        _required("api", sa.String(16)),
        _required("document", sa.Text()),
    )
    op.create_table(
        "idempotency",
        sa.Column("merchant", sa.String(64), primary_key=True),
        sa.Column("path", sa.String(64), primary_key=True),
        sa.Column("key", sa.String(64), primary_key=True),
        _required("body", sa.String(64)),
        sa.Column("intent", sa.String(16)),
        sa.Column("status", sa.Integer()),
        sa.Column("answer", sa.Text()),
        _required("made", sa.BigInteger()),
        sa.Index(None, "intent"),
        sa.Index(None, "made"),
    )
    op.create_table(
        "intent",
        sa.Column("id", sa.String(16), primary_key=True),
        _required("state", sa.String(8)),
        _required("authorizations", sa.Integer()),
        _required("until", sa.BigInteger()),
        sa.Index(None, "until"),
    )
    op.create_table("authorization_made", sa.Column("reference", sa.String(32), primary_key=True), _customer())
    op.create_table(
        "customer_order",
        _customer(),
        _required("index", sa.Integer()),
        _required("id", sa.String(16)),
        _required("document", sa.Text()),
        sa.PrimaryKeyConstraint("customer", "index"),
    )
    op.create_table(
        "method",
        _customer(),
        _required("index", sa.Integer()),
        _required("document", sa.Text()),
        sa.PrimaryKeyConstraint("customer", "index"),
    )
    op.create_table(
        "subscription",
        _customer(),
        _required("id", sa.String(4)),
        _required("index", sa.Integer()),
        sa.Column("due", sa.Date()),
        _required("document", sa.Text()),
        sa.PrimaryKeyConstraint("customer", "id"),
    )


def downgrade() -> None:
    """Drop the tables."""
    tables = "subscription method customer_order authorization_made intent idempotency customer claim attempt"
    for table in tables.split():
        op.drop_table(table)
