"""How content customers are: who answered, what they marked, by team and by service item, and what they wrote."""

from __future__ import annotations

from typing import Any

import pandas as pd
import streamlit as st

from crm.charts import support as charts
from crm.support import queries
from crm.ui.address import number
from crm.ui.desk import figures, go, load
from crm.ui.insight.about import about, titled
from crm.ui.insight.cohort_controls import one, option, put
from crm.ui.paging import page_of, pager
from crm.ui.show import Built, empty, heading, show
from crm.ui.support.headline import Number, csat, tiles
from crm.ui.support.quality import Asked, asked
from crm.ui.support.shown import clicked, rows_below
from crm.ui.table import records
from crm.ui.text import literal
from crm.words import label, say
from crm.words.formats import date_short, percent
from crm.words.formats import number as spoken

SIZE = 20
ORDERS = {"lowest": "Low marks first", "newest": "Newest first"}
SCORES = ["name", "sent", "answered", "response_rate", "csat", "csat_low", "csat_high", "nps", "nps_low", "nps_high"]
MARKS: dict[int, Any] = {1: "red", 2: "orange", 3: "yellow", 4: "green", 5: "green"}


def satisfaction() -> None:
    of = asked("satisfaction", cases=False)
    whose = {"board_id": (of.where.board_id or (None,))[0], "team_id": (of.where.team_id or (None,))[0]}
    days = {"since": of.since, "until": of.until}
    told = figures(queries.feedback, **days, **whose)
    if told.scores["all"].empty:
        empty(
            "Nobody was asked in these days. Ask a customer from a solved case or from the customer's page; answers stand here."
        )
        return
    every = told.scores["all"].iloc[0]
    _headline(of, every, told.still_open)
    if not every["answered"]:
        heading("Nobody has answered yet")
        return
    left, right = st.columns(2, gap="large")
    with left:
        _marks(of, told.marks_of(), every)
    with right:
        _months(of, told.scores["month"])
    left, right = st.columns(2, gap="large")
    with left:
        _by(of, told.scores["team"], "team", every)
    with right:
        _by(of, told.scores["item"], "item", every)
    _answers(told, days | whose)


def _headline(of: Asked, every: pd.Series[Any], still_open: int) -> None:
    rate = say("{answered} of {sent} answered", answered=spoken(every["answered"], 0), sent=spoken(every["sent"], 0))
    satisfied = _interval(every, "satisfied_low", "satisfied_high", "percent")
    found = [
        Number("rate", say("Response rate"), percent(every["response_rate"], 0), rate, "same", "neither",
            say("Of the invitations sent in the period; 95 % interval {interval}.",
                interval=_interval(every, "rate_low", "rate_high", "percent")), None),
        csat((_plain(every["csat"]), None), "", None),
        Number("nps", "NPS", spoken(every["nps"], 0), _interval(every, "nps_low", "nps_high", "whole"), "same", "neither",
            say("Who would recommend us (9, 10) less who would not (0 to 6), in percent; below with the interval of 95 %."),
            None),
        Number("satisfied", say("Satisfied"), percent(every["satisfied_share"], 0), satisfied, "same", "neither",
            say("Marks 4 and 5 of all marks; below with the interval of 95 % (Wilson)."), None),
        Number("open_invitations", say("Open invitations"), spoken(still_open, 0), "", "same", "neither",
            say("Links that still work and that nobody has answered, whenever they were sent."), None),
    ]  # fmt: skip
    found[1] = Number(**vars(found[1]) | {"delta": _interval(every, "csat_low", "csat_high", "mark")})
    tiles(found, "satisfaction")


def _plain(value: Any) -> float | None:
    return None if pd.isna(value) else float(value)


def _interval(row: pd.Series[Any], low: str, high: str, kind: str) -> str:
    """From – to; nothing where too few answered."""
    if pd.isna(row[low]) or pd.isna(row[high]):
        return ""
    told = [percent(row[one], 0) if kind == "percent" else spoken(row[one], 2 if kind == "mark" else 0) for one in (low, high)]
    return say("{first} to {last}", first=told[0], last=told[1])


# ---------------------------------------------------------------------------------------------------------- charts


def _sign(of: Asked, key: str, definition: str, n: int, formula: str | None = None) -> None:
    about(key, definition=definition, formula=formula, scope=of.scope, as_of=of.today, n=n)


def _marks(of: Asked, found: pd.DataFrame, every: pd.Series[Any]) -> None:
    low = int(found.loc[found["csat"] <= 2, "answers"].sum())
    values = {"satisfied": percent(every["satisfied_share"], 0), "low": low}
    with titled("{satisfied} give a 4 or a 5; {low:answer is|answers are} a 1 or a 2", "satisfaction.marks", **values):
        definition = say("The marks of all answers, 1 (bad) to 5 (very good). A click shows who gave it.")
        _sign(of, "satisfaction.marks", definition, int(found["answers"].sum()))
    if (picked := clicked(show(Built(charts.marks, found), key="satisfaction.marks.chart"))) is not None:
        _narrow(mark=int(one(picked)))


def _months(of: Asked, found: pd.DataFrame) -> None:
    known = found[found["csat"].notna()]
    first, last = known.iloc[0], known.iloc[-1]
    clear = first["csat_high"] < last["csat_low"] or last["csat_high"] < first["csat_low"]
    values = {"first": spoken(first["csat"], 2), "last": spoken(last["csat"], 2)}
    template = "From {first} to {last}: more than chance explains" if clear else "From {first} to {last}: it may be chance"
    with titled(template if len(known) > 1 else "One month so far: {last}", "satisfaction.months", **values):
        definition = say(
            "Mean mark by the month in which the invitation was sent, with its interval of 95 % (Student's t). A click shows its "
            "answers."
        )
        _sign(of, "satisfaction.months", definition, int(found["answered"].sum()))
    if (picked := clicked(show(Built(charts.marks_by_month, found), key="satisfaction.months.chart"))) is not None:
        _narrow(month=one(picked))


def _by(of: Asked, found: pd.DataFrame, by: str, every: pd.Series[Any]) -> None:
    rows = found.assign(
        name=_names(found, by), value=found["csat"], low=found["csat_low"], high=found["csat_high"], of=found["answered"]
    )
    key = f"satisfaction.by_{by}"
    worse = rows[(rows["csat_high"] < every["csat"]) & (rows["answered"] > 1)]
    if worse.empty:
        sign = titled(_SAME[by], key)
    else:
        last = worse.iloc[int(worse["csat"].astype("float64").argmin())]
        sign = titled(_WORSE[by], key, name=last["name"], mark=spoken(last["csat"], 2), all=spoken(every["csat"], 2))
    with sign:
        definition = say(
            "Mean mark with its interval of 95 % (Student's t); line: all. Where few answered the interval is wide, with "
            "one answer there is none."
        )
        _sign(of, key, definition, int(rows["answered"].sum()), r"\bar x \pm t_{n-1} \frac{s}{\sqrt n}")
    picked = clicked(show(Built(charts.dots, rows.head(12), (1, 5), float(every["csat"]), share=False), key=f"{key}.chart"))
    percents = rows.assign(id=range(len(rows)), response_rate=rows["response_rate"] * 100)
    row = rows_below(percents, SCORES, key, labels={"name": label(by)})
    row = int(one(picked)) if picked is not None else row
    if row is not None:
        _narrow(**{by: rows["key"].iloc[row]})


_SAME = {"team": "No team lies clearly below the others", "item": "No service lies clearly below the others"}
_WORSE = {
    "team": "{name} lies clearly below the others: {mark} against {all}",
    "item": "{name} pleases least: {mark} against {all}",
}


def _names(rows: pd.DataFrame, by: str) -> list[str]:
    return [str(name) for name in rows["name"]] if by == "team" else [label(str(key), of="item") for key in rows["key"]]


# --------------------------------------------------------------------------------------------------------- answers


def _narrow(**values: Any) -> None:
    """The answers below, by what was pressed."""
    for name, value in values.items():
        put(name, value)
    put("page", None)
    st.rerun()


def _answers(told: queries.Feedback, asked_for: dict[str, Any]) -> None:
    item = st.query_params.get("item")
    mark = number("mark", 0) if number("mark", 0) in MARKS else None
    month = st.query_params.get("month")
    month = month if month in set(told.scores["month"]["key"]) else None
    counts = told.marks_of(item, month)
    counts = counts[counts["csat"] == mark] if mark else counts
    with st.container(horizontal=True, vertical_alignment="bottom", key="satisfaction.answers"):
        with st.container(width="stretch"):
            heading("What customers said")
        if mark:
            _off("mark", say("Mark {mark}", mark=mark))
        if month:
            _off("month", month)
        if item:
            _off("item", label(item, of="item"))
        only = st.query_params.get("all") != "1"
        st.session_state["satisfaction.commented"] = only
        st.toggle(say("With comments only"), key="satisfaction.commented", on_change=_commented)
        order = option(
            "order", {name: say(title) for name, title in ORDERS.items()}, "lowest", title=say("Sort by"), key="satisfaction"
        )
    total = int(counts["commented" if only else "answers"].sum())
    if not total:
        st.caption(say("No answer with a comment here.") if only else say("No answer here."))
        return
    page = page_of(total, SIZE)
    narrowed = asked_for | {"item": item, "month": month, "csat": mark, "commented": only, "order": order}
    for row in records(load(queries.survey_answers, **narrowed, page=page, size=SIZE)):
        _answer(row)
    pager(total, SIZE, "satisfaction.page")


def _off(name: str, text: str) -> None:
    st.button(
        text,
        icon=":material/close:",
        icon_position="right",
        type="tertiary",
        key=f"satisfaction.off.{name}",
        on_click=put,
        args=(name, None),
    )


def _commented() -> None:
    put("all", None if st.session_state["satisfaction.commented"] else "1")
    put("page", None)


def _answer(row: Any) -> None:
    with st.container(gap=None, key=f"answer.{row.id}"):
        with st.container(horizontal=True, vertical_alignment="center"):
            st.badge(f"{row.csat} / 5", color=MARKS[int(row.csat)])
            if st.button(literal(row.customer), key=f"answer.{row.id}.customer", type="tertiary"):
                go("customer", customer=int(row.customer_id))
            if isinstance(row.number, str) and st.button(
                literal(row.number), key=f"answer.{row.id}.case", type="tertiary", icon=":material/support_agent:"
            ):
                go("case", case=int(row.case_id))
            st.space("stretch")
            recommends = say("NPS {mark}", mark=int(row.nps)) + " · " if pd.notna(row.nps) else ""
            st.caption(f"{recommends}{literal(row.team)} · {label(row.item, of='item')} · {date_short(row.at)}", width="content")
        if isinstance(row.comment, str):
            st.markdown(literal(row.comment))


__all__ = ["satisfaction"]
