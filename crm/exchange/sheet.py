"""One page to send: a headline, figures, a table of shares, a line with its band, and what needs attention. PDF by reportlab, PNG
drawn from that PDF by pdfium: the two cannot differ. Why these: docs/decisions/013-sheets.md."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cache
from io import BytesIO
from pathlib import Path

from reportlab.lib.colors import Color, HexColor
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.cidfonts import UnicodeCIDFont
from reportlab.pdfgen.canvas import Canvas

WIDTH, HEIGHT, MARGIN = 842.0, 595.0, 34.0
"""A4 lying, in points."""
TEXT, MUTED, LINE, GREEN, RED, GRAY = (
    HexColor(one) for one in ("#1c2622", "#5a6761", "#c9d2cd", "#1f7a5c", "#c33c18", "#7c8a83")
)
TONES = {"green": GREEN, "red": RED, "gray": GRAY}
LATIN, BOLD, CHINESE = "Helvetica", "Helvetica-Bold", "STSong-Light"
"""None is put into the file: every reader has the first two, and a Chinese one knows a face for the third."""
DRAWN_WITH = ("/usr/share/fonts", "/usr/local/share/fonts", "/usr/share/X11/fonts", "/Library/Fonts", "/System/Library/Fonts")
CHINESE_FACES = ("cjk", "wqy", "uming", "ukai", "droidsansfallback", "pingfang", "songti", "heiti", "sourcehan", "simsun", "msyh")


@dataclass(frozen=True)
class Box:
    """One of the figures on top."""

    title: str
    shown: str
    delta: str = ""
    tone: str = "gray"
    beside: str = ""
    caption: str = ""


@dataclass(frozen=True)
class Cells:
    """Parts down, periods across; a cell holds its text and what it is coloured by (1 = the target; None = no target)."""

    title: str
    columns: tuple[str, ...] = ()
    rows: tuple[tuple[str, tuple[tuple[str, float | None], ...]], ...] = ()


@dataclass(frozen=True)
class Way:
    """Places from 0 to 1 of the period with the sums there; `band` has p10, p50 and p90."""

    title: str
    came: tuple[tuple[float, float], ...] = ()
    band: tuple[tuple[float, float, float, float], ...] = ()
    base: float | None = None
    ends: tuple[str, str] = ("", "")
    marks: tuple[tuple[float, str], ...] = ()
    """Sums with their text, written at the left."""


@dataclass(frozen=True)
class Sheet:
    title: str
    scope: str
    answer: str
    boxes: tuple[Box, ...]
    cells: Cells
    way: Way
    listed: tuple[str, ...] = ()
    """What needs attention."""
    listed_title: str = ""
    foot: str = ""
    """Who made it, when, from what."""
    author: str = field(default="", kw_only=True)


def to_pdf(sheet: Sheet) -> bytes:
    _faces()
    out = BytesIO()
    canvas = Canvas(out, pagesize=(WIDTH, HEIGHT), invariant=1)
    canvas.setTitle(f"{sheet.title} · {sheet.scope}")
    canvas.setAuthor(sheet.author)
    _head(canvas, sheet)
    _boxes(canvas, sheet.boxes, HEIGHT - 182)
    below = HEIGHT - 208
    _cells(canvas, sheet.cells, MARGIN, below, 400)
    _way(canvas, sheet.way, MARGIN + 424, below, WIDTH - 2 * MARGIN - 424)
    _listed(canvas, sheet)
    _write(canvas, sheet.foot, MARGIN, 20, 8, MUTED, WIDTH - 2 * MARGIN)
    canvas.save()
    return out.getvalue()


def to_png(sheet: Sheet, scale: float = 2.0) -> bytes:
    import pypdfium2  # a shared library of 8 MB: only for whoever asks for it

    document = pypdfium2.PdfDocument(to_pdf(sheet))
    try:
        picture = document[0].render(scale=scale).to_pil()
    finally:
        document.close()
    out = BytesIO()
    picture.save(out, "PNG", optimize=True)
    return out.getvalue()


def needs_chinese(sheet: Sheet) -> bool:
    """Is there a sign in it that no western face has?"""
    found: list[str] = [sheet.title, sheet.scope, sheet.answer, sheet.listed_title, sheet.foot, *sheet.listed]
    found += [text for box in sheet.boxes for text in (box.title, box.shown, box.beside, box.caption)]
    found += [sheet.cells.title, sheet.way.title, *(name for name, _ in sheet.cells.rows)]
    return any(sign >= "⺀" for text in found for sign in text)


@cache
def draws_chinese() -> bool:
    """Does this machine have a face that a picture with Chinese could be drawn with? (A PDF needs none here.)"""
    files = (file.name.lower() for place in DRAWN_WITH for file in Path(place).rglob("*.[to]t[fc]"))
    return any(face in name.replace("-", "").replace("_", "") for name in files for face in CHINESE_FACES)


@cache
def _faces() -> None:
    pdfmetrics.registerFont(UnicodeCIDFont(CHINESE))


# ------------------------------------------------------------------------------------------------------- writing


def _runs(text: str, bold: bool) -> list[tuple[str, str]]:
    """What the western face has, and the rest -> (face, text)."""
    runs: list[tuple[str, str]] = []
    for sign in text.replace("\u00a0", " ").replace("−", "–"):
        face = (BOLD if bold else LATIN) if _western(sign) else CHINESE
        if runs and runs[-1][0] == face:
            runs[-1] = face, runs[-1][1] + sign
        else:
            runs.append((face, sign))
    return runs


def _western(sign: str) -> bool:
    try:
        sign.encode("cp1252")
    except UnicodeEncodeError:
        return False
    return True


def _width(text: str, size: float, bold: bool = False) -> float:
    return float(sum(pdfmetrics.stringWidth(part, face, size) for face, part in _runs(text, bold)))


def _cut(text: str, size: float, room: float, bold: bool = False) -> str:
    if _width(text, size, bold) <= room:
        return text
    while text and _width(text + "…", size, bold) > room:
        text = text[:-1]
    return text.rstrip() + "…"


def _write(
    canvas: Canvas, text: str, x: float, y: float, size: float, colour: Color, room: float, *, bold: bool = False
) -> float:
    """On one line, cut where there is no room -> where it ends."""
    canvas.setFillColor(colour)
    for face, part in _runs(_cut(text, size, room, bold), bold):
        canvas.setFont(face, size)
        canvas.drawString(x, y, part)
        x += pdfmetrics.stringWidth(part, face, size)
    return x


# --------------------------------------------------------------------------------------------------------- parts


def _head(canvas: Canvas, sheet: Sheet) -> None:
    room = WIDTH - 2 * MARGIN
    _write(canvas, sheet.title, MARGIN, HEIGHT - 42, 10, GREEN, room, bold=True)
    _write(canvas, sheet.scope, MARGIN, HEIGHT - 57, 9, MUTED, room)
    size = 17.0 if _width(sheet.answer, 17, True) <= room else 13.0
    _write(canvas, sheet.answer, MARGIN, HEIGHT - 84, size, TEXT, room, bold=True)


def _boxes(canvas: Canvas, boxes: Sequence[Box], y: float) -> None:
    gap, height = 8.0, 78.0
    width = (WIDTH - 2 * MARGIN - gap * (len(boxes) - 1)) / max(len(boxes), 1)
    for place, box in enumerate(boxes):
        x = MARGIN + place * (width + gap)
        canvas.setStrokeColor(LINE)
        canvas.roundRect(x, y, width, height, 5, fill=0)
        _write(canvas, box.title, x + 8, y + height - 15, 8, MUTED, width - 16)
        _write(canvas, box.shown, x + 8, y + height - 37, 17, TEXT, width - 16, bold=True)
        end = _write(canvas, box.delta, x + 8, y + height - 53, 8, TONES[box.tone], width - 16, bold=True)
        if box.delta:
            _write(canvas, box.beside, end + 3, y + height - 53, 8, MUTED, x + width - end - 9)
        _write(canvas, box.caption, x + 8, y + 10, 8, MUTED, width - 16)


def _cells(canvas: Canvas, cells: Cells, x: float, y: float, width: float) -> None:
    _write(canvas, cells.title, x, y, 10, TEXT, width, bold=True)
    if not cells.rows:
        return
    names, high = 92.0, min(24.0, 176 / len(cells.rows))
    each = (width - names) / len(cells.columns)
    for down, (name, line) in enumerate(cells.rows):
        top = y - 14 - (down + 1) * high
        _write(canvas, name, x, top + high / 2 - 3, 8, TEXT, names - 6)
        for across, (text, share) in enumerate(line):
            if share is None:
                continue
            canvas.setFillColor(_shade(share))
            canvas.rect(x + names + across * each, top + 1, each - 2, high - 2, stroke=0, fill=1)
            size = 7.5 if each > 26 else 6.5
            middle = x + names + across * each + (each - 2 - _width(text, size)) / 2
            _write(canvas, text, middle, top + high / 2 - 2.5, size, TEXT, each)
    base = y - 14 - len(cells.rows) * high - 10
    for across, title in enumerate(cells.columns):
        _write(canvas, title, x + names + across * each + 2, base, 6.5, MUTED, each)


def _shade(share: float) -> Color:
    """Red far below the target, green above it; pale around it."""
    far = max(min((share - 0.95) / 0.45, 1.0), -1.0)
    red, green, blue = (GREEN if far > 0 else RED).rgb()
    weight = 0.08 + 0.5 * abs(far)
    return Color(*(1 - weight * (1 - part) for part in (red, green, blue)))


def _way(canvas: Canvas, way: Way, x: float, y: float, width: float) -> None:
    _write(canvas, way.title, x, y, 10, TEXT, width, bold=True)
    sums = [*(one for _, one in way.came), *(one for row in way.band for one in row[1:]), way.base or 0.0]
    highest = max([one for one in sums if one == one], default=0.0)
    if highest <= 0:
        return
    bottom, high = y - 194.0, 170.0

    def at(place: float, value: float) -> tuple[float, float]:
        return x + place * width, bottom + value / highest * high

    canvas.setStrokeColor(LINE)
    canvas.setLineWidth(0.7)
    canvas.line(x, bottom, x + width, bottom)
    _area(canvas, [at(row[0], row[3]) for row in way.band], [at(row[0], row[1]) for row in way.band])
    if way.base:
        _line(canvas, [at(0, way.base), at(1, way.base)], GRAY, 1.2)
        _line(canvas, [at(0, 0), at(1, way.base)], GRAY, 0.6, dashed=True)
    _line(canvas, [at(*one) for one in way.came], GREEN, 2)
    _line(canvas, [at(row[0], row[2]) for row in way.band], GREEN, 1.2, dashed=True)
    for value, text in way.marks:
        _write(canvas, text, x + 2, at(0, value)[1] + 3, 7.5, MUTED, width)
    _write(canvas, way.ends[0], x, bottom - 10, 7, MUTED, width / 2)
    _write(canvas, way.ends[1], x + width - _width(way.ends[1], 7), bottom - 10, 7, MUTED, width / 2)


def _line(canvas: Canvas, points: Sequence[tuple[float, float]], colour: Color, thick: float, dashed: bool = False) -> None:
    if len(points) < 2:
        return
    canvas.setStrokeColor(colour)
    canvas.setLineWidth(thick)
    canvas.setDash(*((2, 2) if dashed else ()))
    path = canvas.beginPath()
    path.moveTo(*points[0])
    for point in points[1:]:
        path.lineTo(*point)
    canvas.drawPath(path, stroke=1, fill=0)
    canvas.setDash()


def _area(canvas: Canvas, upper: Sequence[tuple[float, float]], lower: Sequence[tuple[float, float]]) -> None:
    if len(upper) < 2:
        return
    canvas.setFillColor(Color(0.122, 0.478, 0.361, alpha=0.16))
    path = canvas.beginPath()
    path.moveTo(*upper[0])
    for point in [*upper[1:], *reversed(lower)]:
        path.lineTo(*point)
    path.close()
    canvas.drawPath(path, stroke=0, fill=1)


def _listed(canvas: Canvas, sheet: Sheet) -> None:
    y = 148.0
    _write(canvas, sheet.listed_title, MARGIN, y, 10, TEXT, 400, bold=True)
    for place, text in enumerate(sheet.listed[:8]):
        column, row = divmod(place, 4)
        left = MARGIN + column * 400
        _write(canvas, f"•  {text}", left, y - 18 - row * 16, 9, TEXT, 380)


__all__ = ["Box", "Cells", "Sheet", "Way", "draws_chinese", "needs_chinese", "to_pdf", "to_png"]
