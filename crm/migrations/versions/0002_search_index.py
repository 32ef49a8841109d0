"""The search index over customers"""

from alembic import op

from crm.migrations import search

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    search.create(op.get_bind())
