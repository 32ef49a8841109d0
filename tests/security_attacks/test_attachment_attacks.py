"""Files on a record that are not what they say: names with paths, pages as pictures, broken archives, endless pictures."""

from __future__ import annotations

import struct
import tracemalloc
import zlib
from io import BytesIO
from pathlib import Path
from zipfile import ZIP_DEFLATED, ZipFile

import pytest
from PIL import Image

from crm.errors import Invalid
from crm.office.commands import AttachmentDetails, add_attachment, edit_attachment
from crm.office.file_types import LONGEST_NAME, clean_name, media_type
from crm.office.queries import attachments_of, content_of
from crm.session import open_as
from crm.settings import settings
from crm.ui.attachments import smaller
from tests.factories import a_customer

PNG = b"\x89PNG\r\n\x1a\n" + b"x" * 50
NAMES = {
    "../../../etc/passwd.png": "passwd.png",
    "..\\..\\boot.png": "boot.png",
    "C:\\Windows\\x.png": "x.png",
    "/etc/x.png": "x.png",
    "\\\\server\\share\\x.png": "x.png",
    "a\0b.png": "ab.png",
    ".htaccess.png": "htaccess.png",
    "...png": "png",
    "x\r\nSet-Cookie: a=b.png": "x Set-Cookie_ a=b.png",
    'x"; filename="y.png': "x_; filename=_y.png",
    "gnp.\u202eexe.png": "gnp.exe.png",
    "a\u200b\ufeffb.png": "ab.png",
    "<img src=x onerror=1>.png": "_img src=x onerror=1_.png",
    "x.png.": "x.png",
    "x.png   ": "x.png",
    "con?.png": "con_.png",
    "%2e%2e%2fx.png": "%2e%2e%2fx.png",
    "x.png/": "file",
    "": "file",
}
PAGE = b"<!doctype html><script>alert(1)</script>"
SVG = b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>"


def packed(name: str, content: bytes = b"x", **changes: int) -> bytes:
    made = BytesIO()
    with ZipFile(made, "w", ZIP_DEFLATED) as archive:
        archive.writestr(name, content)
    whole = bytearray(made.getvalue())
    for place, value in ((whole.find(b"PK\x01\x02"), changes.get("listed")), (0, changes.get("local"))):
        if value is not None:
            at = place + (8 if place else 6)
            whole[at : at + 2] = value.to_bytes(2, "little")
    if "method" in changes:
        for place, skip in ((whole.find(b"PK\x01\x02"), 10), (0, 8)):
            whole[place + skip : place + skip + 2] = changes["method"].to_bytes(2, "little")
    return bytes(whole)


def png_of(width: int, height: int) -> bytes:
    """A black picture, honest in form: a few kilobytes a square of a hundred million."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    packer = zlib.compressobj(9)
    rows = b"".join(packer.compress(bytes(1 + width * 3)) for _ in range(height)) + packer.flush()
    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", rows) + chunk(b"IEND", b"")


@pytest.mark.parametrize("name", NAMES)
def test_a_name_is_only_a_name(name):
    cleaned = clean_name(name)
    assert cleaned == NAMES[name]
    assert Path(cleaned).name == cleaned and cleaned.isprintable() and not cleaned.startswith(".")


@pytest.mark.parametrize("name", ["x" * 300 + ".png", "常" * 300 + ".png", "x." + "y" * 300, "x" * 119 + "\u202e.png"])
def test_a_long_name_keeps_its_ending_and_fits(name):
    assert len(clean_name(name)) <= LONGEST_NAME and clean_name(name).rpartition(".")[2] == name.rpartition(".")[2][:10]


def test_nothing_is_written_outside_the_folder_of_documents(people):
    customer = a_customer(people.anna)
    for place, name in enumerate(NAMES):
        with open_as(people.anna.actor) as session:
            if clean_name(name).endswith(".png"):
                add_attachment(session, "customer", customer.id, name, PNG + bytes([place]))
            else:
                with pytest.raises(Invalid):
                    add_attachment(session, "customer", customer.id, name, PNG + bytes([place]))
    written = {file.relative_to(settings().documents) for file in settings().documents.rglob("*") if file.is_file()}
    assert written and all(len(file.parts) == 2 and len(file.name) == 64 for file in written)


def test_a_new_name_leads_nowhere_either(people):
    customer = a_customer(people.anna)
    with open_as(people.anna.actor) as session:
        found = add_attachment(session, "customer", customer.id, "photo.png", PNG)
        edit_attachment(session, found.id, AttachmentDetails(name="../../run.html"), found.version)
        assert (found.name, content_of(session, found.id)) == ("run.html.png", PNG)


def test_two_files_of_one_name_are_two_files(people):
    customer = a_customer(people.anna)
    with open_as(people.anna.actor) as session:
        made = [add_attachment(session, "customer", customer.id, "photo.png", PNG + bytes([n])) for n in range(2)]
        assert [content_of(session, one.id)[-1] for one in made] == [0, 1]
        assert attachments_of(session, "customer", [customer.id])["name"].tolist() == ["photo.png"] * 2


@pytest.mark.parametrize(
    "name", ["x.html", "x.svg", "x.js", "x.exe", "x.xhtml", "x.hta", "x.png.html", "x", "x.SVG", "x.svgz", "x.mht"]
)
@pytest.mark.parametrize("content", [PAGE, SVG, PNG])
def test_what_a_browser_would_run_is_refused(name, content):
    with pytest.raises(Invalid):
        media_type(name, content)


@pytest.mark.parametrize("name", ["x.png", "x.jpg", "x.gif", "x.webp", "x.pdf", "x.docx", "x.zip"])
@pytest.mark.parametrize("content", [PAGE, SVG, b"\xef\xbb\xbf" + PAGE, b"   " + SVG])
def test_a_page_that_calls_itself_a_picture_is_refused(name, content):
    with pytest.raises(Invalid):
        media_type(name, content)


@pytest.mark.parametrize(
    "content",
    [
        packed("mimetype", b"application/zip", listed=1, local=1),
        packed("mimetype", b"application/zip", method=99),
        packed("mimetype", b"application/zip", method=14),
        packed("\u0131x").replace("\u0131x".encode(), b"\xff\xfex"),
        packed("mimetype", b"application/vnd.oasis.opendocument.text")[:40],
        packed("mimetype", b"y" * 90).replace(b"PK\x05\x06", b"PK\x05\x07"),
        b"PK\x03\x04" + b"\xff" * 200,
    ],
)
@pytest.mark.parametrize("name", ["x.docx", "x.odt", "x.xlsx"])
def test_a_broken_archive_is_no_document(name, content):
    with pytest.raises(Invalid):
        media_type(name, content)


def test_too_large_a_file_is_refused_whatever_the_page_let_through(people, monkeypatch):
    monkeypatch.setattr(settings(), "attachment_megabytes", 1)
    customer = a_customer(people.anna)
    with open_as(people.anna.actor) as session:
        with pytest.raises(Invalid, match="at most 1 MB"):
            add_attachment(session, "customer", customer.id, "photo.png", PNG + bytes(1024 * 1024))
        assert attachments_of(session, "customer", [customer.id]).empty


def test_a_picture_of_a_few_kilobytes_does_not_fill_the_memory():
    bomb = png_of(12_000, 8_000)
    assert len(bomb) < 1_000_000
    tracemalloc.start()
    assert smaller(bomb, 112) is None
    assert tracemalloc.get_traced_memory()[1] < 5_000_000
    tracemalloc.stop()
    assert smaller(png_of(800, 600), 112) is not None


def test_what_the_camera_wrote_does_not_go_out_with_the_picture():
    made = BytesIO()
    camera = Image.Exif()
    camera[0x010F] = "the camera of a person"
    Image.new("RGB", (50, 50)).save(made, "JPEG", exif=camera)
    assert b"camera of a person" in made.getvalue()
    assert b"camera of a person" not in (smaller(made.getvalue(), 40) or b"")


@pytest.mark.parametrize(
    "content", [PNG, png_of(40, 40)[:-30], b"GIF89a" + b"\xff" * 60, b"RIFF\xff\xff\xff\xffWEBP" + b"\0" * 40, b""]
)
def test_a_picture_that_is_none_is_not_shown(content):
    assert smaller(content, 112) is None or content.startswith(b"\x89PNG")
