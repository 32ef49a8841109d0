"""The customers behind a part of the change: the largest first, each leading to his page."""

from __future__ import annotations

from typing import Any

import pandas as pd
import streamlit as st

from crm.analytics.value_change import PARTS
from crm.customers.filters import CustomerFilter
from crm.customers.queries import customer_list
from crm.targets import queries
from crm.ui.desk import figures, go, load
from crm.ui.insight.cohort_controls import put
from crm.ui.paging import page_of, pager
from crm.ui.show import heading
from crm.ui.table import table
from crm.ui.team.value_asked import Asked
from crm.ui.tile import told
from crm.words import label, say

EVERY = "every"
GROUPS = {EVERY: PARTS, "stayed": ("grown", "shrunk"), "hands": ("inherited", "handed_over")}
STEPS = frozenset({*PARTS, *GROUPS})
SIZE = 50
FACTS = ("name", "life_cycle", "segment", "contribution_rating")
COLUMNS = [
    "name",
    "through",
    "value_before",
    "value_after",
    "worth_change",
    "owner",
    "life_cycle",
    "segment",
    "contribution_rating",
]
UNSEEN = 0


def of_part(changes: pd.DataFrame, name: str) -> pd.DataFrame:
    """The changes of a part, or of a group of them."""
    return changes[changes["part"].isin(GROUPS.get(name, (name,)))]


def rows_of_part(of: Asked, name: str) -> None:
    rows = of_part(of.changes, name if name in STEPS else EVERY)
    total = float(rows["change"].sum())
    told("team", {"count": len(rows), "change": total})
    values: dict[str, Any] = {"part": _title(name), "count": len(rows), "amount": of.money(total)}
    with st.container(horizontal=True, vertical_alignment="center", key="value.rows.head"):
        with st.container(width="stretch"):
            heading("{part}: {count:change|changes} of {amount}", **values)
        if "part" in st.query_params and st.button(
            "", icon=":material/close:", type="tertiary", key="value.rows.close", help=say("Take the selection off")
        ):
            put("part", None)
            st.rerun()
    seen = rows["customer_id"].isin(figures(queries.seen_customers, board_id=of.board.id))
    mine = rows[seen]
    ordered = mine.iloc[mine["change"].abs().to_numpy().argsort(kind="stable")[::-1]].reset_index(drop=True)
    page = page_of(len(ordered), SIZE)
    shown = _named(of, ordered.iloc[(page - 1) * SIZE : page * SIZE])
    chosen = table(
        shown, key=f"value.rows.{name}.{page}", columns=COLUMNS, labels=_heads(), height=420 if len(shown) > 10 else "content"
    )
    if chosen.opened is not None:
        go("customer", customer=int(shown.loc[shown["id"] == chosen.opened, "customer_id"].iloc[0]))
    if len(mine) < len(rows):
        away = rows[~seen]
        text = "And {count:customer|customers} whom you see no more: {amount}"
        st.caption(say(text, count=len(away), amount=of.money(float(away["change"].sum()))))
    pager(len(ordered), SIZE, "value.rows.page")


def _title(name: str) -> str:
    titles = {EVERY: say("All parts"), "stayed": say("Grown less shrunk"), "hands": say("Changed hands")}
    return titles.get(name) or label(name, of="part")


def _named(of: Asked, rows: pd.DataFrame) -> pd.DataFrame:
    where = CustomerFilter(ids=tuple(int(one) for one in rows["customer_id"].unique()))
    facts = load(customer_list, where=where, columns=FACTS, size=SIZE).rename(columns={"id": "customer_id"})
    people = of.people.set_index("person_id")["person"]
    part = [label(str(one), of="part") for one in rows["part"]]
    named = rows.assign(owner=rows["owner"].map(people), through=part, worth_change=rows["change"])
    return named.merge(facts, how="left", on="customer_id").assign(id=range(len(named)))


def _heads() -> dict[str, str]:
    return {"name": label("customer"), "owner": label("person"), "through": label("through")}


__all__ = ["EVERY", "STEPS", "of_part", "rows_of_part"]
