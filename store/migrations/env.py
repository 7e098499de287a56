"""Runs migrations on the connection that `store.migrate` hands over."""

from alembic import context
from sqlalchemy import text
from sqlmodel import SQLModel

from store import tables

connection = context.config.attributes["connection"]
context.configure(
    connection=connection,
    target_metadata=SQLModel.metadata,
    compare_type=True,
    transaction_per_migration=True,
)
assert tables.journey is not None  # the tables are known once the module is read
connection.execute(text("SET lock_timeout = '5s'"))
connection.commit()
with context.begin_transaction():
    context.run_migrations()
