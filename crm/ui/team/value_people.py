"""Who grows what his customers are worth, and who only sells: a point and a row for each person."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from crm.analytics.value_change import PARTS, summed
from crm.charts import value_change as charts
from crm.ui.exporter import export_button
from crm.ui.insight.about import about, titled
from crm.ui.insight.cohort_controls import newly, one, put
from crm.ui.show import Built, heading, show
from crm.ui.table import table
from crm.ui.team.frames import as_shown
from crm.ui.team.value_asked import Asked
from crm.ui.tile import told
from crm.words import label, say

WORTH = ("opening", *PARTS, "closing")
NAMES = {name: f"{name}_worth" for name in WORTH}
COLUMNS = ["person", "worth_change", "sold", "won", "activities", *NAMES.values()]
ALWAYS = ("worth_change", "sold", "opening_worth", "closing_worth")
"""Columns that stand there even if nothing is in them."""
SUM = 0
"""The id of the line below all."""


def of_people(of: Asked) -> pd.DataFrame:
    """Of everybody -> person_id, person, unit, worth before, its parts, worth after, the change, volume; best change first."""
    known = summed(of.everybody).rename(columns={"owner": "person_id"} | NAMES)
    rows = of.people.merge(known.astype({"person_id": "int64"}), how="left", on="person_id")
    rows[list(NAMES.values())] = rows[list(NAMES.values())].fillna(0.0)
    changed = rows[[NAMES[part] for part in PARTS]].sum(axis=1)
    told_ = rows.assign(worth_change=changed, sold=rows["revenue"])
    return told_.sort_values("worth_change", ascending=False, kind="stable", ignore_index=True)


def against_volume(of: Asked, rows: pd.DataFrame) -> None:
    """`rows`: of `of_people`."""
    key = "value.volume"
    if len(rows) < 2 or not rows["revenue"].any():
        _alone(of, rows)
        return
    best, sold = rows.iloc[0], rows.sort_values("revenue", ascending=False).iloc[0]
    if best["person_id"] == sold["person_id"]:
        place = titled("{best} sells most and grows the worth of customers most", key, best=best["person"])
    else:
        place = titled(_APART, key, sold=sold["person"], best=best["person"], change=_money(of, sold["worth_change"]))
    with place:
        definition = say(
            "Right: revenue of the orders of the period. Up: the change of what the customers are worth. Whoever stands far "
            "right and below the line sells volume while the customers lose; the dotted line is the median of revenue."
        )
        about(key, definition=definition, scope=of.scope, as_of=of.after, n=len(rows))
    clicked = show(Built(charts.assets_and_volume, rows, of.person_id), key=f"{key}.chart")
    chosen = int(one(clicked[0])) if clicked else None
    if chosen is not None and newly(f"{key}.chart", chosen):
        _choose(chosen)


_APART = "{sold} sells most ({change} worth); {best} grows the worth of customers most"


def _money(of: Asked, amount: float) -> str:
    return ("+" if amount > 0 else "") + of.money(amount)


def _alone(of: Asked, rows: pd.DataFrame) -> None:
    """One person needs no comparison: what he did in the same time."""
    values = {name: float(rows[name].sum()) for name in ("revenue", "won_amount")}
    heading("In the same time: {amount} of revenue", amount=of.money(values["revenue"]))
    st.caption(
        say(
            "{won:deal|deals} won for {amount} · {count:activity|activities}",
            won=int(rows["won"].sum()),
            amount=of.money(values["won_amount"]),
            count=int(rows["activities"].sum()),
        )
    )


def people_table(of: Asked, rows: pd.DataFrame, *, tells: bool) -> None:
    """A row opens the person; the last line is the sum, which is that of the board where all of it is seen."""
    with st.container(horizontal=True, vertical_alignment="center", key="value.people.head"):
        with st.container(width="stretch"):
            grew = int((rows["worth_change"] > 0).sum())
            heading(
                "{grew} of {count:person|people} grew the worth of customers",
                grew=grew,
                count=len(rows),
                about=say(
                    "Amounts in {currency}. What one handed over to another stands on both sides.", currency=of.board.currency
                ),
            )
        export_button("value_of_people", as_shown(rows), _heads(), of.address(), area="targets", key="value.export")
    total = {name: rows[name].sum() for name in COLUMNS if name != "person"} | {"person": say("Sum"), "person_id": SUM}
    lines = pd.concat([rows, pd.DataFrame([total])], ignore_index=True)
    shown = lines.assign(id=lines["person_id"].astype("int64"))
    moved = [name for name in COLUMNS if name == "person" or name in ALWAYS or shown[name].any()]
    chosen = table(shown, key="value.people", columns=moved, labels=_heads()).opened
    if tells:
        told("team", {"count": len(rows), "change": float(rows["worth_change"].sum()), "revenue": float(rows["revenue"].sum())})
    if chosen is not None and newly("value.people", chosen):
        _choose(chosen)


def _choose(person_id: int) -> None:
    put("whose", f"person-{person_id}" if person_id != SUM else None)
    put("page", None)
    st.rerun()


def _heads() -> dict[str, str]:
    short = {NAMES[name]: label(name, of="part") for name in WORTH}
    return {name: label(name, of="head") for name in COLUMNS} | {"sold": label("revenue")} | short


__all__ = ["against_volume", "of_people", "people_table"]
