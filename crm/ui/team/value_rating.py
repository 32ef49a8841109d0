"""What kind of customers somebody has: by segment and rating, not by their number alone."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from crm.targets import queries
from crm.ui.desk import load
from crm.ui.insight.cohort_controls import option
from crm.ui.show import heading
from crm.ui.table import table
from crm.ui.team.value_asked import Asked
from crm.words import label, say
from crm.words.formats import percent

COLUMNS = ["code", "customers_before", "value_before", "customers", "value_after", "worth_change", "share"]


def by_rating(of: Asked) -> None:
    """Of the chosen ones, on both days."""
    titles = {name: label(name) for name in queries.RATINGS}
    place = st.expander(
        say("By segment and rating of the customers"), icon=":material/grade:", key="value.rating", on_change="rerun"
    )
    if not place.open:
        return
    with place:
        by = option("rating", titles, queries.RATINGS[0], title=say("By"), key="value", draw=st.segmented_control)
        rows = _rows(of, by)
        best = rows.iloc[0]
        values = {"rating": best["code"] or say("without"), "share": percent(best["share"] / 100)}
        heading("{share} of the worth lies with “{rating}”", **values, about=_meant(by))
        table(rows, key=f"value.rating.{by}", columns=COLUMNS, labels={"code": label(by)}, opens=False)


def _meant(by: str) -> str:
    if by == "segment":
        return say("The segment that each customer had on the day.")
    return say("Ratings are not kept by day: both days are told by the rating of today.")


def _rows(of: Asked, by: str) -> pd.DataFrame:
    found = load(queries.worth_by_rating, board_id=of.board.id, days=(of.before, of.after), by=by)
    mine = found[found["owner"].isin(of.changes["owner"].dropna().unique())]
    rows = mine.groupby("code", as_index=False)[["customers_before", "value_before", "customers", "value"]].sum()
    rows = rows.rename(columns={"value": "value_after"})
    rows = rows.assign(worth_change=rows["value_after"] - rows["value_before"])
    rows["share"] = rows["value_after"] / (rows["value_after"].sum() or 1.0) * 100
    rows = rows.sort_values("value_after", ascending=False, kind="stable", ignore_index=True)
    readable = [label(code, of=by) if by == "segment" and code else code for code in rows["code"]]
    return rows.assign(code=readable, id=range(len(rows)))


__all__ = ["by_rating"]
