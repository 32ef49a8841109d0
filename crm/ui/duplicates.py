"""Two records side by side, what a merge would do, and the list of suspects."""

from __future__ import annotations

from typing import Any

import pandas as pd
import streamlit as st

from crm.customers import commands, queries
from crm.session import ScopedSession
from crm.ui.address import number
from crm.ui.customer_profile import readable
from crm.ui.desk import act, find, load, me
from crm.ui.show import empty, heading
from crm.ui.table import table
from crm.ui.text import literal
from crm.words import label, say


def duplicate_list() -> None:
    found = load(queries.duplicates)
    if found.empty:
        empty("No two records look like one customer. Same phone, same name and names that differ in a letter would stand here.")
        return
    heading("{count:pair|pairs} may be one customer each", count=len(found))
    rows = found.assign(pair=found["other_id"], id=range(len(found)))
    chosen = table(rows, key="duplicates.table", columns=["name", "other", "because", "similarity"])
    if chosen.opened is not None:
        pair = found.iloc[chosen.opened]
        st.query_params.from_dict({"keep": str(pair["id"]), "merge": str(pair["other_id"])})
        st.rerun()


def merge_panel() -> None:
    """Preview first: fields to choose from, rows that move; then the merge, which can be undone on the record."""
    keep_id, merge_id = number("keep", 0), number("merge", 0)
    preview = find(_preview, keep_id, merge_id)
    if preview is None:
        return
    with st.container(border=True, key="merge.panel"):
        names = preview["names"]
        heading("{merged} goes into {kept}", merged=names[1], kept=names[0])
        take = _fields(preview)
        moves = [say("{name}: {text}", name=label(name), text=count) for name, count in preview["moves"].items()]
        st.caption(say("Moves along: {moves}.", moves=moves) if moves else say("Nothing hangs on the other record."))
        with st.container(horizontal=True):
            if st.button(say("Merge"), type="primary", icon=":material/merge:", key="merge.yes"):
                st.query_params.clear()
                act(commands.merge, keep_id, merge_id, take, done="Merged. It can be undone under History of the record.")
            if st.button(say("Swap"), icon=":material/swap_horiz:", key="merge.swap"):
                st.query_params.from_dict({"keep": str(merge_id), "merge": str(keep_id)})
                st.rerun()
            if st.button(say("Leave them apart"), key="merge.no"):
                st.query_params.clear()
                st.rerun()


def _preview(session: ScopedSession, keep_id: int, merge_id: int) -> dict[str, Any]:
    """The preview with both names."""
    names = tuple(queries.customer(session, one).name for one in (keep_id, merge_id))
    return commands.merge_preview(session, keep_id, merge_id) | {"names": names}


def _fields(preview: dict[str, Any]) -> tuple[str, ...]:
    """Where both say something different: which one holds. -> fields taken from the merged record."""
    fields = pd.DataFrame(preview["fields"], columns=["field", "kept", "merged", "result"], dtype="object")
    if fields.empty:
        st.caption(say("Both records say the same."))
        return ()
    take = []
    for row in fields.to_dict("records"):
        name = str(row["field"])
        if row["kept"] in (None, ""):
            st.markdown(f":gray[{label(name)}]  {literal(readable(name, row['merged']))}")
            continue
        if row["merged"] in (None, ""):
            continue
        options = [readable(name, row["kept"]), readable(name, row["merged"])]
        chosen = st.radio(label(name), options, format_func=literal, horizontal=True, key=f"merge.{name}")
        if chosen == options[1]:
            take.append(name)
    return tuple(take)


def deleted_list() -> None:
    rows = load(queries.deleted)
    if rows.empty:
        empty("Nothing was deleted. What is deleted can be restored here.")
        return
    chosen = table(
        rows, key="deleted.table", columns=["name", "code", "owner", "order_count", "deleted_at"], many=True, opens=False
    )
    if (
        chosen.ticked
        and me().actor.may("delete", "customers")
        and st.button(say("Restore"), type="primary", icon=":material/restore:")
    ):
        act(commands.restore_customers, chosen.ticked, done="Restored.")
