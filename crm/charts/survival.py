"""Who stays under contract: survival and renewal rates with what the models say beyond the data, and the value that is left."""

from typing import Any

import numpy as np
import pandas as pd
import plotly.graph_objects as go

from crm.charts.frames import SMALL, drawn, floats, plain, value_axis
from crm.charts.language import code, typed
from crm.charts.theme import AMBER, EVERGREEN, INDIGO, NEUTRAL, faint

HEIGHT = 420
MODELS = {"sBG": INDIGO, "BdW": AMBER}
"""A model keeps its colour; the one that fits better is drawn strong, the other thin."""


def survival_curves(facts: pd.DataFrame, cohorts: pd.DataFrame, curves: pd.DataFrame, until: float) -> go.Figure:
    """`facts`: age, survival, due (all contracts); `cohorts`: cohort, age, survival; `curves`: model (sBG, BdW), better, age,
    survival, lower, upper; `until`: the last age with data, where today's line stands. A click on a cohort gives its name."""
    return _with_curves(facts, cohorts, curves, until, "survival", from_whole=True)


def renewal_rates(facts: pd.DataFrame, cohorts: pd.DataFrame, curves: pd.DataFrame, until: float) -> go.Figure:
    """As survival_curves, of `retention`: the share of the contracts due that were renewed, by the number of the renewal."""
    return _with_curves(facts, cohorts, curves, until, "retention", from_whole=False)


def _with_curves(
    facts: pd.DataFrame, cohorts: pd.DataFrame, curves: pd.DataFrame, until: float, value: str, from_whole: bool
) -> go.Figure:
    if facts.empty:
        return drawn(HEIGHT)
    lines = [trace for (_, part) in curves.groupby("model", sort=False) for trace in _curve(part, until, value)]
    of_cohorts = _cohort_dots(cohorts, value) if cohorts["cohort"].nunique() > 1 else []
    known = np.concatenate([floats(part[value]) for part in (facts, cohorts, curves)])
    low = 0.0 if from_whole else max(0.0, np.floor((float(known.min()) - 0.05) * 10) / 10)
    ages = floats(curves["age"]) if len(curves) else floats(facts["age"])
    return drawn(
        HEIGHT,
        [*lines, _all_dots(facts, value), *of_cohorts],
        shapes=[{"type": "line", "x0": until, "x1": until, "y0": 0, "y1": 1, "yref": "paper"} | {"line": _thin()}],
        annotations=[{"text": code("today"), "x": until, "y": 1, "yref": "paper", "yanchor": "bottom"} | SMALL],
        xaxis={"visible": True, "title": {"text": code("renewals")}, "range": [-0.3 if from_whole else 0.6, ages.max() + 0.4]}
        | {"dtick": 1 if ages.max() <= 14 else 5 if ages.max() <= 60 else 12},
        yaxis={"visible": True, "range": [low, 1.03], "tickformat": ".0%", "nticks": 6},
        legend={"y": -0.16},
        margin={"t": 28},
    )


def _thin() -> dict[str, Any]:
    return {"color": NEUTRAL, "width": 1}


def _curve(part: pd.DataFrame, until: float, value: str) -> list[Any]:
    """Solid as far as there are data, lighter and dotted beyond; the better model with its band."""
    model, better = str(part["model"].iloc[0]), bool(part["better"].iloc[0])
    colour, width = MODELS[model], 3 if better else 1.5
    ages, values = floats(part["age"]), floats(part[value])
    said = f"<b>{model}</b><br>{code('renewals')} %{{x}}: %{{y:.1%}}<extra></extra>"
    shared: dict[str, Any] = {"mode": "lines", "legendgroup": model, "hovertemplate": said}
    before, after = ages <= until, ages >= until
    traces: list[Any] = []
    if better and value == "survival":
        band = {"x": [*ages, *ages[::-1]], "y": [*floats(part["upper"]), *floats(part["lower"])[::-1]], "fill": "toself"}
        hidden = {"line": {"width": 0}, "fillcolor": faint(colour, 0.14), "hoverinfo": "skip", "showlegend": False}
        traces.append(go.Scatter(mode="lines", legendgroup=model, **band, **hidden))
    traces.append(go.Scatter(name=model, x=ages[before], y=values[before], line={"color": colour, "width": width}, **shared))
    beyond = {"color": faint(colour, 0.55), "width": width, "dash": "dot"}
    traces.append(go.Scatter(x=ages[after], y=values[after], line=beyond, showlegend=False, **shared))
    return traces


def _cohort_dots(cohorts: pd.DataFrame, value: str) -> list[Any]:
    return [
        go.Scatter(
            name=code("cohort"),
            x=cohorts["age"].tolist(),
            y=floats(cohorts[value]),
            mode="markers",
            marker={"size": 7, "symbol": "circle-open", "color": NEUTRAL, "line": {"width": 1.5}},
            customdata=plain(cohorts["cohort"]),
            hovertext=[typed(name) for name in cohorts["cohort"]],
            hovertemplate="<b>%{hovertext}</b><br>" + code("renewals") + " %{x}: %{y:.1%}<extra></extra>",
        )
    ]


def _all_dots(facts: pd.DataFrame, value: str) -> go.Scatter:
    return go.Scatter(
        name=code("actual"),
        x=facts["age"].tolist(),
        y=floats(facts[value]),
        mode="markers",
        marker={"size": 10, "color": EVERGREEN},
        text=[f"{due:,.0f}" for due in floats(facts["due"])],
        hovertemplate=code("renewals") + " %{x}: <b>%{y:.1%}</b><br>" + code("due") + ": %{text}<extra></extra>",
    )


def contracts_worth(frame: pd.DataFrame) -> go.Figure:
    """`renewals` (made so far), `value`, `value_low`, `value_high`: what a contract of each age is still good for.

    A click gives the number of renewals."""
    if frame.empty:
        return drawn(HEIGHT)
    values = floats(frame["value"])
    spread = {"type": "data", "symmetric": False, "array": floats(frame["value_high"]) - values, "thickness": 1.5, "width": 4}
    bar = go.Bar(
        x=frame["renewals"].tolist(),
        y=values,
        marker_color=faint(EVERGREEN, 0.75),
        error_y=spread | {"arrayminus": values - floats(frame["value_low"]), "color": NEUTRAL},
        customdata=plain(frame["renewals"]),
        hovertemplate=code("renewals") + " %{x}: <b>%{y:,.2f}</b><extra></extra>",
    )
    return drawn(
        HEIGHT,
        [bar],
        xaxis={"visible": True, "title": {"text": code("renewals")}, "dtick": 1 if len(frame) <= 14 else 5},
        yaxis=value_axis(0, float(np.nanmax([*floats(frame["value_high"]), *values]))),
    )
