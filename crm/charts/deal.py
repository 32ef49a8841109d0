"""One opportunity as it was judged from time to time."""

import pandas as pd
import plotly.graph_objects as go

from crm.charts.frames import drawn, floats
from crm.charts.language import code
from crm.charts.theme import EVERGREEN, faint

HEIGHT = 150


def assessments(scores: pd.DataFrame) -> go.Figure:
    """`assessed_on`, `score` (0-100): a line with its points, the newest in full colour and written out."""
    if scores.empty:
        return drawn(HEIGHT)
    known = scores.sort_values("assessed_on", kind="stable")
    days, values = pd.to_datetime(known["assessed_on"]), floats(known["score"])
    last, ticks = len(known) - 1, sorted({day.strftime("%Y-%m-%d") for day in days})[-6:]
    return drawn(
        HEIGHT,
        [
            go.Scatter(
                x=[day.strftime("%Y-%m-%d") for day in days],
                y=values,
                mode="lines+markers+text",
                line={"color": faint(EVERGREEN, 0.5), "width": 2},
                marker={"size": 9, "color": [EVERGREEN if at == last else faint(EVERGREEN, 0.5) for at in range(len(known))]},
                text=["" if at < last else f"<b>{value:.0f}</b>" for at, value in enumerate(values)],
                textposition="top center",
                cliponaxis=False,
                hovertemplate="%{x|%Y-%m-%d}<br>" + code("score") + ": <b>%{y:.0f}</b><extra></extra>",
            )
        ],
        xaxis={
            "visible": True,
            "type": "date",
            "tickformat": "%Y-%m-%d",
            "tickvals": ticks,
        },
        yaxis={"visible": True, "range": [0, 112], "tickvals": [0, 50, 100]},
        margin={"t": 12, "r": 28},
    )
