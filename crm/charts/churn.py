"""Customers who stopped: why, where it is out of the ordinary, month by month, and whether the model saw it coming."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd
import plotly.graph_objects as go

from crm.charts.compare import LABEL_ROOM, _cut, _month_ticks
from crm.charts.frames import HIDDEN, ROW, _round_step, drawn, floats, plain, value_axis
from crm.charts.language import code, short, typed
from crm.charts.language import share as share_mark
from crm.charts.theme import AMBER, BRICK, EVERGREEN, NEUTRAL, SAND, SKY, SLATE, faint

TALL = 340
STEPS = {"dormant": AMBER, "lost": BRICK, "back": EVERGREEN}
SAID = {"dormant": "became_dormant", "lost": "became_lost", "back": "came_back"}
UNASKED = "not_asked"
CUT = 1.6
"""So many times the longest of the others."""


def reasons(frame: pd.DataFrame, name: str, key: str) -> go.Figure:
    """`name`, `key`, customers, worth: a bar a row as long as its customers, labelled with both. What nobody was asked yet is an
    outline, cut off with an arrow where it would make the others slivers. A click gives the key."""
    height = max(len(frame) * ROW + 24, 80)
    if frame.empty:
        return drawn(height)
    names, places = [str(one) for one in frame[name]], list(range(len(frame)))
    counts, worth = floats(frame["customers"]), floats(frame["worth"])
    unasked = np.array([one == UNASKED for one in frame[key]])
    longest = float(counts[~unasked].max()) * CUT if (~unasked).any() else float(counts.max())
    cut = unasked & (counts > longest)
    bar = go.Bar(
        orientation="h",
        x=np.where(cut, longest, counts),
        y=places,
        marker={
            "pattern": {"shape": ["/" if one else "" for one in cut], "solidity": 0.2},
            "color": [faint(NEUTRAL, 0.18) if one else EVERGREEN for one in unasked],
            "line": {"color": NEUTRAL, "width": [1 if one else 0 for one in unasked]},
        },
        text=[_both(*row) for row in zip(counts, worth, cut, strict=True)],
        textposition="outside",
        cliponaxis=False,
        customdata=plain(frame[key]),
        hovertext=[f"<b>{typed(one)}</b><br>{code('customers')}: {count:,.0f}" for one, count in zip(names, counts, strict=True)],
        hovertemplate="%{hovertext}<extra></extra>",
    )
    return drawn(
        height,
        [bar],
        margin={"r": LABEL_ROOM * 1.6},
        xaxis=HIDDEN | {"range": [0, min(longest, counts.max()) or 1]},
        yaxis=_named(names, places),
    )


def _both(count: float, amount: float, cut: bool) -> str:
    written = f"<b>{short(count)}</b>" + ("" if np.isnan(amount) else f" · {short(amount)}")
    return f"→ {written}" if cut else written


def composition(frame: pd.DataFrame, name: str, key: str, overall: float) -> go.Figure:
    """`name`, `key`, customers, stopped, rate, low, high, share: a row a part of the base. Its share of the base at the left, the
    share of it that stopped with its interval at the right; the line is that of all. A click gives the key.

    Coloured only where the interval leaves the line out: more than elsewhere, or fewer."""
    height = max(len(frame) * ROW + 64, 120)
    if frame.empty:
        return drawn(height)
    places = list(range(len(frame)))
    rate, low, high, part = (floats(frame[column]) for column in ("rate", "low", "high", "share"))
    colours = [
        BRICK if least > overall else EVERGREEN if most < overall else SLATE for least, most in zip(low, high, strict=True)
    ]
    shared = {"y": places, "customdata": plain(frame[key]), "hoverinfo": "text"}
    shared |= {"hovertext": [_sentence(row) for row in frame.rename(columns={name: "name"}).itertuples()]}
    base = go.Bar(orientation="h", x=part, width=0.5, marker_color=faint(NEUTRAL, 0.35), xaxis="x", **shared)
    points = go.Scatter(
        x=rate,
        mode="markers",
        marker={"size": 11, "color": colours, "line": {"width": 0}},
        error_x={
            "type": "data",
            "symmetric": False,
            "array": high - rate,
            "arrayminus": rate - low,
            "thickness": 1.6,
            "width": 4,
            "color": NEUTRAL,
        },
        xaxis="x2",
        **shared,
    )
    reach = _around(float(min(low.min(), overall)), float(max(high.max(), overall)))
    return drawn(
        height,
        [base, points],
        showlegend=False,
        margin={"t": 44},
        xaxis=_shares(0, float(part.max()), code("share_of_base"), [0, 0.3]) | {"range": [0, float(part.max()) or 1]},
        xaxis2=_shares(*reach, code("churn_rate"), [0.36, 1]) | {"anchor": "y", "range": reach},
        yaxis=_named([str(one) for one in frame[name]], places) | {"range": [len(frame) - 0.4, -0.6], "autorange": False},
        shapes=[_line(overall)],
        annotations=[_all(overall)],
    )


def _sentence(row: Any) -> str:
    interval = f"{share_mark(row.low)} – {share_mark(row.high)}"
    counts = f"{code('stopped')}: {row.stopped:,.0f} / {row.customers:,.0f}"
    return f"<b>{typed(row.name)}</b><br>{counts}<br>{code('churn_rate')}: {share_mark(row.rate)} ({interval})"


def _around(near: float, far: float) -> tuple[float, float]:
    """Points need no zero; where they lie close to it, it stays in sight."""
    room = (far - near) * 0.08 or 0.02
    return 0.0 if near < far / 3 else near - room, far + room


def _line(at: float) -> dict[str, Any]:
    place = {"x0": at, "x1": at, "y0": 0, "y1": 1, "xref": "x2", "yref": "paper"}
    return {"type": "line", "line": {"color": NEUTRAL, "width": 1, "dash": "dot"}} | place


def _all(at: float) -> dict[str, Any]:
    text = {"text": f"{code('all')} {share_mark(at)}", "showarrow": False, "font": {"size": 12, "color": NEUTRAL}}
    return text | {"x": at, "xref": "x2", "y": 1, "yref": "paper", "yanchor": "bottom"}


def _shares(low: float, high: float, title: str, domain: list[float]) -> dict[str, Any]:
    step = _round_step((high - low) / (4 if domain[1] > 0.5 else 2)) or 1.0
    ticks = [float(at * step) for at in range(int(np.ceil(low / step)), int(np.floor(high / step)) + 1)]
    named = {"tickvals": ticks, "ticktext": [share_mark(tick) for tick in ticks]}
    return named | {"visible": True, "title": {"text": title}, "domain": domain, "showgrid": False}


def movement(frame: pd.DataFrame) -> go.Figure:
    """period (first of the month), dormant, lost, back: the customers who became so in each month, side by side.

    A click gives the month and what they became."""
    if frame.empty:
        return drawn(TALL)
    months = pd.to_datetime(frame["period"])
    traces = [
        go.Bar(
            name=code(SAID[step]),
            x=list(range(len(frame))),
            y=floats(frame[step]),
            marker_color=colour,
            customdata=[[month, step] for month in plain(months)],
            hovertemplate="<b>%{customdata[0]}</b><br>" + code(SAID[step]) + ": %{y:,}<extra></extra>",
        )
        for step, colour in STEPS.items()
    ]
    top = float(max(frame[step].max() for step in STEPS))
    return drawn(
        TALL,
        traces,
        barmode="group",
        bargap=0.3,
        showlegend=True,
        xaxis={"visible": True, "range": [-0.6, len(frame) - 0.4]} | _month_ticks(months),
        yaxis=value_axis(0, top or 1),
        legend={"y": 1.02, "yanchor": "bottom"},
    )


def trial(frame: pd.DataFrame, value: str, names: Mapping[str, str], as_share: bool) -> go.Figure:
    """cutoff, contender, kind, `value`: a line of the model over the cut-off dates, and thin ones of the rules.

    `names`: contender -> how it is called. 0 is perfect. A click gives the cut-off."""
    if frame.empty:
        return drawn(TALL)
    groups = frame.groupby("contender", sort=False)
    traces = [_contender(rows, names[str(name)], value, RULES[at % len(RULES)]) for at, (name, rows) in enumerate(groups)]
    days = sorted(pd.to_datetime(frame["cutoff"].unique()))
    values = floats(frame[value])
    axis = value_axis(float(np.nanmin(values)), float(np.nanmax(values)) or 1)
    if as_share:
        axis |= {"ticktext": [share_mark(tick) for tick in axis["tickvals"]]}
    return drawn(
        TALL,
        traces,
        showlegend=True,
        xaxis={
            "visible": True,
            "type": "category",
            "tickvals": [f"{day:%Y-%m-%d}" for day in days],
            "title": {"text": code("cutoff")},
        },
        yaxis=axis | {"zeroline": True},
        legend={"y": 1.02, "yanchor": "bottom"},
    )


RULES = (SAND, SLATE, SKY, AMBER, BRICK)


def _contender(rows: pd.DataFrame, called: str, value: str, colour: str) -> go.Scatter:
    """`called` is a name that people read: no code, and nothing of the markup of a figure."""
    model = rows["kind"].iloc[0] == "model"
    called, colour = typed(called), EVERGREEN if model else colour
    days = [f"{day:%Y-%m-%d}" for day in pd.to_datetime(rows["cutoff"])]
    return go.Scatter(
        name=called,
        x=days,
        y=floats(rows[value]),
        mode="lines+markers",
        line={"color": colour, "width": 3 if model else 1.5},
        marker={"size": 9 if model else 6},
        customdata=days,
        hovertemplate=f"<b>{called}</b><br>%{{x}}: %{{y:,.3~f}}<extra></extra>",
    )


def _named(names: list[str], places: list[int]) -> dict[str, Any]:
    said = [typed(_cut(name)) for name in names]
    return {"visible": True, "autorange": "reversed", "showgrid": False, "tickvals": places, "ticktext": said}
