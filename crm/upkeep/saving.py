"""Backup and restore of a database that is a file, and of the attached files beside it."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from crm import migrations
from crm.errors import Invalid, NotFound, Refused
from crm.office import documents


@dataclass(frozen=True, slots=True)
class Saved:
    files: int
    """Attached ones."""
    folder: Path


def backup(file: Path) -> Saved:
    """The database into a new file while the product runs, and the attached files into a folder beside it."""
    folder = _documents_beside(file)
    for name in (file, folder):
        if name.exists():
            raise Refused("{name} exists already; nothing was written.", name=str(name))
    _copy(_database_file(), file)
    return Saved(documents.copy_to(folder), folder)


def restore(file: Path) -> None:
    """A backup in place of the database, which is kept beside as *.before-restore."""
    database = _database_file()
    _require_backup(file)
    if database.exists():
        _copy(database, database.with_name(f"{database.name}.before-restore"))
    documents.copy_from(_documents_beside(file))
    _copy(file, database)
    migrations.upgrade()


def _documents_beside(file: Path) -> Path:
    return file.with_name(f"{file.name}.documents")


def _copy(source: Path, target: Path) -> None:
    with closing(sqlite3.connect(source)) as origin, closing(sqlite3.connect(target)) as copy:
        origin.backup(copy)


def _require_backup(file: Path) -> None:
    if not file.exists():
        raise NotFound("There is no file {name}.", name=str(file))
    try:
        with closing(sqlite3.connect(file)) as found:
            revision = found.execute("SELECT version_num FROM alembic_version").fetchone()[0]
    except (sqlite3.DatabaseError, TypeError) as error:
        raise Invalid("{name} is no backup of this product; nothing was changed.", name=str(file)) from error
    if not migrations.is_known(revision):
        raise Invalid("{name} comes from a newer version of this product; nothing was changed.", name=str(file))


def _database_file() -> Path:
    file = migrations.sqlite_file()
    if file is None:
        raise Invalid("This database is not SQLite: use pg_dump --format=custom and pg_restore --clean.")
    return file
