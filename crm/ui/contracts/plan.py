"""What is to be received and what came in: the plan as a chart and as a grid, and the write-offs against it."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pandas as pd
import streamlit as st

from crm.charts.contracts import plan_and_received
from crm.contracts import commands, queries
from crm.contracts.commands import PlanLine
from crm.contracts.models import Contract, ContractState
from crm.errors import Stale
from crm.office.queries import today
from crm.ui.contracts.knowing import knowingly
from crm.ui.contracts.receipt import new_receipt, written_off
from crm.ui.desk import act, figures, load, me
from crm.ui.dialog import open_dialog
from crm.ui.form import checked
from crm.ui.show import Built, empty, heading, plain
from crm.ui.table import table
from crm.words import label, say
from crm.words.formats import date_format_for_table, date_short, money

SHOWN = ["due_on", "what", "order", "amount", "received", "outstanding"]
TYPED = ["due_on", "what", "order", "amount"]


def plan_and_receipts(contract: Contract, ties: dict[str, Any]) -> None:
    lines = load(queries.plan_of, contract_id=contract.id, day=figures(today))
    may_plan = ties["may_change"] and contract.state != ContractState.TERMINATED
    with st.container(horizontal=True, vertical_alignment="center", key="plan.head"):
        _answer(lines, ties["currency"])
        st.space("stretch")
        if may_plan and st.button(say("Plan in parts"), icon=":material/splitscreen:", key="plan.parts"):
            open_dialog(say("Plan in parts"), parts_dialog, contract, ties["currency"], width="small")
        if me().actor.grant("contracts").change and st.button(say("New receipt"), icon=":material/payments:", key="plan.receipt"):
            open_dialog(say("New receipt"), new_receipt, contract.customer_id)
    if lines.empty and not may_plan:
        empty("No receipt plan: nobody is waiting for money of this contract.")
        return
    written = load(queries.allocations_of, contract_id=contract.id)
    if len(lines) > 1:
        plain(Built(plan_and_received, lines, written, figures(today)), key="plan.chart")
    if may_plan:
        _grid(contract, lines, ties["currency"])
    else:
        table(lines, key="plan.table", columns=SHOWN, currency=ties["currency"], opens=False)
    heading("Written off")
    written_off(contract_id=contract.id, currency=ties["currency"], may_change=ties["may_change"], key="plan.written")


def _answer(lines: pd.DataFrame, currency: str) -> None:
    waiting = lines[lines["outstanding"] > 0]
    if lines.empty:
        heading("No receipt plan yet: type the first line, or plan in parts")
    elif waiting.empty:
        heading("All that was planned has come in")
    else:
        following = waiting.iloc[0]
        told = {"amount": money(following["outstanding"], currency), "day": date_short(following["due_on"])}
        heading("Next: {amount}, due {day}; {count:line waits|lines wait}", count=len(waiting), **told)


# ---------------------------------------------------------------------------------------------------------- grid


def _grid(contract: Contract, lines: pd.DataFrame, currency: str) -> None:
    """Change, add and delete lines; saved together. A click on Save is needed, nothing is saved by typing."""
    numbers = _numbers(contract.id)
    seen = f"plan.grid.{contract.id}.{hash(tuple(zip(lines['id'], lines['version'], strict=True)))}"
    with st.form(f"{seen}.form", border=False):
        edited = st.data_editor(
            lines,
            key=seen,
            num_rows="dynamic",
            column_order=SHOWN,
            column_config=_columns(currency, list(numbers)),
            hide_index=True,
            width="stretch",
        )
        sent = st.form_submit_button(say("Save plan"), icon=":material/check:")
    if sent:
        _save(contract, lines, edited, numbers)


def _save(contract: Contract, lines: pd.DataFrame, edited: pd.DataFrame, numbers: dict[str, int]) -> None:
    changes = _changes(lines, edited, numbers)
    if changes is None:
        return
    if not any(changes):
        st.info(say("Nothing was changed."))
        return
    try:
        knowingly(commands.change_plan, contract.id, *changes, key=f"plan.knowing.{contract.id}", done="Plan saved.")
    except Stale:
        st.error(say("Somebody changed this plan a moment ago. Nothing was saved: load the page again, then repeat."))


Changes = tuple[dict[int, tuple[PlanLine, int]], list[PlanLine], list[int]]


def _changes(lines: pd.DataFrame, edited: pd.DataFrame, numbers: dict[str, int]) -> Changes | None:
    """-> lines that differ (id -> line, version), new lines, ids that are gone; None where a line is wrong, which is told."""
    before = lines.set_index("id", drop=False)
    versions = dict(zip(lines["id"].tolist(), lines["version"].tolist(), strict=True))
    changed: dict[int, tuple[PlanLine, int]] = {}
    added: list[PlanLine] = []
    for _, row in edited.iterrows():
        typed = {name: None if pd.isna(row[name]) else row[name] for name in TYPED}
        known = int(row["id"]) if pd.notna(row["id"]) else None
        if known and all(_same(typed[name], before.at[known, name]) for name in TYPED):
            continue
        line = checked(PlanLine, _line(typed, numbers))
        if line is None:
            return None
        if known:
            changed[known] = (line, versions[known])
        else:
            added.append(line)
    gone = sorted(set(lines["id"]) - set(edited["id"].dropna()))
    return changed, added, [int(one) for one in gone]


def _same(now: Any, then: Any) -> bool:
    return bool(now == then) or (now is None and bool(pd.isna(then)))


def _line(typed: dict[str, Any], numbers: dict[str, int]) -> dict[str, Any]:
    amount = None if typed["amount"] is None else Decimal(str(typed["amount"]))
    return {
        "due_on": typed["due_on"],
        "what": typed["what"],
        "amount": amount,
        "order_id": numbers.get(typed["order"] or ""),
    }


def _numbers(contract_id: int) -> dict[str, int]:
    """Orders of the contract that a line can pay for, by number."""
    found = load(queries.orders_under, contract_id=contract_id)
    placed = found[found["kind"] != "return"]
    return dict(zip(placed["number"].tolist(), placed["id"].tolist(), strict=True))


def _columns(currency: str, numbers: list[str]) -> dict[str, Any]:
    column = st.column_config
    money_columns = {
        name: column.NumberColumn(
            f"{label(name)} {currency}", format="%,.2f", disabled=name != "amount", required=name == "amount"
        )
        for name in ("amount", "received", "outstanding")
    }
    return money_columns | {
        "due_on": column.DateColumn(label("due_on"), format=date_format_for_table(), required=True),
        "what": column.TextColumn(label("what"), help=say("Down payment, on delivery, after acceptance, ...")),
        "order": column.SelectboxColumn(label("order"), options=numbers, help=say("Empty: for the contract as a whole.")),
    }


# ------------------------------------------------------------------------------------------------------ in parts


def parts_dialog(contract: Contract, currency: str) -> None:
    """What is not planned yet, in equal parts or in shares."""
    left = figures(queries.plan_check, contract_id=contract.id)["difference"]
    if left <= 0:
        st.info(say("The whole amount is planned already."))
        return
    st.markdown(say("**{amount}** is to be planned.", amount=money(left, currency)))
    with st.form("plan.parts.form", border=False):
        count = int(st.number_input(say("Equal parts"), min_value=1, max_value=60, value=2, step=1, key="plan.parts.count"))
        shares = st.text_input(
            say("or shares in percent"), key="plan.parts.shares", placeholder="30, 60, 10", help=say("They come to 100.")
        )
        first = st.date_input(
            say("First due on"),
            value=max(contract.starts_on, figures(today)),
            format="YYYY-MM-DD",
            key="plan.parts.first",
        )
        months = int(st.number_input(say("Months between"), min_value=0, max_value=60, value=1, step=1, key="plan.parts.months"))
        sent = st.form_submit_button(say("Plan"), type="primary", icon=":material/check:")
    if not sent:
        return
    percents = _percents(shares, count)
    if percents is None:
        st.error(say("Write the shares as numbers with commas, such as 30, 60, 10."), icon=":material/error:")
        return
    act(commands.plan_in_parts, contract.id, percents, first, months, done="Planned.")


def _percents(shares: str, count: int) -> list[Decimal] | None:
    if not shares.strip():
        return commands.equal_percents(count)
    words = shares.replace("，", ",").replace("%", " ").replace(",", " ").split()
    try:
        return [Decimal(word) for word in words]
    except ArithmeticError:
        return None
