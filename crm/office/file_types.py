"""Which files may hang on a record: told by their bytes and their ending together, and a name that is safe to write down."""

from __future__ import annotations

import unicodedata
import zlib
from io import BytesIO
from pathlib import PurePosixPath
from zipfile import BadZipFile, ZipFile

from crm.errors import Invalid

LONGEST_NAME = 120
TEXT = "text/plain"
_OFFICE = "application/vnd.openxmlformats-officedocument"
_OPEN = "application/vnd.oasis.opendocument"
_OLE = "application/x-ole-storage"

BEGINNINGS = (
    (b"%PDF-", "application/pdf"),
    (b"\x89PNG\r\n\x1a\n", "image/png"),
    (b"\xff\xd8\xff", "image/jpeg"),
    (b"GIF87a", "image/gif"),
    (b"GIF89a", "image/gif"),
    (b"II*\x00", "image/tiff"),
    (b"MM\x00*", "image/tiff"),
    (b"{\\rtf", "application/rtf"),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", _OLE),
    (b"7z\xbc\xaf'\x1c", "application/x-7z-compressed"),
    (b"Rar!\x1a\x07", "application/vnd.rar"),
    (b"\x1f\x8b", "application/gzip"),
)
"""The first bytes of a kind of file."""

PICTURES = ("image/png", "image/jpeg", "image/webp", "image/gif")
"""What a browser shows; an ending may name another of them."""

ENDINGS: dict[str, tuple[str, ...]] = {
    "pdf": ("application/pdf",),
    **dict.fromkeys(("png", "jpg", "jpeg", "webp", "gif"), PICTURES),
    **dict.fromkeys(("tif", "tiff"), ("image/tiff",)),
    **dict.fromkeys(("heic", "heif"), ("image/heic",)),
    "docx": (f"{_OFFICE}.wordprocessingml.document",),
    "xlsx": (f"{_OFFICE}.spreadsheetml.sheet",),
    "pptx": (f"{_OFFICE}.presentationml.presentation",),
    **{ending: (f"{_OPEN}.{kind}",) for ending, kind in (("odt", "text"), ("ods", "spreadsheet"), ("odp", "presentation"))},
    **dict.fromkeys(("doc", "xls", "ppt", "msg"), (_OLE,)),
    "rtf": ("application/rtf",),
    **dict.fromkeys(("txt", "csv", "tsv", "md", "log", "eml", "ics", "vcf", "json"), (TEXT,)),
    "zip": ("application/zip",),
    "7z": ("application/x-7z-compressed",),
    "rar": ("application/vnd.rar",),
    "gz": ("application/gzip",),
}
"""Ending -> what its bytes may be: documents, pictures, mail, text, archives. Nothing that a browser would run."""

_IN_ZIP = (("word/", "docx"), ("xl/", "xlsx"), ("ppt/", "pptx"))
_RESERVED = str.maketrans(dict.fromkeys('<>:"|?*', "_"))


def media_type(name: str, content: bytes) -> str:
    """As the bytes tell. Refuses an ending that is not known, and bytes that do not go with it."""
    ending = ending_of(name)
    if ending not in ENDINGS:
        raise Invalid("{name} cannot be attached: documents, pictures, mail, text and archives can.", name=name)
    if not content:
        raise Invalid("{name} is empty.", name=name)
    found = _told_by(content)
    if found not in ENDINGS[ending]:
        raise Invalid("{name} is not what its ending says. Save it anew in its own format, or pack it into a ZIP.", name=name)
    return found


def ending_of(name: str) -> str:
    return PurePosixPath(name).suffix.lower().removeprefix(".")


def _told_by(content: bytes) -> str:
    if content.startswith(b"PK\x03\x04"):
        return _in_zip(content)
    if content[:4] == b"RIFF" and content[8:12] == b"WEBP":
        return "image/webp"
    if content[4:8] == b"ftyp" and content[8:12] in (b"heic", b"heix", b"mif1", b"msf1"):
        return "image/heic"
    known = next((kind for beginning, kind in BEGINNINGS if content.startswith(beginning)), None)
    return known or (TEXT if _is_text(content) else "")


def _in_zip(content: bytes) -> str:
    """Office documents are archives; only the list of their parts is read."""
    try:
        with ZipFile(BytesIO(content)) as archive:
            names = archive.namelist()
            if names and names[0] == "mimetype" and archive.getinfo("mimetype").file_size < 100:
                return archive.read("mimetype").decode("ascii", "replace").strip()
    except (
        BadZipFile,
        zlib.error,
        EOFError,
        OSError,
        ValueError,
        RuntimeError,
    ):  # RuntimeError: encrypted, or packed in a new way
        return ""
    if "[Content_Types].xml" not in names:
        return "application/zip"
    return next((ENDINGS[ending][0] for folder, ending in _IN_ZIP if any(name.startswith(folder) for name in names)), "")


def _is_text(content: bytes) -> bool:
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        return True
    return not any(byte < 9 or 13 < byte < 27 for byte in content[:65_536])


def clean_name(name: str) -> str:
    """No path, no signs that steer or hide, no more than LONGEST_NAME letters; the ending stays."""
    last = unicodedata.normalize("NFC", name).replace("\\", "/").rsplit("/", 1)[-1]
    seen = "".join(" " if sign.isspace() else sign for sign in last if sign.isspace() or unicodedata.category(sign)[0] != "C")
    plain = " ".join(seen.translate(_RESERVED).split()).strip(". ")
    stem, dot, ending = plain.rpartition(".")
    if not dot:
        return (plain or "file")[:LONGEST_NAME]
    return f"{stem[: LONGEST_NAME - len(ending[:10]) - 1].rstrip('. ')}.{ending[:10]}"
