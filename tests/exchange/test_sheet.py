"""The sheet that is sent: what a reader finds in the file."""

import pypdfium2
import pytest
from PIL import Image

from crm.exchange.sheet import Box, Cells, Sheet, Way, draws_chinese, needs_chinese, to_pdf, to_png


def a_sheet(**changes):
    values = {
        "title": "Will the quarter be made?",
        "scope": "Music · this quarter, 1 Apr 2026 to 30 Jun 2026",
        "answer": "The quarter will probably be missed by 8 %; Sales West is the gap",
        "boxes": (Box("Revenue", "CN¥1.2M", "92 %", "red", "of CN¥1.3M", "pace 100 %"), Box("Service", "81\u00a0%")),
        "cells": Cells("1 of 2 made Q1", ("Q1 2026", "Q2 2026"), (("Sales West", (("104 %", 1.04), ("61 %", 0.61))),)),
        "way": Way(
            "1.2M is likely", ((0, 0), (0.5, 600)), ((0.5, 600, 600, 600), (1, 900, 1200, 1500)), 1300.0, ("1 Apr", "30 Jun")
        ),
        "listed": ("3 activities are overdue",),
        "listed_title": "1 thing needs attention",
        "foot": "As of 30 Jun 2026 · made by Dana Novak",
    }
    return Sheet(**values | changes)


def read(pdf):
    document = pypdfium2.PdfDocument(pdf)
    assert len(document) == 1
    return document[0].get_textpage().get_text_bounded()


def test_it_holds_what_was_given():
    text = read(to_pdf(a_sheet()))
    for part in (
        "Will the quarter be made?",
        "missed by 8 %; Sales West is the gap",
        "CN¥1.2M",
        "92 %",
        "of CN¥1.3M",
        "pace 100 %",
    ):
        assert part in text
    for part in ("Sales West", "104 %", "61 %", "Q2 2026", "3 activities are overdue", "30 Jun 2026", "made by Dana Novak"):
        assert part in text


def test_chinese_is_written_without_any_font_of_the_machine():
    pdf = to_pdf(a_sheet(answer="本季度预计差 8% 未达成；缺口在西区销售", foot="由曾光明生成"))
    assert "本季度预计差 8% 未达成；缺口在西区销售" in read(pdf)
    assert "由曾光明生成" in read(pdf)
    assert b"STSong-Light" in pdf and b"FontFile" not in pdf
    assert len(pdf) < 20_000


def test_the_same_sheet_is_the_same_file():
    assert to_pdf(a_sheet()) == to_pdf(a_sheet())


def test_a_long_name_is_cut_and_nothing_known_is_no_error():
    assert "…" in read(to_pdf(a_sheet(answer="word " * 80)))
    empty = a_sheet(cells=Cells("No target holds"), way=Way("Nothing came in"), listed=(), boxes=())
    assert "No target holds" in read(to_pdf(empty))


def test_the_picture_is_drawn_from_it(tmp_path):
    file = tmp_path / "sheet.png"
    file.write_bytes(to_png(a_sheet(), scale=1.0))
    with Image.open(file) as picture:
        assert picture.size == (842, 595)
        colours = {colour for _, colour in picture.convert("RGB").getcolors(1 << 20)}
    assert (255, 255, 255) in colours and len(colours) > 50


@pytest.mark.parametrize(("name", "needed"), [("Sales West", False), ("Müller & Söhne – €", False), ("西区", True)])
def test_only_chinese_needs_a_chinese_face(name, needed):
    assert needs_chinese(a_sheet(scope=name)) is needed


def test_the_faces_of_the_machine_are_looked_for(tmp_path, monkeypatch):
    monkeypatch.setattr("crm.exchange.sheet.DRAWN_WITH", (str(tmp_path),))
    draws_chinese.cache_clear()
    assert not draws_chinese()
    (tmp_path / "NotoSansCJK-Regular.ttc").touch()
    draws_chinese.cache_clear()
    assert draws_chinese()
    draws_chinese.cache_clear()
