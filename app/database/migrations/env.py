"""Alembic's environment: runs on the connection that `app.database.migration` hands over, inside its transaction."""

from alembic import context
from flask_appbuilder.models.sqla import Model as AppBuilderModel

from app.database.migration import include_in_migration

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=AppBuilderModel.metadata,
    include_object=include_in_migration,
    compare_type=True,
    compare_server_default=False,
    transaction_per_migration=False,
)
with context.begin_transaction():
    context.run_migrations()
