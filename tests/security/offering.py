"""What a page offers to take away: every file that stands behind a button of it, and what stands in the file."""

from __future__ import annotations

import ast
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import Any
from zipfile import ZipFile, is_zipfile

import pypdfium2
import pytest
from streamlit.runtime.media_file_manager import MediaFileManager

from crm.settings import ROOT

UI = ROOT / "crm" / "ui"
OFFERING = {"download_button", "export_button", "export_files"}
WAY_OUT = UI / "exporter.py"


@dataclass(frozen=True)
class Offered:
    """A file that is made when its button is pressed."""

    place: str
    """The file of crm/ui that offers it."""
    name: str
    make: Callable[[], bytes]


@contextmanager
def noted() -> Iterator[list[Offered]]:
    """Streamlit keeps what a button would make; the list grows with every page that is drawn."""
    found: list[Offered] = []
    keep = MediaFileManager.add_deferred

    def kept(self: Any, data_callable: Any, mimetype: Any, coordinates: str, file_name: Any = None, **more: Any) -> str:
        found.append(Offered(_place(), file_name, data_callable))
        return keep(self, data_callable, mimetype, coordinates, file_name, **more)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(MediaFileManager, "add_deferred", kept)
        yield found


def _place() -> str:
    frame: Any = sys._getframe(1)
    while frame and not (UI in (file := Path(frame.f_code.co_filename)).parents and file != WAY_OUT):
        frame = frame.f_back
    return str(file.relative_to(ROOT)) if frame else ""


def places() -> set[str]:
    """The files of crm/ui and pages/ that offer something to take away."""
    files = [*UI.rglob("*.py"), *(ROOT / "pages").rglob("*.py")]
    return {str(file.relative_to(ROOT)) for file in files if file != WAY_OUT and _offers(file)}


def _offers(file: Path) -> bool:
    calls = [node.func for node in ast.walk(ast.parse(file.read_text())) if isinstance(node, ast.Call)]
    return any((one.attr if isinstance(one, ast.Attribute) else getattr(one, "id", "")) in OFFERING for one in calls)


def inside(made: bytes) -> bytes:
    """All the text of a file: of a workbook its parts, of a PDF its pages."""
    if is_zipfile(BytesIO(made)):
        with ZipFile(BytesIO(made)) as packed:
            return b"\n".join(packed.read(name) for name in packed.namelist())
    if made.startswith(b"%PDF"):
        return "\n".join(page.get_textpage().get_text_bounded() for page in pypdfium2.PdfDocument(made)).encode()
    return made.replace(b"\r\n ", b"")
