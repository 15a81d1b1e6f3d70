"""The first tables, as the schema describes them.

Nothing is released, so no database has older tables. Write the tables out here before adding
another revision: a test fails until then.
"""

from alembic import op

from recurring_schedule.service.schema import METADATA

revision = "0001"
down_revision = None


def upgrade() -> None:
    """Create the tables."""
    METADATA.create_all(op.get_bind(), checkfirst=False)


def downgrade() -> None:
    """Drop the tables."""
    METADATA.drop_all(op.get_bind(), checkfirst=False)
