"""Amounts side by side: by category, by month, against a target, as parts of a whole."""

from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
import plotly.graph_objects as go

from crm.charts.frames import HIDDEN, ROW, drawn, floats, plain, value_axis
from crm.charts.language import code, short, typed
from crm.charts.language import share as share_mark
from crm.charts.theme import EVERGREEN, NEUTRAL, PALETTE, colour_of, faint

MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
MIDDLE = 280
LONGEST_NAME = 26
LABEL_ROOM = 72
"""Pixels at the right of a bar for its value, on a narrow screen as well."""
ROOM_INSIDE = 0.14
"""A part of a whole narrower than this is named in the legend, not inside."""


def bars(frame: pd.DataFrame, category: str, value: str, meaning: str = "") -> go.Figure:
    """`category`, `value`: one horizontal bar a row, top first, labelled with its value. A click gives the category.

    With `meaning` the categories are codes with fixed colours; without it they are names.
    """
    height = max(len(frame) * ROW + 24, 80)
    if frame.empty:
        return drawn(height)
    names, amounts = [str(name) for name in frame[category]], floats(frame[value])
    places, said = list(range(len(names))), [code(name) if meaning else typed(name) for name in names]
    bar = go.Bar(
        orientation="h",
        x=amounts,
        y=places,
        marker_color=[colour_of(meaning, name) for name in names] if meaning else EVERGREEN,
        text=[short(amount) for amount in amounts],
        textposition="outside",
        cliponaxis=False,
        customdata=plain(frame[category]),
        hovertext=said,
        hovertemplate="<b>%{hovertext}</b><br>" + code(value) + ": %{x:,.2~f}<extra></extra>",
    )
    labels = [one if meaning else typed(_cut(name)) for one, name in zip(said, names, strict=True)]
    low, high = _reach(amounts)
    room = (high - low) * 0.2 if low < 0 else 0
    return drawn(
        height,
        [bar],
        margin={"r": LABEL_ROOM},
        xaxis=HIDDEN | {"range": [low - room, high or 1]},
        yaxis={"visible": True, "autorange": "reversed", "showgrid": False} | {"tickvals": places, "ticktext": labels},
    )


def columns(frame: pd.DataFrame, period: str, value: str, comparison: str | None = None) -> go.Figure:
    """`period` (first day of each month, without gaps), `value`, `comparison`: one column a month, the compared year as a
    lighter outline behind it. A click gives the month."""
    if frame.empty:
        return drawn(MIDDLE)
    months, amounts = pd.to_datetime(frame[period]), floats(frame[value])
    before = floats(frame[comparison]) if comparison else None
    places = list(range(len(frame)))
    shared = {
        "x": places,
        "customdata": plain(months),
        "hovertext": _sentences(months, {value: amounts, comparison or "": before}),
        "hovertemplate": "%{hovertext}<extra></extra>",
    }
    traces = [go.Bar(name=code(value), y=amounts, width=0.56, marker_color=EVERGREEN, **shared)]
    if before is not None:
        outline = {"color": faint(NEUTRAL, 0.14), "line": {"color": faint(NEUTRAL, 0.8), "width": 1}}
        traces.insert(0, go.Bar(name=code(str(comparison)), y=before, width=0.86, marker=outline, **shared))
    return drawn(
        MIDDLE,
        traces,
        barmode="overlay",
        showlegend=bool(comparison),
        xaxis={"visible": True, **_month_ticks(months), "range": [-0.6, len(frame) - 0.4]},
        yaxis=value_axis(*_reach(np.concatenate([trace.y for trace in traces]))),
        legend={"traceorder": "reversed", "y": 1.02, "yanchor": "bottom"},
    )


def share(frame: pd.DataFrame, category: str, value: str, meaning: str = "") -> go.Figure:
    """`category`, `value` (not negative): one bar of the parts of a whole, each named where it has room.

    A click gives the category. `meaning` as in bars.
    """
    amounts = floats(frame[value])
    whole = np.nansum(amounts)
    if not whole > 0:
        return drawn(128)
    parts = [
        _part(
            said=code(str(name)) if meaning else typed(name),
            key=name,
            amount=float(amount),
            part=float(amount / whole),
            value=value,
            colour=colour_of(meaning, str(name)) if meaning else PALETTE[at % len(PALETTE)],
        )
        for at, (name, amount) in enumerate(zip(frame[category], amounts, strict=True))
    ]
    return drawn(128, parts, barmode="stack", bargap=0, xaxis=HIDDEN | {"range": [0, 1]}, legend={"y": -0.05})


def _part(said: str, key: Any, amount: float, part: float, value: str, colour: str) -> go.Bar:
    return go.Bar(
        orientation="h",
        name=f"{said} {share_mark(part)}",
        x=[part],
        y=[0],
        marker={"color": colour, "cornerradius": 0, "line": {"width": 0}},
        text=[f"<b>{said}</b><br>{share_mark(part)}" if part >= ROOM_INSIDE else ""],
        textposition="inside",
        insidetextanchor="middle",
        textangle=0,
        insidetextfont={"color": "#ffffff", "size": 13},
        constraintext="none",
        showlegend=part < ROOM_INSIDE,
        customdata=plain([key]),
        hovertext=[f"{said}: {share_mark(part)}"],
        hovertemplate="<b>%{hovertext}</b><br>" + code(value) + f": {amount:,.10g}<extra></extra>",
    )


def bullet(value: float, target: float | None, comparison: float | None = None, name: str = "actual") -> go.Figure:
    """One figure against its target (a tick) and the compared figure (a lighter band)."""
    tick = {"symbol": "line-ns-open", "size": 26, "line": {"width": 3}, "color": NEUTRAL}
    wide: dict[str, Any] = {"orientation": "h", "width": 0.9}
    slim = wide | {"width": 0.42}
    given: list[tuple[Any, str, float | None, dict[str, Any]]] = [
        (go.Bar, "comparison", comparison, wide | {"marker_color": faint(NEUTRAL, 0.3)}),
        (go.Bar, name, value, slim | {"marker_color": EVERGREEN}),
        (go.Scatter, "target", target, {"mode": "markers", "marker": tick}),
    ]
    traces = [
        kind(name=code(called), x=[float(at)], y=[0], hovertemplate=code(called) + ": %{x:,.2~f}<extra></extra>", **look)
        for kind, called, at, look in given
        if at is not None
    ]
    return drawn(
        92,
        traces,
        barmode="overlay",
        showlegend=False,
        xaxis=value_axis(*_reach(np.array([trace.x[0] for trace in traces]))) | {"showgrid": False},
        yaxis=HIDDEN | {"range": [-0.5, 0.5]},
        margin={"t": 8},
    )


def trend(frame: pd.DataFrame, period: str, value: str) -> go.Figure:
    """`period`, `value`: a line without axes, its last point marked and labelled. A click gives the period."""
    if frame.empty:
        return drawn(72)
    amounts, keys = floats(frame[value]), plain(frame[period])
    line = go.Scatter(
        x=list(range(len(frame))),
        y=amounts,
        mode="lines",
        line={"color": EVERGREEN, "width": 2},
        fill="tozeroy",
        fillcolor=faint(EVERGREEN, 0.1),
        customdata=keys,
        hovertemplate="%{customdata}<br>" + code(value) + ": <b>%{y:,.2~f}</b><extra></extra>",
    )
    last = go.Scatter(
        x=[len(frame) - 1],
        y=amounts[-1:],
        mode="markers+text",
        marker={"color": EVERGREEN, "size": 7},
        text=[short(amounts[-1])],
        textposition="middle right",
        cliponaxis=False,
        customdata=keys[-1:],
        hoverinfo="skip",
    )
    low, high = _reach(amounts)
    spread = (high - low) or 1
    axis = HIDDEN | {"range": [low - spread * 0.05, high + spread * 0.1]}
    return drawn(72, [line, last], showlegend=False, margin={"r": 52, "t": 8, "b": 4}, yaxis=axis)


def _reach(amounts: npt.NDArray[np.float64]) -> tuple[float, float]:
    """From the lowest to the highest, zero included; gaps count as zero."""
    known = np.nan_to_num(amounts)
    return float(min(known.min(), 0)), float(max(known.max(), 0))


def _sentences(months: "pd.Series[pd.Timestamp]", amounts: dict[str, Any]) -> list[str]:
    """The month, and below it every amount with its name: 2024-05, Revenue: 1,234.50, Revenue before: 1,100."""
    return [
        "<br>".join(
            [f"<b>{month:%Y-%m}</b>"]
            + [f"{code(name)}: {one[at]:,.2f}" for name, one in amounts.items() if one is not None and not np.isnan(one[at])]
        )
        for at, month in enumerate(months)
    ]


def _cut(name: str) -> str:
    return name if len(name) <= LONGEST_NAME else name[: LONGEST_NAME - 1].rstrip() + "…"


def _month_ticks(months: "pd.Series[pd.Timestamp]") -> dict[str, Any]:
    """As many months as have room on a narrow screen; the year stands under its first tick."""
    every = next((step for step, most in ((1, 8), (2, 16), (3, 27), (6, 60)) if len(months) <= most), 12)
    shown = [(at, month) for at, month in enumerate(months) if (month.month - 1) % every == 0]
    texts, year = [], 0
    for _, month in shown:
        texts.append(code(MONTHS[month.month - 1]) + (f"<br>{month.year}" if month.year != year else ""))
        year = month.year
    return {"tickvals": [at for at, _ in shown], "ticktext": texts if every < 12 else [str(month.year) for _, month in shown]}
