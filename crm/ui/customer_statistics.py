"""The customers of a filter counted by one property; a bar leads to its customers."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from crm.charts.compare import bars
from crm.customers import queries
from crm.customers.filters import CustomerFilter
from crm.customers.queries.statistics import DIMENSIONS
from crm.staff.queries import colleagues
from crm.ui.address import choice, read_filter
from crm.ui.boards import one_board
from crm.ui.customer_filters import change, quick_filters
from crm.ui.desk import load, me
from crm.ui.show import Built, empty, heading, show
from crm.ui.table import table
from crm.words import label, say
from crm.words.formats import percent


def customer_statistics() -> None:
    where = read_filter(CustomerFilter)
    with st.container(horizontal=True, vertical_alignment="center"):
        list_or_statistics()
        quick_filters(where)
    with st.container(horizontal=True, vertical_alignment="center"):
        by = choice("by", DIMENSIONS, "life_cycle")
        st.session_state["statistics.by"] = by
        st.segmented_control(
            say("By"),
            DIMENSIONS,
            key="statistics.by",
            format_func=label,
            on_change=_by_chosen,
            label_visibility="collapsed",
        )
    board = one_board(me(), "statistics.board") if not where.board_id else None
    counted = where.model_copy(update={"board_id": (board.id,)}) if board else where
    found = load(queries.by_dimension, dimension=by, where=counted)
    if found.empty:
        empty("No customer fits these filters.")
        return
    _charts(by, found.assign(name=_names(by, found["value"].tolist())))


def _by_chosen() -> None:
    st.query_params["by"] = st.session_state["statistics.by"] or "life_cycle"


def list_or_statistics() -> None:
    """The two ways to look at the same customers."""
    now = choice("show", ("list", "statistics"), "list")
    st.session_state["customers.show"] = now
    icons = {"list": ":material/table_rows:", "statistics": ":material/bar_chart:"}
    st.segmented_control(
        say("Show"),
        ["list", "statistics"],
        key="customers.show",
        format_func=lambda way: f"{icons[way]} {label(way)}",
        label_visibility="collapsed",
        on_change=_show_chosen,
    )


def _show_chosen() -> None:
    st.query_params["show"] = st.session_state["customers.show"] or "list"


def _names(by: str, values: list[object]) -> list[str]:
    known: dict[object, str] = {}
    if by in ("owner_id", "class_id"):
        rows = load(colleagues if by == "owner_id" else queries.classes)
        known = dict(zip(rows["id"], rows["name"], strict=True))
    return [_name(by, value, known) for value in values]


def _name(by: str, value: object, known: dict[object, str]) -> str:
    if value is None or value != value:
        return say("not given")
    if by in ("region", "industry"):
        return str(value)
    return known.get(value) or label(str(value), of=by)


def _charts(by: str, found: pd.DataFrame) -> None:
    top = found.iloc[found["customers"].argmax()]
    share = top["customers"] / found["customers"].sum()
    left, right = st.columns(2)
    with left:
        heading("{name}: {share} of the customers", name=top["name"], share=percent(share))
        picked = show(Built(bars, found.head(15), "name", "customers"), key=f"statistics.customers.{by}")
    richest = found.iloc[found["amount"].argmax()]
    with right:
        whole = found["amount"].clip(lower=0).sum()
        heading(
            "{name}: {share} of the revenue", name=richest["name"], share=percent(richest["amount"] / whole if whole else None)
        )
        picked += show(Built(bars, found.nlargest(15, "amount"), "name", "amount"), key=f"statistics.amount.{by}")
    if picked:
        _open(by, found, picked[0])
    rows = found.assign(id=range(len(found)), share=found["customers"] / found["customers"].sum() * 100)
    chosen = table(rows, key=f"statistics.table.{by}", columns=["name", "customers", "share", "orders", "amount"])
    if chosen.opened is not None:
        _open(by, found, found.iloc[chosen.opened]["name"])


def _open(by: str, found: pd.DataFrame, name: object) -> None:
    """The customers behind a bar: the list with one more filter."""
    key = name[0] if isinstance(name, list | tuple) else name
    value = found.loc[found["name"] == key, "value"]
    if len(value):
        one = value.iloc[0]
        missing = one is None or one != one
        change(**{by: ((0 if by.endswith("_id") else "") if missing else one,)})
        st.query_params["show"] = "list"
        st.rerun()
