"""Run by Alembic inside `crm.migrations.upgrade()`, which brings the connection."""

from alembic import context

from crm.tables import metadata

context.configure(connection=context.config.attributes["connection"], target_metadata=metadata, transactional_ddl=True)
context.run_migrations()
