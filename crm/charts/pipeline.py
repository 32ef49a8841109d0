"""The honest funnel, its cohorts, how long deals stand where, how two kinds of deals differ, and who wins what share."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import plotly.graph_objects as go

from crm.charts.bands import band
from crm.charts.frames import HIDDEN, SMALL, drawn, floats, plain, value_axis
from crm.charts.language import code, share, typed
from crm.charts.theme import AMBER, EVERGREEN, INDIGO, MEANINGS, NEUTRAL, faint

STATES = MEANINGS["deal_state"]
PARTS = ("won", "further", "open", "lost")
"""Of those who came to a stage: won in the end, gone on but not won, standing there, lost there."""
LOOK = {"won": STATES["won"], "further": faint(STATES["won"], 0.32), "open": STATES["open"], "lost": faint(STATES["lost"], 0.75)}
SAID = {"further": "went_further", "open": "open_here", "lost": "lost_here"}
ENTERED = code("entered", of="funnel")
BAR = 46
LONGEST = 18


def funnel(frame: pd.DataFrame) -> go.Figure:
    """`name` of each stage, `entered`, `went_on`, `won`, `lost`, `open`, `conversion`, `low`, `high` (crm.analytics.funnel): a
    bar a stage, as long as came so far, and at its end the share that went on with its interval. A click gives [row, part]."""
    height = max(len(frame) * BAR + 56, 120)
    if frame.empty or not frame["entered"].iloc[0]:
        return drawn(height)
    places, names = list(range(len(frame))), [typed(name) for name in frame["name"]]
    parts = {name: floats(frame[name]) for name in ("won", "open", "lost")}
    parts["further"] = floats(frame["went_on"]) - parts["won"]
    most = float(frame["entered"].iloc[0])
    bars = [
        go.Bar(
            orientation="h",
            name=_said(part),
            x=parts[part],
            y=places,
            marker={"color": LOOK[part], "cornerradius": 0, "line": {"width": 0}},
            text=[f"{count:,.0f}" if count >= most * 0.05 else "" for count in parts[part]],
            textposition="inside",
            insidetextanchor="middle",
            textangle=0,
            textfont={"color": NEUTRAL if part == "further" else "#ffffff"},
            customdata=[[place, part] for place in places],
            hovertext=names,
            hovertemplate="<b>%{hovertext}</b><br>" + _said(part) + ": %{x:,}<extra></extra>",
        )
        for part in PARTS
    ]
    return drawn(
        height,
        bars,
        barmode="stack",
        bargap=0.34,
        margin={"r": 8, "t": 36},
        annotations=[_onward(row, place) for place, row in enumerate(frame.itertuples(index=False))],
        xaxis=HIDDEN | {"range": [0, most * 1.5]},
        yaxis={"visible": True, "autorange": "reversed", "showgrid": False, "tickvals": places, "ticktext": _cut(frame["name"])},
        legend={"y": 1.02, "yanchor": "bottom", "traceorder": "normal"},
    )


def _said(part: str) -> str:
    return code(SAID[part]) if part in SAID else code(part, of="state")


def _onward(row: Any, place: int) -> dict[str, Any]:
    """Behind a bar: how many came, and what share went on."""
    text = f"<b>{row.entered:,}</b>"
    if row.entered:
        text += f" → {share(row.conversion)}<br><span style='font-size:11px'>{row.low:.0%} – {row.high:.0%}</span>"
    return SMALL | {"x": float(row.entered), "y": place, "text": text, "xanchor": "left", "xshift": 6, "align": "left"}


def cohorts(frame: pd.DataFrame) -> go.Figure:
    """`cohort` (first day of its month), `won`, `open`, `lost`, `win_rate`, `low`, `high`: a column a month, and the share won of
    all that entered. A click gives [cohort, state]."""
    if frame.empty:
        return drawn(320)
    months = [f"{day:%Y-%m}" for day in pd.to_datetime(frame["cohort"])]
    keys = plain(pd.to_datetime(frame["cohort"]))
    columns = [
        go.Bar(
            name=code(state, of="state"),
            x=months,
            y=floats(frame[state]),
            marker={"color": LOOK[state], "cornerradius": 0},
            customdata=[[key, state] for key in keys],
            hovertext=[f"{share(rate)} ({low:.0%} – {high:.0%})" for rate, low, high in _rates(frame)],
            hovertemplate="<b>%{x}</b><br>"
            + code(state, of="state")
            + ": %{y:,}<br>"
            + code("win_rate")
            + ": %{hovertext}<extra></extra>",
        )
        for state in ("won", "open", "lost")
    ]
    tallest = float((floats(frame["won"]) + floats(frame["open"]) + floats(frame["lost"])).max())
    return drawn(
        320,
        columns,
        barmode="stack",
        margin={"t": 36},
        xaxis={"visible": True, "type": "category", "nticks": 6, "tickangle": 0},
        yaxis=value_axis(0, tallest),
        legend={"y": 1.02, "yanchor": "bottom", "traceorder": "normal"},
    )


def _rates(frame: pd.DataFrame) -> list[tuple[float, float, float]]:
    return list(zip(*(floats(frame[name]).tolist() for name in ("win_rate", "low", "high")), strict=True))


def stays(frame: pd.DataFrame) -> go.Figure:
    """`name`, `p25_days`, `median_days`, `p75_days`, `p90_days` (empty where too few have left): half of the stays end within the
    thick line, the point is the median, the mark nine in ten. A click gives the row."""
    known = frame[frame["median_days"].notna()]
    height = max(len(frame) * 38 + 60, 120)
    if known.empty:
        return drawn(height)
    places = known.index.to_list()
    low, middle, high, far = (floats(known[f"{name}_days"]) for name in ("p25", "median", "p75", "p90"))
    reach = np.where(np.isnan(high), middle, high)
    common: dict[str, Any] = {"customdata": places, "hovertext": [typed(name) for name in known["name"]]}
    band = go.Bar(
        orientation="h", base=low, x=reach - low, y=places, width=0.34, marker_color=faint(EVERGREEN, 0.35),
        hovertemplate="<b>%{hovertext}</b><br>" + code("quartiles") + ": %{base:.0f} – %{x:.0f}<extra></extra>", **common,
    )  # fmt: skip
    point = go.Scatter(
        x=middle, y=places, mode="markers+text", marker={"size": 12, "color": EVERGREEN}, text=[f"{one:.0f}" for one in middle],
        textposition="top center", cliponaxis=False,
        hovertemplate="<b>%{hovertext}</b><br>" + code("median") + ": %{x:.0f}<extra></extra>", **common,
    )  # fmt: skip
    tick = go.Scatter(
        x=far, y=places, mode="markers", marker={"symbol": "line-ns-open", "size": 16, "color": NEUTRAL, "line": {"width": 2}},
        hovertemplate="<b>%{hovertext}</b><br>P90: %{x:.0f}<extra></extra>", **common,
    )  # fmt: skip
    widest = float(np.nanmax([*reach, *far]))
    return drawn(
        height,
        [band, point, tick],
        showlegend=False,
        xaxis=value_axis(0, widest) | {"title": {"text": code("days")}},
        yaxis=_rows(frame),
    )


def still_there(curve: pd.DataFrame) -> go.Figure:
    """`duration`, `still`, `low`, `high` (Kaplan-Meier): the share that is still there after so many days, with its interval."""
    if len(curve) < 2:
        return drawn(300)
    days = floats(curve["duration"])
    traces = [
        *band(days, curve["low"], curve["high"], "hv"),
        go.Scatter(
            x=days,
            y=floats(curve["still"]),
            mode="lines",
            line={"color": EVERGREEN, "width": 2.5, "shape": "hv"},
            hovertemplate=code("days") + " %{x:.0f}: <b>%{y:.0%}</b><extra></extra>",
        ),
    ]
    return drawn(300, traces, showlegend=False, xaxis=_days(), yaxis=_shares())


def outcomes(frame: pd.DataFrame) -> go.Figure:
    """`duration`, `won`, `open`, `lost`: what became of the deals by days since they entered; the parts add up to one."""
    if len(frame) < 2:
        return drawn(300)
    days = floats(frame["duration"])
    traces = [
        go.Scatter(
            name=code(state, of="state"),
            x=days,
            y=floats(frame[state]),
            mode="lines",
            stackgroup="one",
            line={"width": 0.5, "color": STATES[state]},
            fillcolor=faint(STATES[state], 0.6),
            hovertemplate=code("days") + " %{x:.0f} · " + code(state, of="state") + ": <b>%{y:.0%}</b><extra></extra>",
        )
        for state in ("won", "open", "lost")
    ]
    above = {"y": 1.02, "yanchor": "bottom", "traceorder": "normal"}
    return drawn(300, traces, xaxis=_days(), yaxis=_shares(), legend=above, margin={"t": 36})


def differences(frame: pd.DataFrame) -> go.Figure:
    """`name`, `difference`, `low`, `high` (shares), `clear`: first less second with its interval; grey where it may be chance."""
    known = frame[frame["difference"].notna()]
    height = max(len(frame) * BAR + 56, 120)
    if known.empty:
        return drawn(height)
    middle = floats(known["difference"])
    low, high = floats(known["low"]), floats(known["high"])
    signs = [EVERGREEN if value > 0 else STATES["lost"] for value in middle]
    colours = [sign if sure else NEUTRAL for sign, sure in zip(signs, known["clear"], strict=True)]
    traces = [
        go.Scatter(
            x=[one, two], y=[place, place], mode="lines", line={"color": faint(colour, 0.6), "width": 4}, hoverinfo="skip",
        )
        for one, two, place, colour in zip(low, high, known.index, colours, strict=True)
    ]  # fmt: skip
    point = go.Scatter(
        x=middle,
        y=known.index.to_list(),
        mode="markers",
        marker={"size": 12, "color": colours},
        hovertext=[f"{a:+.1%} – {b:+.1%}" for a, b in zip(low, high, strict=True)],
        hovertemplate="<b>%{x:+.1%}</b> (%{hovertext})<extra></extra>",
    )
    far = float(max(np.abs(low).max(), np.abs(high).max(), 0.05)) * 1.1
    return drawn(
        height,
        [*traces, point],
        showlegend=False,
        margin={"t": 36},
        shapes=[{"type": "line", "x0": 0, "x1": 0, "y0": 0, "y1": 1, "yref": "paper", "line": {"color": NEUTRAL, "width": 1}}],
        xaxis={"visible": True, "range": [-far, far], "tickformat": "+.0%", "nticks": 5, "title": {"text": code("difference")}},
        yaxis=_rows(frame),
    )


def two_shares(frame: pd.DataFrame, first: str, second: str) -> go.Figure:
    """`name`, `conversion_1`, `entered_1`, `conversion_2`, `entered_2`: two bars a row. A click gives [row, side]."""
    height = max(len(frame) * BAR + 56, 120)
    if frame.empty:
        return drawn(height)
    sides = [(1, first, INDIGO), (2, second, AMBER)]
    bars = [
        go.Bar(
            orientation="h",
            name=typed(name),
            x=floats(frame[f"conversion_{side}"]),
            y=frame.index.to_list(),
            marker_color=colour,
            text=_of(frame, side),
            textposition="outside",
            cliponaxis=False,
            customdata=[[place, side] for place in frame.index],
            hovertext=[f"{of:,.0f}" for of in floats(frame[f"entered_{side}"])],
            hovertemplate="<b>"
            + typed(name)
            + "</b>: %{x:.1%}<br>"
            + code("entered", of="funnel")
            + ": %{hovertext}<extra></extra>",
        )
        for side, name, colour in sides
    ]
    return drawn(
        height,
        bars,
        barmode="group",
        margin={"r": 64, "t": 36},
        xaxis=HIDDEN | {"range": [0, 1]},
        yaxis=_rows(frame),
        legend={"y": 1.02, "yanchor": "bottom", "traceorder": "normal"},
    )


def _of(frame: pd.DataFrame, side: int) -> list[str]:
    pairs = zip(floats(frame[f"conversion_{side}"]), floats(frame[f"entered_{side}"]), strict=True)
    return ["" if np.isnan(part) else f"{part:.0%} · {count:,.0f}" for part, count in pairs]


def rates(frame: pd.DataFrame) -> go.Figure:
    """`name`, `win_rate`, `low`, `high`, `won`, `lost`: who wins what share of what is decided, with its interval. A click gives
    the row."""
    known = frame[frame["win_rate"].notna()]
    height = max(len(frame) * 30 + 50, 100)
    if known.empty:
        return drawn(height)
    middle = floats(known["win_rate"])
    point = go.Scatter(
        x=middle,
        y=known.index.to_list(),
        mode="markers",
        marker={"size": 11, "color": EVERGREEN},
        error_x={"type": "data", "symmetric": False, "array": floats(known["high"]) - middle, "thickness": 3, "width": 0}
        | {"arrayminus": middle - floats(known["low"]), "color": faint(EVERGREEN, 0.4)},
        customdata=known.index.to_list(),
        hovertext=[
            f"{typed(name)}: {won:,} / {won + lost:,}"
            for name, won, lost in known[["name", "won", "lost"]].itertuples(index=False)
        ],
        hovertemplate="%{hovertext}<br><b>%{x:.1%}</b><extra></extra>",
    )
    return drawn(height, [point], showlegend=False, xaxis=_shares() | {"nticks": 6}, yaxis=_rows(frame))


def _rows(frame: pd.DataFrame) -> dict[str, Any]:
    places = list(range(len(frame)))
    reach = {"range": [len(frame) - 0.4, -0.6]}
    return {"visible": True, "showgrid": False, "tickvals": places, "ticktext": _cut(frame["name"])} | reach


def _days() -> dict[str, Any]:
    return {"visible": True, "title": {"text": code("days")}, "rangemode": "tozero"}


def _shares() -> dict[str, Any]:
    return {"visible": True, "tickformat": ".0%", "range": [0, 1.02], "nticks": 5}


def _cut(names: Any) -> list[str]:
    return [typed(name if len(str(name)) <= LONGEST else f"{str(name)[: LONGEST - 1].rstrip()}…") for name in names]


__all__ = ["cohorts", "differences", "funnel", "outcomes", "rates", "stays", "still_there", "two_shares"]
