"""How the deal is judged: assessments over time, who else offers, strengths and weaknesses."""

from __future__ import annotations

from functools import partial
from typing import Any

import pandas as pd
import streamlit as st

from crm.charts.deal import assessments as figure
from crm.pipeline import commands, queries
from crm.pipeline.commands import Swot
from crm.pipeline.models import Opportunity
from crm.ui.compare import compare, save
from crm.ui.deal.editing import version_of
from crm.ui.deal.parts import parts
from crm.ui.desk import load
from crm.ui.form import checked
from crm.ui.show import Built, empty, heading, plain
from crm.ui.table import records
from crm.ui.text import literal
from crm.words import label, say


def judged(deal: Opportunity, may: bool) -> None:
    left, right = st.columns([1.4, 1], gap="large")
    with left:
        _score(load(queries.assessments, opportunity_id=deal.id))
        parts(deal, "assessment", may)
    with right:
        _rivals(load(queries.competitors, opportunity_id=deal.id))
        parts(deal, "competitor", may)
    heading("Strengths and weaknesses, chances and threats")
    _swot(deal, may)


def _score(rows: pd.DataFrame) -> None:
    """The newest score against the one before."""
    about = say("The mean of six marks from 1 (bad for us) to 5 (good): 0 is all ones, 100 all fives.")
    if rows.empty:
        heading("Assessment", about=about)
        return
    newest, *earlier = records(rows)
    if not earlier:
        heading("Scored {score} of 100", score=int(newest.score), about=about)
        return
    before = earlier[0]
    values = {"score": int(newest.score), "points": abs(int(newest.score - before.score)), "day": before.assessed_on}
    if newest.score > before.score:
        heading("Scored {score} of 100, up {points} since {day}", about=about, **values)
    elif newest.score < before.score:
        heading("Scored {score} of 100, down {points} since {day}", about=about, **values)
    else:
        heading("Scored {score} of 100, as on {day}", about=about, score=values["score"], day=values["day"])
    plain(Built(figure, rows), key="deal.scores")


def _rivals(rows: pd.DataFrame) -> None:
    strong = rows[rows["threat"] == "high"]
    if len(strong):
        heading("The strongest competitors: {names}", names=[literal(name) for name in strong["name"]])
    else:
        heading("Competitors")


# ------------------------------------------------------------------------------------------------------------ SWOT

_ICONS = {"strengths": "fitness_center", "weaknesses": "healing", "chances": "wb_sunny", "threats": "thunderstorm"}


def _swot(deal: Opportunity, may: bool) -> None:
    """Two by two, edited in place."""
    if not may:
        if any(getattr(deal, name) for name in _ICONS):
            _grid(dict.fromkeys(_ICONS, _read), deal)
        else:
            empty("Nobody has written down strengths, weaknesses, chances and threats.")
        return
    key = f"deal.swot.{deal.id}"
    seen, version = _baseline(deal, f"{key}.version")
    with st.form(f"{key}.form", border=False):
        entered = _grid(dict.fromkeys(_ICONS, partial(_write, hash(seen))), deal)
        sent = st.form_submit_button(say("Save"), type="primary", icon=":material/check:")
    if sent and (swot := checked(Swot, entered)) is not None:
        st.session_state.pop(f"{key}.version")
        save(commands.edit_swot, deal.id, swot, version=version, now=version_of(deal.id), key=key, done="Saved.")
    compare(key)


def _baseline(deal: Opportunity, key: str) -> tuple[tuple[str, ...], int]:
    """The four texts as they were when the form was drawn, and their version; a save of other columns does not age them."""
    now = tuple(getattr(deal, name) or "" for name in _ICONS)
    seen: tuple[tuple[str, ...], int] = st.session_state.get(key, (now, deal.version))
    st.session_state[key] = seen = (now, deal.version) if seen[0] == now else seen
    return seen


def _grid(draw: dict[str, Any], deal: Opportunity) -> dict[str, Any]:
    entered = {}
    for pair in (("strengths", "weaknesses"), ("chances", "threats")):
        for cell, name in zip(st.columns(2, border=True), pair, strict=True):
            with cell:
                st.markdown(f":material/{_ICONS[name]}: **{label(name)}**")
                entered[name] = draw[name](deal, name)
    return entered


def _read(deal: Opportunity, name: str) -> str | None:
    st.text(getattr(deal, name) or "–")
    return None


def _write(seen: int, deal: Opportunity, name: str) -> str | None:
    key = f"deal.swot.{deal.id}.{seen}.{name}"
    return st.text_area(label(name), value=getattr(deal, name) or "", key=key, height=110, label_visibility="collapsed")
