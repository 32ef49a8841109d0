"""How much comes from how few, and whether it is the same few: Lorenz curve, deciles, standing in two periods, change."""

from typing import Any

import pandas as pd
import plotly.graph_objects as go

from crm.charts.cohorts import over_cells
from crm.charts.frames import SMALL, drawn, floats, plain, value_axis
from crm.charts.language import code, share, short
from crm.charts.theme import EVERGREEN, NEGATIVE, NEUTRAL, POSITIVE, faint

BEFORE = ("top", "below", "joined")
AFTER = ("top", "below", "gone")
STEPS = ("before", "lost", "kept", "joined", "after")
WAS = {"top": "top_before", "below": "below_before", "joined": "new_customers"}
NOW = {"top": "top_now", "below": "below_now", "gone": "no_purchase"}
STEP = {"before": "revenue_before", "lost": "lost_customers", "kept": "kept_customers", "joined": "new_customers"}
STEP["after"] = "revenue_after"
"""What they are called on screen."""


def lorenz(curve: pd.DataFrame, top: float, top_share: float) -> go.Figure:
    """`share_customers` (smallest first), `share_revenue`; the part of the `top` customers, who bring `top_share`, is filled.

    A click gives the share of customers up to that point.
    """
    if curve.empty:
        return drawn(420)
    customers, revenue = floats(curve["share_customers"]), floats(curve["share_revenue"])
    upper = customers >= 1 - top - 1e-9
    equal = go.Scatter(x=[0, 1], y=[0, 1], mode="lines", line={"color": NEUTRAL, "width": 1, "dash": "dot"}, hoverinfo="skip")
    filled = go.Scatter(
        x=[1 - top, *customers[upper]],
        y=[1 - top_share, *revenue[upper]],
        mode="lines",
        line={"width": 0},
        fill="tozeroy",
        fillcolor=faint(EVERGREEN, 0.16),
        hoverinfo="skip",
    )
    line = go.Scatter(
        x=customers,
        y=revenue,
        mode="lines+markers",
        line={"color": EVERGREEN, "width": 2.5},
        marker={"size": 7, "color": "rgba(0,0,0,0)"},
        customdata=customers.tolist(),
        hovertemplate=code("share_of_customers") + " %{x:.0%}<br>" + code("share_of_revenue") + " <b>%{y:.1%}</b><extra></extra>",
    )
    point = go.Scatter(
        x=[1 - top],
        y=[1 - top_share],
        mode="markers",
        marker={"color": EVERGREEN, "size": 11},
        hoverinfo="skip",
    )
    note = {"x": 1 - top, "y": 1 - top_share, "xanchor": "right", "yanchor": "bottom", "xshift": -8, "yshift": 4}
    said = f"{code('top')} {top:.0%}: <b>{share(top_share)}</b>"
    axis = {"visible": True, "tickformat": ".0%", "tickvals": [0, 0.2, 0.4, 0.6, 0.8, 1]}
    return drawn(
        420,
        [equal, filled, line, point],
        showlegend=False,
        annotations=[note | SMALL | {"text": said, "font": {"size": 14}}],
        xaxis=axis | {"range": [0, 1.01], "title": {"text": code("share_of_customers")}},
        yaxis=axis | {"range": [0, 1.02], "title": {"text": code("share_of_revenue")}},
    )


def decile_columns(frame: pd.DataFrame, value: str, top: int = 2) -> go.Figure:
    """`decile` (1 is best), `share_revenue` and `value`: a column a decile, the best `top` strong. A click gives the decile."""
    if frame.empty:
        return drawn(380)
    amounts, places = floats(frame[value]), frame["decile"].astype(int).tolist()
    with_share = value == "revenue"
    bar = go.Bar(
        x=places,
        y=amounts,
        marker_color=[EVERGREEN if place <= top else faint(EVERGREEN, 0.45) for place in places],
        text=[share(float(one)) for one in frame["share_revenue"]] if with_share else [_number(amount) for amount in amounts],
        textposition="outside",
        cliponaxis=False,
        customdata=places,
        hovertemplate="<b>" + code("decile") + " %{x}</b><br>" + code(value) + ": %{y:,.2~f}<extra></extra>",
    )
    return drawn(
        380,
        [bar],
        margin={"t": 24},
        xaxis={"visible": True, "tickvals": places, "title": {"text": code("decile")}},
        yaxis=value_axis(0, float(amounts.max())),
    )


def standing(frame: pd.DataFrame) -> go.Figure:
    """`was` (top, below, joined), `now` (top, below, gone), `customers`, `revenue_after`, `share_after`: where customers
    stood in the first period and where in the second. The colour is the share of the row. A click gives [was, now]."""
    if frame.empty:
        return drawn(320)
    cells: dict[tuple[str, str], Any] = {(str(row.was), str(row.now)): row for row in frame.itertuples(index=False)}
    rows = [[cells.get((was, now)) for now in AFTER] for was in BEFORE]
    sizes = [sum(cell.customers for cell in row if cell) for row in rows]
    heat = go.Heatmap(
        z=[[cell.customers / size if cell else None for cell in row] for row, size in zip(rows, sizes, strict=True)],
        x=list(range(len(AFTER))),
        y=list(range(len(BEFORE))),
        zmin=0,
        zmax=1.25,
        text=[[_standing_cell(cell) if cell else "" for cell in row] for row in rows],
        texttemplate="%{text}",
        hoverinfo="skip",
        showscale=False,
    )
    known = [(at, row) for row, was in enumerate(BEFORE) for at, now in enumerate(AFTER) if (was, now) in cells]
    clear = over_cells(
        [(float(at), float(row)) for at, row in known],
        [[BEFORE[row], AFTER[at]] for at, row in known],
        [f"{code(WAS[BEFORE[row]])} → {code(NOW[AFTER[at]])}<br>{heat.text[row][at]}" for at, row in known],
    )
    axis: dict[str, Any] = {"visible": True, "showgrid": False, "showline": False}
    return drawn(
        320,
        [heat, clear],
        barmode="overlay",
        bargap=0,
        showlegend=False,
        xaxis=axis | {"side": "top", "tickvals": [0, 1, 2], "ticktext": [code(NOW[now]) for now in AFTER]},
        yaxis=axis | {"range": [2.5, -0.5], "tickvals": [0, 1, 2], "ticktext": [code(WAS[was]) for was in BEFORE]},
    )


def revenue_change(frame: pd.DataFrame) -> go.Figure:
    """`step` (before, lost, kept, joined, after), `amount` (the two totals, and the changes between them): from the revenue of
    one period to that of the next. A click gives the step."""
    if frame.empty:
        return drawn(340)
    amounts = dict(zip(frame["step"], floats(frame["amount"]), strict=True))
    ends = {"before": amounts["before"]}
    for name in STEPS[1:-1]:
        ends[name] = list(ends.values())[-1] + amounts[name]
    bases = [0.0, *(min(start, end) for start, end in zip(ends.values(), list(ends.values())[1:], strict=False)), 0.0]
    heights = [abs(amounts[name]) for name in STEPS]
    bar = go.Bar(
        x=list(range(len(STEPS))),
        base=bases,
        y=heights,
        width=0.6,
        marker_color=[_step_colour(name, amounts[name]) for name in STEPS],
        text=[short(amounts[name]) if name in ("before", "after") else _signed(amounts[name]) for name in STEPS],
        textposition="outside",
        cliponaxis=False,
        customdata=plain(pd.Series(STEPS)),
        hovertext=[code(STEP[name]) for name in STEPS],
        hovertemplate="<b>%{hovertext}</b>: %{text}<extra></extra>",
    )
    highest = max(base + height for base, height in zip(bases, heights, strict=True))
    return drawn(
        340,
        [bar],
        margin={"t": 24},
        xaxis={"visible": True, "tickvals": list(range(len(STEPS))), "ticktext": [code(STEP[name]) for name in STEPS]}
        | {"tickangle": 0},
        yaxis=value_axis(0, highest),
    )


def _number(amount: float) -> str:
    return f"{amount:,.1f}" if amount < 100 else short(amount)


def _standing_cell(cell: Any) -> str:
    revenue = f"<br>{short(cell.revenue_after)} · {share(float(cell.share_after))}" if cell.revenue_after else ""
    return f"<b>{cell.customers:,}</b>{revenue}"


def _step_colour(name: str, amount: float) -> str:
    if name in ("before", "after"):
        return faint(NEUTRAL, 0.55)
    return POSITIVE if amount >= 0 else NEGATIVE


def _signed(amount: float) -> str:
    return ("+" if amount >= 0 else "−") + short(abs(amount))
