"""What was to come in and what came, added up over time."""

from datetime import date
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
import plotly.graph_objects as go

from crm.charts.frames import SMALL, THIN, drawn, floats, value_axis
from crm.charts.language import code
from crm.charts.theme import EVERGREEN, NEUTRAL, faint

HEIGHT = 200


def plan_and_received(plan: pd.DataFrame, written: pd.DataFrame, today: date) -> go.Figure:
    """`plan`: due_on, amount; `written`: received_on, amount (negative where it was undone). Both as steps, with today."""
    if plan.empty:
        return drawn(HEIGHT)
    ends = [*plan["due_on"], *written["received_on"], today]
    first, last = min(ends), max(ends)
    due = _steps("planned", plan["due_on"], floats(plan["amount"]), first, last)
    came = _steps("received", written["received_on"], floats(written["amount"]), first, min(today, last))
    traces = [
        go.Scatter(**due, line={"color": NEUTRAL, "width": 1.5, "shape": "hv", "dash": "dot"}),
        go.Scatter(
            **came, line={"color": EVERGREEN, "width": 2.5, "shape": "hv"}, fill="tozeroy", fillcolor=faint(EVERGREEN, 0.12)
        ),
    ]
    now = {"type": "line", "x0": today.isoformat(), "x1": today.isoformat(), "y0": 0, "y1": 1, "yref": "paper"}
    note = {"x": today.isoformat(), "y": 1.04, "yref": "paper", "yanchor": "bottom", "text": code("today")}
    top = max(float(due["y"].max()), float(came["y"].max()), 1.0)
    return drawn(
        HEIGHT,
        traces,
        shapes=[now | THIN],
        annotations=[note | SMALL],
        margin={"t": 24, "r": 16},
        xaxis={"visible": True, "type": "date", "tickformat": "%Y-%m", "nticks": 7},
        yaxis=value_axis(0, top),
        legend={"y": -0.2},
    )


def _steps(name: str, days: "pd.Series[Any]", amounts: npt.NDArray[np.float64], first: date, last: date) -> dict[str, Any]:
    """From nothing on the first day, over each sum, to the last day."""
    order = np.argsort([day.toordinal() for day in days], kind="stable") if len(days) else np.zeros(0, dtype=int)
    sums = np.cumsum(amounts[order]) if len(days) else np.zeros(0)
    places = [first, *(days.iloc[at] for at in order), last]
    return {
        "name": code(name),
        "mode": "lines",
        "x": [day.isoformat() for day in places],
        "y": np.concatenate([[0.0], sums, sums[-1:] if len(sums) else [0.0]]),
        "hovertemplate": "%{x|%Y-%m-%d}<br>" + code(name) + ": <b>%{y:,.2f}</b><extra></extra>",
    }
