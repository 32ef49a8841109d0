"""The left side of the lab: what is tested and what makes the value. Nothing is computed until Fit is pressed."""

from __future__ import annotations

import datetime as dt

import streamlit as st
from pydantic import BaseModel, ConfigDict, Field

from crm.analytics.clv.contest import MODELS
from crm.insight.queries.lab import LabPlan
from crm.ui.address import parameters, read_filter
from crm.ui.insight.clv_words import MODEL_NAMES
from crm.words import say

HORIZONS = (12, 24, 36, 60, 120)
MOST_WEEKS = 52


class LabChoice(BaseModel):
    """What stands in the address; None = as suits the data."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    end: dt.date | None = None
    """Of the calibration period."""
    holdout: int | None = Field(None, ge=1, le=520)
    """Weeks."""
    models: tuple[str, ...] = tuple(MODELS)
    horizon: int = Field(36, ge=1, le=120)
    """Months."""
    margin: float = Field(30.0, gt=0, le=100)
    """Percent of the spend."""
    discount: float = Field(10.0, ge=0, le=100)
    """Percent a year."""


def read_choice() -> LabChoice:
    found = read_filter(LabChoice)
    models = tuple(name for name in MODELS if name in found.models)
    return found.model_copy(update={"models": models or tuple(MODELS)})


def plan_for(choice: LabChoice, first: dt.date, last: dt.date) -> LabPlan:
    """The choice within the days of the data: without a choice half of them, at most a year, are held out."""
    days = (last - first).days + 1
    usual = min(round(days / 14), MOST_WEEKS) * 7
    end = choice.end if choice.end and first <= choice.end < last else None
    holdout = choice.holdout * 7 if choice.holdout else usual
    if end is None:
        end = max(last - dt.timedelta(holdout), first)
    return LabPlan(calibration_until=end, holdout_days=max(min(holdout, (last - end).days), 0), models=choice.models)


def controls(choice: LabChoice, plan: LabPlan, first: dt.date, last: dt.date, key: str) -> None:
    """One form; its button puts the choice into the address."""
    shown = {
        "end": plan.calibration_until,
        "holdout": max(round(plan.holdout_days / 7), 1),
        "models": list(choice.models),
        "horizon": choice.horizon if choice.horizon in HORIZONS else 36,
        "margin": choice.margin,
        "discount": choice.discount,
    }
    for name, value in shown.items():
        st.session_state[f"{key}.{name}"] = value
    with st.form(f"{key}.form", border=False):
        _tested(first, last, key)
        _valued(key)
        st.form_submit_button(
            say("Fit"), type="primary", icon=":material/play_arrow:", on_click=_keep, args=(key, tuple(shown)), key=f"{key}.fit"
        )


def _tested(first: dt.date, last: dt.date, key: str) -> None:
    st.date_input(
        say("Calibration until"),
        key=f"{key}.end",
        min_value=first,
        max_value=max(last, first),
        format="YYYY-MM-DD",
        help=say("The models learn from purchases up to this day; what came later tests them."),
    )
    st.number_input(say("Holdout (weeks)"), key=f"{key}.holdout", min_value=1, max_value=520, step=1)
    st.multiselect(
        say("Models"), list(MODELS), key=f"{key}.models", format_func=MODEL_NAMES.__getitem__, placeholder=say("Choose")
    )


def _valued(key: str) -> None:
    months = {count: say("{count:month|months}", count=count) for count in HORIZONS}
    st.selectbox(say("Horizon"), HORIZONS, key=f"{key}.horizon", format_func=months.__getitem__)
    left, right = st.columns(2)
    left.number_input(say("Margin (%)"), key=f"{key}.margin", min_value=0.1, max_value=100.0, step=1.0, format="%.1f")
    right.number_input(
        say("Discount (%)"),
        key=f"{key}.discount",
        min_value=0.0,
        max_value=100.0,
        step=1.0,
        format="%.1f",
        help=say("A year: by so much less counts what comes a year later."),
    )


def _keep(key: str, names: tuple[str, ...]) -> None:
    """Only what differs from the usual stands in the address; the rest of it (board, group, view) stays."""
    given = {name: st.session_state[f"{key}.{name}"] for name in names}
    given["models"] = tuple(given["models"]) or tuple(MODELS)
    chosen = parameters(LabChoice(**given))
    for name in names:
        st.query_params.pop(name, None)
    for name, value in chosen.items():
        st.query_params[name] = value


__all__ = ["LabChoice", "controls", "plan_for", "read_choice"]
