"""Counts that a person brings along: pasted, uploaded or typed into a grid; kept over reruns, and in the address."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import pandas as pd
import streamlit as st

from crm.errors import CrmError
from crm.insight.counts import Counts, Mistake, pasted, read_counts, read_written, written
from crm.ui.desk import tell
from crm.ui.text import literal
from crm.words import say
from crm.words.formats import number

LONGEST = 1500
"""Characters in the address: longer tables stay in this browser."""
SHOWN = 6


@dataclass(frozen=True)
class Table:
    """A table that a lab asks for. `address`: its parameter there; `mistakes`: what is wrong in its cells; `row`, `column`: what
    a row and a column stand for, said in the reader's language."""

    key: str
    address: str
    example: Counts
    mistakes: Callable[[Counts], list[Mistake]]
    row: Callable[[], str]
    column: Callable[[], str]


def standing(table: Table) -> Counts:
    """The table as it stands: from the address, as last entered, or the example."""
    asked = read_written(st.query_params.get(table.address, ""))
    now: Counts | None = st.session_state.get(f"{table.key}.now")
    if asked is not None and (now is None or asked != now.cells):
        shared = Counts(_counted(len(asked), 1), _counted(len(asked[0]), 0), asked)
        put(table, table.example if table.mistakes(shared) else shared)
    elif now is None:
        put(table, table.example)
    found: Counts = st.session_state[f"{table.key}.now"]
    _stand(table, found)
    return found


def put(table: Table, counts: Counts) -> None:
    """Replace the table; what was typed into the grid goes with the old one."""
    st.session_state[f"{table.key}.base"] = counts
    st.session_state[f"{table.key}.version"] = st.session_state.get(f"{table.key}.version", 0) + 1
    st.session_state.pop(f"{table.key}.wrong", None)
    _stand(table, counts)


def enter(table: Table, hint: str) -> None:
    """Paste or upload; what cannot be read is told below, and stays in the box."""
    with st.expander(say("Your own figures"), icon=":material/content_paste:", key=f"{table.key}.enter"):
        st.caption(hint)
        box = f"{table.key}.pasted"
        st.text_area(
            say("Paste from a sheet"),
            key=box,
            height=120,
            persist_state="session",
            on_change=lambda: _read(table, pasted(st.session_state[box]), "pasted.txt"),
        )
        file = f"{table.key}.file"
        st.file_uploader(
            say("or a CSV or Excel file"), type=["csv", "tsv", "txt", "xlsx"], key=file, on_change=lambda: _uploaded(table, file)
        )
        if st.button(say("Read the figures again"), key=f"{table.key}.read", disabled=not st.session_state[box]):
            _read(table, pasted(st.session_state[box]), "pasted.txt")
            st.rerun()
    _tell_wrong(st.session_state.get(f"{table.key}.wrong"))


def grid(table: Table) -> Counts:
    """The table to type into -> as it stands now; a mistake is told, and the figures before it hold."""
    base: Counts = st.session_state[f"{table.key}.base"]
    ids = [f"c{place}" for place in range(len(base.columns))]
    cells = {name: pd.array([row[place] for row in base.cells], dtype="Int64") for place, name in enumerate(ids)}
    column = st.column_config
    config = {
        name: column.NumberColumn(title, min_value=0, step=1, format="localized", width="small")
        for name, title in zip(ids, base.columns, strict=True)
    }
    shape = say("The figures: {rows} × {columns}", rows=len(base.rows), columns=len(base.columns))
    with st.expander(shape, icon=":material/grid_on:", key=f"{table.key}.open"):
        told = {"row": table.row(), "column": table.column()}
        st.caption(say("A row is {row}, a column is {column}. Type over a cell, or add a row.", **told))
        edited = st.data_editor(
            pd.DataFrame({"name": list(base.rows), **cells}),
            key=f"{table.key}.grid.{st.session_state[f'{table.key}.version']}",
            num_rows="dynamic",
            hide_index=True,
            width="stretch",
            column_config={"name": column.TextColumn(" "), **config},
        )
    counts = _as_counts(edited, base, ids)
    if wrong := table.mistakes(counts):
        _tell_wrong(wrong)
    elif counts.cells and counts != st.session_state[f"{table.key}.now"]:
        _stand(table, counts)
    now: Counts = st.session_state[f"{table.key}.now"]
    return now


def _as_counts(edited: pd.DataFrame, base: Counts, ids: list[str]) -> Counts:
    rows = tuple(str(name) if isinstance(name, str) and name else str(at) for at, name in enumerate(edited["name"], start=1))
    cells = tuple(
        tuple(None if pd.isna(count) else int(count) for count in row) for row in edited[ids].itertuples(index=False, name=None)
    )
    return Counts(rows, base.columns, cells)


def _stand(table: Table, counts: Counts) -> None:
    st.session_state[f"{table.key}.now"] = counts
    text = written(counts)
    if counts == table.example or len(text) > LONGEST:
        st.query_params.pop(table.address, None)
    else:
        st.query_params[table.address] = text


def _uploaded(table: Table, key: str) -> None:
    file = st.session_state[key]
    if file is not None:
        _read(table, file.getvalue(), file.name)


def _read(table: Table, data: bytes, name: str) -> None:
    """Only a table without a mistake replaces the one before."""
    if not data.strip():
        st.session_state.pop(f"{table.key}.wrong", None)
        return
    try:
        counts, wrong = read_counts(data, name)
    except CrmError as error:
        st.session_state[f"{table.key}.wrong"] = error
        return
    wrong = wrong or table.mistakes(counts)
    if wrong:
        st.session_state[f"{table.key}.wrong"] = wrong
    else:
        put(table, counts)


def _tell_wrong(wrong: CrmError | list[Mistake] | None) -> None:
    if not wrong:
        return
    if isinstance(wrong, CrmError):
        tell(wrong)
    else:
        sentences = [_sentence(mistake) for mistake in wrong[:SHOWN]]
        if len(wrong) > SHOWN:
            sentences.append(say("and {count} more", count=number(len(wrong) - SHOWN, 0)))
        st.error("  \n".join(sentences), icon=":material/error:")
    st.caption(say("Nothing is lost: what you entered stays, and the charts show the figures before it."))


def _sentence(mistake: Mistake) -> str:
    values = {name: literal(value) if isinstance(value, str) else value for name, value in mistake.fault.values.items()}
    text = say(mistake.fault.template, **values)
    return say("Row {row}, column {column}: {text}", row=literal(mistake.row), column=literal(mistake.column), text=text)


def _counted(count: int, first: int) -> tuple[str, ...]:
    return tuple(str(place + first) for place in range(count))
