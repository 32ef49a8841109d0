"""Complaints by class, responsible unit and product: coloured by the firm's rules, with bars, beside the period before."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import Any

import pandas as pd
import streamlit as st

from crm.charts.compare import columns
from crm.session import ScopedSession
from crm.support import queries
from crm.support.filters import CaseFilter
from crm.support.queries.complaints import KEYS, By
from crm.ui.desk import figures, load, me
from crm.ui.exporter import export_button
from crm.ui.insight.about import titled
from crm.ui.insight.cohort_controls import one
from crm.ui.show import Built, empty, show
from crm.ui.support.headline import Number, tiles, to_cases
from crm.ui.support.quality import Asked, asked, show_cases
from crm.ui.support.shown import behind
from crm.ui.table import records
from crm.words import label, say
from crm.words.formats import change, number, percent

_HERE = Path(__file__).parent
_ruled = st.components.v2.component(
    "crm_ruled_table",
    css=(_HERE / "ruled.css").read_text(encoding="utf-8"),
    js=(_HERE / "ruled.js").read_text(encoding="utf-8"),
)
COMPLAINT = ("complaint",)
HEADS = ("complaints", "share", "open", "previous", "change")
TITLES: dict[By, str] = {
    "complaint_class": "{share} of the complaints are about {name}",
    "unit": "{name} is named most: {share} of the complaints",
    "product": "Most complaints are about {name}: {share}",
}
MORE: dict[By, str] = {
    "complaint_class": "{share} of the complaints are about {name}: {more} more than before",
    "unit": "{name} is named most: {share}, {more} more than before",
    "product": "Most complaints are about {name}: {share}, {more} more than before",
}


def complaints() -> None:
    of = asked("complaints")
    told = figures(queries.complaints, since=of.since, until=of.until, where=of.where)
    whole = told["complaint_class"]
    if whole.empty:
        empty("Nobody complained in these days, nor in as many before. A case of the kind “complaint” is counted here.")
        return
    _headline(of, whole)
    _trend(of)
    left, right = st.columns(2, gap="large")
    with left:
        _table(of, told, "complaint_class")
        _table(of, told, "unit")
    with right:
        _table(of, told, "product")
    _export(of)


# --------------------------------------------------------------------------------------------------------- numbers


def _headline(of: Asked, whole: pd.DataFrame) -> None:
    count, before = int(whole["complaints"].sum()), int(whole["previous"].sum())
    still = int(whole["open"].sum())
    rate = _rate(of)
    compared = say("Compared with the {days} days before.", days=of.days)
    delta, direction = change(count, before)
    found = [
        Number("complaints", label("complaints"), number(count, 0), delta if direction != "same" else "", direction, "down",
            compared, to_cases(of.list(kind=COMPLAINT), count)),
        Number("open", say("Still open"), number(still, 0), "", "same", "neither",
            say("Complaints of the period that nobody has solved yet."), to_cases(of.list(kind=COMPLAINT, open=True), still)),
        Number("orders", label("orders"), number(rate["orders"], 0), "", "same", "neither",
            say("Orders of the same days, returns left out."), None),
        Number("rate", say("Complaint rate"), percent(rate["rate"], 2), "", "same", "neither",
            say("Complaints of the period for each order of the same days."), None),
    ]  # fmt: skip
    tiles(found, "complaints")


def _rate(of: Asked) -> dict[str, Any]:
    """Of the boards that are looked at: orders are counted much quicker by board."""
    boards = of.where.board_id or tuple(board.id for board in me().boards)
    where = of.where.model_copy(update={"board_id": boards}) if not of.where.team_id else of.where
    return figures(queries.complaint_rate, since=of.since, until=of.until, where=where)


def _trend(of: Asked) -> None:
    found = load(queries.complaint_months, since=of.since, until=of.until, where=of.where)
    last, before = int(found["complaints"].iloc[-1]), int(found["complaints"].iloc[-2])
    mean = float(found["complaints"].mean())
    with titled("{last} complaints in the last month, {before} in the one before; {mean} on average", "complaints.trend",
        last=last, before=before, mean=number(mean, 1)):  # fmt: skip
        definition = say(
            "Complaints by the month in which they were opened, at least twelve months. The last month may not be over."
        )
        behind(of, "complaints.trend", definition, int(found["complaints"].sum()))
    picked = show(Built(columns, found, "month", "complaints"), key="complaints.trend.chart", height=200)
    if picked:
        month = pd.Timestamp(one(picked[0])).to_period("M")
        days = {"opened_from": month.start_time.date(), "opened_to": month.end_time.date()}
        show_cases(of.where.model_copy(update=days | {"kind": COMPLAINT}))


# ---------------------------------------------------------------------------------------------------------- tables


def _table(of: Asked, told: dict[By, pd.DataFrame], by: By) -> None:
    rows = told[by].assign(name=_names(told[by], by))
    key = f"complaints.by_{by}"
    named = rows[rows["key"].notna() & (rows["complaints"] > 0)]
    if named.empty:
        sign = titled(_NOT_GIVEN[by], key)
    else:
        top = named.iloc[0]
        values = {"name": top["name"], "share": percent(top["share"], 0), "more": int(top["change"])}
        sign = titled(MORE[by], key, **values) if top["change"] > 0 else titled(TITLES[by], key, **values)
    with sign:
        definition = say(
            "Complaints opened in the period. Bar and colour: the share of all of them; amber and red begin where the rules "
            "under Promises say. Before: in as many days before the period."
        )
        where = of.opened.model_copy(update={"kind": COMPLAINT})
        behind(of, key, definition, int(rows["complaints"].sum()), where=where)
    _ruled(data=_drawn(rows, by, of), key=key, on_pressed_change=partial(_pressed, key))
    place = st.session_state.pop(f"{key}.pressed", None)
    if place is not None and 0 <= place < len(rows):
        show_cases(behind_line(of, by, rows["key"].iloc[place]))


def behind_line(of: Asked, by: By, key: Any) -> CaseFilter:
    """The cases behind a line of a table."""
    value = None if pd.isna(key) else str(key) if by == "complaint_class" else int(key)
    return queries.complaint_rows(of.since, of.until, by, value, of.where)


_NOT_GIVEN: dict[By, str] = {
    "complaint_class": "No complaint of these days has a class",
    "unit": "No complaint of these days names a unit",
    "product": "No complaint of these days names a product",
}


def _pressed(key: str) -> None:
    st.session_state[f"{key}.pressed"] = st.session_state[key]["pressed"]


def _names(rows: pd.DataFrame, by: By) -> list[str]:
    if by == "complaint_class":
        return [say("not given") if pd.isna(key) else label(str(key), of="complaint_class") for key in rows["key"]]
    return [say("not given") if pd.isna(name) else str(name) for name in rows["name"]]


def _drawn(rows: pd.DataFrame, by: By, of: Asked) -> dict[str, Any]:
    """What the browser draws: only words and widths."""
    sums = rows[["complaints", "open", "previous", "change"]].sum()
    total = [
        say("All together"),
        number(sums["complaints"], 0),
        percent(1, 0),
        number(sums["open"], 0),
        number(sums["previous"], 0),
    ]
    return {
        "heads": [label(KEYS[by]), *(label(name, of="head_of_complaints") for name in HEADS)],
        "rows": [_line(row, place) for place, row in enumerate(records(rows))],
        "total": [*total, _signed(int(sums["change"]))],
        "told": of.scope.replace("\\", ""),
    }


def _line(row: Any, place: int) -> dict[str, Any]:
    return {
        "row": place,
        "name": row.name,
        "colour": row.colour,
        "rule": label(str(row.colour), of="colour"),
        "part": round(float(row.share), 4),
        "complaints": number(row.complaints, 0),
        "share": percent(row.share),
        "open": number(row.open, 0),
        "previous": number(row.previous, 0),
        "change": _signed(row.change),
        "trend": "worse" if row.change > 0 else "better" if row.change < 0 else "",
    }


def _signed(count: int) -> str:
    return number(count, 0) if count <= 0 else f"+{number(count, 0)}"


def _export(of: Asked) -> None:
    names = {"by": say("By"), "name": label("name"), **{name: label(name, of="head_of_complaints") for name in HEADS}}
    applied = {"since": of.since.isoformat(), "until": of.until.isoformat(), **of.where.model_dump(exclude_defaults=True)}
    titles = {by: label(column) for by, column in KEYS.items()}
    rows = partial(_rows, of=of, titles=titles)
    export_button("complaints", rows, names | {"colour": label("colour")}, applied, area="support", key="complaints.export")


def _rows(session: ScopedSession, of: Asked, titles: dict[By, str]) -> pd.DataFrame:
    told = queries.complaints(session, of.since, of.until, of.where)
    parts = [told[by].assign(by=title, name=_names(told[by], by)) for by, title in titles.items()]
    found = pd.concat(parts, ignore_index=True)
    return found.assign(share=(found["share"] * 100).round(1), colour=[label(str(one), of="colour") for one in found["colour"]])


__all__ = ["complaints"]
