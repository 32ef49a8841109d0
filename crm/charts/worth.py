"""What customers with a given history are worth, may still do, and spend."""

import numpy as np
import pandas as pd
import plotly.graph_objects as go

from crm.charts.frames import drawn, floats, plain, value_axis
from crm.charts.language import code, short
from crm.charts.models import LARGE, LIKE_THE_FACTS, dots
from crm.charts.theme import EVERGREEN, NEUTRAL, faint


def iso_value(curves: pd.DataFrame, customers: pd.DataFrame) -> go.Figure:
    """Curves: `level`, `frequency`, `recency`, a line through equal values; customers: `frequency`, `low`, `high` (recency),
    `customers`, a grey dot for each place. A click on a dot gives [frequency, low, high, customers]."""
    if curves.empty and customers.empty:
        return drawn(LARGE)
    counts = floats(customers["customers"])
    places = go.Scatter(
        x=(floats(customers["low"]) + floats(customers["high"])) / 2,
        y=floats(customers["frequency"]),
        mode="markers",
        marker={"color": faint(NEUTRAL, 0.35), "size": dots(counts), "line": {"width": 0}},
        unselected={"marker": {"opacity": 0.6}},
        customdata=[
            [int(frequency), float(low), float(high), int(count)]
            for frequency, low, high, count in customers[["frequency", "low", "high", "customers"]].to_numpy()
        ],
        hovertemplate=(
            code("repeat_purchases") + " %{customdata[0]} · " + code("weeks_from_first_to_last")
            + " %{customdata[1]:.0f}–%{customdata[2]:.0f}<br>" + code("customers") + ": <b>%{customdata[3]:,}</b><extra></extra>"
        ),
    )  # fmt: skip
    levels = sorted(curves["level"].unique())
    strength = np.linspace(0.4, 1.0, max(len(levels), 1))
    lines = [_curve(curves[curves["level"] == level], level, float(alpha)) for level, alpha in zip(levels, strength, strict=True)]
    return drawn(
        LARGE + 60,
        [places, *lines],
        showlegend=False,
        xaxis={"visible": True, "title": {"text": code("weeks_from_first_to_last")}, "rangemode": "tozero"},
        yaxis={"visible": True, "title": {"text": code("repeat_purchases")}, "rangemode": "tozero"},
    )


def history_heat(frame: pd.DataFrame, *, as_share: bool) -> go.Figure:
    """`frequency`, `low`, `high` (recency in weeks), `value`, `customers`: a row for each frequency, the value in the cell; what
    cannot be is missing. A click gives [frequency, low, high, customers]."""
    if frame.empty:
        return drawn(LARGE)
    grid = frame.pivot(index="frequency", columns="low", values="value").sort_index()
    ends = frame.drop_duplicates("low").set_index("low")["high"]
    weeks = [f"{low:.0f}–{ends[low]:.0f}" for low in grid.columns]
    rows = [str(int(frequency)) for frequency in grid.index]
    amounts = grid.to_numpy(dtype=np.float64)
    heat = go.Heatmap(
        z=[[None if np.isnan(amount) else float(amount) for amount in row] for row in amounts],
        x=weeks,
        y=rows,
        zmin=0,
        zmax=1 if as_share else None,
        text=[[_cell(amount, as_share) for amount in row] for row in amounts],
        texttemplate="%{text}",
        textfont={"size": 11},
        hoverinfo="skip",
        hoverongaps=False,
        showscale=False,
    )
    word = "p_alive" if as_share else "expected_orders"
    clicks = go.Scatter(
        x=[f"{low:.0f}–{high:.0f}" for low, high in zip(frame["low"], frame["high"], strict=True)],
        y=[str(int(frequency)) for frequency in frame["frequency"]],
        mode="markers",
        marker={"symbol": "square", "size": 26, "color": faint(NEUTRAL, 0.0), "line": {"width": 0}},
        customdata=[
            [int(frequency), float(low), float(high), int(count)]
            for frequency, low, high, count in frame[["frequency", "low", "high", "customers"]].to_numpy()
        ],
        text=[_cell(value, as_share) for value in floats(frame["value"])],
        hovertemplate=(
            code("repeat_purchases") + " %{y} · " + code("weeks_from_first_to_last") + " %{x}<br>"
            + code(word) + ": <b>%{text}</b><br>" + code("customers") + ": %{customdata[3]:,}<extra></extra>"
        ),
        showlegend=False,
    )  # fmt: skip
    return drawn(
        max(len(rows) * 28 + 90, 220),
        [heat, clicks],
        xaxis={"visible": True, "type": "category", "title": {"text": code("weeks_from_first_to_last")}, "showline": False},
        yaxis={"visible": True, "type": "category", "title": {"text": code("repeat_purchases")}, "showgrid": False},
    )


def spend_regression(lines: pd.DataFrame, customers: pd.DataFrame) -> go.Figure:
    """Lines: `frequency`, `observed`, `expected`, what is expected of somebody with so many purchases and this mean; customers:
    `customer_id`, `observed`, `expected`. The dotted line is where both agree. A click on a dot gives the customer_id."""
    if lines.empty:
        return drawn(LARGE)
    reach = float(lines["observed"].max())
    agree = go.Scatter(x=[0, reach], y=[0, reach], mode="lines", line=LIKE_THE_FACTS, hoverinfo="skip", showlegend=False)
    people = go.Scatter(
        x=floats(customers["observed"]),
        y=floats(customers["expected"]),
        mode="markers",
        marker={"color": faint(NEUTRAL, 0.4), "size": 7},
        customdata=plain(customers["customer_id"]),
        showlegend=False,
        hovertemplate=code("observed") + ": %{x:,.2f}<br>" + code("expected") + ": <b>%{y:,.2f}</b><extra></extra>",
    )
    groups = list(lines.groupby("frequency"))
    strength = np.linspace(0.4, 1.0, len(groups))
    drawn_lines = [_regression(int(str(key)), part, float(alpha)) for (key, part), alpha in zip(groups, strength, strict=True)]
    return drawn(
        LARGE,
        [agree, people, *drawn_lines],
        margin={"r": 56},
        xaxis=value_axis(0, reach) | {"title": {"text": code("observed_mean")}},
        yaxis=value_axis(0, reach) | {"title": {"text": code("expected_mean")}},
    )


def _regression(frequency: int, part: pd.DataFrame, alpha: float) -> go.Scatter:
    colour = faint(EVERGREEN, alpha)
    return go.Scatter(
        x=floats(part["observed"]),
        y=floats(part["expected"]),
        mode="lines+text",
        line={"color": colour, "width": 2},
        text=[""] * (len(part) - 1) + [f"× {frequency}"],
        textposition="middle right",
        textfont={"size": 12},
        unselected={"textfont": {"color": NEUTRAL}},
        cliponaxis=False,
        showlegend=False,
        hoverinfo="skip",
    )


def _curve(part: pd.DataFrame, level: float, alpha: float) -> go.Scatter:
    """Labelled where it turns, which is where the last purchase lies longest ago."""
    recency = floats(part["recency"])
    turn = int(recency.argmin()) if len(recency) else 0
    return go.Scatter(
        x=recency,
        y=floats(part["frequency"]),
        mode="lines+text",
        line={"color": faint(EVERGREEN, alpha), "width": 2, "shape": "spline"},
        text=[short(level) if at == turn else "" for at in range(len(part))],
        textposition="middle left",
        textfont={"size": 12},
        unselected={"textfont": {"color": NEUTRAL}},
        hoverinfo="skip",
    )


def _cell(amount: float, as_share: bool) -> str:
    if np.isnan(amount):
        return ""
    return f"{amount:.0%}" if as_share else f"{amount:.1f}"
