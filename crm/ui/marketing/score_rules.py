"""What makes a lead promising: the rules of a board, each worth some points."""

from __future__ import annotations

from typing import Any

import pandas as pd
import streamlit as st

from crm.access import Reach
from crm.customers.models import Source
from crm.marketing import commands, queries
from crm.marketing.commands import ScoreRules
from crm.marketing.scoring import Looks
from crm.office.queries import today
from crm.session import ScopedSession
from crm.staff.sign_in import Board
from crm.ui.boards import one_board
from crm.ui.desk import act, figures, me
from crm.ui.form import checked
from crm.ui.show import empty, heading
from crm.words import label, say
from crm.words.formats import MISSING

FIELDS = (
    "contact",
    "position",
    "phone",
    "email",
    "wechat",
    "region",
    "industry",
    "employees",
    "need",
    "product_id",
    "budget",
    "wanted_by",
)


def score_rules() -> None:
    board = one_board(me(), "scores.board")
    if board is None:
        empty("Rules belong to a board, and you work in none.")
        return
    rules = figures(queries.score_rules, board_id=board.id)
    heading(
        "{count:rule makes|rules make} the score of a lead in {board}",
        count=len(rules.rules),
        board=board.name,
        about=say(
            "The points of all rules that hold are added, from 0 to 100. A rule on a number holds within its limits, "
            "one on the source or on fields for the values named."
        ),
    )
    shown = pd.DataFrame([rule.model_dump(mode="json") for rule in rules.rules])
    shown["values"] = [list(one) for one in shown["values"]]
    shown.insert(0, "meaning", [label(str(code)) for code in shown["code"]])
    if may_set_rules(board.id):
        _edit(board, shown)
    else:
        readable = shown.drop(columns="code").assign(looks_at=[label(str(code), of="looks_at") for code in shown["looks_at"]])
        st.dataframe(readable, hide_index=True, column_config=_columns(False), key="scores.table", height="content")


def may_set_rules(board_id: int) -> bool:
    """As the commands judge it."""
    actor = me().actor
    reach = actor.grant("marketing").change
    return actor.may("settings", "office") and (
        reach is Reach.EVERYTHING or (reach is not Reach.NOTHING and board_id in actor.team_ids)
    )


def _edit(board: Board, shown: pd.DataFrame) -> None:
    with st.form(f"scores.form.{board.id}", border=False):
        edited = st.data_editor(
            shown,
            hide_index=True,
            num_rows="dynamic",
            disabled=["meaning"],
            placeholder=MISSING,
            column_config=_columns(True),
            key=f"scores.edit.{board.id}",
            width="stretch",
            height="content",
        )
        sent = st.form_submit_button(say("Save and score all leads anew"), type="primary", icon=":material/check:")
    if sent and (input := checked(ScoreRules, {"rules": [_rule(row) for row in edited.to_dict("records")]})) is not None:
        act(_save, board.id, input, done="Saved; the open leads are scored anew.")


def _rule(row: dict[Any, Any]) -> dict[str, Any]:
    given = {name: value for name, value in row.items() if isinstance(value, list) or not pd.isna(value)}
    given.pop("meaning", None)
    return given | {"code": str(given.get("code", "")).strip().replace(" ", "_")}


def _save(session: ScopedSession, board_id: int, rules: ScoreRules) -> int:
    commands.set_score_rules(session, board_id, rules)
    return commands.refresh_scores(session, today(session))


def _columns(editable: bool) -> dict[str, Any]:
    column = st.column_config
    words = {one.value: label(one.value, of="source") for one in Source} | {name: label(name) for name in FIELDS}
    return {
        "meaning": column.TextColumn(label("meaning")),
        "code": column.TextColumn(
            label("rule"),
            required=True,
            help=say("A short name of your own, without spaces; those of the product are translated."),
        ),
        "looks_at": column.SelectboxColumn(
            label("looks_at"),
            options=[one.value for one in Looks],
            format_func=lambda name: label(str(name), of="looks_at"),
            required=True,
        )
        if editable
        else column.TextColumn(label("looks_at")),
        "values": column.MultiselectColumn(
            label("values"), options=list(words), format_func=lambda name: words.get(name, name), width="large"
        ),
        "at_least": column.NumberColumn(label("at_least")),
        "at_most": column.NumberColumn(label("at_most")),
        "points": column.NumberColumn(label("points"), min_value=-100, max_value=100, step=1, required=True),
    }
