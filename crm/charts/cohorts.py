"""Customers by the period of their first purchase: what they did at each age, what they bring today, how soon they come again."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
import plotly.graph_objects as go

from crm.charts.frames import drawn, floats, value_axis
from crm.charts.language import code, share, short
from crm.charts.theme import AMBER, EVERGREEN, NEUTRAL, faint

AGES = {"M": "age_in_months", "Q": "age_in_quarters", "Y": "age_in_years"}
WIDEST_WITH_NUMBERS = 24
MOST_TICKS = 8
FEW_AT_RISK = 30
"""Fewer customers than this still waiting: the curve hangs on single people, and is dotted."""
NOT_OVER = [[0, faint(NEUTRAL, 0.16)], [1, faint(NEUTRAL, 0.16)]]
CLEAR = "rgba(0,0,0,0)"
LINE = {"color": EVERGREEN, "width": 2, "shape": "hv"}


def period_name(day: Any, period: str) -> str:
    """2025-03, 2025 Q1 or 2025."""
    start = pd.Timestamp(day)
    return f"{start:%Y-%m}" if period == "M" else f"{start.year} Q{start.quarter}" if period == "Q" else f"{start.year}"


def cohort_grid(
    frame: pd.DataFrame, value: str, period: str, as_share: bool = False, chosen: tuple[Any, int | None] | None = None
) -> go.Figure:
    """`cohort` (first day), `age`, `customers`, `complete` and `value`: a row a cohort with its size, the oldest on top.

    A cell whose period is not over is grey and ends in "…". A click gives [cohort, age]; `chosen` is outlined (age None: a row).
    """
    height = max(frame["cohort"].nunique() * 26 + 64, 140)
    if frame.empty:
        return drawn(height)
    wide = frame.assign(amount=floats(frame[value]), over=frame["complete"].astype(float)).pivot(index="cohort", columns="age")
    starts, ages = list(wide.index), [int(age) for age in wide["amount"].columns]
    amounts, over = wide["amount"].to_numpy(), wide["over"].to_numpy()
    names = [period_name(start, period) for start in starts]
    cells: dict[str, Any] = {
        "x": ages,
        "y": list(range(len(starts))),
        "texttemplate": "%{text}" if len(ages) <= WIDEST_WITH_NUMBERS else "",
        "hoverinfo": "skip",
        "showscale": False,
    }
    known, open_ = over == 1, over == 0
    # plotly writes the text of a cell that has no value as well.
    whole = go.Heatmap(
        z=_where(amounts, known),
        zmin=0,
        zmax=_strongest(amounts[:, 1:][known[:, 1:]], amounts),
        text=(finished := _texts(amounts, known, as_share)),
        **cells,
    )
    unfinished = go.Heatmap(
        z=_where(np.ones_like(amounts), open_),
        text=(marked := _texts(amounts, open_, as_share, "…")),
        colorscale=NOT_OVER,
        textfont={"color": NEUTRAL},
        **cells,
    )
    sizes = frame[frame["age"] == 0].set_index("cohort")["customers"]
    labels = [f"{name}  ·  {sizes.get(start, 0):,.0f}" for name, start in zip(names, starts, strict=True)]
    places = [(at, row) for row in range(len(starts)) for at in range(len(ages)) if known[row, at] or open_[row, at]]
    clear = over_cells(
        [(float(ages[at]), float(row)) for at, row in places],
        [[starts[row].date().isoformat(), ages[at]] for at, row in places],
        [
            f"{names[row]}, {code(AGES[period])} {ages[at]}<br>{code(value)}: <b>{finished[row][at] or marked[row][at]}</b>"
            for at, row in places
        ],
    )
    return drawn(
        height,
        [whole, unfinished, clear],
        barmode="overlay",
        bargap=0,
        showlegend=False,
        shapes=_outline(chosen, starts, ages),
        xaxis={"visible": True, "side": "top", "title": {"text": code(AGES[period])}, "showline": False} | _steps(len(ages)),
        yaxis={"visible": True, "range": [len(starts) - 0.5, -0.5], "showgrid": False}
        | {"tickvals": list(range(len(starts))), "ticktext": labels},
    )


def over_cells(places: Sequence[tuple[float, float]], customdata: list[list[Any]], texts: list[str]) -> go.Bar:
    """Clear bars over the cells (x, y) of a heat map on number axes: plotly tells a selection in bars, but none in heat maps."""
    return go.Bar(
        x=[x for x, _ in places],
        y=[1.0] * len(places),
        base=[y - 0.5 for _, y in places],
        width=1,
        marker={"color": CLEAR, "line": {"width": 0}, "cornerradius": 0},
        customdata=customdata,
        hovertext=texts,
        hovertemplate="%{hovertext}<extra></extra>",
        selected={"marker": {"color": CLEAR}},
        unselected={"marker": {"color": CLEAR}},
    )


def c3(frame: pd.DataFrame, value: str, period: str) -> go.Figure:
    """`cohort`, `month` (first days), `complete` and `value`: a column a calendar month, a layer a cohort, the oldest at the
    bottom and darkest. A month that is not over is paler. A click gives [cohort, month]."""
    if frame.empty:
        return drawn(420)
    months = sorted(pd.to_datetime(frame["month"]).unique())
    grid = frame.assign(amount=floats(frame[value])).pivot(index="cohort", columns="month", values="amount")
    grid = grid.reindex(columns=months).fillna(0.0)
    wholes = grid.sum(axis=0).to_numpy()
    over = frame.groupby("month")["complete"].all().reindex(months).to_numpy()
    names = [period_name(start, period) for start in grid.index]
    places = list(range(len(months)))
    traces = [
        go.Bar(
            name=name,
            x=places,
            y=amounts,
            marker={
                "color": [2 * len(names) - at] * len(months),
                "coloraxis": "coloraxis",
                "opacity": np.where(over, 1.0, 0.4),
                "cornerradius": 0,
                "line": {"width": 0},
            },
            customdata=[[start.date().isoformat(), pd.Timestamp(month).date().isoformat()] for month in months],
            hovertext=_c3_sentences(name, months, value, amounts, wholes),
            hovertemplate="%{hovertext}<extra></extra>",
        )
        for at, (name, start, amounts) in enumerate(zip(names, grid.index, grid.to_numpy(), strict=True))
    ]
    return drawn(
        420,
        traces,
        barmode="stack",
        bargap=0.12,
        showlegend=False,
        coloraxis=_cohort_scale(names),
        xaxis={"visible": True, "range": [-0.6, len(months) - 0.4]} | _month_ticks(months),
        yaxis=value_axis(0, float(wholes.max())),
    )


def second_order(curve: pd.DataFrame, bands: pd.DataFrame, longest: int) -> go.Figure:
    """Curve `days`, `at_risk`, `share_returned`; bands `days_from`, `days_to`, `share_returned`, shown up to day `longest`.

    The end of each band is marked with its share. A click on a mark gives [days_from, days_to].
    """
    if curve.empty:
        return drawn(380)
    seen = curve[curve["days"] <= longest]
    sure = seen[seen["at_risk"] >= FEW_AT_RISK]
    few = seen.iloc[max(len(sure) - 1, 0) :] if len(sure) < len(seen) else seen[:0]
    marks = bands[bands["days_to"] <= longest]
    end = [float(longest)] if few.empty and longest > seen["days"].max() else []
    line = go.Scatter(
        x=[0.0, *floats(sure["days"]), *end],
        y=[0.0, *floats(sure["share_returned"]), *(floats(sure["share_returned"])[-1:] if end else [])],
        mode="lines",
        line=LINE,
        fill="tozeroy",
        fillcolor=faint(EVERGREEN, 0.1),
        hovertemplate=code("days_since_first_order") + " %{x}: <b>%{y:.1%}</b><extra></extra>",
    )
    thin = go.Scatter(
        x=floats(few["days"]), y=floats(few["share_returned"]), mode="lines", line=LINE | {"dash": "dot"}, hoverinfo="skip"
    )
    points = go.Scatter(
        x=floats(marks["days_to"]),
        y=floats(marks["share_returned"]),
        mode="markers+text",
        marker={"color": EVERGREEN, "size": 10},
        text=[share(float(one)) for one in marks["share_returned"]],
        textposition=["bottom right"] * (len(marks) - 1) + ["bottom left"],
        cliponaxis=False,
        customdata=[[int(low), int(high)] for low, high in zip(marks["days_from"], marks["days_to"], strict=True)],
        hovertemplate=code("days_since_first_order") + " %{customdata[0]}–%{customdata[1]}<extra></extra>",
    )
    top = max([float(seen["share_returned"].max()), *floats(marks["share_returned"])]) if len(seen) else 1.0
    return drawn(
        380,
        [line, thin, points],
        showlegend=False,
        margin={"t": 28},
        xaxis={
            "visible": True,
            "range": [0, longest * 1.06],
            "tickvals": [0, *(int(one) for one in marks["days_to"] if one >= longest / 10)],
        }
        | {"title": {"text": code("days_since_first_order")}},
        yaxis={"visible": True, "range": [0, min(top * 1.15, 1.08)], "tickformat": ".0%", "nticks": 5},
    )


def repeat_columns(frame: pd.DataFrame, period: str) -> go.Figure:
    """`cohort` (first day), `customers`, `repeat_rate` (empty: not seen for long enough, drawn as "…"): a column a cohort.

    A click gives the cohort.
    """
    if frame.empty:
        return drawn(340)
    rates, places = (
        floats(frame["repeat_rate"].astype("Float64").to_numpy(dtype="float64", na_value=np.nan)),
        list(range(len(frame))),
    )
    names = [period_name(day, period) for day in frame["cohort"]]
    keys = [pd.Timestamp(day).date().isoformat() for day in frame["cohort"]]
    few = len(frame) <= WIDEST_WITH_NUMBERS // 2
    bar = go.Bar(
        x=places,
        y=rates,
        marker_color=EVERGREEN,
        text=["" if np.isnan(rate) else f"{rate:.0%}" for rate in rates] if few else None,
        textposition="outside",
        cliponaxis=False,
        customdata=keys,
        hovertext=[f"{name}  ·  {size:,.0f}" for name, size in zip(names, frame["customers"], strict=True)],
        hovertemplate="<b>%{hovertext}</b><br>" + code("repeat_rate") + ": %{y:.1%}<extra></extra>",
    )
    unseen = [at for at, rate in zip(places, rates, strict=True) if np.isnan(rate)]
    waiting = go.Scatter(
        x=unseen, y=[0] * len(unseen), mode="text", text=["…"] * len(unseen), textposition="top center", hoverinfo="skip"
    )
    known = rates[~np.isnan(rates)]
    step = max(1, -(-len(names) // MOST_TICKS))
    return drawn(
        340,
        [bar, waiting],
        showlegend=False,
        xaxis={"visible": True, "range": [-0.6, len(names) - 0.4], "tickvals": places[::step], "ticktext": names[::step]},
        yaxis={"visible": True, "tickformat": ".0%", "nticks": 5}
        | {"range": [0, (known.max() if known.size and known.max() > 0 else 1.0) * 1.15]},
    )


def _texts(amounts: Any, wanted: Any, as_share: bool, end: str = "") -> list[list[str]]:
    return [
        [(f"{amount:.0%}" if as_share else short(amount)) + end if keep else "" for amount, keep in zip(row, keeps, strict=True)]
        for row, keeps in zip(amounts, wanted, strict=True)
    ]


def _where(amounts: Any, wanted: Any) -> list[list[float | None]]:
    return [
        [float(amount) if keep else None for amount, keep in zip(row, keeps, strict=True)]
        for row, keeps in zip(amounts, wanted, strict=True)
    ]


def _strongest(later: Any, amounts: Any) -> float:
    """The strongest colour is the highest value after the first period, where every cohort is whole."""
    known = later[~np.isnan(later)] if later.size else amounts[~np.isnan(amounts)]
    return float(known.max()) if known.size and known.max() > 0 else 1.0


def _outline(chosen: tuple[Any, int | None] | None, starts: list[pd.Timestamp], ages: list[int]) -> list[dict[str, Any]]:
    if chosen is None or pd.Timestamp(chosen[0]) not in starts:
        return []
    row, age = starts.index(pd.Timestamp(chosen[0])), chosen[1]
    left, right = (ages[0], ages[-1]) if age is None else (age, age)
    box = {"x0": left - 0.5, "x1": right + 0.5, "y0": row - 0.5, "y1": row + 0.5}
    return [{"type": "rect", "line": {"color": AMBER, "width": 2}} | box]


def _steps(ages: int) -> dict[str, int]:
    return {"dtick": 1 if ages <= WIDEST_WITH_NUMBERS else 6}


def _month_ticks(months: list[Any]) -> dict[str, Any]:
    """Numbers alone: they need no translation. January first, where years are shown."""
    every = next((step for step in (1, 2, 3, 6, 12, 24) if len(months) <= step * MOST_TICKS), 60)
    shown = [(at, pd.Timestamp(day)) for at, day in enumerate(months) if (pd.Timestamp(day).month - 1) % min(every, 12) == 0]
    shown = shown[:: max(1, every // 12)] or [(0, pd.Timestamp(months[0]))]
    return {"tickvals": [at for at, _ in shown], "ticktext": [f"{day:%Y-%m}" for _, day in shown]}


_UNDER_THE_CHART = {"orientation": "h", "x": 0, "xanchor": "left", "y": -0.16, "yanchor": "top", "len": 0.6, "ticks": ""}


def _cohort_scale(names: list[str]) -> dict[str, Any]:
    """Dark is old; the palest part of the ramp stays unused. The bar under the chart names the oldest and the newest cohort."""
    many = len(names)
    at = sorted({0, many // 2, many - 1})
    bar = {"tickvals": [2 * many - one for one in at], "ticktext": [names[one] for one in at], "thickness": 8, "outlinewidth": 0}
    return {"cmin": many * 0.6, "cmax": 2 * many, "colorbar": bar | _UNDER_THE_CHART}


def _c3_sentences(name: str, months: list[Any], value: str, amounts: Any, wholes: Any) -> list[str]:
    return [
        f"<b>{pd.Timestamp(month):%Y-%m}</b><br>{code('cohort')} {name}<br>{code(value)}: {amount:,.0f}"
        + (f" ({share(float(amount / whole))})" if whole > 0 else "")
        for month, amount, whole in zip(months, amounts, wholes, strict=True)
    ]


__all__ = ["c3", "cohort_grid", "period_name", "repeat_columns", "second_order"]
