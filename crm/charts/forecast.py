"""A forecast is a distribution: its shape, its way to the end of the period, why it moved, how right it was."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

import numpy as np
import pandas as pd
import plotly.graph_objects as go

from crm.charts.bands import band, expected
from crm.charts.frames import SMALL, drawn, floats, plain, value_axis
from crm.charts.language import code, short
from crm.charts.theme import AMBER, EVERGREEN, INDIGO, NEGATIVE, NEUTRAL, POSITIVE, faint

WON = code("won", of="state")
ROOM = 0.3
"""Of the width: two marks nearer than this have their names one above the other."""


def distribution(edges: Sequence[float], counts: Sequence[int], marks: Mapping[str, float]) -> go.Figure:
    """n + 1 edges, n counts of simulated totals, and what is marked in it (p10, p50, p90, won, before): between p10 and p90 the
    columns are strong."""
    if not len(counts):
        return drawn(320)
    low, high = floats(edges[:-1]), floats(edges[1:])
    middle = (low + high) / 2
    inside = (middle >= marks.get("p10", -np.inf)) & (middle <= marks.get("p90", np.inf))
    bar = go.Bar(
        x=middle,
        y=floats(counts) / sum(counts),
        width=high - low,
        marker={"color": [faint(EVERGREEN, 0.8 if one else 0.35) for one in inside], "cornerradius": 0},
        customdata=[[float(one), float(two)] for one, two in zip(low, high, strict=True)],
        hovertemplate="%{customdata[0]:,.3~s} – %{customdata[1]:,.3~s}: <b>%{y:.1%}</b><extra></extra>",
    )
    first, last = min(low[0], *marks.values()), max(high[-1], *marks.values())
    pad = (last - first) * 0.04 or 1.0
    axis = value_axis(first - pad, last + pad) | {"range": [first - pad, last + pad]}
    return drawn(
        320,
        [bar],
        bargap=0,
        margin={"t": 62},
        shapes=[_line(at, solid=name in ("p50", "won")) for name, at in marks.items()],
        annotations=_names(marks, last - first),
        xaxis=axis,
        yaxis={"visible": False, "rangemode": "tozero"},
    )


def _line(at: float, solid: bool) -> dict[str, Any]:
    line = {"color": NEUTRAL, "width": 1.5 if solid else 1, "dash": "solid" if solid else "dot"}
    return {"type": "line", "x0": at, "x1": at, "y0": 0, "y1": 1, "yref": "paper", "line": line}


def _names(marks: Mapping[str, float], width: float) -> list[dict[str, Any]]:
    names: list[dict[str, Any]] = []
    taken: list[tuple[float, int]] = []
    for name, at in sorted(marks.items(), key=lambda pair: pair[1]):
        level = next(row for row in range(9) if all(row != other or at - x > width * ROOM for x, other in taken))
        taken.append((at, level))
        text = f"{name.upper() if name.startswith('p') else code(name, of='state')} <b>{short(at)}</b>"
        names.append(SMALL | {"text": text, "x": at, "y": 1, "yref": "paper", "yanchor": "bottom", "yshift": 16 * level})
    return names


def path(frame: pd.DataFrame, today: date, end: date, before: float | None = None) -> go.Figure:
    """`day`, `won` (up to then, empty ahead), `p10`, `p50`, `p90` (empty behind): what is won since the period began and what is
    to be expected up to its end; `before` is the result that it is compared with."""
    if frame.empty:
        return drawn(320)
    seen, ahead = frame[frame["won"].notna()], frame[frame["p50"].notna()]
    traces = [
        *expected(ahead),
        go.Scatter(
            name=code("won", of="state"),
            x=plain(pd.to_datetime(seen["day"])),
            y=floats(seen["won"]),
            mode="lines",
            line={"color": EVERGREEN, "width": 3, "shape": "hv"},
            hovertemplate="%{x}<br>" + code("won", of="state") + ": <b>%{y:,.3~s}</b><extra></extra>",
        ),
    ]
    highest = float(np.nanmax([*floats(frame["won"]), *floats(frame["p90"]), before or 0.0]))
    start = min(pd.to_datetime(frame["day"])).date()
    lines = [_at_day(today)] if start <= today <= end else []
    notes = (
        [SMALL | {"text": code("today"), "x": today.isoformat(), "y": 1, "yref": "paper", "yanchor": "bottom"}] if lines else []
    )
    if before:
        lines.append({"type": "line", "xref": "paper", "x0": 0, "x1": 1, "y0": before, "y1": before} | {"line": _thin("dot")})
        notes.append(
            SMALL | {"text": code("period_before"), "xref": "paper", "x": 0, "y": before, "xanchor": "left", "yshift": 9}
        )
    return drawn(
        320,
        traces,
        showlegend=False,
        margin={"t": 28},
        shapes=lines,
        annotations=notes,
        xaxis={
            "visible": True,
            "type": "date",
            "nticks": 5,
            "tickformat": "%m-%d",
            "tickangle": 0,
            "range": [start.isoformat(), end.isoformat()],
        },
        yaxis=value_axis(0, highest),
    )


def _thin(dash: str = "solid") -> dict[str, Any]:
    return {"color": NEUTRAL, "width": 1, "dash": dash}


def _at_day(day: date) -> dict[str, Any]:
    return {"type": "line", "x0": day.isoformat(), "x1": day.isoformat(), "y0": 0, "y1": 1, "yref": "paper", "line": _thin()}


def told_before(frame: pd.DataFrame) -> go.Figure:
    """`taken_on`, `p10`, `p50`, `p90`, `won`: how the forecast of one period was told as time went by."""
    if len(frame) < 2:
        return drawn(260)
    days = plain(pd.to_datetime(frame["taken_on"]))
    traces = [
        *band(days, frame["p10"], frame["p90"]),
        go.Scatter(name="P50", x=days, y=floats(frame["p50"]), mode="lines+markers", line={"color": EVERGREEN, "width": 2}),
        go.Scatter(
            name=code("won", of="state"), x=days, y=floats(frame["won"]), mode="lines", line={"color": NEUTRAL, "width": 2}
        ),
    ]
    highest = float(np.nanmax(floats(frame["p90"])))
    axis = {"visible": True, "type": "date", "nticks": 5, "tickformat": "%Y<br>%m-%d", "tickangle": 0}
    return drawn(260, traces, xaxis=axis, yaxis=value_axis(0, highest), legend={"y": 1.02, "yanchor": "bottom"}, margin={"t": 28})


def waterfall(frame: pd.DataFrame) -> go.Figure:
    """`step` (opening, ..., closing), `change`, `total` (after it), `deals`: from what was expected then to what is expected now.
    Rows from top to bottom, so that their names have room. A click gives the step."""
    shown = frame[(frame["change"] != 0) | frame["step"].isin(["opening", "closing"])].reset_index(drop=True)
    height = max(len(shown) * 36 + 40, 140)
    if shown.empty:
        return drawn(height)
    change, total = floats(shown["change"]), floats(shown["total"])
    whole = shown["step"].isin(["opening", "closing"]).to_numpy()
    base = np.where(whole, 0.0, np.minimum(total, total - change))
    size = np.where(whole, total, np.abs(change))
    names = [str(step) for step in shown["step"]]
    colours = [NEUTRAL if end else POSITIVE if value >= 0 else NEGATIVE for end, value in zip(whole, change, strict=True)]
    bar = go.Bar(
        orientation="h",
        base=base,
        x=size,
        y=list(range(len(shown))),
        width=0.62,
        marker_color=[faint(colour, 0.55) if end else colour for colour, end in zip(colours, whole, strict=True)],
        text=[short(total[at]) if whole[at] else _signed(change[at]) for at in range(len(shown))],
        textposition="outside",
        cliponaxis=False,
        customdata=names,
        hovertext=[
            f"{code(name, of='step')} · {int(deals):,} {code('deals')}" for name, deals in zip(names, shown["deals"], strict=True)
        ],
        hovertemplate="<b>%{hovertext}</b>: %{text}<extra></extra>",
    )
    reach = float(max((base + size).max(), 1.0))
    low = float(min(base.min(), 0.0))
    return drawn(
        height,
        [bar],
        margin={"r": 24, "t": 8},
        xaxis={"visible": False, "range": [low - (reach - low) * 0.02, reach + (reach - low) * 0.2]},
        yaxis={"visible": True, "autorange": "reversed", "showgrid": False}
        | {"tickvals": list(range(len(shown))), "ticktext": [code(name, of="step") for name in names]},
    )


def _signed(amount: float) -> str:
    return ("+" if amount >= 0 else "−") + short(abs(amount))


def accuracy(frame: pd.DataFrame) -> go.Figure:
    """`days_before`, `error`, `weighted_error` (of what came): how far the median and the weighted pipeline were off."""
    if frame.empty:
        return drawn(240)
    looks = {"error": (EVERGREEN, "circle", code("median")), "weighted_error": (AMBER, "diamond", code("weighted"))}
    traces = [
        go.Scatter(
            name=title,
            x=floats(frame[name]),
            y=[str(one) for one in frame["days_before"]],
            mode="markers",
            marker={"size": 13, "color": colour, "symbol": symbol},
            hovertemplate=code("days_before") + " %{y}: <b>%{x:+.1%}</b><extra></extra>",
        )
        for name, (colour, symbol, title) in looks.items()
    ]
    far = float(np.nanmax(np.abs(np.concatenate([floats(frame[name]) for name in looks])))) * 1.15 or 0.1
    return drawn(
        260,
        traces,
        margin={"t": 28},
        shapes=[{"type": "line", "x0": 0, "x1": 0, "y0": 0, "y1": 1, "yref": "paper", "line": _thin()}],
        xaxis={"visible": True, "tickformat": "+.0%", "range": [-far, far], "nticks": 7, "title": {"text": code("off_by")}},
        yaxis={"visible": True, "type": "category", "showgrid": False, "title": {"text": code("days_before")}},
        legend={"y": 1.02, "yanchor": "bottom"},
    )


def reliability(frame: pd.DataFrame) -> go.Figure:
    """`expected`, `actual`, `error_of_actual`, `customers` (looks at deals): the chance that was said and the share won, with
    twice the standard error; on the dotted line both agree."""
    if frame.empty:
        return drawn(380)
    counts = floats(frame["customers"])
    axis = {"visible": True, "tickformat": ".0%", "range": [-0.02, 1.02], "nticks": 6}
    agree = go.Scatter(x=[0, 1], y=[0, 1], mode="lines", line={"color": NEUTRAL, "width": 1, "dash": "dot"}, hoverinfo="skip")
    seen = go.Scatter(
        x=floats(frame["expected"]),
        y=floats(frame["actual"]),
        mode="markers",
        marker={"color": EVERGREEN, "size": 8 + 22 * np.sqrt(counts / counts.max()), "opacity": 0.85},
        error_y={"array": 2 * floats(frame["error_of_actual"]), "color": INDIGO, "thickness": 2, "width": 0},
        hovertext=[f"{count:,.0f}" for count in counts],
        hovertemplate=(
            code("chance_said") + ": %{x:.0%}<br>" + code("share_won") + ": <b>%{y:.0%}</b><br>" + code("looks")
            + ": %{hovertext}<extra></extra>"
        ),
    )  # fmt: skip
    titles = {name: {"title": {"text": code(name)}} for name in ("chance_said", "share_won")}
    return drawn(380, [agree, seen], showlegend=False, xaxis=axis | titles["chance_said"], yaxis=axis | titles["share_won"])


__all__ = ["accuracy", "distribution", "path", "reliability", "told_before", "waterfall"]
