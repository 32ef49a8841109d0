"""The screen as a file to send: drawn when it is asked for, in the scope of whoever asks, written to the export log."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Literal

import streamlit as st

from crm.exchange.sheet import Sheet, draws_chinese, needs_chinese, to_pdf, to_png
from crm.office.commands import log_export
from crm.staff.sign_in import Board, SignedIn
from crm.targets.queries.standing import Standing
from crm.targets.queries.watch import Watch
from crm.ui.deferred import still_here
from crm.ui.desk import me
from crm.ui.director.sheet import sheet_of
from crm.ui.tile import Tile
from crm.words import Language, language, say

Format = Literal["pdf", "png"]
DRAW: dict[Format, Callable[[Sheet], bytes]] = {"pdf": to_pdf, "png": to_png}
MIME = {"pdf": "application/pdf", "png": "image/png"}


def send(told: Standing, seen: Watch, board: Board, found: list[Tile]) -> None:
    """The two buttons; nothing for whoever may not export."""
    person = me()
    if not person.actor.may("export", "targets"):
        return
    panel = st.popover(say("PDF or PNG"), icon=":material/ios_share:", key="director.send", on_change="rerun")
    if not panel.open:
        return
    sheet = sheet_of(told, seen, board, found, person.name)
    with panel:
        _button(person, "pdf", sheet, told, board)
        if draws_chinese() or not needs_chinese(sheet):
            _button(person, "png", sheet, told, board)
        else:
            st.caption(say("This server has no Chinese face to draw a picture with. The PDF is complete: take that."))


def _button(person: SignedIn, kind: Format, sheet: Sheet, told: Standing, board: Board) -> None:
    filters = {"board_id": board.id, "unit": told.name, "period": told.period, "starts_on": told.start.isoformat()}
    st.download_button(
        kind.upper(),
        data=partial(sheet_file, person, language(), kind, sheet, filters),
        file_name=f"{told.period}-{told.start:%Y-%m-%d}-{told.day:%Y-%m-%d}.{kind}",
        mime=MIME[kind],
        key=f"director.send.{kind}",
        on_click="ignore",
        icon=":material/picture_as_pdf:" if kind == "pdf" else ":material/image:",
        width="stretch",
    )


def sheet_file(person: SignedIn, spoken: Language, kind: Format, sheet: Sheet, filters: dict[str, object]) -> bytes:
    with still_here(person, spoken) as session:
        log_export(session, "director_sheet", kind, len(sheet.boxes), filters, "targets")
        return DRAW[kind](sheet)


__all__ = ["send", "sheet_file"]
