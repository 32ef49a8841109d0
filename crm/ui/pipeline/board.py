"""The board: a column for each stage with its sums, and its largest deals as cards that move by a click or by drag and drop."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any

import pandas as pd
import streamlit as st

from crm.office.queries import today
from crm.pipeline import queries
from crm.pipeline.filters import OpportunityFilter
from crm.pipeline.queries import Board
from crm.ui.address import parameters
from crm.ui.deal.closing import lose_dialog, move, win_dialog
from crm.ui.deal.stages import stage_title
from crm.ui.desk import figures, go, load
from crm.ui.dialog import open_dialog
from crm.ui.money import amounts
from crm.ui.quick_log import log_dialog
from crm.ui.table import records
from crm.ui.text import literal
from crm.words import label, say
from crm.words.formats import date_relative, date_short, percent, short_money
from crm.words.formats import number as spoken

CARDS = 20
"""Of each stage; the others stand in the list."""

_HERE = Path(__file__).parent
_board = st.components.v2.component(
    "crm_pipeline_board",
    css=(_HERE / "board.css").read_text(encoding="utf-8"),
    js=(_HERE / "board.js").read_text(encoding="utf-8"),
)

Texts = dict[str, Any]


def board(found: Board, where: OpportunityFilter) -> None:
    stages = records(found.stages)
    titles = {str(stage.id): stage_title(stage) for stage in stages}
    _board(
        data={"stages": _stages(found), "words": _words(), "turn": st.session_state.get("pipeline.turn", 0)},
        key="pipeline.board",
        on_asked_change=_heard,
    )
    if asked := st.session_state.pop("pipeline.asked", None):
        _answer(asked, where, found, titles)


def _heard() -> None:
    """What the browser asked for. The turn makes the board draw itself anew, also where nothing was moved in the end."""
    st.session_state["pipeline.asked"] = st.session_state["pipeline.board"]["asked"]
    st.session_state["pipeline.turn"] = st.session_state.get("pipeline.turn", 0) + 1


def _answer(asked: dict[str, Any], where: OpportunityFilter, found: Board, titles: dict[str, str]) -> None:
    what, card, to = asked["what"], asked["card"], asked["to"]
    if what == "more" and to in titles:
        here = {"stage_id": (int(to),), "state": ("open",)}
        go("pipeline", show="list", sort="amount", **parameters(where.model_copy(update=here)))
    deal = next((one for one in records(found.cards) if str(one.id) == card), None)
    if deal is None:
        return
    if what == "open":
        go("opportunity", opportunity=card)
    elif what == "move" and to in titles:
        st.session_state["pipeline.moved"] = {"id": int(deal.id), "from": int(deal.stage_id), "to": int(to)}
        move(int(deal.id), int(to))
    elif what == "log":
        log_dialog("opportunity", int(deal.id), deal.name)
    elif what == "win":
        open_dialog(say("Won"), win_dialog, int(deal.id), width="small")
    elif what == "lose":
        open_dialog(say("Lost"), lose_dialog, int(deal.id), width="small")


def undo(titles: dict[int, str]) -> None:
    """The last move of this browser, back again."""
    moved = st.session_state.get("pipeline.moved")
    if moved is None or moved["from"] not in titles:
        return
    rows = load(queries.opportunity_list, where=OpportunityFilter(ids=(moved["id"],), stage_id=(moved["to"],), state=("open",)))
    for deal in records(rows):
        text = say("Undo: back to {stage}", stage=titles[moved["from"]])
        if st.button(text, key="pipeline.undo", icon=":material/undo:", type="tertiary", help=literal(deal.name)):
            st.session_state.pop("pipeline.moved")
            move(moved["id"], moved["from"])


# ----------------------------------------------------------------------------------------- what the browser draws


def _words() -> Texts:
    return {
        "log": say("Log …"),
        "move": say("Move"),
        "win": say("Won …"),
        "lose": say("Lost …"),
        "stage": label("stage", of="deal"),
        "nothing": say("Nothing planned"),
        "days": say("Days in this stage"),
        "sums": say("Amount, and the amount weighted with the chance to win"),
    }


def _stages(found: Board) -> list[Texts]:
    cards: dict[int, list[Texts]] = {}
    for deal, card in _cards(found.cards):
        cards.setdefault(int(deal.stage_id), []).append(card)
    return [_stage(stage, cards.get(int(stage.id), [])) for stage in records(found.stages)]


def _stage(stage: Any, cards: list[Texts]) -> Texts:
    more = int(stage.deals) - len(cards)
    return {
        "id": str(stage.id),
        "title": stage_title(stage),
        "count": spoken(stage.deals, 0),
        "amount": amounts(stage.amounts, short=True),
        "weighted": " · ".join(short_money(amount) for amount in stage.weighted.values()),
        "more": say("{count} more in the list", count=more) if more > 0 else None,
        "cards": cards,
    }


def _cards(found: pd.DataFrame) -> list[tuple[Any, Texts]]:
    ids = tuple(found["id"].tolist())
    steps = {int(step.opportunity_id): step for step in records(load(queries.next_steps, ids=ids))} if ids else {}
    mine = set(figures(queries.changeable, ids=ids)) if ids else set()
    day = figures(today)
    return [(deal, _card(deal, steps.get(deal.id), deal.id in mine, day)) for deal in records(found)]


def _card(deal: Any, step: Any, mine: bool, day: dt.date) -> Texts:
    return {
        "id": str(deal.id),
        "mine": mine,
        "name": deal.name,
        "customer": _given(deal.customer),
        "amount": short_money(deal.amount, _given(deal.currency)),
        "chance": percent(deal.probability, 0),
        "owner": _given(deal.owner),
        "days": say("{count:day|days}", count=(day - _date(deal.stage_since)).days),
        "wrong": _wrong(deal, day),
    } | (_step(step, day) if step is not None else {})


def _step(step: Any, day: dt.date) -> Texts:
    return {
        "next": _given(step.topic) or label(step.kind, of="kind"),
        "when": date_relative(step.planned_on, day),
        "late": _date(step.planned_on) < day,
    }


def _wrong(deal: Any, day: dt.date) -> list[str]:
    """What asks for attention; mostly nothing."""
    found = [say("Untouched for {count:day|days}", count=int(deal.silent_days))] if deal.rotting else []
    if pd.notna(deal.expected_close_on) and _date(deal.expected_close_on) < day:
        found.append(say("Should have closed {day}", day=date_short(deal.expected_close_on)))
    return found


def _date(value: Any) -> dt.date:
    return pd.Timestamp(value).date()


def _given(value: Any) -> str | None:
    return value if isinstance(value, str) else None
