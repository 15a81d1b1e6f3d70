"""Customers, and what their creation needs."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None


def upgrade() -> None:
    """Go to this revision."""
    op.create_table(
        "attempt",
        sa.Column("id", sa.String(length=16), nullable=False),
        sa.Column("merchant", sa.String(length=64), nullable=False),
        sa.Column("amounts", sa.String(length=64), nullable=False),
        sa.Column("tokens", sa.Text(), nullable=False),
        sa.Column("made", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_attempt"),
    )
    op.create_index("ix_attempt_made", "attempt", ["made"], unique=False)
    op.create_table(
        "claim",
        sa.Column("merchant", sa.String(length=64), nullable=False),
        sa.Column("kind", sa.String(length=32), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("intent", sa.String(length=16), nullable=True),
        sa.PrimaryKeyConstraint("merchant", "kind", "digest", name="pk_claim"),
    )
    op.create_index("ix_claim_intent", "claim", ["intent"], unique=False)
    op.create_table(
        "customer",
        sa.Column("id", sa.String(length=24), nullable=False),
        sa.Column("merchant", sa.String(length=64), nullable=False),
        sa.Column("api", sa.String(length=16), nullable=False),
        sa.Column("document", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_customer"),
    )
    op.create_table(
        "idempotency",
        sa.Column("merchant", sa.String(length=64), nullable=False),
        sa.Column("path", sa.String(length=64), nullable=False),
        sa.Column("key", sa.String(length=64), nullable=False),
        sa.Column("body", sa.String(length=64), nullable=False),
        sa.Column("intent", sa.String(length=16), nullable=True),
        sa.Column("status", sa.Integer(), nullable=True),
        sa.Column("answer", sa.Text(), nullable=True),
        sa.Column("made", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("merchant", "path", "key", name="pk_idempotency"),
    )
    op.create_index("ix_idempotency_intent", "idempotency", ["intent"], unique=False)
    op.create_index("ix_idempotency_made", "idempotency", ["made"], unique=False)
    op.create_table(
        "intent",
        sa.Column("id", sa.String(length=16), nullable=False),
        sa.Column("state", sa.String(length=8), nullable=False),
        sa.Column("authorizations", sa.Integer(), nullable=False),
        sa.Column("until", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_intent"),
    )
    op.create_index("ix_intent_until", "intent", ["until"], unique=False)
    op.create_table(
        "authorization_made",
        sa.Column("reference", sa.String(length=32), nullable=False),
        sa.Column("customer", sa.String(length=24), nullable=False),
        sa.ForeignKeyConstraint(["customer"], ["customer.id"], name="fk_authorization_made_customer"),
        sa.PrimaryKeyConstraint("reference", name="pk_authorization_made"),
    )
    op.create_table(
        "customer_order",
        sa.Column("customer", sa.String(length=24), nullable=False),
        sa.Column("place", sa.Integer(), nullable=False),
        sa.Column("id", sa.String(length=16), nullable=False),
        sa.Column("document", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["customer"], ["customer.id"], name="fk_customer_order_customer"),
        sa.PrimaryKeyConstraint("customer", "place", name="pk_customer_order"),
    )
    op.create_table(
        "method",
        sa.Column("customer", sa.String(length=24), nullable=False),
        sa.Column("place", sa.Integer(), nullable=False),
        sa.Column("document", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["customer"], ["customer.id"], name="fk_method_customer"),
        sa.PrimaryKeyConstraint("customer", "place", name="pk_method"),
    )
    op.create_table(
        "subscription",
        sa.Column("customer", sa.String(length=24), nullable=False),
        sa.Column("id", sa.String(length=4), nullable=False),
        sa.Column("place", sa.Integer(), nullable=False),
        sa.Column("due", sa.Date(), nullable=True),
        sa.Column("document", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["customer"], ["customer.id"], name="fk_subscription_customer"),
        sa.PrimaryKeyConstraint("customer", "id", name="pk_subscription"),
    )


def downgrade() -> None:
    """Go back."""
    for table in (
        "subscription", "method", "customer_order", "authorization_made", "intent", "idempotency", "customer", "claim", "attempt",
    ):  # fmt: skip
        op.drop_table(table)
