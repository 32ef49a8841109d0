"""A target and how far it is reached: against its levels, against the pace of the days, and on its way to the end."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

import numpy as np
import pandas as pd
import plotly.graph_objects as go

from crm.charts.bands import expected
from crm.charts.frames import ROW, SMALL, drawn, floats, plain, value_axis
from crm.charts.language import code, share, short, typed
from crm.charts.theme import AMBER, EVERGREEN, INDIGO, NEUTRAL, faint

LEVELS = ("base", "stretch", "challenge")
HEIGHT = 300
FOOT = 26
FARTHEST = 2.5
"""Times the base: what is beyond is cut there, its share still said."""
LONGEST = 24


def bullet(frame: pd.DataFrame, *, row: int = ROW, head: int = 8) -> go.Figure:
    """`subject` (its name), `actual`, `base`, `stretch`, `challenge` (missing where there is none), `pace`, and `id` if there is
    one: each row against its own base, top first. The bar is what is reached, the dark ticks the levels, the dot the pace of the
    days. A row behind its pace is amber. A click gives the id (else the place). `row` and `head` are pixels: the rows of a table
    beside it stand at the same height."""
    height = len(frame) * row + head + FOOT
    base = floats(frame["base"])
    sound = base > 0
    if not sound.any():
        return drawn(height)
    whole = np.where(sound, base, np.nan)
    shares = {name: floats(frame[name]) / whole for name in ("actual", "pace", *LEVELS)}
    reached, pace = np.nan_to_num(shares["actual"]), shares["pace"]
    far = min(max(1.12, *(float(np.nanmax(np.nan_to_num(one))) for one in shares.values())), FARTHEST)
    low = min(float(reached.min()), 0.0)
    places, names = list(range(len(frame))), [typed(name) for name in frame["subject"]]
    keys = plain(frame["id"] if "id" in frame else pd.Series(places))
    said = [share(one) if one == one else "–" for one in shares["actual"]]
    bar = go.Bar(
        orientation="h",
        name=code("actual"),
        x=np.clip(reached, -FARTHEST, far),
        y=places,
        width=0.5,
        marker_color=[AMBER if at < asked - 1e-9 else EVERGREEN for at, asked in zip(reached, pace, strict=True)],
        customdata=keys,
        hovertext=[_said(row) for row in frame.itertuples()],
        hovertemplate="<b>%{hovertext}</b><extra></extra>",
    )
    notes = [
        SMALL | {"text": f"<b>{text}</b>", "x": far, "y": place, "xanchor": "left", "xshift": 6}
        for place, text in zip(places, said, strict=True)
    ]
    return drawn(
        height,
        [bar, *_ticks(shares, places, far), _dots(pace, places, far)],
        showlegend=False,
        margin={"r": 64, "t": head, "b": FOOT},
        annotations=notes,
        shapes=[_upright(1.0)],
        xaxis={"visible": True, "range": [low * 1.1, far], "showgrid": False, "tickangle": 0} | _hundreds(low, far),
        yaxis={"visible": True, "range": [len(frame) - 0.5, -0.5], "showgrid": False, "tickvals": places}
        | {"ticktext": [_cut(name) for name in names]},
    )


def _said(row: Any) -> str:
    parts = [("actual", row.actual), ("pace", row.pace), *((name, getattr(row, name)) for name in LEVELS)]
    told = [f"{_word(name)} {short(float(at))}" for name, at in parts if at is not None and at == at]
    return "<br>".join([typed(row.subject), *told])


def _word(name: str) -> str:
    return code(name, of="target") if name in LEVELS else code(name)


def _ticks(shares: Mapping[str, Any], places: list[int], far: float) -> list[go.Scatter]:
    looks = {"base": (20, 3), "stretch": (15, 2), "challenge": (11, 2)}
    return [
        go.Scatter(
            name=code(name, of="target"),
            x=np.where(shares[name] <= far, shares[name], np.nan),
            y=places,
            mode="markers",
            marker={"symbol": "line-ns-open", "size": size, "line": {"width": width}, "color": NEUTRAL},
            hoverinfo="skip",
        )
        for name, (size, width) in looks.items()
    ]


def _dots(pace: Any, places: list[int], far: float) -> go.Scatter:
    mark = {"symbol": "diamond", "size": 8, "color": INDIGO}
    return go.Scatter(name=code("pace"), x=np.minimum(pace, far), y=places, mode="markers", marker=mark, hoverinfo="skip")


def _upright(at: float) -> dict[str, Any]:
    line = {"color": faint(NEUTRAL, 0.5), "width": 1, "dash": "dot"}
    return {"type": "line", "x0": at, "x1": at, "y0": 0, "y1": 1, "yref": "paper", "line": line, "layer": "below"}


def _hundreds(low: float, far: float) -> dict[str, Any]:
    ticks = np.arange(np.ceil(low), np.floor(far) + 1)
    return {"tickvals": ticks, "ticktext": [share(tick) for tick in ticks]}


def _cut(name: str) -> str:
    return name if len(name) <= LONGEST else name[: LONGEST - 1].rstrip() + "…"


def gauge(
    actual: float, pace: float | None, base: float, stretch: float | None = None, challenge: float | None = None
) -> go.Figure:
    """What is reached on an arc that is darker up to each level; the line across is the pace of the days."""
    known = {name: float(at) for name, at in zip(LEVELS, (base, stretch, challenge), strict=True) if at is not None and at == at}
    top = max(*known.values(), float(actual) if actual == actual else 0.0, 0.0) * 1.05
    if top <= 0:
        return drawn(HEIGHT)
    ends = [0.0, *sorted(known.values()), top]
    shades = (0.10, 0.2, 0.3, 0.4)
    behind = pace is not None and pace == pace and actual < pace - 1e-9
    dial: dict[str, Any] = {
        "axis": {
            "range": [0, top],
            "tickvals": [0, *known.values()],
            "ticktext": [short(0), *(short(at) for at in known.values())],
            "tickfont": {"size": 12, "color": NEUTRAL},
            "ticks": "",
        },
        "bar": {"color": AMBER if behind else EVERGREEN, "thickness": 0.55, "line": {"width": 0}},
        "bgcolor": "rgba(0,0,0,0)",
        "borderwidth": 0,
        "steps": [
            {"range": [low, high], "color": faint(NEUTRAL, shade)}
            for low, high, shade in zip(ends, ends[1:], shades, strict=False)
        ],
    }
    if pace is not None and pace == pace:
        dial["threshold"] = {"line": {"color": INDIGO, "width": 3}, "thickness": 0.9, "value": float(pace)}
    arc = go.Indicator(mode="gauge", value=float(actual) if actual == actual else 0.0, gauge=dial)
    of_base = share(actual / base) if base > 0 and actual == actual else "–"
    centre = SMALL | {"xref": "paper", "yref": "paper", "x": 0.5, "xanchor": "center"}
    notes = [
        centre | {"text": f"<b>{of_base}</b>", "y": 0.16, "font": {"size": 30}},
        centre | {"text": short(actual) if actual == actual else "–", "y": 0.02, "font": {"size": 14, "color": NEUTRAL}},
    ]
    return drawn(HEIGHT - 60, [arc], annotations=notes, margin={"l": 40, "r": 60, "t": 30, "b": 8})


def trend(frame: pd.DataFrame, levels: Mapping[str, float] | None = None, today: date | None = None) -> go.Figure:
    """`day`, `actual` (the sum up to then, missing ahead), `pace`, `p10`, `p50`, `p90` (missing behind): the way so far against
    the pace of the working days, and the band in which it will lie up to the end. `levels` by name are drawn across."""
    if frame.empty:
        return drawn(HEIGHT)
    seen, ahead = frame[frame["actual"].notna()], frame[frame["p50"].notna()]
    said = ": <b>%{y:,.3~s}</b><extra></extra>"
    traces = [
        *expected(ahead),
        go.Scatter(
            name=code("pace"),
            x=plain(pd.to_datetime(frame["day"])),
            y=floats(frame["pace"]),
            mode="lines",
            line={"color": INDIGO, "width": 1.5, "dash": "dash"},
            hovertemplate="%{x}<br>" + code("pace") + said,
        ),
        go.Scatter(
            name=code("actual"),
            x=plain(pd.to_datetime(seen["day"])),
            y=floats(seen["actual"]),
            mode="lines",
            line={"color": EVERGREEN, "width": 3, "shape": "hv"},
            hovertemplate="%{x}<br>" + code("actual") + said,
        ),
    ]
    return drawn(
        HEIGHT, traces, showlegend=False, margin={"t": 28, "r": 124}, **_frame_of(frame, seen, ahead, levels or {}, today)
    )


def _frame_of(
    frame: pd.DataFrame, seen: pd.DataFrame, ahead: pd.DataFrame, levels: Mapping[str, float], today: date | None
) -> dict[str, Any]:
    """Axes, the lines across, and what they are called."""
    days = pd.to_datetime(frame["day"])
    start, end = days.min().date(), days.max().date()
    known = {name: float(at) for name, at in levels.items() if at is not None and at == at}
    values = np.concatenate([floats(seen["actual"]), floats(ahead["p90"]), floats(ahead["p10"]), floats(frame["pace"])])
    high = float(np.nanmax([0.0, *values, *known.values()]))
    low = float(np.nanmin([0.0, *values, *known.values()]))
    thin = {"color": NEUTRAL, "width": 1}
    lines: list[dict[str, Any]] = [
        {"type": "line", "xref": "paper", "x0": 0, "x1": 1, "y0": at, "y1": at, "line": thin | {"dash": "dot"}}
        for at in known.values()
    ]
    notes = [
        SMALL
        | {"text": f"{code(name, of='target')} {short(at)}", "xref": "paper", "x": 1, "y": at, "xanchor": "left", "xshift": 4}
        for name, at in _apart(known, high - low).items()
    ]
    if today is not None and start <= today < end:
        at = today.isoformat()
        lines.append({"type": "line", "x0": at, "x1": at, "y0": 0, "y1": 1, "yref": "paper", "line": thin})
        notes.append(SMALL | {"text": code("today"), "x": at, "y": 1, "yref": "paper", "yanchor": "bottom"})
    axis = {"visible": True, "type": "date", "nticks": 6, "tickformat": "%m-%d", "tickangle": 0}
    return {
        "shapes": lines,
        "annotations": notes,
        "xaxis": axis | {"range": [start.isoformat(), end.isoformat()]},
        "yaxis": value_axis(low, high),
    }


def _apart(levels: Mapping[str, float], height: float) -> dict[str, float]:
    """Those whose names would stand on one another lose theirs; the base keeps its."""
    kept: dict[str, float] = {}
    for name, at in levels.items():
        if all(abs(at - other) > height * 0.06 for other in kept.values()):
            kept[name] = at
    return kept


__all__ = ["bullet", "gauge", "trend"]
