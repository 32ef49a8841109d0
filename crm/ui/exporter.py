"""What I see as a file: made when it is asked for, in my scope, written to the export log."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any, Literal

import pandas as pd
import streamlit as st

from crm.exchange.writing import to_csv, to_xlsx
from crm.office.commands import log_export
from crm.session import ScopedSession
from crm.staff.sign_in import SignedIn
from crm.ui.deferred import still_here
from crm.ui.desk import me
from crm.ui.table import CODES
from crm.words import Language, label, language, say

Format = Literal["csv", "xlsx"]
Rows = Callable[[ScopedSession], pd.DataFrame]
MIME = {"csv": "text/csv", "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"}


def export_button(
    what: str,
    rows: Rows,
    columns: Mapping[str, str],
    filters: Mapping[str, Any],
    *,
    area: str = "customers",
    key: str = "export",
) -> None:
    """A button with the list as CSV and as Excel; nothing for whoever may not export from the area.

    `rows(session)` gives the frame when the file is asked for; it runs beside the page and may use nothing of Streamlit.
    `columns`: name -> heading, in order. `filters` (plain values) go to the export log.
    """
    if me().actor.may("export", area):
        with st.popover(say("Export"), icon=":material/download:", key=key):
            export_files(what, rows, columns, filters, area=area, key=key)


def export_files(
    what: str,
    rows: Rows,
    columns: Mapping[str, str],
    filters: Mapping[str, Any],
    *,
    area: str = "customers",
    key: str,
) -> None:
    """The two buttons themselves, where a panel is open already."""
    person = me()
    if not person.actor.may("export", area):
        return
    for format, title in (("csv", "CSV"), ("xlsx", "Excel")):
        st.download_button(
            title,
            data=partial(_file, person, language(), what, format, rows, columns, filters, area),  # type: ignore[arg-type]
            file_name=f"{what}.{format}",
            mime=MIME[format],
            key=f"{key}_{format}",
            on_click="ignore",
            icon=":material/table_view:" if format == "xlsx" else ":material/csv:",
            width="stretch",
        )


def _file(
    person: SignedIn,
    spoken: Language,
    what: str,
    format: Format,
    rows: Rows,
    columns: Mapping[str, str],
    filters: Mapping[str, Any],
    area: str,
) -> bytes:
    with still_here(person, spoken) as session:
        frame = rows(session)
        readable = frame.assign(**{name: _words(frame[name], name) for name in columns if name in CODES})
        log_export(session, what, format, len(frame), dict(filters), area)
        return to_csv(readable, columns) if format == "csv" else to_xlsx(readable, columns, label(what))


def _words(codes: pd.Series[Any], name: str) -> pd.Series[Any]:
    return codes.map({code: label(str(code), of=name) for code in codes.dropna().unique()})
