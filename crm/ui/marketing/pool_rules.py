"""The rules of a board's pools: nothing is saved, and nothing moves, before it is shown what would move."""

from __future__ import annotations

from typing import Any

import pandas as pd
import streamlit as st

from crm.contracts.commands import recycle_board, recycling_plan
from crm.contracts.commands.leaving import KEEP
from crm.errors import CrmError
from crm.marketing import commands, queries
from crm.marketing.commands import PoolRules
from crm.marketing.commands.recycling import RECYCLE, WAIT, WARN
from crm.office.queries import today
from crm.staff.sign_in import Board
from crm.ui.desk import act, figures, go, load, me, tell
from crm.ui.form import form
from crm.ui.marketing.score_rules import may_set_rules
from crm.ui.show import empty, heading
from crm.ui.table import table
from crm.words import label, say

COLUMNS = ("name", "subject", "owner", "level", "pool_reason", "days", "since_on", "due_on")
LAST = ("warn_days", "assignment", "recycles")
ASKED = [*(name for name in PoolRules.model_fields if name not in LAST), *LAST]


def rules(board: Board) -> None:
    """At the left the rules, at the right what they would do today."""
    stored = figures(queries.pool_rules, board_id=board.id)
    tried_key = f"pools.tried.{board.id}"
    left, right = st.columns([1, 1.3], gap="large")
    with left:
        if may_set_rules(board.id):
            _form(board, stored, tried_key)
        else:
            _read(stored)
    with right:
        tried: PoolRules | None = st.session_state.get(tried_key)
        if me().actor.may("recycle", "marketing"):
            _effect(board, stored, tried, tried_key)


def _form(board: Board, stored: PoolRules, tried_key: str) -> None:
    heading(
        "The rules of {board}",
        board=board.name,
        about=say("First you see what they would do today; only then they can be saved."),
    )
    tried = form(PoolRules, stored.model_dump(), key=f"pools.rules.{board.id}", only=ASKED, save="Show what would move")
    if tried is None:
        return
    try:
        tried.check()
    except CrmError as error:
        tell(error)
        return
    st.session_state[tried_key] = tried


def _read(stored: PoolRules) -> None:
    heading("The rules of your board")
    shown = {_title(name): _word(name, value) for name, value in stored.model_dump(mode="json").items()}
    st.dataframe(
        pd.DataFrame({label("rule"): list(shown), label("value"): list(shown.values())}),
        hide_index=True,
        key="pools.rules.read",
        height="content",
    )


def _title(name: str) -> str:
    template = PoolRules.model_fields[name].title or ""
    return say(template) or label(name)


def _word(name: str, value: Any) -> str:
    if isinstance(value, bool):
        return say("yes") if value else say("no")
    return label(value, of=name) if isinstance(value, str) else str(value)


def _effect(board: Board, stored: PoolRules, tried: PoolRules | None, tried_key: str) -> None:
    new = tried is not None and tried != stored
    found = load(recycling_plan, board_id=board.id, day=figures(today), rules=tried if new else None)
    counts = {action: int((found["action"] == action).sum()) for action in (RECYCLE, WARN, WAIT, KEEP)}
    told: dict[str, Any] = {"go": counts[RECYCLE], "warn": counts[WARN]}
    told["about"] = say(
        "Nothing has moved: this is a dry run as of today. Who has a running contract or an open deal never leaves."
    )
    if new:
        heading("With these rules {go} would go to the pool today and {warn} would be warned", **told)
        _save(board, tried, tried_key)
    else:
        heading("Today {go} would go to the pool and {warn} would be warned", **told)
        _run(board, stored, counts)
    if found.empty:
        empty("Nobody is silent for too long.")
        return
    _lists(board, found, counts)


def _save(board: Board, tried: PoolRules | None, tried_key: str) -> None:
    with st.container(horizontal=True):
        if st.button(say("Save these rules"), type="primary", icon=":material/check:", key="pools.rules.save"):
            st.session_state.pop(tried_key, None)
            act(commands.set_pool_rules, board.id, tried, done="Rules saved. Nothing has moved yet.")
        if st.button(say("Leave them as they were"), key="pools.rules.undo"):
            st.session_state.pop(tried_key, None)
            for name in [name for name in st.session_state if str(name).startswith(f"pools.rules.{board.id}.")]:
                del st.session_state[name]
            st.rerun()


def _run(board: Board, stored: PoolRules, counts: dict[str, int]) -> None:
    if not stored.recycles:
        st.caption(say("Recycling is switched off: nothing moves by itself, and nothing can be run."))
    elif counts[RECYCLE] + counts[WARN]:
        text = say("Run now: {go} to the pool, warn {warn}", go=counts[RECYCLE], warn=counts[WARN])
        if st.button(text, icon=":material/play_arrow:", key="pools.run"):
            act(recycle_board, board.id, figures(today), done="Done: who goes is in the pool, who was warned knows it.")


def _lists(board: Board, found: pd.DataFrame, counts: dict[str, int]) -> None:
    titles = {RECYCLE: say("Go"), WARN: say("Warned"), WAIT: say("Still have time"), KEEP: say("Stay")}
    there = [action for action, count in counts.items() if count]
    action = st.segmented_control(
        say("What happens"),
        there,
        default=there[0],
        required=True,
        format_func=lambda one: f"{titles[one]} {counts[one]}",
        key=f"pools.effect.{board.id}",
        label_visibility="collapsed",
    )
    part = found[found["action"] == (action or there[0])].reset_index(drop=True)
    shown = (
        part.rename(columns={"reason": "pool_reason", "because": "keeps", "since": "since_on"})
        .rename(columns={"id": "subject_id"})
        .assign(id=part.index)
    )
    titled = {"pool_reason": label("reason"), "subject": label("kind"), "days": say("Silent days")}
    columns = [*COLUMNS, "keeps"] if action == KEEP else list(COLUMNS)
    chosen = table(shown.head(500), key=f"pools.effect.{board.id}.{action}", columns=columns, labels=titled)
    if chosen.opened is not None:
        row = part.iloc[int(chosen.opened)]
        go(row["subject"], **{row["subject"]: int(row["id"])})
