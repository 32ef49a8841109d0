"""Marks of several people side by side, and what an attainment pays."""

from __future__ import annotations

from typing import Any

import pandas as pd
import plotly.graph_objects as go

from crm.charts.frames import ROW, drawn, floats, value_axis
from crm.charts.language import code, short, typed
from crm.charts.theme import AMBER, EVERGREEN, NEUTRAL, PALETTE, faint

SYMBOLS = ("circle", "square", "diamond", "triangle-up", "cross", "star", "hexagon", "x")


def marks(frame: pd.DataFrame, highest: int) -> go.Figure:
    """`criterion`, `by`, `mark`: a row for each criterion, a sign for each reviewer, the bar their mean; marks from 1 to
    `highest`."""
    names = list(dict.fromkeys(frame["criterion"]))
    height = max(len(names) * (ROW + 14) + 60, 140)
    if frame.empty:
        return drawn(height)
    means = frame.groupby("criterion")["mark"].mean()
    bar = go.Bar(
        orientation="h",
        x=[float(means[name]) - 1 for name in names],
        base=1,
        y=list(range(len(names))),
        width=0.62,
        marker_color=faint(EVERGREEN, 0.28),
        name=code("mean"),
        hovertext=[f"{typed(name)} · " + code("mean") + f" {means[name]:.1f}" for name in names],
        hovertemplate="%{hovertext}<extra></extra>",
    )
    people = list(dict.fromkeys(frame["by"]))
    places = {name: at for at, name in enumerate(names)}
    dots = []
    for at, who in enumerate(people):
        mine = frame[frame["by"] == who]
        step = (at - (len(people) - 1) / 2) * min(0.3, 0.6 / len(people))
        dots.append(
            go.Scatter(
                x=floats(mine["mark"]),
                y=[places[name] + step for name in mine["criterion"]],
                mode="markers",
                name=typed(who),
                marker={"size": 11, "symbol": SYMBOLS[at % len(SYMBOLS)], "color": PALETTE[at % len(PALETTE)]},
                hovertemplate=typed(who) + ": <b>%{x:.0f}</b><extra></extra>",
            )
        )
    step = max(1, round((highest - 1) / 5))
    return drawn(
        height,
        [bar, *dots],
        margin={"t": 8, "r": 16},
        showlegend=True,
        legend={"y": -0.04},
        xaxis={"visible": True, "range": [0.9, highest + 0.15], "tickvals": list(range(1, highest + 1, step)), "side": "top"},
        yaxis={"visible": True, "autorange": "reversed", "showgrid": False}
        | {"tickvals": list(range(len(names))), "ticktext": [typed(name) for name in names]},
    )


def pays(frame: pd.DataFrame, met: float | None = None) -> go.Figure:
    """`share` (of the target, 1 = met), `amount`: the line that it pays; the target as a tick, `met` the share that is looked
    at."""
    if frame.empty:
        return drawn(260)
    share, amount = floats(frame["share"]), floats(frame["amount"])
    line = go.Scatter(
        x=share,
        y=amount,
        mode="lines",
        line={"color": EVERGREEN, "width": 2.5},
        fill="tozeroy",
        fillcolor=faint(EVERGREEN, 0.1),
        hovertemplate=code("attainment") + " %{x:.0%}: <b>%{y:,.2f}</b><extra></extra>",
    )
    traces: list[Any] = [line]
    if met is not None:
        earned = float(amount[abs(share - met).argmin()])
        traces.append(
            go.Scatter(
                x=[met],
                y=[earned],
                mode="markers+text",
                text=[short(earned)],
                textposition="top left",
                marker={"size": 11, "color": AMBER},
                cliponaxis=False,
                hoverinfo="skip",
            )
        )
    reached = {"type": "line", "x0": 1, "x1": 1, "y0": 0, "y1": 1, "yref": "paper"}
    ticks = [one for one in (0, 0.5, 1, 1.5, 2) if one <= share.max()]
    return drawn(
        280,
        traces,
        showlegend=False,
        margin={"t": 20, "r": 24},
        shapes=[reached | {"line": {"color": NEUTRAL, "width": 1, "dash": "dot"}}],
        annotations=[
            {"x": 1, "y": 1, "yref": "paper", "yanchor": "bottom", "showarrow": False, "text": code("target", of="goal")}
            | {"font": {"size": 12, "color": NEUTRAL}}
        ],
        xaxis={"visible": True, "tickformat": ".0%", "tickvals": ticks, "range": [0, float(share.max()) * 1.02]},
        yaxis=value_axis(0, float(amount.max())),
    )


__all__ = ["marks", "pays"]
