"""What lies between two lines: an interval, drawn the same everywhere."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import plotly.graph_objects as go

from crm.charts.frames import floats, plain
from crm.charts.theme import EVERGREEN, faint


def band(x: Any, low: Any, high: Any, shape: str = "linear") -> list[go.Scatter]:
    """The two edges without a line and the area between; nothing to point at."""
    edge: dict[str, Any] = {"mode": "lines", "line": {"width": 0, "shape": shape}, "hoverinfo": "skip", "showlegend": False}
    return [
        go.Scatter(x=x, y=floats(high), **edge),
        go.Scatter(x=x, y=floats(low), fill="tonexty", fillcolor=faint(EVERGREEN, 0.16), **edge),
    ]


def expected(ahead: pd.DataFrame) -> list[go.Scatter]:
    """`day`, `p10`, `p50`, `p90`: where a sum will lie, and the middle as a dotted line that tells all three."""
    days = plain(pd.to_datetime(ahead["day"]))
    middle = go.Scatter(
        name="P50",
        x=days,
        y=floats(ahead["p50"]),
        mode="lines",
        line={"color": faint(EVERGREEN, 0.75), "width": 2, "dash": "dot"},
        customdata=np.column_stack([floats(ahead["p10"]), floats(ahead["p90"])]).tolist(),
        hovertemplate="%{x}<br>P50 <b>%{y:,.3~s}</b> (%{customdata[0]:,.3~s} – %{customdata[1]:,.3~s})<extra></extra>",
    )
    return [*band(days, ahead["p10"], ahead["p90"]), middle]
