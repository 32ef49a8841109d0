"""Contracts that end soon or have just ended and that nobody has renewed: renew them, or plan the call."""

from __future__ import annotations

import datetime as dt
from typing import Any

import streamlit as st

from crm.contracts import commands, queries
from crm.contracts.commands import ContractInput
from crm.contracts.models import Contract
from crm.office import commands as office
from crm.office.commands import PlannedActivity
from crm.office.models import ActivityKind
from crm.office.queries import today
from crm.ui.address import choice
from crm.ui.contracts.states import state_badge
from crm.ui.desk import act, figures, find, go, load, me
from crm.ui.dialog import open_dialog
from crm.ui.form import form
from crm.ui.money import amounts
from crm.ui.paging import page_of, pager
from crm.ui.show import empty, heading
from crm.ui.table import records
from crm.ui.text import literal
from crm.ui.tile import told
from crm.words import say
from crm.words.formats import date_relative, date_short, money

SIZE = 20
WITHIN = ("30", "60", "90")


def renewals() -> None:
    within = int(_horizon())
    mine = me().user_id if st.query_params.get("mine") == "1" else None
    found = load(queries.renewals_due, day=figures(today), owner_id=mine, limit=1000, within=within)
    told("contracts", {"count": len(found)})
    if found.empty:
        empty("No contract ends in this time. One that has an end day stands here before it runs out.")
        return
    _title(found, within)
    page = page_of(len(found), SIZE)
    for row in records(found.iloc[(page - 1) * SIZE : page * SIZE]):
        _row(row)
    pager(len(found), SIZE, "renewals.page")


def _horizon() -> str:
    within = choice("within", WITHIN, "60")
    st.session_state["renewals.within"] = within
    st.session_state["renewals.mine"] = st.query_params.get("mine") == "1"
    words = {"30": say("30 days"), "60": say("60 days"), "90": say("90 days")}
    with st.container(horizontal=True, vertical_alignment="center", key="renewals.horizon"):
        st.segmented_control(
            say("Ends within"),
            list(words),
            key="renewals.within",
            required=True,
            format_func=words.__getitem__,
            label_visibility="collapsed",
            on_change=_chosen,
        )
        st.toggle(say("Mine"), key="renewals.mine", on_change=_chosen)
    return within


def _chosen() -> None:
    st.query_params["within"] = st.session_state["renewals.within"]
    st.query_params["mine"] = "1" if st.session_state["renewals.mine"] else "0"


def _title(found: Any, within: int) -> None:
    over = found["days_left"] < 0
    about = say("By the agreed end. A contract that ended stays here for 90 days, until it is renewed.")
    worth = amounts(found[~over].groupby("currency")["amount"].sum().to_dict(), short=True)
    told = {"soon": int((~over).sum()), "within": within, "worth": worth, "over": int(over.sum())}
    if over.any() and not over.all():
        heading(
            "{soon:contract|contracts} worth {worth} will end within {within} days; {over} ended and nobody renewed",
            about=about,
            **told,
        )
    elif over.any():
        heading("{over:contract|contracts} ended and nobody renewed", about=about, **told)
    else:
        heading("{soon:contract|contracts} worth {worth} will end within {within} days", about=about, **told)


def _row(row: Any) -> None:
    """Which contract, and what can be done; what, when and with whom stands below."""
    may = bool(me().actor.grant("contracts").change)
    with st.container(gap=None, key=f"renewal.{row.id}"):
        with st.container(horizontal=True, vertical_alignment="center"):
            state_badge(row.state)
            if st.button(f"{literal(row.number)} {literal(row.name)}", key=f"renewal.open.{row.id}", type="tertiary"):
                go("contract", contract=row.id)
            st.space("stretch")
            plans = may and bool(me().actor.grant("office").change)
            if plans and st.button(say("Plan a call"), key=f"renewal.call.{row.id}", icon=":material/call:", type="tertiary"):
                plan_call(row.customer_id, row.number)
            if may and st.button(say("Renew"), key=f"renewal.renew.{row.id}", icon=":material/autorenew:", type="tertiary"):
                open_dialog(say("Renew contract {number}", number=row.number), renew_dialog, int(row.id))
        colour = "red" if row.days_left < 0 else "orange" if row.days_left <= 30 else "gray"
        when = f":{colour}[{date_relative(row.ends_on, figures(today))}]"
        st.caption(f"{when} · {money(row.amount, row.currency)} · {literal(row.customer)} · {literal(row.owner or '–')}")


def plan_call(customer_id: int, number: str) -> None:
    """For tomorrow, with the customer."""
    topic = say("Renewal of contract {number}", number=number)
    planned = PlannedActivity(kind=ActivityKind.CALL, topic=topic, planned_on=figures(today) + dt.timedelta(1))
    act(office.plan_activity, "customer", int(customer_id), planned, done="A call is planned for tomorrow.")


def renew_dialog(contract_id: int) -> None:
    """From the day after the end, for as long again."""
    found = find(queries.contract, contract_id)
    if found is None:
        return
    end = f" – {date_short(found.ends_on)}" if found.ends_on else ""
    st.caption(f"{literal(found.name)} · {date_short(found.starts_on)}{end}")
    details = form(ContractInput, _continued(found), key=f"contract.renew.{contract_id}", save="Renew")
    if details is not None:
        act(commands.renew_contract, contract_id, details, done="Renewed: the new contract is a draft.")


def _continued(found: Contract) -> dict[str, Any]:
    values: dict[str, Any] = {"name": found.name, "amount": found.amount, "remind_days": found.remind_days, "terms": found.terms}
    if found.ends_on is None:
        return values | {"starts_on": figures(today)}
    first = found.ends_on + dt.timedelta(1)
    return values | {"starts_on": first, "ends_on": first + (found.ends_on - found.starts_on)}
