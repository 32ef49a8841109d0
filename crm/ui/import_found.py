"""What an import would do or did: figures, new and changed records, refused rows with their reasons."""

from __future__ import annotations

from functools import partial
from pathlib import PurePath
from typing import Any

import pandas as pd
import streamlit as st

from crm.customers.imports import Preview, reasons
from crm.exchange.reading import Table
from crm.exchange.refused import refused_file
from crm.exchange.writing import to_csv
from crm.ui.table import table
from crm.ui.text import literal
from crm.words import Language, label, language, say, speaking
from crm.words.formats import number, spoken

_SHOWN = 200
"""Lines of a list; the file of refused rows has all of them."""


_TALL = 9
"""Rows from which a list scrolls in itself."""


def figures_of(new: int, changed: int, unchanged: int, refused: int) -> None:
    """Rows of the file, by what becomes of them."""
    counts = {"new": new, "changed": changed, "unchanged": unchanged, "refused": refused}
    with st.container(horizontal=True, gap="large"):
        for name, count in counts.items():
            st.metric(label(name), number(count, 0), width=130)


def show_preview(preview: Preview) -> None:
    show_detail(preview.detail)
    for question in preview.questions:
        st.info(say(question.template, column=question.column, **question.values), icon=":material/help:")
    _show_warnings(preview.warnings)
    if len(preview.differences):
        with st.expander(say("Changes"), icon=":material/edit:", expanded=True):
            _list(_readable(preview.differences), "import.changes")
    if len(preview.sample):
        with st.expander(say("New"), icon=":material/add:"):
            _list(preview.sample.rename_axis("row").reset_index(), "import.new")


def show_detail(detail: dict[str, int]) -> None:
    """The records of each kind that come new, where one row does not make one record."""
    came = [say("{count} {what}", count=count, what=label(what).lower()) for what, count in detail.items() if count]
    if len(detail) > 1 and came:
        st.caption(say("New: {records}", records=came))


def _readable(differences: pd.DataFrame) -> pd.DataFrame:
    shown = differences.head(_SHOWN)
    words = {
        name: [_word(value, field) for value, field in zip(shown[name], shown["field"], strict=True)]
        for name in ("before", "after")
    }
    return shown.assign(field=shown["field"].map(lambda name: label(name.removeprefix("custom:"))), **words)


def _word(value: Any, field: str) -> str:
    """A code in words, anything else as it is written in a sentence."""
    if value is None or value != value:
        return ""
    return label(value, of=field) if field in ("kind", "level", "credit_grade", "source") else spoken(value)


def _show_warnings(warnings: pd.DataFrame) -> None:
    of_file = warnings[warnings["row"] == 0]
    for template, values in zip(of_file["reason_template"], of_file["reason_values"], strict=True):
        st.info(say(template, **values), icon=":material/info:")
    of_rows = warnings[warnings["row"] != 0]
    if len(of_rows):
        with st.expander(say("Remarks ({count})", count=len(of_rows)), icon=":material/visibility:"):
            _list(_told(of_rows), "import.remarks")


def show_problems(source: Table, problems: pd.DataFrame, file_name: str) -> None:
    if problems.empty:
        return
    refused = problems["row"].nunique()
    with st.expander(say("Refused ({count})", count=refused), icon=":material/block:", expanded=True):
        for line in reasons(problems):
            st.markdown(literal(line))
        st.download_button(
            say("Refused rows with their reasons"),
            data=partial(_refused_csv, source, problems, language()),
            file_name=f"{PurePath(file_name).name.split('.')[0]}.refused.csv",
            mime="text/csv",
            key="import.refused",
            on_click="ignore",
            icon=":material/download:",
        )
        _list(_told(problems), "import.problems")


def _refused_csv(source: Table, problems: pd.DataFrame, chosen: Language) -> bytes:
    with speaking(chosen):
        frame = refused_file(source, problems, say)
        return to_csv(frame, {str(name): str(name) for name in frame})


def _told(found: pd.DataFrame) -> pd.DataFrame:
    shown = found.head(_SHOWN)
    reasons = [say(template, **values) for template, values in zip(shown["reason_template"], shown["reason_values"], strict=True)]
    return shown[["row", "column"]].assign(written=shown["value"], reason=reasons)


def _list(rows: pd.DataFrame, key: str) -> None:
    table(rows, key=key, labels={"written": say("In the file")}, opens=False, height="content" if len(rows) < _TALL else 350)
