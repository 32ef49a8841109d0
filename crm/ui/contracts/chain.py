"""From lead to cash, one line for each deal: lead, opportunity, contract, orders, invoices, receipts."""

from __future__ import annotations

from typing import Any

import pandas as pd
import streamlit as st

from crm.contracts.queries import STEPS, trace
from crm.ui.desk import go, load, me
from crm.ui.show import heading
from crm.ui.table import records
from crm.ui.text import literal
from crm.words import label, say
from crm.words.formats import date_short, money

MOST = 10
AREAS = {"lead": "marketing", "opportunity": "pipeline", "contract": "contracts"}
"""Steps with a page of their own -> whose grant opens it."""
ICONS = {"lead": "person_search", "opportunity": "handshake", "contract": "contract"}

Chain = dict[str, list[Any]]
"""Step -> its rows."""


def chain_of(customer_id: int, currency: str) -> None:
    found = load(trace, customer_id=customer_id)
    chains = arranged(found)
    if not chains:
        return
    heading(
        "From lead to cash: {count:deal|deals}",
        count=len(chains),
        about=say("What came of what, newest first. Orders without a contract stand under Orders."),
    )
    for position, chain in enumerate(chains[:MOST]):
        with st.container(border=True, key=f"chain.{position}"):
            for step, cell in zip(STEPS, st.columns(len(STEPS), gap="small"), strict=True):
                with cell:
                    _step(step, chain.get(step, []), currency, f"chain.{position}.{step}")
    if len(chains) > MOST:
        st.caption(say("{count} older ones are not shown.", count=len(chains) - MOST))


def arranged(found: pd.DataFrame) -> list[Chain]:
    """Each contract with what it came from and what came of it; then deals and leads of which nothing came yet. Newest first."""
    rows = records(found)
    known = {(row.kind, row.id): row for row in rows}
    chains, used = [], set()
    for step in ("contract", "opportunity", "lead"):
        for row in reversed([one for one in rows if one.kind == step and (step, one.id) not in used]):
            chain: Chain = {step: [row]}
            before = known.get((row.from_kind, row.from_id))
            while before is not None:
                chain[before.kind] = [before]
                used.add((before.kind, before.id))
                before = known.get((before.from_kind, before.from_id))
            for one in rows:
                if (one.from_kind, one.from_id) == (step, row.id) and one.kind in ("order", "invoice", "receipt"):
                    chain.setdefault(one.kind, []).append(one)
            chains.append(chain)
    return chains


def _step(step: str, rows: list[Any], currency: str, key: str) -> None:
    st.caption(label(step))
    if not rows:
        st.markdown(":gray[–]")
    for position, row in enumerate(rows[:4]):
        _row(step, row, currency, f"{key}.{position}")
    if len(rows) > 4:
        st.caption(say("and {count} more", count=len(rows) - 4))


def _row(step: str, row: Any, currency: str, key: str) -> None:
    title = literal(row.number if pd.notna(row.number) else row.name if pd.notna(row.name) else date_short(row.happened_on))
    about = [money(row.amount, currency)] if pd.notna(row.amount) else []
    about += [date_short(row.happened_on)]
    about += [label(str(row.state), of="state")] if step in AREAS else []
    if step in AREAS and me().actor.grant(AREAS[step]).see:
        if st.button(title, key=key, icon=f":material/{ICONS[step]}:", type="tertiary"):
            go(step, **{step: int(row.id)})
    else:
        st.markdown(title)
    st.caption("  \n".join(about))
