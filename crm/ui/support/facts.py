"""What one has to know of a case: whose it is, what it is about, what stands behind it. The right third of its page."""

from __future__ import annotations

import datetime as dt

import pandas as pd
import streamlit as st

from crm.contracts.queries import ContractFilter, contract_list
from crm.customers.queries import renewals_due
from crm.office.queries import custom_fields, today
from crm.support.queries import Mood
from crm.ui.customer.file import facts_list
from crm.ui.customer.outlook import aligned
from crm.ui.desk import figures, go, load, me
from crm.ui.show import heading
from crm.ui.support.mood import ICONS, because, service_found
from crm.ui.support.opened import Opened
from crm.ui.support.times import told
from crm.ui.table import records
from crm.ui.text import literal
from crm.words import label, say
from crm.words.formats import date_relative, percent, short_money

RENEWALS_AHEAD = 60
"""Days."""


def facts(opened: Opened) -> None:
    _known_problem(opened)
    _about(opened)
    _merged(opened)


# ------------------------------------------------------------------------------------------------------ the customer


def of_customer(opened: Opened) -> None:
    """Who he is, what he is worth, how content he is, how to reach him, and what runs out."""
    case, ties = opened.case, opened.ties
    if case.customer_id is None or not ties["customer"]:
        return
    with st.container(border=True, key="case.of_customer"):
        st.markdown(f"**{literal(ties['customer'])}**")
        lines = [(label("level"), label(ties["level"], of="level"))] if ties["level"] else []
        lines.append((label("life_cycle"), label(ties["life_cycle"], of="life_cycle")))
        if ties["p_alive"] is not None:
            lines.append((say("Still a customer"), percent(ties["p_alive"], 0)))
        if ties["lifetime_value"] is not None:
            lines.append((label("lifetime_value"), short_money(round(ties["lifetime_value"]), ties["currency"])))
        aligned([(name, f"**{literal(text)}**") for name, text in lines])
        _mood(case.customer_id)
        _reach(opened)
        renewals(case.customer_id)


def _mood(customer_id: int) -> None:
    found = service_found(customer_id)
    if found is not None and found.mood != Mood.UNKNOWN:
        st.markdown(f"{ICONS[found.mood]} {because(found)}")


def _reach(opened: Opened) -> None:
    ties = opened.ties
    if ties["contact"]:
        ways = [f":material/call: {literal(ties['phone'])}"] if ties["phone"] else []
        ways += [f":material/mail: {literal(ties['email'])}"] if ties["email"] else []
        st.markdown("  \n".join([f":material/person: **{literal(ties['contact'])}**", *ways]))
    elif opened.may:
        st.caption(say("Nobody is named as the contact: Edit names one."))


def renewals(customer_id: int, key: str = "case.renewals") -> None:
    """Contracts and services of the customer that run out, for those who care for him after the sale."""
    day = figures(today)
    contracts = pd.DataFrame()
    if me().actor.grant("contracts").see:
        where = ContractFilter(customer_id=customer_id, renewal_due=True)
        contracts = load(contract_list, day=day, where=where, sort="ends_on", descending=False, size=5)
    services = load(renewals_due, until=day + dt.timedelta(RENEWALS_AHEAD), customer_id=customer_id, limit=5)
    if contracts.empty and services.empty:
        return
    with st.container(gap=None, key=key):
        st.markdown(f":orange[:material/autorenew:] **{say('Renewals due')}**")
        for row in records(contracts):
            if st.button(literal(row.number), key=f"{key}.contract.{row.id}", type="tertiary", help=say("Open this contract")):
                go("contract", contract=row.id)
            st.caption(f"{literal(row.name)} · {date_relative(row.ends_on, day)}")
        for row in records(services):
            if st.button(
                literal(row.product), key=f"{key}.service.{row.product_id}", type="tertiary", help=say("Open this customer")
            ):
                go("customer", customer=customer_id)
            st.caption(date_relative(row.ends_on, day))


# ------------------------------------------------------------------------------------------------------ the case


def _about(opened: Opened) -> None:
    case, ties = opened.case, opened.ties
    heading("The case")
    rows = [(label("team"), ties["team"] or "–"), (label("channel"), label(case.channel, of="channel"))]
    rows += [(label("severity"), label(case.severity, of="severity"))] if case.severity else []
    rows += [(label("product"), ties["product"])] if ties["product"] else []
    rows += [(label("order"), ties["order"])] if ties["order"] else []
    rows += [(label("responsible_unit"), ties["responsible_unit"])] if ties["responsible_unit"] else []
    rows += [(label("cause"), case.cause)] if case.cause else []
    rows.append((label("opened_at"), told(case.opened_at, opened.zone)))
    rows += [(label(name), told(getattr(case, name), opened.zone)) for name in ("solved_at", "closed_at") if getattr(case, name)]
    rows += [(say("Reopened"), say("{count:time|times}", count=case.reopened))] if case.reopened else []
    specs = {spec.key: str(spec) for spec in figures(custom_fields, subject_type="service_case")}
    rows += [(specs[name], value) for name, value in case.custom.items() if name in specs]
    facts_list(rows, 2)
    if ties["contract"] and st.button(
        f"{label('contract')} {literal(ties['contract'])}", key="case.contract", type="tertiary", icon=":material/contract:"
    ):
        go("contract", contract=case.contract_id)
    if case.solution:
        facts_list([(label("solution", of="case"), case.solution)])


def _known_problem(opened: Opened) -> None:
    """What others found out already."""
    ties = opened.ties
    if not ties["problem"]:
        return
    with st.container(border=True, key="case.known_problem"):
        if st.button(
            literal(ties["problem"]), key="case.problem", type="tertiary", icon=":material/link:", help=say("All its cases")
        ):
            go("cases", show="list", problem_id=opened.case.problem_id)
        st.markdown(
            f":gray[{label('workaround')}]  \n{literal(ties['workaround'])}"
            if ties["workaround"]
            else f":gray[{say('A known problem, without a workaround yet.')}]"
        )


def _merged(opened: Opened) -> None:
    if not opened.ties["merged"]:
        return
    heading("{count:case is|cases are} part of it", count=len(opened.ties["merged"]))
    for case_id, number, subject in opened.ties["merged"]:
        if st.button(
            f"{literal(number)} {literal(subject)}", key=f"case.merged.{case_id}", type="tertiary", icon=":material/merge:"
        ):
            go("case", case=case_id)
