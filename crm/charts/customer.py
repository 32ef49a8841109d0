"""One customer's orders, and what they say of him."""

from collections.abc import Sequence
from datetime import date
from typing import Any

import pandas as pd
import plotly.graph_objects as go

from crm.charts.frames import SMALL, THIN, drawn, floats, plain, value_axis
from crm.charts.language import code
from crm.charts.theme import EVERGREEN, NEUTRAL, colour_of, faint

DAY = 86_400_000
HEIGHT = 220
SMALL_HEIGHT = 132


def rhythm(orders: pd.DataFrame, today: date, expected_next: date | None = None) -> go.Figure:
    """`id`, `ordered_on`, `amount`, `kind`: a stem for each order, coloured by its kind, today as a thin line, the date
    when the next order is expected as a lighter marker. A click gives the order's id."""
    if orders.empty:
        return drawn(HEIGHT)
    days, amounts = pd.to_datetime(orders["ordered_on"]), floats(orders["amount"])
    first, last = days.min(), max(pd.Timestamp(end) for end in (days.max(), today, expected_next) if end is not None)
    span = max((last - first).days, 30)
    margin = pd.Timedelta(days=span * 0.03 + 1)
    kinds = sorted(orders.assign(_day=days, _amount=amounts).groupby("kind"), key=_usual_first)
    traces = [_stems(str(kind), same, width=max(span / 160, 0.6) * DAY) for kind, same in kinds]
    return drawn(
        HEIGHT,
        traces if expected_next is None else [*traces, _expected(expected_next)],
        barmode="overlay",
        showlegend=len(kinds) > 1,
        shapes=[{"type": "line", "x0": today.isoformat(), "x1": today.isoformat(), "y0": 0, "y1": 1, "yref": "paper"} | THIN],
        annotations=[{"text": code("today"), "x": today.isoformat(), "y": 1, "yref": "paper", "yanchor": "bottom"} | SMALL],
        xaxis={"visible": True, "type": "date", "tickformat": "%Y-%m" if span < 1500 else "%Y", "nticks": 7}
        | {"range": [str(first - margin), str(last + margin)]},
        yaxis=value_axis(amounts.min(), amounts.max()),
        legend={"y": -0.16},
        margin={"t": 28},
    )


def _stems(kind: str, orders: pd.DataFrame, width: float) -> go.Bar:
    return go.Bar(
        name=code(kind),
        x=[day.strftime("%Y-%m-%d") for day in orders["_day"]],
        y=floats(orders["_amount"]),
        width=width,
        marker={"color": colour_of("order_kind", kind), "cornerradius": 0},
        customdata=plain(orders["id"]),
        hovertemplate="%{x|%Y-%m-%d}<br>" + code(kind) + ": <b>%{y:,.2f}</b><extra></extra>",
    )


def _usual_first(group: tuple[Any, pd.DataFrame]) -> int:
    return -len(group[1])


def _expected(day: date) -> go.Scatter:
    return go.Scatter(
        name=code("expected_next"),
        x=[day.isoformat()],
        y=[0],
        mode="markers",
        marker={"symbol": "diamond", "size": 11, "color": faint(EVERGREEN, 0.35), "line": {"color": EVERGREEN, "width": 1.5}},
        cliponaxis=False,
        hovertemplate=code("expected_next") + ": <b>%{x|%Y-%m-%d}</b><extra></extra>",
        showlegend=True,
    )


def alive(
    path: Sequence[tuple[date, float]], silence: Sequence[tuple[date, float]], purchases: Sequence[date], today: date
) -> go.Figure:
    """Day and P(alive) up to `today`, and from then on without a further order: a line with its area, then fainter and dotted;
    a tick below for each purchase day. Small: it stands in a narrow column."""
    if not path:
        return drawn(SMALL_HEIGHT)
    start = path[0][0]
    seen = [day.isoformat() for day in purchases if day >= start]
    return drawn(
        SMALL_HEIGHT,
        [
            _chance(path, {"color": EVERGREEN, "width": 2}, faint(EVERGREEN, 0.14)),
            _chance(silence, {"color": EVERGREEN, "width": 1.5, "dash": "dot"}, faint(EVERGREEN, 0.05)),
            _ticks(seen),
        ],
        showlegend=False,
        shapes=[{"type": "line", "x0": today.isoformat(), "x1": today.isoformat(), "y0": 0, "y1": 1} | THIN],
        xaxis={"visible": True, "type": "date", "tickformat": "%Y-%m", "nticks": 5},
        yaxis={"visible": True, "range": [-0.14, 1.04], "tickvals": [0, 0.5, 1], "tickformat": ".0%"},
        margin={"t": 4, "b": 4, "r": 8},
    )


def _chance(days: Sequence[tuple[date, float]], line: dict[str, Any], fill: str) -> go.Scatter:
    return go.Scatter(
        name=code("probability_alive"),
        x=[day.isoformat() for day, _ in days],
        y=[chance for _, chance in days],
        mode="lines",
        line=line,
        fill="tozeroy",
        fillcolor=fill,
        hovertemplate="%{x|%Y-%m-%d}<br>" + code("probability_alive") + ": <b>%{y:.0%}</b><extra></extra>",
    )


def _ticks(days: list[str]) -> go.Scatter:
    return go.Scatter(
        name=code("purchase"),
        x=days,
        y=[-0.08] * len(days),
        mode="markers",
        marker={"symbol": "line-ns", "size": 7, "line": {"color": NEUTRAL, "width": 1.2}},
        cliponaxis=False,
        hovertemplate="%{x|%Y-%m-%d}<br>" + code("purchase") + "<extra></extra>",
    )
