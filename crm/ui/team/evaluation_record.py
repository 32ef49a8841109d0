"""One evaluation: the sheet of the reviewer, what all of them said of each criterion, and how it was before."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pandas as pd
import streamlit as st

from crm.charts import judging as charts
from crm.charts.deal import assessments
from crm.session import ScopedSession
from crm.staff.queries import everybody
from crm.targets import queries
from crm.targets.models import EvaluationKind, EvaluationState
from crm.ui.desk import find, load
from crm.ui.filtering import named
from crm.ui.insight.about import titled
from crm.ui.insight.cohort_controls import put
from crm.ui.show import Built, empty, heading, plain
from crm.ui.table import records, table
from crm.ui.team.evaluation_closing import closing
from crm.ui.team.evaluation_sheet import sheet
from crm.ui.text import literal
from crm.words import label, say
from crm.words.formats import date_short
from crm.words.formats import number as spoken_number


@dataclass(frozen=True)
class Judged:
    """An evaluation as plain values."""

    id: int
    title: str
    kind: str
    about: dict[str, int | None]
    """Field of the filter -> id: whose history it belongs to."""
    form: str
    criteria: list[dict[str, Any]]
    highest: int
    span: str
    state: str
    conclusion: str | None
    version: int
    mine: bool
    """I may give marks, close it and open it again."""


def judged(session: ScopedSession, evaluation_id: int) -> Judged:
    one = queries.evaluation(session, evaluation_id)
    project: Any = one.opportunity or one.contract or one.campaign
    work = one.kind == EvaluationKind.WORK
    names = named(everybody(session))
    title = names.get(one.owner_id, "") if work else project.name if project else say("A project that you do not see")
    fields = ("owner_id",) if work else ("opportunity_id", "contract_id", "campaign_id")
    about = {name: getattr(one, name) for name in fields} | {"kind": one.kind}
    span = f"{date_short(one.starts_on)} – {date_short(one.ends_on)}"
    mine = queries.may_judge(session, evaluation_id)
    form = one.form.name if one.form else ""
    state = (one.state, one.conclusion, one.version, mine)
    return Judged(one.id, title, one.kind, about, form, list(one.criteria), one.highest, span, *state)


def evaluation_record(evaluation_id: int) -> None:
    _back()
    one = find(judged, evaluation_id)
    if one is None:
        return
    reviews = load(queries.reviews_of, evaluation_id=evaluation_id)
    holding = reviews[reviews["holds"]]
    _head(one, holding)
    left, right = st.columns([3, 2], gap="large")
    with left:
        if one.mine and one.state == EvaluationState.OPEN:
            sheet(one.id, one.criteria, one.highest, holding)
        _result(one, holding)
    with right:
        closing(one.id, one.state, one.conclusion, one.version, mine=one.mine, reviewed=len(holding) > 0)
        _said(reviews)
        _history(one)


def _back() -> None:
    if st.button(say("All evaluations"), icon=":material/arrow_back:", type="tertiary", key="evaluation.back"):
        put("evaluation", None)
        st.rerun()


def _head(one: Judged, holding: pd.DataFrame) -> None:
    kind = label(one.kind, of="evaluation_kind")
    score = float(holding["score"].mean()) if len(holding) else None
    with st.container(horizontal=True, vertical_alignment="center", key="evaluation.head"):
        with st.container(width="stretch", gap=None):
            st.markdown(f"### {literal(one.title)}")
            st.caption(f"{kind} · {literal(one.form)} · {one.span}")
        state = label(one.state, of="evaluation_state")
        st.badge(state, color="green" if one.state == EvaluationState.OPEN else "gray")
        if score is not None:
            meant = say("The mean of the reviewers; 0 = the lowest mark everywhere, 100 = the highest.")
            st.metric(label("score"), spoken_number(score, 1), help=meant, width="content")


def _result(one: Judged, holding: pd.DataFrame) -> None:
    if holding.empty:
        empty("No marks yet. When the reviewers have given theirs, each criterion shows them side by side.")
        return
    rows = _side_by_side(one, holding)
    best, worst = rows.iloc[rows["mean"].argmax()], rows.iloc[rows["mean"].argmin()]
    if best["mean"] == worst["mean"]:
        heading("All criteria stand at {mark} of {highest}", mark=spoken_number(best["mean"], 1), highest=one.highest)
    else:
        values = {"best": best["criterion"], "high": spoken_number(best["mean"], 1)}
        heading(_APART, **values, worst=worst["criterion"], low=spoken_number(worst["mean"], 1))
    plain(Built(charts.marks, _long(rows, holding), one.highest), key="evaluation.marks")
    people = list(dict.fromkeys(holding["by"]))
    columns = ["criterion", "weight", "mean", *people]
    shown = rows.assign(id=range(len(rows)))
    labels = {"weight": label("weight") + " %", "mean": label("mean")} | {name: name for name in people}
    table(shown, key="evaluation.result", columns=columns, labels=labels, opens=False)


_APART = "Strongest: {best} ({high}); weakest: {worst} ({low})"


def _side_by_side(one: Judged, holding: pd.DataFrame) -> pd.DataFrame:
    """A row for each criterion, a column for each reviewer."""
    rows = pd.DataFrame(
        {"criterion": [each["name"] for each in one.criteria], "weight": [each["weight"] for each in one.criteria]}
    )
    given = {
        review.by: pd.Series([review.marks.get(each["key"]) for each in one.criteria], dtype="float64")
        for review in records(holding)
    }
    marks = pd.DataFrame(given)
    return rows.assign(mean=marks.mean(axis=1)).join(marks)


def _long(rows: pd.DataFrame, holding: pd.DataFrame) -> pd.DataFrame:
    people = list(dict.fromkeys(holding["by"]))
    told = rows.melt(id_vars=["criterion"], value_vars=people, var_name="by", value_name="mark")
    return told.dropna(subset=["mark"])


def _said(reviews: pd.DataFrame) -> None:
    """What each wrote, the newest first; what a later one replaced stays, in grey."""
    if reviews.empty:
        return
    heading("{count:review|reviews}", count=len(reviews))
    for review in records(reviews):
        score = spoken_number(review.score, 1)
        line = f"**{literal(str(review.by))}** · {date_short(review.at)} · {score}"
        if not review.holds:
            line = f":gray[{line} · {say('replaced by a later one')}]"
        st.markdown(line)
        if isinstance(review.remark, str) and review.remark:
            st.caption(literal(review.remark))


def _history(one: Judged) -> None:
    """Of the same person or project, by the last day of what was judged."""
    about = {name: value for name, value in one.about.items() if value is not None}
    found = load(queries.evaluations, **about)
    scored = found[found["score"].notna()]
    if len(found) < 2:
        return
    if len(scored) > 1:
        ordered = scored.sort_values(["ends_on", "id"])
        first, last = float(ordered["score"].iloc[0]), float(ordered["score"].iloc[-1])
        title = _BETTER if last > first else _WORSE if last < first else _SAME
        titled(title, "evaluation.history", first=spoken_number(first, 1), last=spoken_number(last, 1))
        plain(Built(assessments, ordered.assign(assessed_on=ordered["ends_on"])), key="evaluation.trend")
    else:
        heading("Evaluated {count:time|times}", count=len(found))
    state = [label(each, of="evaluation_state") for each in found["state"]]
    shown = found.assign(state=state)
    chosen = table(shown, key="evaluation.earlier", columns=["ends_on", "form", "score", "state"])
    if chosen.opened and chosen.opened != one.id:
        put("evaluation", chosen.opened)
        st.rerun()


_BETTER = "Better than before: from {first} to {last}"
_WORSE = "Worse than before: from {first} to {last}"
_SAME = "As before: from {first} to {last}"

__all__ = ["evaluation_record", "judged"]
