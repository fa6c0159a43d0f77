"""How Alembic runs our migrations. Owns nothing but the connection that ``engine.journal.schema`` hands over."""

from alembic import context

from engine.journal.tables import metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    # SQLite alters a table by copying it.
    render_as_batch=True,
    transactional_ddl=True,
    # Each is stamped when it is through. It matters on PostgreSQL only: on SQLite all of them are in one transaction that began before.
    transaction_per_migration=True,
)
with context.begin_transaction():
    context.run_migrations()
