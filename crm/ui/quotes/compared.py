"""Two versions of a quote side by side: which lines changed."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from crm.pipeline.queries import changed_lines
from crm.ui.desk import load
from crm.ui.show import heading
from crm.ui.table import table
from crm.words import say
from crm.words.formats import money

CHANGES = {"added": "New", "taken_out": "Taken out", "changed": "Changed", "same": "As before"}


def compared(rows: pd.DataFrame, currency: str) -> None:
    """Of the versions of a deal, newest first: at first the newest against the one before."""
    with st.expander(say("Compare two versions"), icon=":material/difference:", on_change="rerun", key="quotes.compare") as panel:
        if not panel.open:
            return
        names = dict(zip(rows["id"].tolist(), rows["quote"].tolist(), strict=True))
        ids = list(names)
        with st.container(horizontal=True, vertical_alignment="bottom"):
            options = {"format_func": names.__getitem__, "width": 200}
            earlier = st.selectbox(say("From"), ids, index=1, key="quotes.compare.from", **options)  # type: ignore[call-overload]
            later = st.selectbox(say("To"), ids, index=0, key="quotes.compare.to", **options)  # type: ignore[call-overload]
        _difference(int(earlier), int(later), names, currency)


def _difference(earlier: int, later: int, names: dict[int, str], currency: str) -> None:
    found = load(changed_lines, earlier_id=earlier, later_id=later)
    touched = found[found["change"] != "same"]
    change = float(found["amount_change"].sum())
    pair = {"before": names[earlier], "after": names[later]}
    if touched.empty:
        heading("{before} and {after} have the same lines", **pair)
        return
    amount = money(abs(change), currency)
    if change:
        text = "{after} is {amount} dearer than {before}" if change > 0 else "{after} is {amount} cheaper than {before}"
        heading(text, amount=amount, **pair)
    else:
        heading("{after} comes to the same as {before}, by other lines", **pair)
    told = {code: say(text) for code, text in CHANGES.items()}
    shown = found.assign(line_change=found["change"].map(told)).sort_values(
        "change", key=lambda one: one == "same", kind="stable"
    )
    pairs = [f"{name}_{side}" for name in ("quantity", "net_price", "amount") for side in ("before", "after")]
    heads = _heads(*(one.rpartition("-")[2] for one in (names[earlier], names[later])))
    table(
        shown, key="quotes.difference", columns=["line_change", "description", *pairs, "amount_change"], labels=heads, opens=False
    )


def _heads(before: str, after: str) -> dict[str, str]:
    titles = {"quantity": say("Quantity"), "net_price": say("Net price"), "amount": say("Amount")}
    heads = {f"{name}_before": f"{title} ({before})" for name, title in titles.items()}
    heads |= {f"{name}_after": f"{title} ({after})" for name, title in titles.items()}
    return heads | {"line_change": say("Line"), "amount_change": say("Amount change")}
