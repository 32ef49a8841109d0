"""The RFM explorer between two days: who went from which segment to which, as a matrix or as streams, and who they are."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pandas as pd
import streamlit as st
from dateutil.relativedelta import relativedelta

from crm.analytics.rfm import JOINED, LEFT, migration_matrix
from crm.charts.flow import flows, migration
from crm.insight.queries.rfm import rfm_base, rfm_scored, segments_kept, snapshot_days
from crm.ui.desk import figures, load
from crm.ui.insight.about import about, titled
from crm.ui.insight.rfm_charts import chips, pick, turn
from crm.ui.insight.rfm_lens import Lens
from crm.ui.insight.rfm_view import switch
from crm.ui.insight.selected import selected, these
from crm.ui.show import empty, plain, show
from crm.ui.table import table
from crm.words import label, say
from crm.words.formats import date_short, number

NOT_YET, GONE = "not_yet_customer", "no_longer_customer"
"""Who was no customer on the first day, who is none on the second."""


def migrations(lens: Lens) -> None:
    before_on, after_on = _days(lens)
    before, after = _segments(lens, before_on), _segments(lens, after_on)
    if before.empty or after.empty:
        empty("Nobody had bought by {day}. Choose a later day to compare.", day=date_short(before_on))
        return
    moved = _flows(before, after)
    _title(lens, moved, before_on, after_on)
    order = [NOT_YET, *(rule.key for rule in lens.segments), GONE]
    kinds = {"matrix": say("Matrix"), "streams": say("Streams")}
    chosen = switch("flow_as", kinds)
    known = {f"{row.before}>{row.after}" for row in moved.itertuples()}
    picked = tuple(one for one in st.query_params.get_all("flow") if one in known)
    if chosen == "matrix":
        event = show(migration(moved, order, picked), key=f"rfm.matrix.{turn()}")
        pick("flow", picked, [f"{one[0]}>{one[1]}" for one in event if one[2]])
    else:
        plain(flows(moved, order), key="rfm.streams")
    texts = {one: _way(one) for one in picked}
    chips("flow", texts, say("Choose a cell or a row to see the customers; a second click lets it go."))
    if picked:
        _customers(
            before,
            after,
            picked,
            say("{ways}, {before} to {after}", ways=", ".join(texts.values()), **_told(before_on, after_on)),
        )
    else:
        _table(moved, picked)


def _days(lens: Lens) -> tuple[dt.date, dt.date]:
    """Two days in the address; a year apart where nobody asks."""
    after = _day("after", lens.day, lens.day)
    before = _day("before", after - relativedelta(years=1), lens.day)
    before, after = min(before, after), max(before, after)
    for cell, name, title, day in zip(
        st.columns(2), ("before", "after"), (say("From the segments of"), say("to those of")), (before, after), strict=True
    ):
        st.session_state[f"rfm.{name}"] = day
        with cell:
            st.date_input(
                title,
                key=f"rfm.{name}",
                min_value=dt.date(1990, 1, 1),
                max_value=lens.day,
                format="YYYY-MM-DD",
                on_change=_chosen,
                args=(name,),
            )
    return before, after


def _day(name: str, usual: dt.date, newest: dt.date) -> dt.date:
    try:
        return min(dt.date.fromisoformat(st.query_params.get(name, "")), newest)
    except ValueError:
        return usual


def _chosen(name: str) -> None:
    st.query_params[name] = st.session_state[f"rfm.{name}"].isoformat()
    st.query_params.pop("flow", None)


def _segments(lens: Lens, day: dt.date) -> pd.DataFrame:
    """-> index id; segment: as kept by the scores of that day, else by the orders up to it and the cut points of the lens."""
    if not lens.is_preview and day in figures(snapshot_days, board_id=lens.board.id):
        return load(segments_kept, where=lens.where, board_id=lens.board.id, day=day)
    by_orders = lens.by_orders or day < lens.day
    base = load(rfm_base, where=lens.where, board_id=lens.board.id, day=day, by_orders=by_orders)
    return rfm_scored(base, lens.segments, lens.cuts)[["segment"]] if len(base) else pd.DataFrame({"segment": []})


def _flows(before: pd.DataFrame, after: pd.DataFrame) -> pd.DataFrame:
    """-> before, after, customers: the moves that somebody made, the most first."""
    matrix = migration_matrix(before, after).rename(index={JOINED: NOT_YET}, columns={LEFT: GONE})
    long = matrix.rename_axis(index="before").reset_index().melt("before", var_name="after", value_name="customers")
    return long[long["customers"] > 0].sort_values("customers", ascending=False, kind="stable").reset_index(drop=True)


def _title(lens: Lens, moved: pd.DataFrame, before_on: dt.date, after_on: dt.date) -> None:
    old = moved[moved["before"] != NOT_YET]
    stayed = int(old.loc[old["before"] == old["after"], "customers"].sum())
    others = old[old["before"] != old["after"]]
    values: dict[str, Any] = {"stayed": number(stayed, 0), "total": number(int(old["customers"].sum()), 0)}
    if others.empty:
        place = titled("All {total} customers stayed in their segment", "rfm.flow", total=values["total"])
    else:
        most = others.iloc[0]
        place = titled(
            "{stayed} of {total} customers stayed in their segment; most of the others went {way} ({count})",
            "rfm.flow",
            way=_way(f"{most['before']}>{most['after']}"),
            count=number(int(most["customers"]), 0),
            **values,
        )
    with place:
        about(
            "rfm.flow",
            definition=say(
                "Each customer's segment on the first day against that on the second. The scores kept on a day are taken where"
                " there are any; else the orders up to that day are scored by the same cut points."
            ),
            scope=lens.scope,
            as_of=after_on,
            n=int(moved["customers"].sum()),
            rows=lambda session: moved.rename(columns={"before": "from_segment", "after": "to_segment"}),
            columns=("from_segment", "to_segment", "customers"),
        )


def _customers(before: pd.DataFrame, after: pd.DataFrame, picked: tuple[str, ...], made_from: str) -> None:
    ids = {one for way in picked for one in _who(before, after, *way.split(">"))}
    selected(these(ids), key="rfm.selected", made_from=made_from)


def _who(before: pd.DataFrame, after: pd.DataFrame, origin: str, target: str) -> set[int]:
    was = set(before.index[before["segment"] == origin])
    now = set(after.index[after["segment"] == target])
    if origin == NOT_YET:
        return now - set(before.index)
    return was - set(after.index) if target == GONE else was & now


def _table(moved: pd.DataFrame, picked: tuple[str, ...]) -> None:
    ends = {"from_segment": [_named(one) for one in moved["before"]], "to_segment": [_named(one) for one in moved["after"]]}
    shown = moved.assign(id=range(len(moved)), **ends)
    chosen = table(shown, key=f"rfm.flow_table.{turn()}", columns=["from_segment", "to_segment", "customers"], height=360)
    if chosen.opened is not None:
        row = moved.iloc[chosen.opened]
        pick("flow", picked, [f"{row['before']}>{row['after']}"])


def _way(way: str) -> str:
    origin, target = way.split(">")
    return say("{origin} → {target}", origin=_named(origin), target=_named(target))


def _named(segment: str) -> str:
    return label(segment) if segment in (NOT_YET, GONE) else label(segment, of="segment")


def _told(before_on: dt.date, after_on: dt.date) -> dict[str, str]:
    return {"before": date_short(before_on), "after": date_short(after_on)}
