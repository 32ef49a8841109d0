"""The database or the disk fails: told as a sentence that says what happened, what was kept and what to do."""

from __future__ import annotations

import errno
import logging
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from enum import Enum

from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as NoConnectionFree

from crm.errors import Outage

_log = logging.getLogger(__name__)


class Fault(Enum):
    BUSY = (
        "Others are saving just now, and this waited for too long. Nothing of it was saved and nothing is lost: try again in a "
        "moment."
    )
    GONE = (
        "The database does not answer. What was saved before is safe, this was not saved. Leave the page as it is and try again "
        "in a minute."
    )
    UNCERTAIN = (
        "The database went away while it was saving. Look whether your change is there before you save it again; what was saved "
        "before is safe."
    )
    FULL = (
        "There is no room left on the disk. Nothing of this was saved, and nothing that was saved before is lost. Tell whoever "
        "runs the product, then try again."
    )
    CLOSED = (
        "Nothing can be written at the moment: the database or its folder is closed to the product. This was not saved; tell "
        "whoever runs the product."
    )
    DAMAGED = "The database is damaged or is none. Nothing was written. Whoever runs the product has to restore a backup."


_OF_SQLITE = {
    sqlite3.SQLITE_BUSY: Fault.BUSY,
    sqlite3.SQLITE_LOCKED: Fault.BUSY,
    sqlite3.SQLITE_CANTOPEN: Fault.GONE,
    sqlite3.SQLITE_FULL: Fault.FULL,
    sqlite3.SQLITE_IOERR: Fault.FULL,
    sqlite3.SQLITE_READONLY: Fault.CLOSED,
    sqlite3.SQLITE_PERM: Fault.CLOSED,
    sqlite3.SQLITE_CORRUPT: Fault.DAMAGED,
    sqlite3.SQLITE_NOTADB: Fault.DAMAGED,
}
_OF_POSTGRESQL = {
    "08": Fault.GONE,
    "25006": Fault.CLOSED,
    "40": Fault.BUSY,
    "53100": Fault.FULL,
    "53": Fault.BUSY,
    "55P03": Fault.BUSY,
    "57": Fault.GONE,
    "58": Fault.FULL,
    "XX001": Fault.DAMAGED,
    "XX002": Fault.DAMAGED,
}
"""Codes of SQLSTATE, or their classes."""
_OF_THE_SYSTEM = {
    errno.ENOSPC: Fault.FULL,
    errno.EDQUOT: Fault.FULL,
    errno.EFBIG: Fault.FULL,
    errno.EROFS: Fault.CLOSED,
    errno.EACCES: Fault.CLOSED,
    errno.EPERM: Fault.CLOSED,
}


@contextmanager
def in_words() -> Iterator[None]:
    """What fails outside of the product inside the block is an Outage; a fault of the product itself stays what it is."""
    try:
        yield
    except (DBAPIError, NoConnectionFree, sqlite3.Error, OSError) as error:
        raise told(error) from error


def told(error: Exception, *, committing: bool = False) -> Exception:
    """The Outage that an error means, for the log as well; the error itself where it means none."""
    fault = _fault(error)
    if fault is None:
        return error
    _log.error("%s: %s", fault.name.lower(), _cause(error))
    return Outage((Fault.UNCERTAIN if committing and fault is Fault.GONE else fault).value)


def _cause(error: Exception) -> BaseException:
    return (error.orig or error) if isinstance(error, DBAPIError) else error


def _fault(error: Exception) -> Fault | None:
    if isinstance(error, NoConnectionFree):
        return Fault.BUSY
    cause = _cause(error)
    if isinstance(cause, sqlite3.Error):
        return _OF_SQLITE.get(getattr(cause, "sqlite_errorcode", 0) & 0xFF)
    if isinstance(cause, OSError):
        return _OF_THE_SYSTEM.get(cause.errno or 0)
    state = getattr(cause, "sqlstate", None)
    if state:
        return _OF_POSTGRESQL.get(state) or _OF_POSTGRESQL.get(state[:2])
    lost = isinstance(error, DBAPIError) and (error.connection_invalidated or type(cause).__name__ == "OperationalError")
    return Fault.GONE if lost else None


__all__ = ["Fault", "in_words", "told"]
