"""What waits for somebody: each line leads to its rows."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import streamlit as st

from crm.staff.sign_in import Board
from crm.targets.queries.watch import Watch
from crm.ui.desk import go
from crm.ui.show import heading
from crm.words import say
from crm.words.formats import short_money


@dataclass(frozen=True)
class Line:
    name: str
    text: str
    icon: str
    page: str
    where: dict[str, Any]


def lines(seen: Watch, board: Board) -> list[Line]:
    """Those of which there is anything."""
    told = {name: pair for name, pair in seen.waiting.items() if pair[0]}
    return [_line(name, *told[name], board) for name in _TEXTS if name in told]


_TEXTS = {
    "receivable": "{amount} is overdue from customers",
    "rotting": "{count:deal|deals} of {amount} stood still",
    "valuable_silent": "{count} of the best customers are silent",
    "complaints": "{count:complaint is|complaints are} open",
    "overdue": "{count:activity is|activities are} overdue",
    "orphaned": "{count:customer has|customers have} no owner now",
}
_ICONS = {
    "receivable": "account_balance_wallet",
    "rotting": "hourglass_bottom",
    "valuable_silent": "warning",
    "complaints": "sentiment_dissatisfied",
    "overdue": "schedule",
    "orphaned": "person_off",
}


def _line(name: str, count: int, amount: float, board: Board) -> Line:
    text = say(_TEXTS[name], count=count, amount=short_money(amount, board.currency))
    page, where = _places(board)[name]
    return Line(name, text, f":material/{_ICONS[name]}:", page, where)


def _places(board: Board) -> dict[str, tuple[str, dict[str, Any]]]:
    silent = {"life_cycle": ["dormant", "lost"], "contribution_rating": "A", "sort": "order_amount"}
    return {
        "receivable": ("contracts", {"show": "receivables", "board": board.id}),
        "rotting": ("pipeline", {"show": "list", "board_id": board.id, "rotting": "true"}),
        "valuable_silent": ("customers", silent | {"board_id": board.id}),
        "complaints": ("cases", {"show": "list", "board_id": board.id, "kind": "complaint", "open": "true"}),
        "overdue": ("overview", {"board": board.id, "rows": "overdue"}),
        "orphaned": ("customers", {"view": "orphaned", "owner_gone": "true", "board_id": board.id}),
    }


def attention(seen: Watch, board: Board) -> None:
    found = lines(seen, board)
    if not found:
        heading("Nothing waits for you")
        st.caption(say("Nothing is overdue."))
        return
    heading("{count:thing needs|things need} attention", count=len(found))
    with st.container(gap=None, key="director.attention"):
        for one in found:
            if st.button(one.text, icon=one.icon, type="tertiary", key=f"attention.{one.name}"):
                go(one.page, **one.where)


__all__ = ["Line", "attention", "lines"]
