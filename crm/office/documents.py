"""The folder of documents: bytes under their hash, so that two files that are the same are one."""

from __future__ import annotations

import hashlib
import os
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from crm.settings import settings

FRESH = 86_400
"""Seconds for which a file may wait for its row."""


class LostError(Exception):
    """The bytes are missing, or they are others than were stored."""


def store(content: bytes) -> str:
    """-> the hash. The file stands whole or not at all; it is written anew also where it stands, which mends a broken one."""
    sha256 = hashlib.sha256(content).hexdigest()
    file = _file(sha256)
    file.parent.mkdir(parents=True, exist_ok=True)
    handle, unfinished = tempfile.mkstemp(dir=file.parent, prefix=".")
    try:
        with os.fdopen(handle, "wb") as stream:
            stream.write(content)
            stream.flush()
            os.fsync(stream.fileno())
        Path(unfinished).replace(file)
    except BaseException:
        Path(unfinished).unlink(missing_ok=True)
        raise
    _settle(file.parent)
    return sha256


def content(sha256: str) -> bytes:
    try:
        found = _file(sha256).read_bytes()
    except OSError as error:
        raise LostError from error
    if hashlib.sha256(found).hexdigest() != sha256:
        raise LostError
    return found


def stands(sha256: str, size: int) -> bool:
    """Without reading it."""
    try:
        return _file(sha256).stat().st_size == size
    except OSError:
        return False


def sweep(used: set[str]) -> int:
    """Remove what nobody uses, and what a crash left half written -> how many files. Fresh ones may still get their row."""
    removed = 0
    for file in list(_files()):
        if file.name not in used and file.stat().st_mtime < time.time() - FRESH:
            file.unlink(missing_ok=True)
            removed += 1
    return removed


def _files() -> Iterator[Path]:
    return (file for file in settings().documents.glob("??/*") if file.is_file())


def _file(sha256: str) -> Path:
    return settings().documents / sha256[:2] / sha256


def _settle(folder: Path) -> None:
    """The name itself is safe on the disk only when its folder is."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
