"""Alembic's entry: run the steps on the connection (and in the transaction) that it was given."""

from alembic import context

from bot.store.tables import Table

context.configure(
    connection=context.config.attributes["connection"], target_metadata=Table.metadata
)
context.run_migrations()
