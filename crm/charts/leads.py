"""Leads: how far they come, by where they came from, and what makes up a score."""

from collections.abc import Sequence
from itertools import pairwise

import pandas as pd
import plotly.graph_objects as go

from crm.charts.frames import HIDDEN, ROW, drawn, floats, plain
from crm.charts.language import code, share, typed
from crm.charts.theme import BRICK, EVERGREEN, NEUTRAL, faint

STEPS = ("collected", "assigned", "worked", "converted")
LABEL_ROOM = 120
ROOM = 7
"""Points, for the number at the end of a bar."""
NAMED = {"visible": True, "showgrid": False, "showline": False}


def lead_steps(counts: Sequence[float]) -> go.Figure:
    """How many leads ever came to each of STEPS: a bar a step, with the share that came on from the one before. A click gives the
    step."""
    if not counts or not counts[0]:
        return drawn(170)
    parts = [1.0, *(now / before if before else 0.0 for before, now in pairwise(counts))]
    words = [
        f"<b>{count:,.0f}</b>" + (f"  {share(part)}" if at else "")
        for at, (count, part) in enumerate(zip(counts, parts, strict=True))
    ]
    bar = go.Bar(
        orientation="h",
        x=list(counts),
        y=list(range(len(STEPS))),
        marker={"color": [faint(EVERGREEN, alpha) for alpha in (0.25, 0.45, 0.7)] + [EVERGREEN]},
        text=words,
        textposition="outside",
        cliponaxis=False,
        customdata=list(STEPS),
        hovertext=[code(step, of="lead_state") for step in STEPS],
        hovertemplate="%{hovertext}: <b>%{x:,.0f}</b><extra></extra>",
    )
    return drawn(
        len(STEPS) * 38 + 16,
        [bar],
        margin={"r": LABEL_ROOM},
        xaxis=HIDDEN,
        yaxis=NAMED
        | {
            "tickvals": list(range(len(STEPS))),
            "ticktext": [code(step, of="lead_state") for step in STEPS],
            "autorange": "reversed",
        },
    )


def lead_conversion(frame: pd.DataFrame, name: str, key: str, overall: float) -> go.Figure:
    """`name`, `key`, collected, converted, conversion, conversion_from, conversion_to (percent): a dot a row with its 95 %
    interval, a thin line at the share of all. A click gives the key."""
    height = max(len(frame) * ROW + 40, 90)
    if frame.empty:
        return drawn(height)
    places, middle = list(range(len(frame))), floats(frame["conversion"])
    low, high = floats(frame["conversion_from"]), floats(frame["conversion_to"])
    dots = go.Scatter(
        mode="markers",
        x=middle,
        y=places,
        marker={"color": EVERGREEN, "size": 10},
        error_x={
            "type": "data",
            "array": high - middle,
            "arrayminus": middle - low,
            "color": faint(NEUTRAL, 0.8),
            "thickness": 2,
            "width": 0,
        },
        customdata=plain(frame[key]),
        hovertext=[
            f"<b>{typed(one)}</b><br>{code('converted')}: {won:,.0f} / {all_:,.0f}<br>"
            f"95 %: {share(down / 100)} – {share(up / 100)}"
            for one, won, all_, down, up in zip(frame[name], frame["converted"], frame["collected"], low, high, strict=True)
        ],
        hovertemplate="%{hovertext}<extra></extra>",
        cliponaxis=False,
    )
    words = go.Scatter(
        mode="text",
        x=high,
        y=places,
        text=[f"  {share(one / 100)}" for one in middle],
        textposition="middle right",
        hoverinfo="skip",
        cliponaxis=False,
    )
    line = {
        "type": "line",
        "x0": overall,
        "x1": overall,
        "yref": "paper",
        "y0": 0,
        "y1": 1,
        "line": {"color": NEUTRAL, "width": 1, "dash": "dot"},
    }
    return drawn(
        height,
        [dots, words],
        showlegend=False,
        margin={"r": LABEL_ROOM / 2},
        shapes=[line],
        xaxis={"visible": True, "range": [0, min(100, float(high.max()) + 2)], "ticksuffix": " %", "nticks": 6},
        yaxis=NAMED | {"tickvals": places, "ticktext": [typed(one) for one in frame[name]], "range": [len(frame) - 0.4, -0.8]},
    )


def score_bars(reasons: Sequence[tuple[str, int]]) -> go.Figure:
    """Code and points of every rule that counted: a bar a rule, to the left what counts against it."""
    if not reasons:
        return drawn(60)
    places, amounts = list(range(len(reasons))), [points for _, points in reasons]
    bar = go.Bar(
        orientation="h",
        x=amounts,
        y=places,
        marker={"color": [EVERGREEN if points > 0 else BRICK for _, points in reasons]},
        text=[f"{'+' if points > 0 else '−'}{abs(points)}" for _, points in reasons],
        textposition="outside",
        cliponaxis=False,
        hoverinfo="skip",
    )
    return drawn(
        len(reasons) * 24 + 12,
        [bar],
        margin={"r": 8, "l": 8, "t": 4, "b": 4},
        xaxis=HIDDEN | {"range": [min(0, *amounts) - ROOM, max(0, *amounts) + ROOM]},
        yaxis=NAMED | {"tickvals": places, "ticktext": [code(typed(one)) for one, _ in reasons], "autorange": "reversed"},
    )
