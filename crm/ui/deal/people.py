"""Who decides and how they stand to us, who works on it, and who else buys."""

from __future__ import annotations

from typing import Any

import pandas as pd
import streamlit as st

from crm.pipeline import queries
from crm.pipeline.models import Attitude, DecisionRole, Opportunity
from crm.ui.deal.parts import parts
from crm.ui.desk import figures
from crm.ui.show import heading
from crm.ui.table import records
from crm.ui.text import literal
from crm.words import label, say

COLOURS: dict[str, Any] = {"for_us": "green", "neutral": "gray", "unknown": "orange", "against_us": "red"}
ORDER = (Attitude.FOR_US, Attitude.NEUTRAL, Attitude.UNKNOWN, Attitude.AGAINST_US)
STRONG = (DecisionRole.DECIDES, DecisionRole.PAYS, DecisionRole.BLOCKS)


def people(deal: Opportunity, may: bool) -> None:
    left, right = st.columns([1.75, 1], gap="large")
    with left:
        block = st.container()
        rows = parts(deal, "contact", may)
        with block:
            _answer(rows)
    with right:
        owner = figures(queries.held_by, opportunity_id=deal.id)
        heading("The team", about=say("Members see and change the deal, and read its customer."))
        st.markdown(f":material/person: {literal(owner['owner'])} :gray[{say('owner')} · {literal(owner['unit'])}]")
        parts(deal, "member", may)
        heading("Further customers")
        parts(deal, "customer", may)


def _answer(rows: pd.DataFrame) -> None:
    """Who decides in one sentence, and the map of role and attitude."""
    if rows.empty:
        heading("Who decides")
        return
    strong = rows[rows["role"].isin(STRONG)]
    against = strong[strong["attitude"] == Attitude.AGAINST_US]
    unknown = strong[strong["attitude"] == Attitude.UNKNOWN]
    if strong.empty:
        heading("Nobody is known who decides or pays")
    elif len(against):
        heading("Against us, and strong: {names}", names=[literal(name) for name in against["name"]])
    elif len(unknown):
        heading("Not yet known how they stand: {names}", names=[literal(name) for name in unknown["name"]])
    else:
        heading("Of those who decide, nobody is against us")
    if len(rows) > 1:
        st.table(decision_map(rows))


def decision_map(rows: pd.DataFrame) -> pd.DataFrame:
    """Roles down, attitudes across, names in the cells; roles that nobody has are left out."""
    cells: dict[str, list[str]] = {}
    roles = [role for role in DecisionRole if (rows["role"] == role).any()]
    for attitude in ORDER:
        here = rows[rows["attitude"] == attitude]
        if here.empty and attitude != Attitude.FOR_US:
            continue
        names = {role: [literal(row.name) for row in records(here[here["role"] == role])] for role in roles}
        cells[label(attitude, of="attitude")] = [
            " ".join(f":{COLOURS[attitude]}-badge[{name}]" for name in names[role]) for role in roles
        ]
    return pd.DataFrame(cells, index=[label(role, of="role") for role in roles])
