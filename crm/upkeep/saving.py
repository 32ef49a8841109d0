"""Backup and restore of a database that is a file, and of the attached files beside it."""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from itertools import count
from pathlib import Path

from sqlalchemy import select

from crm import migrations
from crm.database import engine
from crm.errors import Invalid, NotFound, Refused
from crm.office import documents
from crm.office.models import Attachment


@dataclass(frozen=True, slots=True)
class Saved:
    files: int
    """Attached ones."""
    folder: Path


@dataclass(frozen=True, slots=True)
class Restored:
    kept: Path | None
    """What was replaced; None where there was nothing."""
    missing: int
    """Attached files that were neither in the backup nor here."""


def backup(file: Path) -> Saved:
    """The database into a new file while the product runs, and the attached files into a folder beside it. Nothing stands under
    these names before it is whole."""
    folder = _documents_beside(file)
    for name in (file, folder):
        if name.exists():
            raise Refused("{name} exists already; nothing was written.", name=str(name))
    if not file.parent.is_dir():
        raise NotFound("There is no folder {name}.", name=str(file.parent))
    source = _database_file()
    with _unfinished(file) as copy, _unfinished(folder) as attached:
        _copy(source, copy)
        files = documents.copy_to(attached)
        if files:
            attached.replace(folder)
        copy.replace(file)
    return Saved(files, folder)


def restore(file: Path) -> Restored:
    """A backup in place of the database, which is kept beside as *.before-restore. The place changes in one transaction, by what
    was read whole and brought to the newest schema before."""
    database = _database_file()
    _require_backup(file)
    database.parent.mkdir(parents=True, exist_ok=True)
    with _unfinished(database) as ready:
        _copy(file, ready)
        _require_whole(ready, file)
        migrations.upgrade(f"sqlite:///{ready}")
        engine(f"sqlite:///{ready}").dispose()
        kept = _keep(database)
        documents.copy_from(_documents_beside(file))
        _copy(ready, database)
    return Restored(kept, _missing())


def _keep(database: Path) -> Path | None:
    """Never over what an earlier restore has kept."""
    if not database.exists():
        return None
    names = (f"{database.name}.before-restore{f'-{number}' if number > 1 else ''}" for number in count(1))
    kept = next(place for place in map(database.with_name, names) if not place.exists())
    with _unfinished(kept) as copy:
        _copy(database, copy)
        copy.replace(kept)
    return kept


def _missing() -> int:
    table = Attachment.__table__.c
    with engine().connect() as connection:
        rows = connection.execute(select(table.sha256, table.size).where(table.deleted_at.is_(None))).all()
    return sum(not documents.stands(row.sha256, row.size) for row in rows)


def _documents_beside(file: Path) -> Path:
    return file.with_name(f"{file.name}.documents")


@contextmanager
def _unfinished(place: Path) -> Iterator[Path]:
    """A name beside `place`, for what becomes it; whatever is left of it is removed, of an earlier try as well."""
    name = place.with_name(f"{place.name}.unfinished")
    _remove(name)
    try:
        yield name
    finally:
        _remove(name)


def _remove(name: Path) -> None:
    shutil.rmtree(name, ignore_errors=True)
    for end in ("", "-journal", "-wal", "-shm"):
        name.with_name(f"{name.name}{end}").unlink(missing_ok=True)


def _copy(source: Path, target: Path) -> None:
    """The state of one moment, in one transaction."""
    with closing(_opened(source, "rw")) as origin, closing(_opened(target, "rwc")) as copy:
        origin.backup(copy)


def _opened(file: Path, mode: str) -> sqlite3.Connection:
    return sqlite3.connect(f"{file.absolute().as_uri()}?mode={mode}", uri=True, timeout=30)


def _require_backup(file: Path) -> None:
    if not file.exists():
        raise NotFound("There is no file {name}.", name=str(file))
    try:
        with closing(_opened(file, "rw")) as found:
            revision = found.execute("SELECT version_num FROM alembic_version").fetchone()[0]
    except (sqlite3.DatabaseError, TypeError) as error:
        raise Invalid("{name} is no backup of this product; nothing was changed.", name=str(file)) from error
    if not migrations.is_known(revision):
        raise Invalid("{name} comes from a newer version of this product; nothing was changed.", name=str(file))


def _require_whole(copy: Path, file: Path) -> None:
    try:
        with closing(_opened(copy, "rw")) as found:
            told = found.execute("PRAGMA integrity_check(1)").fetchone()[0]
    except sqlite3.DatabaseError as error:
        told = str(error)
    if told != "ok":
        raise Invalid("{name} is damaged; nothing was changed.", name=str(file))


def _database_file() -> Path:
    file = migrations.sqlite_file()
    if file is None:
        raise Invalid("This database is not SQLite: use pg_dump --format=custom and pg_restore --clean.")
    return file
