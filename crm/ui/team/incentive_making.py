"""Reckon a period that is over: a statement for everybody who had an approved target in it."""

from __future__ import annotations

import datetime as dt

import pandas as pd
import streamlit as st

from crm.office.queries import today
from crm.staff.sign_in import Board
from crm.targets import commands
from crm.targets.periods import before, first_day, last_day
from crm.ui.desk import act, figures, me
from crm.ui.table import records
from crm.words import label, say
from crm.words.formats import date_short

BACK = 8
"""Periods that can be chosen."""


def making(board: Board, known: pd.DataFrame) -> None:
    if known.empty or not may_approve(board.id):
        return
    with st.popover(say("Reckon a period"), icon=":material/calculate:", type="primary", key="incentives.make"):
        rules = {int(row.id): row for row in records(known)}
        rule_id = st.selectbox(
            label("rule"), list(rules), key="incentives.make.rule", format_func=lambda one: str(rules[one].name)
        )
        rule = rules[rule_id]
        starts = _over(rule.period, rule.starts_on, rule.ends_on)
        if not starts:
            st.caption(say("No period of this rule is over yet."))
            return
        titles = {start: f"{date_short(start)} – {date_short(last_day(rule.period, start))}" for start in starts}
        start = st.selectbox(say("Period"), starts, key=f"incentives.make.{rule_id}.period", format_func=titles.__getitem__)
        st.caption(say("For everybody with an approved target; not for yourself. What has not changed is not written again."))
        if st.button(say("Reckon"), type="primary", icon=":material/check:", key="incentives.make.go"):
            _make(rule_id, start)


def _make(rule_id: int, start: dt.date) -> None:
    made = act(commands.make_statements, rule_id, start, rerun=False)
    if made is None:
        return
    st.session_state.setdefault("_told", []).append(
        say("{count:new statement|new statements}.", count=made) if made else say("Nothing has changed: no new statement.")
    )
    st.rerun()


def may_approve(board_id: int) -> bool:
    """As the commands judge it: the targets of this board."""
    actor = me().actor
    reach = actor.grant("targets").change
    return actor.may("approve", "targets") and (reach.name == "EVERYTHING" or board_id in actor.team_ids)


def _over(period: str, since: dt.date, until: dt.date | None) -> list[dt.date]:
    """First days of the last periods that are over and that the rule holds in, newest first."""
    start = first_day(period, figures(today))
    if last_day(period, start) >= figures(today):
        start = before(period, start)
    found = [start]
    while len(found) < BACK:
        found.append(before(period, found[-1]))
    return [one for one in found if since <= one <= (until or one)]


__all__ = ["making", "may_approve"]
