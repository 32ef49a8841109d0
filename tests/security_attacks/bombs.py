"""Files that want to fill the memory, take for ever, or reach beyond themselves."""

from __future__ import annotations

import gzip
import io
import zipfile
from collections.abc import Callable

MAIN = "application/vnd.openxmlformats-officedocument.spreadsheetml"
SPACE = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
RELATED = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
HEAD = '<row r="1"><c r="A1" t="inlineStr"><is><t>Name</t></is></c><c r="B1" t="inlineStr"><is><t>Phone</t></is></c></row>'
MB = 1024 * 1024


def workbook(*rows: str | bytes, texts: tuple[bytes, ...] = (), sheets: int = 1, prologue: str = "", times: int = 1) -> bytes:
    """An .xlsx of these pieces; `times`: how often the last one stands there."""
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        parts = {"workbook": "sheet.main", "worksheets/sheet1": "worksheet", "sharedStrings": "sharedStrings"}
        types = "".join(f'<Override PartName="/xl/{name}.xml" ContentType="{MAIN}.{kind}+xml"/>' for name, kind in parts.items())
        types += '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
        of_types = "http://schemas.openxmlformats.org/package/2006/content-types"
        archive.writestr("[Content_Types].xml", f'<Types xmlns="{of_types}">{types}</Types>')
        archive.writestr("_rels/.rels", _links(("officeDocument", "xl/workbook.xml")))
        links = (("worksheet", "worksheets/sheet1.xml"), ("sharedStrings", "sharedStrings.xml"))
        archive.writestr("xl/_rels/workbook.xml.rels", _links(*links))
        named = "".join(f'<sheet name="S{number}" sheetId="{number}" r:id="rId0"/>' for number in range(1, sheets + 1))
        archive.writestr("xl/workbook.xml", f'<workbook xmlns="{SPACE}" xmlns:r="{RELATED}"><sheets>{named}</sheets></workbook>')
        with archive.open("xl/worksheets/sheet1.xml", "w", force_zip64=True) as part:
            part.write(f'<?xml version="1.0"?>{prologue}<worksheet xmlns="{SPACE}"><sheetData>'.encode())
            for place, row in enumerate(rows):
                for _ in range(times if place == len(rows) - 1 else 1):
                    part.write(row if isinstance(row, bytes) else row.encode())
            part.write(b"</sheetData></worksheet>")
        with archive.open("xl/sharedStrings.xml", "w", force_zip64=True) as part:
            part.write(f'<sst xmlns="{SPACE}">'.encode())
            for text in texts:
                part.write(text)
            part.write(b"</sst>")
    return made.getvalue()


def _links(*links: tuple[str, str]) -> str:
    made = "".join(
        f'<Relationship Id="rId{number}" Type="{RELATED}/{kind}" Target="{to}"/>' for number, (kind, to) in enumerate(links)
    )
    return f'<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">{made}</Relationships>'


def cell(place: str, text: str) -> str:
    return f'<c r="{place}" t="inlineStr"><is><t>{text}</t></is></c>'


def nested() -> bytes:
    inner = workbook(HEAD)
    for _ in range(5):
        made = io.BytesIO()
        with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
            for number in range(10):
                archive.writestr(f"{number}.xlsx", inner)
        inner = made.getvalue()
    return inner


def laughs(size: int) -> bytes:
    entities = '<!ENTITY a0 "ha">' + "".join(f'<!ENTITY a{n} "{f"&a{n - 1};" * 10}">' for n in range(1, size))
    return workbook(HEAD, f'<row r="2">{cell("A2", f"&a{size - 1};")}</row>', prologue=f"<!DOCTYPE x [{entities}]>")


def outside(address: str) -> bytes:
    prologue = f'<!DOCTYPE x [<!ENTITY file SYSTEM "{address}">]>'
    return workbook(HEAD, f'<row r="2">{cell("A2", "&file;")}</row>', prologue=prologue)


def locked() -> bytes:
    return b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 500 + "EncryptedPackage".encode("utf-16-le") + b"\0" * 5000


def lying() -> bytes:
    """The list of the archive says that the sheet is small."""
    whole = bytearray(workbook(HEAD, b" " * MB, times=64))
    size = (64 * MB + len(HEAD) + 200).to_bytes(4, "little")[2:]
    place = whole.rindex(b"xl/worksheets/sheet1.xml") - 46 + 24
    assert whole[place + 2 : place + 4] == size
    whole[place : place + 4] = (1000).to_bytes(4, "little")
    return bytes(whole)


def packed_csv(megabytes: int) -> bytes:
    return gzip.compress(b"Name,Phone\n" + b"A,1\n" * (megabytes * MB // 4), 1)


BOMBS: dict[str, Callable[[], bytes]] = {
    "blanks for a gigabyte": lambda: workbook(HEAD, b" " * MB, times=1024),
    "three gigabytes": lambda: workbook(HEAD, b" " * (16 * MB), times=192),
    "a cell of half a gigabyte": lambda: workbook(HEAD, '<row r="2"><c t="inlineStr"><is><t>', b"A" * MB, times=512),
    "a row of 60 million cells": lambda: workbook(HEAD, '<row r="2">', b"<c/>" * (MB // 4), times=240),
    "cells within cells": lambda: workbook(HEAD, '<row r="2">', b"<c>" * (MB // 4), times=200),
    "a list of texts of 400 MB": lambda: workbook(HEAD, texts=tuple(b"<si><t/></si>" * 80_000 for _ in range(400))),
    "20,000 sheets": lambda: workbook(HEAD, sheets=20_000),
    "archives in archives": nested,
    "a billion laughs": lambda: laughs(10),
    "a thousand laughs": lambda: laughs(4),
    "a file of the server": lambda: outside("file:///etc/hostname"),
    "an address of the net": lambda: outside("http://127.0.0.1:9/secret"),
    "a row far below": lambda: workbook(HEAD, f'<row r="999999999999">{cell("A999999999999", "x")}</row>'),
    "a cell far to the right": lambda: workbook(HEAD, *(f'<row r="{n}">{cell(f"XFD{n}", "x")}</row>' for n in range(2, 9000))),
    "a column that is none": lambda: workbook(HEAD, f'<row r="2">{cell("ZZZZZZ2", "x")}</row>'),
    "wide rows of nothing": lambda: workbook(HEAD, *(f'<row r="{n}"><c r="XFD{n}" s="0"/></row>' for n in range(2, 30_000))),
    "a size that is not true": lying,
    "protected by a password": locked,
    "an old workbook with a macro": lambda: locked().replace("EncryptedPackage".encode("utf-16-le"), b"_VBA_PROJECT"),
    "a program named csv": lambda: b"\x7fELF\x02\x01\x01" + bytes(range(256)) * 40,
    "a csv of a million columns": lambda: b"Name,Phone" + b",x" * 1_000_000 + b"\n1,2\n",
    "a csv row of a million columns": lambda: b"Name,Phone\n" + b"1,2\n" * 40 + b"," * 1_000_000 + b"x\n",
    "a csv cell of 50 MB": lambda: b'Name,Phone\n"' + b"A" * (50 * MB) + b'",1\n',
    "nothing but zeros": lambda: b"\0" * 100_000,
    "zeros within": lambda: b"Name,Phone\nA\0,1\n",
    "three gigabytes of csv, packed": lambda: packed_csv(3 * 1024),
}
"""Refused, each with a sentence."""

HARMLESS: dict[str, tuple[Callable[[], bytes], int]] = {
    "a million empty rows": (lambda: workbook(HEAD, '<row r="2"/>', f'<row r="1048576">{cell("A1048576", "end")}</row>'), 1),
    "an xlsx named csv": (lambda: workbook(HEAD, f'<row r="2">{cell("A2", "x")}</row>'), 1),
    "UTF-16": (lambda: "Name\tPhone\n常青\t1\n".encode("utf-16"), 1),
    "a cell as long as Excel's": (lambda: workbook(HEAD, f'<row r="2">{cell("A2", "x" * 32_767)}</row>'), 1),
    "rows that are all the same": (
        lambda: workbook(HEAD, b"<row><c><v>7</v></c></row>" * 1000, times=100),
        100_000,
    ),
}
"""Odd, but a table -> rows in it."""
