"""Rule tables: from which share of the target on what is earned at which rate, and what that pays."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pandas as pd
import streamlit as st

from crm.charts import judging as charts
from crm.errors import CrmError
from crm.office.queries import today
from crm.staff.sign_in import Board
from crm.targets import commands, queries
from crm.targets.commands import IncentiveInput
from crm.targets.measures import RULES
from crm.targets.models import Measure, PayKind, PeriodKind
from crm.ui.compare import compare, save
from crm.ui.desk import act, figures, load, tell
from crm.ui.dialog import open_dialog
from crm.ui.form import checked
from crm.ui.show import Built, empty, heading, plain
from crm.ui.table import records, table
from crm.ui.team.incentive_making import may_approve
from crm.words import label, say
from crm.words.formats import number, percent, short_money

FIRST = [{"from_share": 0.0, "rate": 1.0}, {"from_share": 100.0, "rate": 2.0}]
SHARES = [place / 100 for place in range(0, 161, 2)]
SAID = (0.5, 0.8, 0.9, 1.0, 1.1, 1.2, 1.5)


WIDTHS = {"name": 190, "measure": 70, "period": 65, "kind": 85, "tiers": 320, "threshold": 80}


def rules(board: Board) -> None:
    found = load(queries.incentives, board_id=board.id)
    may = may_approve(board.id)
    with st.container(horizontal=True, vertical_alignment="center", key="rules.head"):
        with st.container(width="stretch"):
            if len(found):
                heading("{count:rule says|rules say} what attainment pays", count=len(found))
        if may and st.button(say("New rule"), type="primary", icon=":material/add:", key="rules.new"):
            open_dialog(say("New rule"), rule_dialog, board, None)
    if found.empty:
        empty(
            "No rule yet. A rule says from which share of a target on what is earned, and at which rate. Who approves targets "
            "makes it."
        )
        return
    shown = found.assign(
        period=[label(one, of="period") for one in found["period"]],
        kind=[label(one, of="pay_kind") for one in found["kind"]],
        tiers=[_tiers(one) for one in found["tiers"]],
        threshold=found["threshold"].astype("float64") * 100,
        **{name: found[name].astype("float64") for name in ("bonus", "cap")},
    )
    told = [name for name in ("bonus", "cap", "ends_on") if shown[name].notna().any()]
    columns = ["name", "measure", "period", "kind", "tiers", "threshold", *(one for one in told if one != "ends_on"), "starts_on"]
    columns += [one for one in told if one == "ends_on"]
    labels = {name: label(name, of="head") for name in ("tiers", "threshold", "bonus", "cap")} | {"name": label("rule")}
    chosen = table(shown, key="rules.table", columns=columns, labels=labels, once=True, widths=WIDTHS)
    if chosen.opened and (one := next((row for row in records(found) if row.id == chosen.opened), None)):
        open_dialog(
            str(one.name),
            rule_dialog,
            board,
            {name: getattr(one, name) for name in (*IncentiveInput.model_fields, "id", "version")},
        )


def _tiers(tiers: list[dict[str, str]]) -> str:
    """0 % → 1 %, 100 % → 2 %"""
    return " · ".join(f"{percent(float(one['from_share']), 0)} → {percent(float(one['rate']), 2)}" for one in tiers)


def rule_dialog(board: Board, current: dict[str, Any] | None) -> None:
    """`current` is the rule as it was when the dialog opened; None = a new one."""
    key = f"rules.edit.{current['id'] if current else 'new'}"
    may = may_approve(board.id)
    left, right = st.columns([3, 2], gap="large")
    with left:
        if may:
            values = _fields(current or {}, key, board.currency) | {"tiers": _grid(current, key)}
        else:
            values = {name: (current or {})[name] for name in IncentiveInput.model_fields}
            st.markdown(_tiers(values["tiers"]))
        sent = may and st.button(say("Save"), type="primary", icon=":material/check:", key=f"{key}.save")
    with right:
        _preview(board, checked(IncentiveInput, values | {"name": values["name"] or say("New rule")}), key)
    details = checked(IncentiveInput, values) if sent else None
    if sent and details is not None:
        _save(board, current, details, key)
    compare(key)
    if current and may and st.button(say("Delete this rule"), icon=":material/delete:", type="tertiary", key=f"{key}.delete"):
        act(commands.remove_incentive, current["id"], done="Rule deleted. Statements made by it stay.")


def _save(board: Board, current: dict[str, Any] | None, details: IncentiveInput, key: str) -> None:
    if current is None:
        act(commands.add_incentive, details, board.id, done="Rule added.")
    else:
        now = lambda: _version(board.id, current["id"])  # noqa: E731
        save(commands.edit_incentive, current["id"], details, version=int(current["version"]), now=now, key=key, done="Saved.")


def _fields(current: dict[str, Any], key: str, currency: str) -> dict[str, Any]:
    name = st.text_input(label("name") + " *", current.get("name", ""), key=f"{key}.name")
    first, second, third = st.columns(3)
    measure = _one(first, "measure", [one.value for one in Measure], current.get("measure"), key, "measure")
    period = _one(second, "period", [one.value for one in PeriodKind], current.get("period", "quarter"), key, "period")
    money = RULES[Measure(measure)].money
    kinds = [one.value for one in PayKind] if money else [PayKind.BONUS.value]
    kind = _one(third, "kind", kinds, current.get("kind"), key, "pay_kind")
    *bonus_place, fifth, sixth = st.columns(3 if kind == PayKind.BONUS else 2)
    bonus = None
    if kind == PayKind.BONUS:
        hint = say("What meeting the target exactly at a rate of 100 % earns.")
        title = f"{label('bonus', of='head')} {currency}"
        bonus = bonus_place[0].number_input(title, 0.0, None, _float(current.get("bonus")), key=f"{key}.bonus", help=hint)
    hint = say("Below this share of the target nothing is paid.")
    title = f"{label('threshold', of='head')} %"
    at_least = fifth.number_input(
        title, 0.0, 1000.0, float(current.get("threshold") or 0) * 100, key=f"{key}.threshold", help=hint
    )
    title = f"{label('cap', of='head')} {currency}"
    cap = sixth.number_input(
        title, 0.0, None, _float(current.get("cap")), key=f"{key}.cap", help=say("At most so much for a period.")
    )
    seventh, eighth = st.columns(2)
    start = seventh.date_input(
        label("starts_on"),
        current.get("starts_on") or figures(today).replace(month=1, day=1),
        key=f"{key}.from",
        format="YYYY-MM-DD",
    )
    end = eighth.date_input(label("ends_on"), current.get("ends_on"), key=f"{key}.to", format="YYYY-MM-DD")
    told = {"name": name, "measure": measure, "period": period, "kind": kind, "threshold": at_least / 100}
    return told | {"bonus": _decimal(bonus), "cap": _decimal(cap), "starts_on": start, "ends_on": end}


def _one(place: Any, name: str, codes: list[str], now: str | None, key: str, of: str) -> str:
    index = codes.index(now) if now in codes else 0
    chosen: str = place.selectbox(label(name), codes, index=index, key=f"{key}.{name}", format_func=lambda one: label(one, of=of))
    return chosen


def _float(value: Any) -> float | None:
    return None if value is None or value != value else float(value)


def _decimal(value: float | None) -> Decimal | None:
    return Decimal(str(value)) if value else None


def _grid(current: dict[str, Any] | None, key: str) -> list[dict[str, Decimal]]:
    rows = FIRST if current is None else [{name: float(value) * 100 for name, value in one.items()} for one in current["tiers"]]
    column = st.column_config.NumberColumn
    edited = st.data_editor(
        pd.DataFrame(rows, columns=["from_share", "rate"]),
        key=f"{key}.tiers",
        hide_index=True,
        num_rows="dynamic",
        width="stretch",
        height="content",
        column_config={
            "from_share": column(say("From % of the target"), min_value=0.0, format="%.1f", required=True),
            "rate": column(say("Rate %"), min_value=0.0, format="%.3f", required=True),
        },
    )
    known = edited.dropna().sort_values("from_share")
    return [{name: Decimal(str(row[name])) / 100 for name in ("from_share", "rate")} for row in known.to_dict("records")]


def _preview(board: Board, details: IncentiveInput | None, key: str) -> None:
    """What attainment would pay, while the rule is written."""
    if details is None:
        return
    base = Decimal(1)
    if details.kind == PayKind.COMMISSION:
        given = st.number_input(say("For a target of"), 1.0, None, _usual(board.id, details.name), step=1000.0, key=f"{key}.base")
        base = Decimal(str(given))
    try:
        line = commands.preview(details, base, SHARES)
        said = commands.preview(details, base, list(SAID))
    except CrmError as error:
        tell(error)
        return
    met = float(said.loc[said["share"] == 1.0, "amount"].iloc[0])
    heading("Meeting the target pays {amount}", amount=short_money(met, board.currency))
    plain(Built(charts.pays, line, 1.0), key=f"{key}.pays", height=220)
    shown = said.assign(attained=said["share"] * 100, earned=[number(one, 2) for one in said["amount"]], id=range(len(said)))
    labels = {"attained": label("attained", of="head"), "amount": label("earned")}
    table(shown, key=f"{key}.said", columns=["attained", "amount"], labels=labels, currency=board.currency, opens=False)


def _usual(board_id: int, rule: str) -> float:
    """The mean target of the last statements by the rule, else a round sum."""
    found = load(queries.statements)
    known = found[found["rule"] == rule]["base"].astype("float64") if len(found) else pd.Series(dtype="float64")
    return float(round(known.mean())) if len(known) else 100_000.0


def _version(board_id: int, rule_id: int) -> int:
    return next((int(row.version) for row in records(load(queries.incentives, board_id=board_id)) if row.id == rule_id), 0)


__all__ = ["rule_dialog", "rules"]
