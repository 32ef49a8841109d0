"""Whether contact works: both arms since the drawing, and the difference between them group by group."""

from typing import Any

import numpy as np
import pandas as pd
import plotly.graph_objects as go

from crm.charts.frames import ROW, SMALL, THIN, drawn, floats, plain
from crm.charts.language import code, typed
from crm.charts.theme import EVERGREEN, NEUTRAL, faint

HEIGHT = 360
ARMS = {True: ("proposed", EVERGREEN), False: ("control", NEUTRAL)}


def ordered_curves(curves: pd.DataFrame, windows: tuple[int, ...] = ()) -> go.Figure:
    """`called` (bool), `day`, `share`, `low`, `high`: the share that has ordered, rising in steps, with its band; `windows` are
    marked with a thin line. A click gives the arm (proposed, control)."""
    if curves.empty:
        return drawn(HEIGHT)
    traces: list[Any] = []
    for called, part in sorted(curves.groupby("called"), key=lambda group: bool(group[0])):
        traces += _arm(part, *ARMS[bool(called)])
    last = float(curves["day"].max())
    top = float(min(curves["high"].max(), 1.0)) or 1.0
    lines = [{"type": "line", "x0": day, "x1": day, "y0": 0, "y1": 1, "yref": "paper", **THIN} for day in windows if day < last]
    return drawn(
        HEIGHT,
        traces,
        shapes=[line | {"line": {"color": faint(NEUTRAL, 0.4), "width": 1, "dash": "dot"}} for line in lines],
        xaxis={
            "visible": True,
            "title": {"text": code("days_since_drawing")},
            "range": [0, last * 1.02],
            "tickvals": _days(last),
        },
        yaxis={"visible": True, "range": [0, top * 1.05], "tickformat": ".0%", "nticks": 6},
        legend={"y": 1.02, "yanchor": "bottom", "traceorder": "reversed"},
        margin={"t": 32},
    )


def _arm(part: pd.DataFrame, name: str, colour: str) -> list[Any]:
    days, shares = floats(part["day"]), floats(part["share"])
    low, high = floats(part["low"]), floats(part["high"])
    x, upper = _steps(days, high)
    _, lower = _steps(days, low)
    band = go.Scatter(
        x=[*x, *x[::-1]],
        y=[*upper, *lower[::-1]],
        mode="lines",
        line={"width": 0},
        fill="toself",
        fillcolor=faint(colour, 0.14),
        hoverinfo="skip",
        showlegend=False,
        legendgroup=name,
    )
    line = go.Scatter(
        name=code(name),
        x=days,
        y=shares,
        mode="lines",
        line={"color": colour, "width": 2.5, "shape": "hv"},
        legendgroup=name,
        customdata=[[name, float(one), float(other)] for one, other in zip(low, high, strict=True)],
        hovertemplate=f"<b>{code(name)}</b><br>{code('days_since_drawing')} %{{x}}: %{{y:.1%}}"
        " (%{customdata[1]:.1%} – %{customdata[2]:.1%})<extra></extra>",
    )
    return [band, line]


def _steps(days: Any, values: Any) -> tuple[Any, Any]:
    """A staircase as a line: each value holds until the next day."""
    return np.repeat(days, 2)[1:], np.repeat(values, 2)[:-1]


def _days(last: float) -> list[int]:
    step = next(one for one in (1, 5, 10, 15, 30, 60, 3650) if last / one <= 9)
    return list(range(0, int(last) + 1, step))


def differences(rows: pd.DataFrame) -> go.Figure:
    """`key`, `group` (a name), `difference`, `low`, `high` (shares), `called_n`, `control_n`: one dot with its interval a row,
    top first, the line of no difference through all. A click gives the key."""
    height = len(rows) * (ROW + 8) + 90
    if rows.empty:
        return drawn(height)
    points, places = floats(rows["difference"]) * 100, list(range(len(rows)))
    down, up = points - floats(rows["low"]) * 100, floats(rows["high"]) * 100 - points
    clear = (floats(rows["low"]) > 0) | (floats(rows["high"]) < 0)
    colours = [EVERGREEN if one else NEUTRAL for one in clear]
    whiskers: list[Any] = [
        go.Scatter(
            x=[points[at]],
            y=[at],
            mode="markers",
            marker={"size": 10, "color": colours[at]},
            error_x={"type": "data", "symmetric": False, "array": [up[at]], "arrayminus": [down[at]]}
            | {"color": colours[at], "thickness": 2, "width": 0},
            customdata=plain([rows["key"].iloc[at]]),
            hovertext=[_sentence(rows.iloc[at])],
            hovertemplate="%{hovertext}<extra></extra>",
        )
        for at in places
    ]
    ends = np.maximum(np.abs(points - down), np.abs(points + up))
    # A group of a few customers has an interval as wide as the page: it may leave it, so that the others can be told apart.
    reach = max(min(float(ends.max()), 3 * float(np.median(ends))), float(np.abs(points).max()), 1.0) * 1.1
    return drawn(
        height,
        whiskers,
        showlegend=False,
        shapes=[{"type": "line", "x0": 0, "x1": 0, "y0": 0, "y1": 1, "yref": "paper", **THIN}],
        annotations=[{"text": code("no_difference"), "x": 0, "y": 1, "yref": "paper", "yanchor": "bottom"} | SMALL],
        xaxis={"visible": True, "range": [-reach, reach], "ticksuffix": " ", "title": {"text": code("percentage_points")}},
        yaxis={"visible": True, "autorange": "reversed", "showgrid": False, "tickvals": places}
        | {"ticktext": [typed(name) for name in rows["group"]]},
        margin={"t": 28, "b": 44},
    )


def _sentence(row: Any) -> str:
    sizes = f"{code('proposed')}: {int(row['called_n']):,}<br>{code('control')}: {int(row['control_n']):,}"
    points = f"{row['difference'] * 100:+.1f} ({row['low'] * 100:+.1f} – {row['high'] * 100:+.1f})"
    return f"<b>{typed(row['group'])}</b><br>{code('percentage_points')}: {points}<br>{sizes}"
