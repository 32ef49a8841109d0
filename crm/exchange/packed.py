"""What a workbook unpacks to, looked at before anything is built from it: a few kilobytes can be more than a server holds."""

import re
import zipfile
import zlib
from zipfile import ZipFile, ZipInfo

from crm.exchange.errors import ExchangeError

CHUNK = 1 << 20
MOST_PARTS = 5_000
MOST_SHEETS = 500
LONGEST_STRETCH = 16 * CHUNK
"""Bytes of XML without a new row or text: no row of a sheet is as long."""
MOST_TEXT_BYTES = 256 * CHUNK
"""Of the texts of a workbook, which are kept in memory while its sheets are read."""

FRESH = re.compile(rb"<(?:\w+:)?(?:row|si)[\s>/]")
SHEET = re.compile(rb"<(?:\w+:)?sheet\s")
TEXT = re.compile(rb"<(?:\w+:)?si[\s>/]")
OVERLAP = 64


def examine(archive: ZipFile) -> None:
    """Raises ExchangeError for what no program writes: entities, endless rows and cells, thousands of sheets, too many texts."""
    entries = archive.infolist()
    if len(entries) > MOST_PARTS:
        raise _overfull()
    sheets = texts = 0
    for entry in entries:
        if entry.filename.lower().endswith((".xml", ".rels")):
            found = _examine(archive, entry)
            sheets, texts = sheets + found[0], texts + found[1]
        if sheets > MOST_SHEETS or texts > MOST_TEXT_BYTES:
            raise _overfull()


def _examine(archive: ZipFile, entry: ZipInfo) -> tuple[int, int]:
    """-> sheets named in this part, and its bytes where it holds texts"""
    sheets = size = stretch = 0
    holds_texts, before = False, b""
    try:
        with archive.open(entry) as part:
            while chunk := part.read(CHUNK):
                seen = before + chunk
                if b"<!DOCTYPE" in seen or b"<!ENTITY" in seen or b"<!\0D\0" in seen:
                    raise ExchangeError("The Excel file is damaged.")
                holds_texts = holds_texts or TEXT.search(seen) is not None
                sheets += len(SHEET.findall(seen))
                stretch = 0 if FRESH.search(seen) else stretch + len(chunk)
                size += len(chunk)
                if stretch > LONGEST_STRETCH or (holds_texts and size > MOST_TEXT_BYTES) or sheets > MOST_SHEETS:
                    raise _overfull()
                before = seen[-OVERLAP:]
    except ExchangeError:
        raise
    except (zipfile.BadZipFile, zlib.error, EOFError, RuntimeError, NotImplementedError, OSError, ValueError) as error:
        raise ExchangeError("The Excel file is damaged.") from error
    return sheets, size if holds_texts else 0


def _overfull() -> ExchangeError:
    return ExchangeError("This Excel file is built to unpack to far more than a table: save it anew, or as CSV.")
