"""What tells since when a table stands as it does: see crm.table_versions"""

from alembic import op

from crm.table_versions import VERSIONS

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    VERSIONS.create(op.get_bind())
