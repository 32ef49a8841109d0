"""All targets that are asked for: a bullet and its figures in each row; a click chooses it."""

from __future__ import annotations

from typing import Any

import pandas as pd
import streamlit as st

from crm.charts import targets as charts
from crm.targets.measures import rule_of
from crm.ui.insight.about import titled
from crm.ui.insight.cohort_controls import newly, put
from crm.ui.show import Built, show
from crm.ui.table import table
from crm.ui.targets.controls import ALL, Asked
from crm.ui.targets.wording import unit_of
from crm.words import label, say

ROW = 33
"""Pixels of a row of a table, and of its head."""
FIGURES = {"reached": "actual", "aimed": "base", "ahead_of_pace": "ahead", "p10": "p10", "p90": "p90", "missing": "gap"}
"""Columns of the table, and what they show."""
COLUMNS = ["whom", "attained", "reached", "aimed", "ahead_of_pace", "missing", "p10", "p90", "chance"]


def every_target(of: Asked, found: pd.DataFrame, chosen: int) -> None:
    shown = found.assign(subject=_names(of, found))
    begun = shown[shown["state"] != "future"]
    ahead = int((begun["ahead"] >= 0).sum())
    key = "attainment.rows"
    with titled(
        "{ahead} of {count:measure|measures} at or ahead of the pace in {period}"
        if of.measure == ALL
        else "{ahead} of {count:target|targets} at or ahead of the pace in {period}",
        key,
        ahead=ahead,
        count=len(begun),
        period=of.span,
    ):
        pass
    left, right = st.columns([1, 3], gap="small")
    with left:
        picked = show(Built(charts.bullet, shown, row=ROW, head=ROW), key=f"{key}.chart")
    with right:
        opened = _table(of, shown, key)
    _choose(f"{key}.chart", int(_first(picked)) if picked else None, chosen)
    _choose(f"{key}.table", opened, chosen)
    st.caption(
        say(
            "Bar: reached. Ticks: base, stretch, challenge. Diamond: the pace of the working days. Amber is behind it."
            " P10 to P90: where the period ends in 80 of 100 cases; chance: that the base is reached."
        )
    )


def _names(of: Asked, found: pd.DataFrame) -> pd.Series[Any]:
    if of.measure == ALL:
        return found["measure"].map(lambda one: label(str(one), of="measure")).astype("object")
    return found["subject"]


def _table(of: Asked, found: pd.DataFrame, key: str) -> int | None:
    data = found.assign(whom=found["subject"], attained=found["share"] * 100, chance=found["chance_base"] * 100)
    data = data.assign(**{name: found[of_] for name, of_ in FIGURES.items()})
    names = {
        "reached": label("actual"),
        "aimed": label("base", of="target"),
        "missing": label("gap", of="target"),
        "whom": _whom(of),
    }
    names |= {"p10": "P10", "p90": "P90", "attained": say("Attainment")}
    names |= {"chance": say("Chance"), "ahead_of_pace": say("Against pace")}
    if of.measure == ALL:
        data = data.assign(unit=[unit_of(one, of.board.currency) for one in data["measure"]])
        columns = [*COLUMNS[:1], "unit", *COLUMNS[1:]]
    else:
        unit = unit_of(of.measure, of.board.currency)
        names |= {name: f"{names[name]} {unit}".strip() for name in ("reached", "aimed", "missing")}
        columns = list(COLUMNS)
    if of.measure == ALL or not rule_of(of.measure).adds_up:
        data, columns, names = _with_decimals(data, columns, names)
    return table(data, key=f"{key}.table", columns=columns, labels=names).opened


def _with_decimals(data: pd.DataFrame, columns: list[str], names: dict[str, str]) -> Any:
    """Marks need their decimals, all others have none."""
    digits = [0 if rule_of(one).adds_up else 2 for one in data["measure"]]
    rounded = {
        name: [round(value, at) for value, at in zip(data[name].astype("float64"), digits, strict=True)] for name in FIGURES
    }
    told = data.assign(**{f"{name}_": values for name, values in rounded.items()})
    names = names | {f"{name}_": names[name] for name in FIGURES}
    return told, [f"{name}_" if name in FIGURES else name for name in columns], names


def _whom(of: Asked) -> str:
    return label("measure") if of.measure == ALL else say("Product") if of.goods else label("subject", of="target")


def _first(picked: list[Any]) -> Any:
    return picked[0][0] if isinstance(picked[0], list | tuple) else picked[0]


def _choose(key: str, picked: int | None, chosen: int) -> None:
    if newly(key, picked) and picked != chosen:
        put("pick", picked)
        st.rerun()


__all__ = ["every_target"]
