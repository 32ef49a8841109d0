"""Whether a model can be believed and what it says. Facts are dark, forecasts lighter; a click leads to the customers."""

from typing import Any

import numpy as np
import pandas as pd
import plotly.graph_objects as go

from crm.charts.frames import HIDDEN, ROW, SMALL, THIN, drawn, floats, plain, value_axis
from crm.charts.language import code, typed
from crm.charts.theme import EVERGREEN, NEUTRAL, faint

LARGE = 400
FORECAST = faint(EVERGREEN, 0.5)
DASHED = {"color": FORECAST, "width": 2, "dash": "dash"}
SHARES = {"visible": True, "tickformat": ".0%", "range": [0, 1.02]}
LIKE_THE_FACTS = {"color": NEUTRAL, "width": 1, "dash": "dot"}
LARGEST_DOT = 22


def ranking(frame: pd.DataFrame, value: str) -> go.Figure:
    """`key`, `name`, `kind` (model, rule), `chosen`, `value`: a bar a row, top first; the chosen model is strongest, rules are
    grey, a row without a value has no bar. A click gives the key."""
    height = max(len(frame) * ROW + 24, 80)
    if frame.empty:
        return drawn(height)
    amounts, places = floats(frame[value]), list(range(len(frame)))
    kinds = zip(frame["kind"], frame["chosen"], strict=True)
    bar = go.Bar(
        orientation="h",
        x=[None if np.isnan(amount) else float(amount) for amount in amounts],
        y=places,
        marker_color=[faint(NEUTRAL, 0.55) if kind == "rule" else EVERGREEN if best else FORECAST for kind, best in kinds],
        text=["–" if np.isnan(amount) else f"{amount:,.3f}" for amount in amounts],
        textposition="outside",
        cliponaxis=False,
        customdata=plain(frame["key"]),
        hovertext=[typed(name) for name in frame["name"]],
        hovertemplate="<b>%{hovertext}</b><br>" + code("typical_error") + ": %{text}<extra></extra>",
    )
    names = [typed(name) for name in frame["name"]]
    reach = float(np.nan_to_num(amounts).max()) or 1.0
    axis = {"visible": True, "autorange": "reversed", "showgrid": False, "tickvals": places, "ticktext": names}
    return drawn(height, [bar], margin={"r": 64}, xaxis=HIDDEN | {"range": [0, reach]}, yaxis=axis)


def parameter_intervals(frame: pd.DataFrame) -> go.Figure:
    """`parameter`, `estimate`, `lower`, `upper` (positive): each interval as a multiple of its estimate, on a log scale."""
    known = frame[frame["estimate"].gt(0) & frame["lower"].gt(0) & frame["upper"].gt(0)]
    height = len(known) * 36 + 72
    if known.empty:
        return drawn(height)
    estimate, places = floats(known["estimate"]), list(range(len(known)))
    low, high = floats(known["lower"]) / estimate, floats(known["upper"]) / estimate
    points = go.Scatter(
        x=[1.0] * len(known),
        y=places,
        mode="markers",
        marker={"color": EVERGREEN, "size": 9},
        error_x={"array": high - 1, "arrayminus": 1 - low, "color": FORECAST, "thickness": 3, "width": 0, "symmetric": False},
        customdata=[[float(part) for part in row] for row in known[["estimate", "lower", "upper"]].to_numpy()],
        hovertemplate="%{customdata[0]:.7g} (%{customdata[1]:.7g} – %{customdata[2]:.7g})<extra></extra>",
    )
    wide = max(float(high.max()), 1 / float(low.min()), 1.2) * 1.1
    steps = (0.01, 0.1, 0.5, 1, 2, 10, 100) if wide > 2 else (0.8, 1, 1.25)
    ticks = [times for times in steps if 1 / wide <= times <= wide]
    return drawn(
        height,
        [points],
        xaxis={"visible": True, "type": "log", "range": [-np.log10(wide), np.log10(wide)], "tickvals": ticks}
        | {"ticktext": [f"× {times:g}" for times in ticks], "title": {"text": code("times_the_estimate")}},
        yaxis={"visible": True, "autorange": "reversed", "showgrid": False, "tickvals": places}
        | {"ticktext": [typed(name) for name in known["parameter"]], "range": [len(known) - 0.5, -0.5]},
        shapes=[{"type": "line", "x0": 1, "x1": 1, "y0": 0, "y1": 1, "yref": "paper"} | THIN],
    )


def tracking(frame: pd.DataFrame, *, cumulative: bool) -> go.Figure:
    """`ends_on`, `calibration`, `actual`, `expected`, `actual_cumulative`, `expected_cumulative`: repeat purchases by week, the
    cut-off as a thin line. A click on an actual point gives the last day of its week."""
    if frame.empty:
        return drawn(LARGE)
    ending = "_cumulative" if cumulative else ""
    days = plain(pd.to_datetime(frame["ends_on"]))
    actual, expected = floats(frame[f"actual{ending}"]), floats(frame[f"expected{ending}"])
    facts = go.Scatter(
        name=code("actual"),
        x=days,
        y=actual,
        mode="lines+markers",
        line={"color": EVERGREEN, "width": 2},
        marker={"color": EVERGREEN, "size": 4},
        customdata=days,
        hovertemplate="%{x|%Y-%m-%d}<br>" + code("actual") + ": <b>%{y:,}</b><extra></extra>",
    )
    said = go.Scatter(
        name=code("expected"),
        x=days,
        y=expected,
        mode="lines",
        line=DASHED,
        hovertemplate="%{x|%Y-%m-%d}<br>" + code("expected") + ": <b>%{y:,.1f}</b><extra></extra>",
    )
    known = frame[frame["calibration"].astype(bool)]
    cut = plain(pd.to_datetime(known["ends_on"]))[-1:]
    return drawn(
        LARGE,
        [said, facts],
        showlegend=True,
        shapes=[{"type": "line", "x0": day, "x1": day, "y0": 0, "y1": 1, "yref": "paper"} | THIN for day in cut],
        annotations=[{"text": code("cut_off"), "x": day, "y": 1, "yref": "paper", "yanchor": "bottom"} | SMALL for day in cut],
        xaxis={"visible": True, "type": "date", "tickformat": "%Y-%m", "nticks": 7},
        yaxis=value_axis(0, float(max(actual.max(), expected.max()))) | {"title": {"text": code("repeat_purchases")}},
        margin={"t": 32},
    )


def frequency_columns(frame: pd.DataFrame) -> go.Figure:
    """`frequency` (0, 1, ..., the last one and above), `actual`, `expected` customers: two columns each. A click gives the
    frequency."""
    if frame.empty:
        return drawn(LARGE)
    shared = {"x": _places(frame), "customdata": plain(frame["frequency"])}
    traces = [
        go.Bar(
            name=code(name),
            y=floats(frame[name]),
            marker_color=colour,
            hovertemplate=code("repeat_purchases") + " %{x}<br>" + code(name) + ": <b>%{y:,.0f}</b><extra></extra>",
            **shared,
        )
        for name, colour in (("actual", EVERGREEN), ("expected", FORECAST))
    ]
    highest = max(float(floats(frame[name]).max()) for name in ("actual", "expected"))
    return drawn(
        LARGE,
        traces,
        barmode="group",
        showlegend=True,
        xaxis=_frequency_axis(frame),
        yaxis=value_axis(0, highest) | {"title": {"text": code("customers")}},
    )


def conditional_expectations(frame: pd.DataFrame) -> go.Figure:
    """`frequency`, `customers`, `actual`, `expected`: mean purchases in the holdout of those who had bought so often.

    A click gives [frequency, customers]."""
    if frame.empty:
        return drawn(LARGE)
    counts = [[frequency, count] for frequency, count in zip(plain(frame["frequency"]), plain(frame["customers"]), strict=True)]
    looks: list[tuple[str, dict[str, Any]]] = [
        ("expected", {"line": DASHED, "marker": {"color": FORECAST, "size": 7}}),
        ("actual", {"line": {"color": EVERGREEN, "width": 2}, "marker": {"color": EVERGREEN, "size": 8}}),
    ]
    traces = [
        go.Scatter(
            name=code(name),
            x=_places(frame),
            y=floats(frame[name]),
            mode="lines+markers",
            customdata=counts,
            hovertemplate=(
                code("repeat_purchases") + " %{x} · " + code("customers") + " %{customdata[1]:,}<br>"
                + code(name) + ": <b>%{y:,.2f}</b><extra></extra>"
            ),
            **look,
        )
        for name, look in looks
    ]  # fmt: skip
    highest = max(float(floats(frame[name]).max()) for name in ("actual", "expected"))
    title = {"title": {"text": code("purchases_in_holdout")}}
    return drawn(LARGE, traces, showlegend=True, xaxis=_frequency_axis(frame), yaxis=value_axis(0, highest) | title)


def reliability(frame: pd.DataFrame) -> go.Figure:
    """`lower`, `upper`, `customers`, `expected`, `actual`, `error_of_actual`: what was said against what happened, with twice the
    standard error; the dotted line is where both agree. A click gives [lower, upper]."""
    if frame.empty:
        return drawn(LARGE)
    counts = floats(frame["customers"])
    agree = go.Scatter(x=[0, 1], y=[0, 1], mode="lines", line=LIKE_THE_FACTS, hoverinfo="skip", showlegend=False)
    seen = go.Scatter(
        x=floats(frame["expected"]),
        y=floats(frame["actual"]),
        mode="markers",
        marker={"color": EVERGREEN, "size": dots(counts)},
        error_y={"array": 2 * floats(frame["error_of_actual"]), "color": FORECAST, "thickness": 2, "width": 0},
        customdata=[
            [float(low), float(high), int(count)]
            for low, high, count in zip(frame["lower"], frame["upper"], counts, strict=True)
        ],
        showlegend=False,
        hovertemplate=(
            code("customers") + ": %{customdata[2]:,}<br>" + code("chance_said") + ": %{x:.1%}<br>"
            + code("share_that_ordered") + ": <b>%{y:.1%}</b><extra></extra>"
        ),
    )  # fmt: skip
    return drawn(
        LARGE,
        [agree, seen],
        xaxis=SHARES | {"title": {"text": code("chance_said")}},
        yaxis=SHARES | {"title": {"text": code("share_that_ordered")}},
    )


def _places(frame: pd.DataFrame) -> list[str]:
    """0, 1, ..., 7+: the last class holds everybody above it."""
    numbers = [str(int(number)) for number in frame["frequency"]]
    return [*numbers[:-1], f"{numbers[-1]}+"]


def _frequency_axis(frame: pd.DataFrame) -> dict[str, Any]:
    title = {"title": {"text": code("repeat_purchases_at_cut_off")}}
    return {"visible": True, "type": "category", "categoryarray": _places(frame), "categoryorder": "array"} | title


def dots(counts: Any) -> list[float]:
    """Areas that grow with the number of customers, none too small to be clicked."""
    most = float(np.max(counts)) if len(counts) else 1.0
    return [float(max(6.0, LARGEST_DOT * np.sqrt(count / most))) for count in counts]
