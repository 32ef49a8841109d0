"""A base known from yearly totals alone: counts against the model, one window in its parts, orders by year, value in steps."""

from typing import Any

import numpy as np
import pandas as pd
import plotly.graph_objects as go

from crm.charts.frames import HIDDEN, SMALL, drawn, floats, plain, value_axis
from crm.charts.language import code, short, typed
from crm.charts.language import share as share_mark
from crm.charts.theme import AMBER, BRICK, EVERGREEN, NEUTRAL, SLATE, faint

PANEL = 118
"""Pixels of one period among small multiples."""
MIDDLE = 380
PARTS = {
    "dead_before": ("left_before", SLATE),
    "alive_throughout": ("there_throughout", EVERGREEN),
    "dies_inside": ("left_inside", AMBER),
}
"""Column -> its code and colour."""
STEP_COLOURS = {"adds": EVERGREEN, "takes": BRICK, "result": NEUTRAL}


def class_fit(frame: pd.DataFrame, or_more: bool) -> go.Figure:
    """`period` (name), `x`, `actual`, `expected`: customers by number of orders, a panel a period; bars are facts, marks the
    model. A click gives [period, x]."""
    if frame.empty:
        return drawn(MIDDLE)
    periods = list(dict.fromkeys(frame["period"]))
    classes = sorted(frame["x"].unique().tolist())
    traces, layout = [], dict[str, Any]()
    for place, (period, rows) in enumerate(frame.groupby("period", sort=False), start=1):
        suffix = "" if place == 1 else str(place)
        traces += _facts_and_model(str(period), rows, suffix, legend=place == 1)
        top = 1 - (place - 1) / len(periods)
        highest = float(np.nanmax([*floats(rows["actual"]), *floats(rows["expected"])]) or 1)
        layout[f"yaxis{suffix}"] = value_axis(0, highest) | {
            "domain": [top - 0.8 / len(periods), top - 0.1 / len(periods)], "nticks": 3, "anchor": "x",
        }  # fmt: skip
    names = [str(x) for x in classes]
    ends = [*names[:-1], f"{names[-1]}+" if or_more else names[-1]]
    return drawn(
        PANEL * len(periods) + 70,
        traces,
        bargap=0.3,
        xaxis={"visible": True, "tickvals": classes, "ticktext": ends, "title": {"text": code("repeat_orders")}, "anchor": "free"}
        | {"position": 0},
        annotations=[_panel_name(period, at, len(periods)) for at, period in enumerate(periods)],
        legend={"y": 1.0, "yanchor": "bottom"},
        margin={"t": 34},
        **layout,
    )


def _facts_and_model(period: str, rows: pd.DataFrame, suffix: str, legend: bool) -> list[Any]:
    keys = [[period, int(x)] for x in rows["x"]]
    shared: dict[str, Any] = {"x": rows["x"].tolist(), "yaxis": f"y{suffix}", "customdata": keys, "showlegend": legend}
    said = "<b>" + typed(period) + "</b> · %{x}<br>"
    return [
        go.Bar(
            name=code("actual"),
            y=floats(rows["actual"]),
            marker_color=faint(EVERGREEN, 0.75),
            hovertemplate=said + code("actual") + ": <b>%{y:,.0f}</b><extra></extra>",
            **shared,
        ),
        go.Scatter(
            name=code("expected"),
            y=floats(rows["expected"]),
            mode="markers",
            marker={"symbol": "line-ew-open", "size": 20, "line": {"width": 3}, "color": AMBER},
            hovertemplate=said + code("expected") + ": <b>%{y:,.1f}</b><extra></extra>",
            **shared,
        ),
    ]


def _panel_name(period: str, place: int, count: int) -> dict[str, Any]:
    at = {"x": 1, "xref": "paper", "xanchor": "right", "y": 1 - place / count - 0.06 / count, "yref": "paper", "yanchor": "top"}
    return {"text": typed(period)} | at | SMALL


def window_parts(frame: pd.DataFrame, or_more: bool = True) -> go.Figure:
    """`n`, `dead_before`, `alive_throughout`, `dies_inside`, `probability`: the chance of each number of orders, in its three
    parts one on the other. A click gives n."""
    if frame.empty:
        return drawn(MIDDLE)
    numbers = frame["n"].astype(int).tolist()
    names = [*map(str, numbers[:-1]), f"{numbers[-1]}+" if or_more else str(numbers[-1])]
    bars = [
        go.Bar(
            name=code(said),
            x=numbers,
            y=floats(frame[part]),
            marker={"color": colour, "cornerradius": 0},
            customdata=numbers,
            hovertext=[f"{code(said)}: {share_mark(chance)}" for chance in floats(frame[part])],
            hovertemplate="<b>%{x}</b> " + code("repeat_orders") + "<br>%{hovertext}<extra></extra>",
        )
        for part, (said, colour) in PARTS.items()
    ]
    whole = floats(frame["probability"])
    totals = [
        {"x": x, "y": chance, "yanchor": "bottom", "text": share_mark(chance)} | SMALL
        for x, chance in zip(numbers, whole, strict=True)
    ]
    return drawn(
        MIDDLE,
        bars,
        barmode="stack",
        annotations=totals,
        xaxis={"visible": True, "tickvals": numbers, "ticktext": names, "title": {"text": code("repeat_orders")}},
        yaxis=HIDDEN | {"range": [0, float(whole.max()) * 1.12]},
        legend={"y": 1.02, "yanchor": "bottom"},
        margin={"t": 30},
    )


def orders_ahead(frame: pd.DataFrame) -> go.Figure:
    """`period` (name), `actual` (missing in the periods ahead), `expected`, `lower`, `upper`: orders per customer; the periods
    ahead are lighter. A click gives the period."""
    if frame.empty:
        return drawn(MIDDLE)
    actual, expected = floats(frame["actual"]), floats(frame["expected"])
    places, names = list(range(len(frame))), [str(name) for name in frame["period"]]
    known = int(np.sum(~np.isnan(actual)))
    keys = plain(frame["period"])
    facts = go.Bar(
        name=code("actual"),
        x=places[:known],
        y=actual[:known],
        marker_color=faint(EVERGREEN, 0.75),
        customdata=keys[:known],
        hovertext=[typed(name) for name in names[:known]],
        hovertemplate="<b>%{hovertext}</b><br>" + code("actual") + ": %{y:,.3f}<extra></extra>",
    )
    spread = {"type": "data", "symmetric": False, "array": floats(frame["upper"]) - expected, "thickness": 1.5, "width": 4}
    spread |= {"arrayminus": expected - floats(frame["lower"]), "color": AMBER}
    model = go.Scatter(
        name=code("expected"),
        x=places,
        y=expected,
        mode="markers",
        marker={"size": 9, "color": [AMBER if place < known else faint(AMBER, 0.45) for place in places]},
        error_y=spread,
        customdata=keys,
        hovertext=[f"{typed(name)}<br>{code('expected')}: {value:,.3f}" for name, value in zip(names, expected, strict=True)],
        hovertemplate="%{hovertext}<extra></extra>",
    )
    return drawn(
        MIDDLE,
        [facts, model],
        shapes=[_line(known - 0.5)] if 0 < known < len(frame) else [],
        annotations=[{"text": code("today"), "x": known - 0.5, "y": 1, "yref": "paper", "yanchor": "bottom"} | SMALL]
        if 0 < known < len(frame)
        else [],
        xaxis={"visible": True, **_some(places, names)},
        yaxis={"visible": True, "rangemode": "tozero", "tickformat": ",.2~f", "nticks": 6},
        legend={"y": -0.1},
        margin={"t": 28},
    )


def _line(at: float) -> dict[str, Any]:
    return {"type": "line", "x0": at, "x1": at, "y0": 0, "y1": 1, "yref": "paper", "line": {"color": NEUTRAL, "width": 1}}


def _some(places: list[int], names: list[str]) -> dict[str, Any]:
    every = -(-len(places) // 8)
    return {"tickvals": places[::every], "ticktext": [typed(name) for name in names[::every]]}


def value_steps(frame: pd.DataFrame) -> go.Figure:
    """`step` (a code), `amount`, `kind` (adds, takes, result): money in steps from top to bottom, each beginning where the one
    before ended. A click gives the step."""
    if frame.empty:
        return drawn(MIDDLE)
    amounts, kinds = floats(frame["amount"]), frame["kind"].tolist()
    starts, ends, level = [], [], 0.0
    for amount, kind in zip(amounts, kinds, strict=True):
        start = 0.0 if kind == "result" else level
        level = amount if kind == "result" else level + (amount if kind == "adds" else -amount)
        starts.append(start)
        ends.append(level)
    places, signs = list(range(len(frame))), ["−" if kind == "takes" else "" for kind in kinds]
    bar = go.Bar(
        orientation="h",
        y=places,
        base=[min(pair) for pair in zip(starts, ends, strict=True)],
        x=[abs(end - start) for start, end in zip(starts, ends, strict=True)],
        marker_color=[STEP_COLOURS[kind] if kind != "result" else EVERGREEN for kind in kinds],
        text=[sign + short(amount) for sign, amount in zip(signs, amounts, strict=True)],
        textposition="outside",
        cliponaxis=False,
        customdata=plain(frame["step"]),
        hovertext=[code(step) for step in frame["step"]],
        hovertemplate="<b>%{hovertext}</b>: %{text}<extra></extra>",
    )
    return drawn(
        64 * len(frame) + 30,
        [bar],
        margin={"r": 72},
        bargap=0.45,
        xaxis=HIDDEN | {"range": [0, max(*starts, *ends) or 1]},
        yaxis={"visible": True, "autorange": "reversed", "showgrid": False, "tickvals": places}
        | {"ticktext": [code(step) for step in frame["step"]]},
    )
