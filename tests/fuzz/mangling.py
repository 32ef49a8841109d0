"""Files as people send them, and worse: cells that no rule foresaw, and good files with something broken in them."""

from __future__ import annotations

import codecs
import csv
import gzip
import io
import random
from collections.abc import Callable

import openpyxl
from hypothesis import strategies as st

BLANK = ("", " ", "\u3000", "\ufeff", "\u200b", "\x00", "\u202e", "\n", "a\rb")
MARKS = ("é\u0301", "𝔘", "🧾", "\ud7ff", "'", '"', "\\", ";", ",", "a@b", "1;2;3", "x" * 250, "常" * 2_100, "y" * 33_000)
WORDS = "nan NaN inf -inf null None NULL #N/A #REF! TRUE =1+1 @x - ½ 0x10 明天".split()  # noqa: SIM905
NUMBERS = "0 -0 1e9 1e308 1e999 -1e999 0.1 1,234.5 1.234,5 1\u00a0234 ٣ １２ +862155550100".split()  # noqa: SIM905
DAYS = "2026-02-30 0000-00-00 9999-12-31 1900-02-29 31/12/2026 12/31/2026 1/2/3 20260101 60 2958465 -1".split()  # noqa: SIM905
MOMENTS = ("2026-01-01T00:00:00Z", "2026-01-01 25:00", "2026年1月1日", "0001-01-01", "10000-01-01")
NASTY = (*BLANK, *MARKS, *WORDS, *NUMBERS, *DAYS, *MOMENTS, "9" * 19, "9" * 40)
"""Texts that readers of files stumble over."""

cells = st.one_of(
    st.sampled_from(NASTY), st.text(max_size=12), st.integers().map(str), st.decimals().map(str), st.dates().map(str)
)
ENCODINGS = ("utf-8", "utf-8-sig", "utf-16", "utf-16-le", "gb18030", "cp1252", "utf-32")


def as_csv(rows: list[list[str]], separator: str = ",", encoding: str = "utf-8", *, packed: bool = False) -> bytes:
    out = io.StringIO()
    csv.writer(out, delimiter=separator, lineterminator="\n").writerows(rows)
    data = out.getvalue().encode(encoding, errors="replace")
    if encoding == "utf-16-le":
        data = codecs.BOM_UTF16_LE + data
    return gzip.compress(data, mtime=0) if packed else data


def as_workbook(rows: list[list[str]]) -> bytes:
    """Control characters, which no workbook can hold, are left out."""
    book = openpyxl.Workbook(write_only=True)
    sheet = book.create_sheet()
    for row in rows:
        sheet.append(["".join(mark for mark in cell if mark >= " " and mark not in "\ufffe\uffff")[:32_000] for cell in row])
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


@st.composite
def tables(draw: st.DrawFn, good: list[list[str]]) -> list[list[str]]:
    """A good table (headings first) in which some cells, rows and headings were exchanged, doubled or lost."""
    rows = [list(row) for row in good]
    for _ in range(draw(st.integers(0, 8))):
        place = draw(st.integers(0, len(rows) - 1))
        column = draw(st.integers(0, max(len(rows[place]) - 1, 0)))
        match draw(st.sampled_from(["cell", "cell", "cell", "cell", "row", "double", "shorter", "longer", "heading"])):
            case "cell" if rows[place] and place:
                rows[place][column] = draw(cells)
            case "heading" if rows[0]:
                rows[0][column % len(rows[0])] = draw(st.one_of(cells, st.sampled_from(rows[0])))
            case "row" if place and len(rows) > 2:
                del rows[place]
            case "double" if place:
                rows.append(list(rows[place]))
            case "shorter" if place:
                rows[place] = rows[place][:column]
            case "longer" if place:
                rows[place].append(draw(cells))
    return rows


@st.composite
def files(draw: st.DrawFn, good: list[list[str]]) -> tuple[str, bytes]:
    """-> (name, content) of a file made of `tables`, in any encoding and format, now and then broken as well."""
    rows = draw(tables(good))
    if draw(st.integers(0, 7)) == 0:
        name, data = "file.xlsx", as_workbook(rows)
    else:
        packed = draw(st.integers(0, 9)) == 0
        data = as_csv(rows, draw(st.sampled_from(",,,;\t|")), draw(st.sampled_from(("utf-8", *ENCODINGS))), packed=packed)
        name = "file.csv.gz" if packed else "file.csv"
    return (name, draw(mangled(data))) if draw(st.integers(0, 3)) == 0 else (name, data)


def mangled(data: bytes) -> st.SearchStrategy[bytes]:
    """The content with up to four places broken."""
    return st.integers(0, 2**32).map(lambda seed: mangle(data, random.Random(seed)))


def mangle(data: bytes, chance: random.Random) -> bytes:
    for _ in range(chance.randint(1, 4)):
        data = chance.choice(BREAKS)(data, chance)
    return data


def _somewhere(data: bytes, chance: random.Random) -> tuple[int, int]:
    first = chance.randint(0, len(data))
    return first, min(len(data), first + chance.choice((0, 1, 2, 7, 100)))


def _flip(data: bytes, chance: random.Random) -> bytes:
    place = chance.randrange(max(len(data), 1))
    return data[:place] + bytes([chance.randrange(256)]) + data[place + 1 :]


def _lose(data: bytes, chance: random.Random) -> bytes:
    first, last = _somewhere(data, chance)
    return data[:first] + data[last:]


def _double(data: bytes, chance: random.Random) -> bytes:
    first, last = _somewhere(data, chance)
    return data[:last] + data[first:last] * chance.choice((1, 2, 50)) + data[last:]


def _insert(data: bytes, chance: random.Random) -> bytes:
    first, _ = _somewhere(data, chance)
    odd = (
        b"\x00",
        b'"',
        b"\r",
        b"\n",
        b"\r\n",
        b",",
        b";",
        b"\xff\xfe",
        b"\xef\xbb\xbf",
        b"\xc3",
        b"\x1a",
        b"PK\x03\x04",
        b"\x1f\x8b",
    )
    return data[:first] + chance.choice(odd) * chance.choice((1, 1, 3)) + data[first:]


def _cut(data: bytes, chance: random.Random) -> bytes:
    return data[: chance.randint(0, len(data))]


def _old_ends(data: bytes, chance: random.Random) -> bytes:
    return data.replace(b"\n", chance.choice((b"\r", b"\r\n", b"\n\n", b"\x85")))


def _wrong_head(data: bytes, chance: random.Random) -> bytes:
    return (
        chance.choice((b"PK\x03\x04", b"\x1f\x8b\x08\x00", b"\xd0\xcf\x11\xe0", codecs.BOM_UTF16_BE, b"%PDF-1.7\n", b"{\\rtf1"))
        + data
    )


BREAKS: tuple[Callable[[bytes, random.Random], bytes], ...] = (_flip, _lose, _double, _insert, _cut, _old_ends, _wrong_head)
