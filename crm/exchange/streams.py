"""A file's content as a stream, unpacked where it is gzip, never beyond a limit; and what is no table at all, refused."""

import gzip
import io
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, BinaryIO

from crm.exchange.errors import ExchangeError
from crm.exchange.packed import examine

MOST_BYTES = 2 * 1024**3
HEAD = 64 * 1024
GZIP, ZIP, OLE = b"\x1f\x8b", b"PK\x03\x04", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
ENCRYPTED = "EncryptedPackage".encode("utf-16-le")


class _Unpacked(io.RawIOBase):
    """The content of a gzip stream, refused where it grows beyond the limit or is damaged."""

    def __init__(self, packed: BinaryIO, most_bytes: int) -> None:
        self._source = gzip.GzipFile(fileobj=packed)
        self._left = most_bytes
        self._most = most_bytes

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        try:
            block = self._source.read(len(buffer))
        except (EOFError, OSError, zlib.error) as error:
            raise ExchangeError("The compressed file is damaged.") from error
        self._left -= len(block)
        if self._left < 0:
            raise ExchangeError("The unpacked file is larger than {limit} MB.", limit=self._most // 1024**2)
        buffer[: len(block)] = block
        return len(block)


@contextmanager
def content(source: bytes | Path, most_bytes: int) -> Iterator[tuple[BinaryIO, bool]]:
    """The unpacked content from its beginning, and whether it was packed."""
    with io.BytesIO(source) if isinstance(source, bytes) else source.open("rb") as raw:
        packed = raw.read(2) == GZIP
        raw.seek(0)
        yield (io.BufferedReader(_Unpacked(raw, most_bytes), 1 << 20) if packed else raw), packed


def is_workbook(head: bytes, source: bytes | Path, packed: bool, most_bytes: int) -> bool:
    """Whether the file is .xlsx; raises ExchangeError for what is neither a workbook nor text."""
    if not head:
        raise ExchangeError("The file is empty.")
    if head.startswith(ZIP):
        if packed:
            raise ExchangeError("A workbook must not be compressed once more: unpack it first.")
        return _is_xlsx(source, most_bytes)
    if head.startswith(OLE):
        _refuse_old_workbook(source, packed)
    if head.lstrip().lower().startswith((b"<!doctype html", b"<html", b"<table", b"<?xml")):
        raise ExchangeError("This is a web page or XML, not a table: open it in Excel and save it as .xlsx.")
    if head.startswith(b"%PDF"):
        raise not_a_table()
    return False


def not_a_table() -> ExchangeError:
    return ExchangeError("This is neither a text file nor an Excel file.")


def _is_xlsx(source: bytes | Path, most_bytes: int) -> bool:
    try:
        with zipfile.ZipFile(io.BytesIO(source) if isinstance(source, bytes) else source) as archive:
            names = set(archive.namelist())
            size = sum(entry.file_size for entry in archive.infolist())
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError) as error:
        raise ExchangeError("The Excel file is damaged.") from error
    if any(name.startswith("xl/workbook") and name.endswith(".bin") for name in names):
        raise ExchangeError("Excel's binary format (.xlsb) cannot be read: save the file as .xlsx.")
    if "[Content_Types].xml" not in names or not any(name.startswith("xl/") for name in names):
        raise ExchangeError("This ZIP file is not an Excel file: unpack it and import the files one by one.")
    if size > most_bytes:
        raise ExchangeError("The unpacked file is larger than {limit} MB.", limit=most_bytes // 1024**2)
    with zipfile.ZipFile(io.BytesIO(source) if isinstance(source, bytes) else source) as archive:
        examine(archive)
    return True


def _refuse_old_workbook(source: bytes | Path, packed: bool) -> None:
    whole = source if isinstance(source, bytes) else source.read_bytes()
    if not packed and ENCRYPTED in whole:
        raise ExchangeError("The Excel file is protected by a password: save it without one.")
    raise ExchangeError("The old Excel format (.xls) cannot be read: save the file as .xlsx.")
