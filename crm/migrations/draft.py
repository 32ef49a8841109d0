"""Write the migration that leads from the newest revision to the tables as they are now.

python -m crm.migrations.draft "add targets"     versions/0003_add_targets.py, to be read and corrected
python -m crm.migrations.draft first             writes 0001_first.py anew: only while nothing is released
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path
from typing import Any, Literal

from alembic.autogenerate import produce_migrations, render_python_code
from alembic.autogenerate.api import AutogenContext
from alembic.operations.ops import CreateTableOp, UpgradeOps
from alembic.runtime.migration import MigrationContext
from sqlalchemy import create_engine

from crm import migrations
from crm.database import Instant, Money
from crm.migrations import search
from crm.settings import settings
from crm.tables import metadata

VERSIONS = Path(__file__).parent / "versions"
FIRST = "first"

TEMPLATE = '''"""{title}"""

import sqlalchemy as sa
from alembic import op

revision = {revision!r}
down_revision = {before!r}


def upgrade() -> None:
    {body}
'''


def draft(title: str) -> Path:
    """-> the file that was written."""
    before = None if title == FIRST else migrations.newest()
    revision = f"{int(before or 0) + 1:04}"
    file = VERSIONS / f"{revision}_{title.replace(' ', '_')}.py"
    file.write_text(TEMPLATE.format(title=title.capitalize(), revision=revision, before=before, body=_body(title == FIRST)))
    return file


def _body(from_nothing: bool) -> str:
    operations = _missing_operations(from_nothing)
    for operation in operations.ops:
        if isinstance(operation, CreateTableOp):
            operation.info = {}
    code = render_python_code(operations, render_item=_plain_types)
    return "\n".join(line for line in code.splitlines() if "# ###" not in line).strip()


def _missing_operations(from_nothing: bool) -> UpgradeOps:
    with tempfile.TemporaryDirectory() as folder:
        url = f"sqlite:///{folder}/draft.db"
        if not from_nothing:
            settings().database_url = url
            migrations.upgrade()
        with create_engine(url).connect() as connection:
            context = MigrationContext.configure(connection, opts={"include_object": search.is_of_a_table})
            operations = produce_migrations(context, metadata).upgrade_ops
    if operations is None:
        raise SystemExit("Nothing has changed.")
    return operations


def _plain_types(kind: str, item: Any, context: AutogenContext) -> str | Literal[False]:
    """A migration must not change when a class of the product does."""
    if kind == "type" and isinstance(item, Money):
        return "sa.BigInteger()"
    return "sa.DateTime()" if kind == "type" and isinstance(item, Instant) else False


if __name__ == "__main__":
    print(draft(" ".join(sys.argv[1:])))
