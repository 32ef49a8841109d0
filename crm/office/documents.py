"""The folder of documents: bytes under their hash, so that two files that are the same are one."""

from __future__ import annotations

import hashlib
import os
import shutil
import tempfile
import time
from collections.abc import Iterator
from functools import lru_cache
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
    """Are its bytes on the disk, and those that were stored? Read again only where the file was touched since."""
    file = _file(sha256)
    try:
        found = file.stat()
        return found.st_size == size and _hash(file, found.st_mtime_ns, found.st_ino) == sha256
    except OSError:
        return False


@lru_cache(maxsize=10_000)
def _hash(file: Path, _touched: int, _inode: int) -> str:
    with file.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def sweep(used: set[str]) -> int:
    """Remove what nobody uses, and what a crash left half written -> how many files. Fresh ones may still get their row."""
    removed = 0
    for file in list(_files()):
        if file.name not in used and file.stat().st_mtime < time.time() - FRESH:
            file.unlink(missing_ok=True)
            removed += 1
    return removed


def copy_to(folder: Path) -> int:
    """All files into a folder beside a backup -> how many. After the database: a row was never written before its file."""
    return sum(_copied(file, folder / file.parent.name / file.name) for file in _files())


def copy_from(folder: Path) -> int:
    """Those of a backup that are missing or broken here -> how many. What is here besides stays."""
    return sum(_copied(file, _file(file.name)) for file in folder.glob("??/*") if not stands(file.name, file.stat().st_size))


def _copied(source: Path, target: Path) -> bool:
    """Under its name only when it is whole."""
    target.parent.mkdir(parents=True, exist_ok=True)
    unfinished = target.with_name(f".{target.name}")
    shutil.copyfile(source, unfinished)
    unfinished.replace(target)
    return True


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
