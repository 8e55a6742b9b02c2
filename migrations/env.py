"""How a migration runs. `app/store/migrate.py` brings the connection, and holds every other process back."""

from __future__ import annotations

from typing import Any, Literal

from alembic import context
from alembic.autogenerate.api import AutogenContext

from app.store.tables import Base
from app.store.types import Json, Moment


def written(kind: str, item: Any, autogenerate: AutogenContext) -> str | Literal[False]:
    """A migration names no type of ours: it must still run when that type has changed or gone."""
    if kind == "type" and isinstance(item, Moment):
        return "sa.DateTime(timezone=True)"
    if kind == "type" and isinstance(item, type(Json)):
        autogenerate.imports.add("from sqlalchemy.dialects import postgresql")
        return 'sa.JSON().with_variant(postgresql.JSONB(), "postgresql")'
    return False


connection = context.config.attributes["connection"]
context.configure(
    connection=connection,
    target_metadata=Base.metadata,
    render_item=written,
    # SQLite can change a table only by copying it; elsewhere a batch is a plain ALTER. New tables need neither.
    render_as_batch=context.config.attributes.get("batch", True),
    transactional_ddl=True,
    transaction_per_migration=True,  # on PostgreSQL; SQLite has one around them all
)
with context.begin_transaction():
    context.run_migrations()
