"""Whether it pays: how six figures moved against what was hoped for, and what was spent month by month."""

from __future__ import annotations

import numpy as np
import pandas as pd
import plotly.graph_objects as go

from crm.charts.frames import ROW, SMALL, drawn, floats, plain, value_axis
from crm.charts.language import code, share, short
from crm.charts.theme import EVERGREEN, INDIGO, NEGATIVE, NEUTRAL, POSITIVE, faint

FARTHEST = 1.5
"""A change beyond this is cut there, its number still said."""


def moved(frame: pd.DataFrame) -> go.Figure:
    """`metric`, `change` (share of the figure before), `better`, `apart` (the intervals do not touch), `aim`: a bar for each
    figure, faint where the two periods cannot be told apart; the tick is what was hoped for. A click gives the metric."""
    known = frame[frame["change"].notna()]
    height = max(len(frame) * (ROW + 10) + 30, 120)
    if known.empty:
        return drawn(height)
    change, aim = floats(known["change"]), floats(known["aim"])
    shown = np.clip(change, -FARTHEST, FARTHEST)
    places = list(range(len(known)))
    colours = [POSITIVE if good else NEGATIVE for good in known["better"]]
    bar = go.Bar(
        orientation="h",
        x=shown,
        y=places,
        width=0.55,
        marker_color=[faint(one, 0.9 if sure else 0.4) for one, sure in zip(colours, known["apart"], strict=True)],
        text=[("+" if one > 0 else "") + share(one) for one in change],
        textposition="none",
        customdata=plain(known["metric"]),
        hovertemplate="<b>%{text}</b><extra></extra>",
    )
    mark = {"symbol": "line-ns-open", "size": 20, "line": {"width": 3}, "color": INDIGO}
    tick = go.Scatter(x=aim, y=places, mode="markers", marker=mark, hovertemplate=code("aim") + " %{x:+.0%}<extra></extra>")
    notes = [
        SMALL | {"text": bar.text[place], "x": _beyond(*ends), "y": place, "xanchor": "left" if ends[0] >= 0 else "right"}
        for place, ends in enumerate(zip(shown, aim, strict=True))
    ]
    far = float(max(np.abs(shown).max(), np.abs(aim).max(), 0.1)) * 1.6
    return drawn(
        height,
        [bar, tick],
        showlegend=False,
        annotations=notes,
        margin={"t": 4, "r": 16},
        shapes=[{"type": "line", "x0": 0, "x1": 0, "y0": 0, "y1": 1, "yref": "paper", "line": {"color": NEUTRAL, "width": 1}}],
        xaxis={"visible": False, "range": [-far, far]},
        yaxis={"visible": True, "autorange": "reversed", "showgrid": False, "tickvals": places}
        | {"ticktext": [code(str(one), of="metric") for one in known["metric"]]},
    )


def _beyond(moved: float, aim: float) -> float:
    """Where the number of a bar stands clear of the bar and of the tick."""
    same_side = (moved >= 0) == (aim >= 0)
    return max(moved, aim, key=abs) if same_side else moved


def spent(frame: pd.DataFrame) -> go.Figure:
    """`month`, `campaign`, `expense`: stacked, the sum above each column. A click gives the month."""
    total = floats(frame["campaign"]) + floats(frame["expense"])
    if not len(frame) or not total.any():
        return drawn(260)
    months = [f"{one:%Y-%m}" for one in pd.to_datetime(frame["month"])]
    traces = [
        go.Bar(
            name=code(name, of="what"),
            x=months,
            y=floats(frame[name]),
            marker_color=colour,
            customdata=months,
            hovertemplate="%{x} · " + code(name, of="what") + ": <b>%{y:,.3~s}</b><extra></extra>",
        )
        for name, colour in (("campaign", EVERGREEN), ("expense", INDIGO))
    ]
    notes = [
        SMALL | {"text": short(sum_), "x": month, "y": sum_, "yanchor": "bottom"}
        for month, sum_ in zip(months, total, strict=True)
        if sum_ > total.max() * 0.25
    ]
    axis = {"visible": True, "type": "category", "tickangle": 0, "nticks": 4}
    return drawn(
        260, traces, barmode="stack", annotations=notes, xaxis=axis, yaxis=value_axis(0, float(total.max())), margin={"t": 20}
    )


__all__ = ["moved", "spent"]
