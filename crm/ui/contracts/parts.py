"""What a receipt pays for: proposed from what was due first, changed in a grid before it is saved."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pandas as pd
import streamlit as st

from crm.contracts import queries
from crm.contracts.commands import Part
from crm.office.queries import today
from crm.ui.desk import figures, load
from crm.words import label, say
from crm.words.formats import date_format_for_table, money

SHOWN = ["number", "contract", "due_on", "what", "overdue_days", "outstanding", "part"]


def parts_grid(customer_id: int, amount: Decimal, currency: str, key: str) -> list[Part]:
    """The lines that wait for money of this customer; -> so much for each. Another amount makes another proposal."""
    lines = load(queries.proposed_parts, customer_id=customer_id, amount=amount, day=figures(today))
    if lines.empty:
        st.caption(say("No plan of this customer waits for money: all of it stays free, to be written off later."))
        return []
    st.caption(say("What was due first is paid first. Change the last column as you like."))
    edited = st.data_editor(
        lines,
        key=f"{key}.{customer_id}.{amount}",
        column_order=SHOWN,
        column_config=_columns(currency),
        disabled=SHOWN[:-1],
        hide_index=True,
        width="stretch",
    )
    return _parts(edited, amount, currency)


def _parts(edited: pd.DataFrame, amount: Decimal, currency: str) -> list[Part]:
    chosen = edited[edited["part"].fillna(0) > 0]
    parts = [
        Part(plan_id=int(plan_id), amount=Decimal(str(part))) for plan_id, part in zip(chosen["id"], chosen["part"], strict=True)
    ]
    used = sum((part.amount for part in parts), Decimal(0))
    if used > amount:
        st.warning(say("{amount} more than there is is written off.", amount=money(used - amount, currency)))
    else:
        told = {"used": money(used, currency), "left": money(amount - used, currency)}
        st.markdown(say("**{used}** is written off, **{left}** stays free.", **told))
    return parts


def _columns(currency: str) -> dict[str, Any]:
    column = st.column_config
    return {
        "number": column.TextColumn(label("number"), width="small"),
        "contract": column.TextColumn(label("contract")),
        "due_on": column.DateColumn(label("due_on"), format=date_format_for_table(), width="small"),
        "what": column.TextColumn(label("what")),
        "overdue_days": column.NumberColumn(label("overdue_days"), format="localized", width="small"),
        "outstanding": column.NumberColumn(f"{label('outstanding')} {currency}", format="%,.2f"),
        "part": column.NumberColumn(f"{say('Written off now')} {currency}", format="%,.2f", min_value=0.0),
    }
