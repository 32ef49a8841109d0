"""Which files came in and which went out: when, by whom, how many rows."""

from __future__ import annotations

from typing import Any

import streamlit as st

from crm.office import queries
from crm.ui.desk import figures, load
from crm.ui.paging import page_of, pager
from crm.ui.show import empty
from crm.ui.table import table
from crm.words import label, say


@st.fragment
def log_of_imports() -> None:
    total = figures(queries.import_count)
    if not total:
        empty("No file was brought in yet.")
        return
    table(load(queries.imports, page=page_of(total, queries.PAGE_SIZE)), key="import.log", opens=False)
    pager(total, queries.PAGE_SIZE, "import.log.page")


@st.fragment
def log_of_exports() -> None:
    total = figures(queries.export_count)
    if not total:
        empty("No file went out yet.")
        return
    events = load(queries.exports, page=page_of(total, queries.PAGE_SIZE))
    shown = events.assign(what=events["what"].map(label), filters=events["filters"].map(_told))
    table(shown, key="export.log", opens=False)
    pager(total, queries.PAGE_SIZE, "export.log.page")


def _told(filters: dict[str, Any]) -> str:
    return " · ".join(say("{name}: {text}", name=label(name), text=value) for name, value in filters.items())
