"""What attainment and leaderboard go by: the board, its plan, the measure, the period. All of it stands in the address."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, replace
from typing import Any

import pandas as pd
import streamlit as st

from crm.access import Reach
from crm.office.queries import today
from crm.staff.sign_in import Board, SignedIn
from crm.targets import queries
from crm.targets.models import Measure, PeriodKind, SubjectKind
from crm.targets.periods import last_day
from crm.targets.queries import TargetFilter
from crm.targets.queries.actuals import GOODS
from crm.ui.boards import one_board
from crm.ui.desk import figures, load
from crm.ui.insight.cohort_controls import option
from crm.ui.table import records
from crm.ui.targets.wording import amount, period_name
from crm.words import label, say
from crm.words.formats import short_money

ALL = "all"
PEOPLE = (SubjectKind.PERSON.value, SubjectKind.TEAM.value, SubjectKind.BOARD.value)
RANKED = (SubjectKind.PERSON.value, SubjectKind.TEAM.value)


@dataclass(frozen=True)
class Asked:
    person: SignedIn
    board: Board
    plan: Any
    """id, name, year, state, ..."""
    measure: str
    """A measure, or all of them: then of one subject."""
    period: str
    starts_on: dt.date
    kinds: tuple[str, ...]
    """Of subjects."""
    day: dt.date

    @property
    def goods(self) -> bool:
        return self.kinds == GOODS

    @property
    def ends_on(self) -> dt.date:
        return last_day(self.period, self.starts_on)

    @property
    def span(self) -> str:
        return period_name(self.period, self.starts_on, with_year=True)

    @property
    def where(self) -> TargetFilter:
        measures = () if self.measure == ALL else (self.measure,)
        found = TargetFilter(plan_id=int(self.plan.id), measure=measures, period=(self.period,), subject_kind=self.kinds)
        return found.model_copy(update={"starts_from": self.starts_on, "starts_to": self.starts_on})

    def amount(self, measure: str, value: float | None) -> str:
        return "–" if value is None or value != value else amount(measure, value, self.board.currency, short=True)

    def money(self, value: float | None) -> str:
        return short_money(value, self.board.currency)

    def address(self, **changes: Any) -> dict[str, Any]:
        """This view, with something in it changed."""
        here = {"board": self.board.id, "plan": self.plan.id, "measure": self.measure, "period": self.period}
        return here | {"starts": self.starts_on.isoformat(), "of": "goods" if self.goods else "people"} | changes


def known_plans(person: SignedIn) -> pd.DataFrame:
    """Of the boards of the person, those in which there is a target that he sees."""
    found = load(queries.plans)
    mine = found["board_id"].isin([board.id for board in person.boards])
    return found[mine & (found["targets"] > 0)].reset_index(drop=True)


def asked(person: SignedIn, key: str, *, every: bool) -> Asked | None:
    """None where no plan has a target yet. `every`: all measures of one subject can be asked for, and goods."""
    plans = known_plans(person)
    if plans.empty:
        return None
    boards = tuple(board for board in person.boards if board.id in set(plans["board_id"]))
    with st.container(horizontal=True, vertical_alignment="bottom", key=f"{key}.controls"):
        board = one_board(replace(person, boards=boards), f"{key}.board")
        assert board is not None
        day = figures(today)
        plan = _plan(plans[plans["board_id"] == board.id], day, key)
        held = load(queries.covered, plan_id=int(plan.id))
        kinds = _kinds(held, key) if every else _ranked(held, key)
        if not kinds:
            return None
        held = held[held["subject_kind"].isin(kinds)]
        measure = _measure(held, key, _all_first(person) if every and kinds != GOODS else None)
        held = held if measure == ALL else held[held["measure"] == measure]
        period = _period(held, key)
        starts_on = _starts(held[held["period"] == period], period, day, key)
    return Asked(person, board, plan, measure, period, starts_on, kinds, day)


def _all_first(person: SignedIn) -> bool:
    return person.actor.grant("targets").see is Reach.OWN


def _plan(plans: pd.DataFrame, day: dt.date, key: str) -> Any:
    """The newest approved one of this year, else the newest."""
    rows = {str(row.id): row for row in records(plans)}
    known = sorted(rows, key=lambda one: (rows[one].year == day.year, rows[one].state == "approved", rows[one].id))
    if len(rows) == 1:
        return rows[known[0]]
    names = {one: _called(rows[one]) for one in reversed(known)}
    return rows[option("plan", names, known[-1], title=label("plan", of="target"), key=key)]


def _called(row: Any) -> str:
    return str(row.name) if row.state == "approved" else say("{name} (draft)", name=row.name)


def _kinds(held: pd.DataFrame, key: str) -> tuple[str, ...]:
    """People with their units, or goods; what there is."""
    goods = held["subject_kind"].isin(GOODS)
    if not goods.any() or goods.all():
        return GOODS if goods.any() else PEOPLE
    titles = {"people": say("People and teams"), "goods": say("Products")}
    return GOODS if option("of", titles, "people", title=say("Of"), key=key, draw=st.segmented_control) == "goods" else PEOPLE


def _ranked(held: pd.DataFrame, key: str) -> tuple[str, ...]:
    """People or teams; nothing where neither has a target."""
    titles = {SubjectKind.PERSON.value: say("People"), SubjectKind.TEAM.value: say("Teams")}
    known = {one: title for one, title in titles.items() if (held["subject_kind"] == one).any()}
    if len(known) < 2:
        return tuple(known)
    return (option("kind", known, RANKED[0], title=say("By"), key=key, draw=st.segmented_control),)


def _measure(held: pd.DataFrame, key: str, all_first: bool | None) -> str:
    known = [one.value for one in Measure if one.value in set(held["measure"])]
    titles = {one: label(one, of="measure") for one in known}
    if all_first is None or len(known) < 2:
        return option("measure", titles, known[0], title=label("measure"), key=key)
    return option("measure", {ALL: say("All measures")} | titles, ALL if all_first else known[0], title=label("measure"), key=key)


def _period(held: pd.DataFrame, key: str) -> str:
    known = [one.value for one in PeriodKind if one.value in set(held["period"])]
    titles = {one: label(one, of="period") for one in known}
    return option("period", titles, known[0], title=say("Period"), key=key, draw=st.segmented_control)


def _starts(held: pd.DataFrame, period: str, day: dt.date, key: str) -> dt.date:
    """The period that holds the day, else the last one before it, else the first one."""
    days = sorted(set(held["starts_on"]))
    begun = [one for one in days if one <= day]
    names = {one.isoformat(): period_name(period, one, with_year=True) for one in reversed(days)}
    first = (begun[-1] if begun else days[0]).isoformat()
    return dt.date.fromisoformat(option("starts", names, first, title=say("When"), key=key))


__all__ = ["ALL", "Asked", "asked", "known_plans"]
