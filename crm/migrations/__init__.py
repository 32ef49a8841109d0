"""The schema's history, the same on SQLite and PostgreSQL; forward only: the way back is a backup."""

from __future__ import annotations

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection

from crm.database import engine


def upgrade(at: str | None = None) -> None:
    """Bring the database (of the settings, or at this URL) to the newest schema, whole or not at all; harmless when it is there
    already."""
    if file := sqlite_file(at):
        file.parent.mkdir(parents=True, exist_ok=True)
        file.touch()
    with engine(at).begin() as connection:
        _alone(connection)
        configuration = _configuration()
        configuration.attributes["connection"] = connection
        command.upgrade(configuration, "head")


def current(at: str | None = None) -> str | None:
    """The revision of the database; None = nothing is there yet."""
    if (file := sqlite_file(at)) and not file.exists():
        return None
    with engine(at).connect() as connection:
        return MigrationContext.configure(connection).get_current_revision()


def newest() -> str | None:
    return ScriptDirectory.from_config(_configuration()).get_current_head()


def is_current() -> bool:
    return current() == newest()


def is_known(revision: str) -> bool:
    """False: of a newer version of the product."""
    return revision in {script.revision for script in ScriptDirectory.from_config(_configuration()).walk_revisions()}


def sqlite_file(at: str | None = None) -> Path | None:
    """Where the database is, if it is a file."""
    url = engine(at).url
    return Path(url.database) if url.drivername.startswith("sqlite") and url.database else None


def _configuration() -> Config:
    configuration = Config()
    configuration.set_main_option("script_location", str(Path(__file__).parent).replace("%", "%%"))
    configuration.set_main_option("path_separator", "os")
    return configuration


def _alone(connection: Connection) -> None:
    """Two starts at the same moment migrate one after the other; on SQLite this also makes DDL part of the transaction."""
    if connection.dialect.name == "sqlite":
        connection.exec_driver_sql("BEGIN IMMEDIATE")
    else:
        connection.exec_driver_sql("SELECT pg_advisory_xact_lock(7201)")
