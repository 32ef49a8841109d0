"""How the service goes: what waits, what comes and goes, how long it takes, shares and marks with their intervals."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import plotly.graph_objects as go

from crm.charts.bands import band
from crm.charts.frames import HIDDEN, ROW, SMALL, THIN, drawn, floats, plain, value_axis
from crm.charts.language import code, typed
from crm.charts.theme import AMBER, BRICK, EVERGREEN, NEUTRAL, SAND, faint

HEIGHT = 240
LONGEST = 24
MARKS = (BRICK, "#e0602f", AMBER, "#4a9d80", EVERGREEN)
"""From 1, the worst, to 5."""
ABOVE = {"y": 1.02, "yanchor": "bottom", "traceorder": "normal"}


def open_by_age(frame: pd.DataFrame) -> go.Figure:
    """`age`, `cases`, `waiting` (of these, for somebody else), top first. A click gives [age, part], working or waiting."""
    waiting = floats(frame["waiting"])
    parts = {"working": floats(frame["cases"]) - waiting, "waiting": waiting}
    look = {"working": EVERGREEN, "waiting": SAND}
    names = [code(age) for age in frame["age"]]
    return _stacked(frame, names, parts, look, frame["age"].tolist())


def ranked(frame: pd.DataFrame) -> go.Figure:
    """`name`, `cases`, `open` (of these), top first. A click gives [row, part], part = open or ended."""
    parts = {"open": floats(frame["open"]), "ended": floats(frame["cases"]) - floats(frame["open"])}
    look = {"open": EVERGREEN, "ended": faint(EVERGREEN, 0.35)}
    return _stacked(frame, _cut(frame["name"]), parts, look, list(range(len(frame))))


def _stacked(frame: pd.DataFrame, names: list[str], parts: dict[str, Any], look: dict[str, str], keys: list[Any]) -> go.Figure:
    height = max(len(frame) * ROW + 44, 100)
    if not len(frame) or not frame["cases"].sum():
        return drawn(height)
    places, most = list(range(len(frame))), float(frame["cases"].max())
    bars = [
        go.Bar(
            orientation="h",
            name=code(part, of="case_part"),
            x=parts[part],
            y=places,
            marker={"color": look[part], "cornerradius": 0, "line": {"width": 0}},
            customdata=[[key, part] for key in keys],
            hovertext=names,
            hovertemplate="<b>%{hovertext}</b><br>" + code(part, of="case_part") + ": %{x:,}<extra></extra>",
        )
        for part in parts
    ]
    totals = [
        SMALL | {"x": float(count), "y": place, "text": f"<b>{count:,}</b>", "xanchor": "left", "xshift": 4}
        for place, count in enumerate(frame["cases"])
    ]
    return drawn(
        height,
        bars,
        barmode="stack",
        margin={"r": 8, "t": 28},
        annotations=totals,
        xaxis=HIDDEN | {"range": [0, most * 1.16]},
        yaxis={"visible": True, "autorange": "reversed", "showgrid": False, "tickvals": places, "ticktext": names},
        legend=ABOVE,
    )


def flow(frame: pd.DataFrame) -> go.Figure:
    """`week` (its Monday), `arrived`, `ended`, `backlog`: what came and went above, what was left below. A click gives
    [week, what]."""
    if frame.empty:
        return drawn(HEIGHT)
    weeks = plain(frame["week"])
    look = {"arrived": faint(NEUTRAL, 0.55), "ended": EVERGREEN}
    bars = [
        go.Bar(
            name=code(what, of="case_flow"),
            x=weeks,
            y=floats(frame[what]),
            marker={"color": colour, "line": {"width": 0}},
            customdata=[[week, what] for week in weeks],
            hovertemplate="<b>%{x|%Y-%m-%d}</b><br>" + code(what, of="case_flow") + ": %{y:,}<extra></extra>",
        )
        for what, colour in look.items()
    ]
    left = go.Scatter(
        name=code("backlog"),
        x=weeks,
        y=floats(frame["backlog"]),
        mode="lines",
        line={"color": AMBER, "width": 2},
        fill="tozeroy",
        fillcolor=faint(AMBER, 0.12),
        yaxis="y2",
        customdata=[[week, "backlog"] for week in weeks],
        hovertemplate="<b>%{x|%Y-%m-%d}</b><br>" + code("backlog") + ": %{y:,}<extra></extra>",
    )
    tallest = float(max(frame["arrived"].max(), frame["ended"].max(), 1))
    return drawn(
        HEIGHT,
        [*bars, left],
        barmode="group",
        margin={"t": 28},
        xaxis={
            "visible": True,
            "type": "date",
            "tickformat": "%m-%d" if len(weeks) < 27 else "%Y-%m",
            "nticks": 7,
            "anchor": "y2",
        },
        yaxis=value_axis(0, tallest) | {"domain": [0.44, 1]},
        yaxis2=value_axis(0, float(max(frame["backlog"].max(), 1))) | {"domain": [0, 0.32], "nticks": 3},
        legend=ABOVE,
    )


def waits(curve: pd.DataFrame, median: float | None, p90: float | None) -> go.Figure:
    """`duration` (hours), `still`, `low`, `high` (Kaplan-Meier): the share that still waits, and where half and nine in ten have
    what they wait for. Long waits are told in days."""
    if len(curve) < 2:
        return drawn(HEIGHT)
    hours = floats(curve["duration"])
    still = floats(curve["still"])
    reach = float(hours[np.argmax(still <= 0.05)]) if (still <= 0.05).any() else float(hours[-1])
    unit, scale = ("days", 24.0) if reach > 72 else ("hours", 1.0)
    x = hours / scale
    said = code(unit) + " %{x:.1f}: <b>%{y:.0%}</b><extra></extra>"
    main = {"mode": "lines", "line": {"color": EVERGREEN, "width": 2.5, "shape": "hv"}, "hovertemplate": said}
    known = {"50 %": median, "90 %": p90}
    marked = {name: at / scale for name, at in known.items() if at is not None and not np.isnan(at) and at <= reach}
    lines = [{"type": "line", "x0": at, "x1": at, "y0": 0, "y1": 1, "yref": "paper"} | THIN for at in marked.values()]
    notes = [
        SMALL
        | {"x": at, "y": 1, "yref": "paper", "yanchor": "bottom", "text": f"{name}: {at:.1f}"}
        | {"xanchor": "left" if at < reach / scale * 0.1 else "right" if at > reach / scale * 0.9 else "center"}
        for name, at in marked.items()
    ]
    return drawn(
        HEIGHT,
        [
            *band(x, curve["low"], curve["high"], "hv"),
            go.Scatter(x=x, y=still, **main),
        ],
        showlegend=False,
        shapes=lines,
        annotations=notes,
        margin={"t": 24},
        xaxis={"visible": True, "title": {"text": code(unit)}, "range": [0, max(reach / scale, 0.1)], "nticks": 7},
        yaxis={"visible": True, "tickformat": ".0%", "range": [0, 1.02], "nticks": 5},
    )


def spans(frame: pd.DataFrame) -> go.Figure:
    """`name`, `median`, `p90` (hours; missing where the cases do not reach so far): a bar to the median, a mark at nine in ten. A
    click gives the row."""
    height = max(len(frame) * ROW + 50, 100)
    known = frame[frame["median"].notna()]
    if known.empty:
        return drawn(height)
    places, median, far = known.index.to_list(), floats(known["median"]), floats(known["p90"])
    scale, unit = (24.0, "days") if float(np.nanmax(np.append(far, median))) > 72 else (1.0, "hours")
    names = [typed(name) for name in known["name"]]
    shared: dict[str, Any] = {"y": places, "customdata": places, "hovertext": names}
    bar = go.Bar(
        orientation="h", x=median / scale, marker_color=faint(EVERGREEN, 0.55), text=[f"{one / scale:,.1f}" for one in median],
        textposition="outside", cliponaxis=False,
        hovertemplate="<b>%{hovertext}</b><br>" + code("median") + ": %{x:,.1f}<extra></extra>", **shared,
    )  # fmt: skip
    tick = go.Scatter(
        x=far / scale, mode="markers", marker={"symbol": "line-ns-open", "size": 14, "color": NEUTRAL, "line": {"width": 2}},
        hovertemplate="<b>%{hovertext}</b><br>P90: %{x:,.1f}<extra></extra>", **shared,
    )  # fmt: skip
    return drawn(
        height,
        [bar, tick],
        showlegend=False,
        xaxis=value_axis(0, float(np.nanmax(np.append(far, median))) / scale) | {"title": {"text": code(unit)}},
        yaxis=_rows(frame),
    )


def dots(frame: pd.DataFrame, reach: tuple[float, float], middle: float | None = None, *, share: bool = True) -> go.Figure:
    """`name`, `value`, `low`, `high`, `of` (how many it rests on): a dot a row with its interval, a line at the value of all. A
    click gives the row. `share`: told as percent."""
    height = max(len(frame) * ROW + 44, 100)
    known = frame[frame["value"].notna()]
    if known.empty:
        return drawn(height)
    values = floats(known["value"])
    low, high = (np.where(np.isnan(edge), values, edge) for edge in (floats(known["low"]), floats(known["high"])))
    point = go.Scatter(
        x=values,
        y=known.index.to_list(),
        mode="markers",
        marker={"size": 10, "color": EVERGREEN},
        error_x={"type": "data", "symmetric": False, "array": high - values, "arrayminus": values - low}
        | {"thickness": 3, "width": 0, "color": faint(EVERGREEN, 0.35)},
        customdata=known.index.to_list(),
        hovertext=[
            f"<b>{typed(name)}</b>: {_spelled(share, one)}<br>"
            f"95 %: {_spelled(share, down)} – {_spelled(share, up)}<br>n = {of:,.0f}"
            for name, one, down, up, of in zip(known["name"], values, low, high, known["of"], strict=True)
        ],
        hovertemplate="%{hovertext}<extra></extra>",
        cliponaxis=False,
    )
    notes = [
        SMALL | {"x": reach[1], "y": place, "xanchor": "left", "xshift": 12, "text": _spelled(share, one)}
        for place, one in zip(known.index, values, strict=True)
    ]
    line = [{"type": "line", "x0": middle, "x1": middle, "y0": 0, "y1": 1, "yref": "paper"} | THIN] if middle is not None else []
    return drawn(
        height,
        [point],
        showlegend=False,
        shapes=line,
        annotations=notes,
        margin={"r": 54},
        xaxis={"visible": True, "range": list(reach), "tickformat": ".0%" if share else "", "nticks": 5},
        yaxis=_rows(frame),
    )


def marks(frame: pd.DataFrame) -> go.Figure:
    """`csat` (1 to 5), `answers`: a column a mark with its share. A click gives the mark."""
    counts = floats(frame["answers"])
    if not counts.sum():
        return drawn(HEIGHT)
    column = go.Bar(
        x=frame["csat"].tolist(),
        y=counts,
        marker_color=list(MARKS),
        text=[f"{count:,.0f}<br>{count / counts.sum():.0%}" for count in counts],
        textposition="outside",
        cliponaxis=False,
        customdata=frame["csat"].tolist(),
        hovertemplate=code("csat") + " %{x}: <b>%{y:,}</b><extra></extra>",
    )
    axis = {"visible": True, "tickvals": [1, 2, 3, 4, 5]}
    return drawn(HEIGHT, [column], margin={"t": 36}, xaxis=axis, yaxis=HIDDEN | {"range": [0, float(counts.max()) * 1.1]})


def marks_by_month(frame: pd.DataFrame) -> go.Figure:
    """`key` (2024-05), `csat`, `csat_low`, `csat_high`, `answered`: the mean mark with its interval. A click gives the month."""
    known = frame[frame["csat"].notna()]
    if known.empty:
        return drawn(HEIGHT)
    mean = floats(known["csat"])
    low, high = (np.where(np.isnan(edge), mean, edge) for edge in (floats(known["csat_low"]), floats(known["csat_high"])))
    months = known["key"].tolist()
    line = go.Scatter(
        x=months,
        y=mean,
        mode="lines+markers",
        line={"color": EVERGREEN, "width": 2},
        marker={"size": 8},
        error_y={"type": "data", "symmetric": False, "array": high - mean, "arrayminus": mean - low}
        | {"thickness": 2, "width": 0, "color": faint(EVERGREEN, 0.4)},
        customdata=months,
        hovertext=[f"{down:.2f} – {up:.2f}<br>n = {n:,}" for down, up, n in zip(low, high, known["answered"], strict=True)],
        hovertemplate="<b>%{x}</b>: %{y:.2f}<br>95 %: %{hovertext}<extra></extra>",
    )
    return drawn(
        HEIGHT,
        [line],
        showlegend=False,
        xaxis={"visible": True, "type": "category", "nticks": 8, "tickangle": 0},
        yaxis={"visible": True, "range": [1, 5.1], "tickvals": [1, 2, 3, 4, 5]},
    )


def _spelled(share: bool, value: float) -> str:
    return f"{value:.0%}" if share else f"{value:,.2f}"


def _rows(frame: pd.DataFrame) -> dict[str, Any]:
    reach = {"range": [len(frame) - 0.4, -0.6]}
    return {"visible": True, "showgrid": False, "tickvals": list(range(len(frame))), "ticktext": _cut(frame["name"])} | reach


def _cut(names: Any) -> list[str]:
    return [typed(name if len(str(name)) <= LONGEST else f"{str(name)[: LONGEST - 1].rstrip()}…") for name in names]


__all__ = ["dots", "flow", "marks", "marks_by_month", "open_by_age", "ranked", "spans", "waits"]
