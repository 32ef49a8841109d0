"""Who had the customer and why, who else may see him, merges, and every change of the record."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pandas as pd
import streamlit as st

from crm.access import SYSTEM
from crm.customers import commands, queries
from crm.customers.models import Customer
from crm.database import Base
from crm.session import ScopedSession, history_of
from crm.ui.desk import act, find, load, me
from crm.ui.show import empty, heading
from crm.ui.table import CODES, records, table
from crm.ui.text import literal
from crm.words import label, say


def ownership(customer: Customer) -> None:
    left, right = st.columns(2, gap="large")
    with left:
        heading("Owners")
        held = load(queries.owners, customer_id=customer.id)
        table(
            held.assign(reason=held["reason"].replace({code: label(code, of="reason") for code in ("created", "import")})),
            key="owners",
            columns=["owner", "unit", "started_at", "ended_at", "reason"],
            opens=False,
        )
    with right:
        heading("Shared with")
        shared = load(queries.shares, customer_id=customer.id)
        if shared.empty:
            empty("Shared with nobody.")
            return
        chosen = table(shared, key="shares", columns=["with", "may_change", "reason"])
        if (
            chosen.opened
            and me().actor.may("share", "customers")
            and st.button(say("Stop sharing"), icon=":material/link_off:", key="shares.stop")
        ):
            act(commands.stop_sharing, chosen.opened, done="No longer shared.")


def merges(customer: Customer) -> None:
    found = load(queries.merges, customer_id=customer.id)
    for row in records(found):
        with st.container(horizontal=True, vertical_alignment="center"):
            st.markdown(say("{name} was merged into this customer.", name=literal(row.name)), width="content")
            if me().actor.may("merge", "customers") and st.button(
                say("Undo the merge"), key=f"merge.undo.{row.id}", icon=":material/undo:"
            ):
                act(commands.undo_merge, row.id, done="The merge is undone.")


def audit(customer: Customer) -> None:
    every_change(queries.customer, customer.id)


def every_change(query: Callable[[ScopedSession, int], Base], record_id: int) -> None:
    """Of the record that `query` finds, and of what is part of it."""
    heading("Every change", about=say("Who changed what and when, before and after. Kept even after the record is gone."))
    rows = find(_entries, query, record_id)
    if rows is None or rows.empty:
        empty("No change since the record came with an import.")
        return
    table(rows, key="audit", columns=["created_at", "who", "action", "what", "before", "after"], opens=False, height="auto")


def _entries(session: ScopedSession, query: Callable[[ScopedSession, int], Base], record_id: int) -> pd.DataFrame:
    record = query(session, record_id)
    own, entries = record.__tablename__, history_of(session, record)
    rows = [
        {
            "id": entry.id,
            "created_at": entry.created_at,
            "who": label("system", of="role") if entry.actor_name == SYSTEM.name else entry.actor_name,
            "action": entry.action,
            "what": label(entry.record_type) if entry.record_type != own else "",
            "before": _values(entry.before),
            "after": _values(entry.after),
        }
        for entry in entries
    ]
    return pd.DataFrame(rows, columns=["id", "created_at", "who", "action", "what", "before", "after"])


def _values(values: dict[str, Any]) -> str:
    told = {name: label(str(value), of=name) if name in CODES else value for name, value in values.items()}
    return " · ".join(
        say("{name}: {text}", name=label(name), text=text) for name, text in told.items() if text not in (None, "", {})
    )
