"""The rows behind the figure of a target, where no list of their own shows just these."""

from __future__ import annotations

from typing import Any

import streamlit as st

from crm.targets import queries
from crm.targets.measures import rule_of
from crm.targets.models import Measure
from crm.ui.desk import figures, go, load
from crm.ui.paging import page_of, pager
from crm.ui.show import empty, heading
from crm.ui.table import table
from crm.ui.targets.controls import Asked
from crm.ui.targets.wording import unit_of
from crm.ui.tile import told
from crm.words import label, say

SIZE = 50
OPENS = {Measure.WON: "opportunity", Measure.CONTRACTS: "contract", Measure.CASES: "case", Measure.NEW_CUSTOMERS: "customer"}
"""Rows that are records with a page of their own; of the others the customer is opened."""


_IN_ALL = "{subject} · {measure} · {period}: {count:row|rows}, {amount} in all"


def rows_asked() -> bool:
    return st.query_params.get("rows") == "1"


def rows_behind(of: Asked, row: Any) -> None:
    with st.container(horizontal=True, vertical_alignment="center", key="attainment.behind"):
        if st.button("", icon=":material/arrow_back:", type="tertiary", key="attainment.back", help=say("Back to the targets")):
            st.query_params.pop("rows", None)
            st.query_params.pop("page", None)
            st.rerun()
        values = {"subject": row.subject, "measure": label(row.measure, of="measure"), "period": of.span}
        if not row.whole or row.measure == Measure.VALUE_CHANGE or row.state == "future":
            heading("{subject} · {measure} · {period}: total only", **values)
        else:
            sums = _sums(of, row)
            heading(
                _IN_ALL if rule_of(row.measure).money else "{subject} · {measure} · {period}: {count:row|rows}", **values, **sums
            )
    if not row.whole:
        empty("You do not see all the rows behind this figure: only its total is told.")
        return
    if row.measure == Measure.VALUE_CHANGE:
        empty("The change of value is told customer by customer on the page Team, under Customer value.")
        return
    if row.state != "future":
        _rows(of, row)


def _asked(of: Asked, row: Any) -> dict[str, Any]:
    until = min(row.ends_on, of.day)
    named = {"measure": row.measure, "kind": row.subject_kind, "subject_id": int(row.subject_id), "board_id": of.board.id}
    return named | {"since": row.starts_on, "until": until}


def _sums(of: Asked, row: Any) -> dict[str, Any]:
    found = figures(queries.row_totals, **_asked(of, row))
    told("targets", found)
    return {"count": int(found["count"]), "amount": of.amount(row.measure, found["amount"])}


def _rows(of: Asked, row: Any) -> None:
    total = int(figures(queries.row_totals, **_asked(of, row))["count"])
    if not total:
        empty("Nothing counts for this target yet.")
        return
    page = page_of(total, SIZE)
    found = load(queries.named_rows, **_asked(of, row), page=page, size=SIZE)
    found = found.assign(day_on=found["day"], row=found["title"])
    columns = ["day_on", "row", "customer", "person"]
    money = rule_of(row.measure).money
    if money or row.measure == Measure.SATISFACTION:
        found = found.assign(**{"amount" if money else "mark": found["value"]})
        columns.append("amount" if money else "mark")
    labels = {"day_on": label("day"), "row": label("name"), "mark": label("csat")}
    unit = unit_of(row.measure, of.board.currency) if money else None
    place = table(
        found.assign(id=range(len(found))), key=f"attainment.rows.{row.id}.{page}", columns=columns, labels=labels, currency=unit
    )
    if place.opened is not None:
        _open(row.measure, found.iloc[place.opened])
    pager(total, SIZE, "attainment.page")


def _open(measure: str, one: Any) -> None:
    page = OPENS.get(Measure(measure))
    if page is not None:
        go(page, **{page: int(one["id"])})
    elif one["customer_id"] == one["customer_id"] and one["customer_id"] is not None:
        go("customer", customer=int(one["customer_id"]))


__all__ = ["rows_asked", "rows_behind"]
