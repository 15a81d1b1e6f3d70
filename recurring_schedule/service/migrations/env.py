"""Alembic's entry point: it migrates the connection that its configuration holds."""

from alembic import context

from recurring_schedule.service.schema import METADATA

context.configure(connection=context.config.attributes["connection"], target_metadata=METADATA)
with context.begin_transaction():
    context.run_migrations()
