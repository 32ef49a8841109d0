"""The line of controls of the funnel: pipeline, days of creation, what to compare by, and one value of it."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any

import pandas as pd
import streamlit as st

from crm.catalogue.queries import product_choices
from crm.office.queries import today
from crm.pipeline import queries
from crm.pipeline.filters import OpportunityFilter
from crm.staff.queries import everybody, units
from crm.staff.sign_in import Board
from crm.ui.deal.stages import pipeline_title, stage_title
from crm.ui.desk import figures, load
from crm.ui.filtering import named
from crm.ui.forecast.controls import day
from crm.ui.insight.cohort_controls import option
from crm.ui.table import records
from crm.ui.text import literal
from crm.words import label, say
from crm.words.formats import date_short

FIELDS = {
    "owner": "owner_id",
    "team": "team_id",
    "source": "source",
    "product": "product_id",
    "region": "region",
    "industry": "industry",
    "pipeline": "pipeline_id",
}
"""What deals are compared by -> the field of the filter."""
IDS = ("owner", "team", "product", "pipeline")
ANY = "*"


@dataclass(frozen=True)
class Asked:
    """What the controls say, and what the words on the page need."""

    board: Board
    where: OpportunityFilter
    stages: tuple[str, ...]
    """Titles by position."""
    by: str
    names: dict[str, str]
    """Values of `by`, as in the address -> title; most deals first."""
    today: dt.date
    scope: str

    def value(self, key: str) -> Any:
        """A value in the address as the filter wants it."""
        if key == "":
            return 0 if self.by in IDS else ""
        return int(key) if self.by in IDS else key

    def only(self, key: str) -> OpportunityFilter:
        """The deals of one value."""
        return self.where.model_copy(update={FIELDS[self.by]: (self.value(key),)})


def asked(board: Board) -> Asked:
    with st.container(horizontal=True, vertical_alignment="bottom", key="funnel.controls"):
        pipeline_id, name, one = _pipeline(board)
        since, until = (
            day(field, title, "funnel") for field, title in (("since", say("Created from")), ("until", say("Created until")))
        )
        # Where there is one pipeline no deal stands outside it, and a condition that all meet only slows the question.
        pipelines = () if one else (pipeline_id,)
        where = OpportunityFilter(board_id=(board.id,), pipeline_id=pipelines, created_from=since, created_to=until)
        by = option("by", {one: label(one, of="compare") for one in FIELDS}, "owner", title=say("Compare by"), key="funnel")
        names = segments(where, by)
        only = option("only", {ANY: say("All"), **names}, ANY, title=say("Only"), key=f"funnel.{by}")
    found = Asked(board, where, stages_of(pipeline_id), by, names, figures(today), _scope(board, name, since, until))
    if only == ANY:
        return found
    scope = say("{scope} · only {name}", scope=found.scope, name=literal(names[only]))
    return Asked(board, found.only(only), found.stages, by, names, found.today, scope)


def _pipeline(board: Board) -> tuple[int, str, bool]:
    """-> the one that is looked at, its title, and whether the board has no other."""
    titles = {str(one.id): pipeline_title(one) for one in records(load(queries.pipelines, board_id=board.id))}
    if len(titles) == 1:
        (only,) = titles
        return int(only), titles[only], True
    chosen = option("pipeline", titles, next(iter(titles)), title=label("pipeline"), key="funnel")
    return int(chosen), titles[chosen], False


def stages_of(pipeline_id: int) -> tuple[str, ...]:
    by_position = {int(one.position): stage_title(one) for one in records(load(queries.stages, pipeline_id=pipeline_id))}
    return tuple(by_position.get(position, "") for position in range(max(by_position, default=-1) + 1))


def segments(where: OpportunityFilter, by: str) -> dict[str, str]:
    """Values of a column with deals, most of them first -> title."""
    found = load(queries.segment_sizes, by=by, where=where)
    texts = _texts(by)
    keys = ["" if pd.isna(one) else str(int(one) if by in IDS else one) for one in found[by]]
    return {key: say("not given") if key == "" else texts.get(key, _word(by, key)) for key in keys}


def _word(by: str, key: str) -> str:
    return label(key, of="source") if by == "source" else key


def _texts(by: str) -> dict[str, str]:
    if by == "product":
        return {str(one): name for one, name in figures(product_choices).items()}
    if by == "pipeline":
        return {str(one.id): pipeline_title(one) for one in records(load(queries.pipelines))}
    frames = {"owner": everybody, "team": units}
    return {str(one): name for one, name in named(load(frames[by])).items()} if by in frames else {}


def _scope(board: Board, pipeline: str, since: dt.date | None, until: dt.date | None) -> str:
    found = f"{literal(board.name)} · {literal(pipeline)}"
    if since:
        found = say("{scope} · created from {day}", scope=found, day=date_short(since))
    return say("{scope} · created until {day}", scope=found, day=date_short(until)) if until else found


def titled_frame(frame: pd.DataFrame, stages: tuple[str, ...]) -> pd.DataFrame:
    """With the names of the stages, and a running `id` for tables."""
    return frame.assign(name=[stages[int(position)] for position in frame["position"]], id=range(len(frame)))


__all__ = ["FIELDS", "Asked", "asked", "segments", "stages_of", "titled_frame"]
