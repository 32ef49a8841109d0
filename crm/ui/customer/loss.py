"""A customer who stopped: why and to whom, entered and changed on his page; and how he came back."""

from __future__ import annotations

from typing import Any

import streamlit as st

from crm.customers import commands, queries
from crm.customers.commands import LossDetails
from crm.customers.models import Customer, Loss
from crm.office.queries import today
from crm.ui.compare import compare, save
from crm.ui.desk import act, figures, find, me
from crm.ui.dialog import open_dialog
from crm.ui.form import form
from crm.ui.text import literal
from crm.words import label, say
from crm.words.formats import date_short

SILENT = ("dormant", "lost")


def may_be_called_lost(customer: Customer) -> bool:
    """Among the actions of the head, of a customer who buys: of one who is silent the line below it asks."""
    return customer.life_cycle not in SILENT and _may_be_lost(customer)


def _may_be_lost(customer: Customer) -> bool:
    """He has ordered, no entered loss of his stands, and the reader may change him."""
    if not me().actor.grant("customers").change or customer.first_order_on is None:
        return False
    return all(row["back_on"] is not None for row in figures(queries.losses, customer_id=customer.id))


def open_loss(customer: Customer, row: dict[str, Any] | None = None) -> None:
    open_dialog(say("{name} is lost", name=customer.name), loss_dialog, customer.id, row)


def losses(customer: Customer) -> None:
    """Lost when, to whom and why; won back when and how. Of a silent customer whose reason nobody knows it is asked for."""
    may = bool(me().actor.grant("customers").change)
    if _may_be_lost(customer) and customer.life_cycle in SILENT:
        with st.container(horizontal=True, vertical_alignment="center", key="loss.ask"):
            st.markdown(f":gray[{say('Nobody has entered why he stopped.')}]", width="content")
            if st.button(say("Lost"), icon=":material/person_cancel:", key="customer.lost", type="tertiary"):
                open_loss(customer)
    for row in figures(queries.losses, customer_id=customer.id):
        with st.container(horizontal=True, vertical_alignment="center", key=f"loss.{row['id']}"):
            icon = ":material/person_cancel:" if row["back_on"] is None else ":material/history:"
            st.markdown(f"{icon} {_sentence(row)}", width="content")
            if row["back_on"] is not None:
                st.badge(_back(row), icon=":material/undo:", color="green")
            if may and st.button(
                "", icon=":material/edit:", key=f"loss.edit.{row['id']}", type="tertiary", help=say("Change the entry")
            ):
                open_loss(customer, row)
        if row["remark"]:
            st.caption(literal(row["remark"]))


def _sentence(row: dict[str, Any]) -> str:
    values = {"day": date_short(row["lost_on"]), "reason": label(row["reason"], of="reason")}
    if row["competitor"]:
        return say("Lost on {day} to {name}: {reason}", name=literal(row["competitor"]), **values)
    if row["direction"] == "unknown":
        return say("Lost on {day}: {reason}", **values)
    return say("Lost on {day}, {direction}: {reason}", direction=label(row["direction"], of="direction"), **values)


def _back(row: dict[str, Any]) -> str:
    day = date_short(row["back_on"])
    return say("Won back on {day}, by an order", day=day) if row["back_by"] == "order" else say("Won back on {day}", day=day)


def loss_dialog(customer_id: int, current: dict[str, Any] | None) -> None:
    key = f"loss.{current['id'] if current else 'new'}"
    known = current or {"lost_on": figures(today)}
    only = ["lost_on", "reason", "direction", "won_back_on", "remark"]
    shown = only if current else [name for name in only if name != "won_back_on"]
    details = form(
        LossDetails,
        known,
        key=f"{key}.form",
        only=shown,
        extra=lambda: {"competitor": _competitor(customer_id, known.get("competitor"), key)},
    )
    if details is not None and current is None:
        act(commands.enter_loss, customer_id, details, done="Saved.")
    elif details is not None and current is not None:
        save(
            commands.edit_loss,
            current["id"],
            details,
            version=current["version"],
            now=lambda: _version(customer_id, current["id"]),
            key=key,
            done="Saved.",
        )
    compare(key)
    if current is not None and st.button(say("Delete"), key=f"{key}.delete", type="tertiary", icon=":material/delete:"):
        act(commands.remove_part, Loss, current["id"], done="Deleted.")


def _competitor(customer_id: int, now: str | None, key: str) -> str | None:
    """His known competitors first; another name can be typed."""
    names = figures(queries.rivals, customer_id=customer_id)
    options = list(dict.fromkeys([*([now] if now else []), *names]))
    chosen: str | None = st.selectbox(
        label("competitor"),
        options,
        index=0 if now else None,
        accept_new_options=True,
        key=f"{key}.competitor",
        placeholder=say("Choose, or type a name"),
        help=say("The name, where he went to a competitor."),
    )
    return chosen


def _version(customer_id: int, loss_id: int) -> int:
    return next((row["version"] for row in find(queries.losses, customer_id) or () if row["id"] == loss_id), 0)
