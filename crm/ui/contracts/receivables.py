"""What customers owe: how long overdue, who owes it, whose it is to call them; each figure leads to its lines."""

from __future__ import annotations

from typing import Any

import pandas as pd
import streamlit as st
from pydantic import BaseModel, ConfigDict

from crm.charts.compare import bars
from crm.contracts import queries
from crm.contracts.queries import AGES
from crm.contracts.queries.receivables import By
from crm.office.queries import today
from crm.staff.sign_in import Board
from crm.ui.address import read_filter, write_filter
from crm.ui.boards import one_board
from crm.ui.desk import figures, go, load, me
from crm.ui.exporter import export_button
from crm.ui.insight.about import about, titled
from crm.ui.paging import page_of, pager
from crm.ui.show import Built, empty, heading, show
from crm.ui.table import table
from crm.ui.tile import told
from crm.words import label, say
from crm.words.formats import percent, short_money

SIZE = 50
KEEP = ("show", "board")
LINES = ["customer", "number", "due_on", "overdue_days", "outstanding", "amount", "owner", "what", "contract"]
SUMS = ["name", "overdue", "receivable", *AGES]


class Asked(BaseModel):
    """Which lines are looked at; empty = all that are overdue."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    age: str = ""
    customer_id: int | None = None
    owner_id: int | None = None
    by: By = "customer"


def receivables() -> None:
    with st.container(horizontal=True, vertical_alignment="center", key="receivables.top"):
        board = one_board(me(), "receivables.board")
        st.space("stretch")
        if board is not None:
            _export(board)
    if board is None:
        empty("You see no board yet. An administrator gives you one under People.")
        return
    totals = figures(queries.receivable_totals, day=figures(today), board_id=board.id)
    receivable = totals["receivable"].get(board.currency, 0.0)
    if not receivable:
        empty("Nobody owes anything. Once a signed contract has a receipt plan, what is due and what is late stands here.")
        return
    asked = read_filter(Asked)
    left, right = st.columns([1, 1.7], gap="large")
    with left:
        _ages(board, receivable, totals["overdue"].get(board.currency, 0.0))
    with right:
        _who_owes(board, asked, totals)
    _lines(board, asked)


def _ages(board: Board, receivable: float, overdue: float) -> None:
    found = load(queries.overdue_by_age, day=figures(today), board_id=board.id)
    place = _answer(board, receivable, overdue, found)
    with place:
        about(
            "receivables.ages",
            definition=say("What plans of signed contracts wait for, by days since it was due. Overdue from the next day on."),
            scope=board.name,
            as_of=figures(today),
            n=int(found["lines"].sum()) if len(found) else 0,
        )
    if not overdue:
        return
    picked = show(Built(bars, found, "ageing", "amount", meaning="ageing"), key="receivables.chart")
    if picked:
        age = picked[0][0] if isinstance(picked[0], list | tuple) else picked[0]
        _ask(read_filter(Asked), age=age)


def _answer(board: Board, receivable: float, overdue: float, found: pd.DataFrame) -> Any:
    """The title, which says how bad it is."""
    told = {"receivable": short_money(receivable, board.currency), "overdue": short_money(overdue, board.currency)}
    if not overdue:
        return titled("{receivable} is still to come, nothing of it is overdue", "receivables.answer", **told)
    old = float(found.loc[found["ageing"] == AGES[-1], "amount"].sum())
    told |= {"share": percent(overdue / receivable, 0), "old": percent(old / overdue, 0)}
    if old:
        return titled("{overdue} of {receivable} is overdue, {old} of that for more than 90 days", "receivables.answer", **told)
    return titled("{overdue} of {receivable} is overdue ({share}), nothing for more than 90 days", "receivables.answer", **told)


def _who_owes(board: Board, asked: Asked, totals: dict[str, Any]) -> None:
    words = {"customer": say("By customer"), "owner": say("By rep")}
    st.session_state["receivables.by"] = asked.by
    st.segmented_control(
        say("By"),
        list(words),
        key="receivables.by",
        required=True,
        format_func=words.__getitem__,
        label_visibility="collapsed",
        on_change=_by_chosen,
    )
    rows = load(queries.receivables, day=figures(today), by=asked.by, board_id=board.id, size=8)
    # Contracts without an owner stand in a row of their own.
    named = rows.assign(id=rows["id"].fillna(0).astype("int64"), name=rows["name"].fillna(say("Without an owner")))
    columns = [name for name in SUMS if name in ("name", "receivable", "overdue") or float(named[name].sum())]
    key = f"receivables.who.{asked.by}.{asked.customer_id}.{asked.owner_id}"
    chosen = table(named, key=key, columns=columns, currency=board.currency)
    count = totals["customers" if asked.by == "customer" else "owners"]
    if count > len(rows):
        st.caption(say("The {shown} who are most overdue, of {count}.", shown=len(rows), count=count))
    if chosen.opened:
        _ask(asked, **{"customer_id" if asked.by == "customer" else "owner_id": int(chosen.opened)})


def _by_chosen() -> None:
    write_filter(Asked(by=st.session_state["receivables.by"]), KEEP)


def _ask(asked: Asked, **values: Any) -> None:
    write_filter(asked.model_copy(update=values), KEEP)
    st.rerun()


# --------------------------------------------------------------------------------------------------------- lines


def _lines(board: Board, asked: Asked) -> None:
    who = {"board_id": board.id, "customer_id": asked.customer_id, "owner_id": asked.owner_id}
    ages = load(queries.overdue_by_age, day=figures(today), **who)
    ages = ages[ages["ageing"] == asked.age] if asked.age in AGES else ages
    total = int(ages["lines"].sum()) if len(ages) else 0
    told("contracts", {"count": total, "outstanding": float(ages["amount"].sum()) if len(ages) else 0.0})
    with st.container(horizontal=True, vertical_alignment="center", key="receivables.lines"):
        heading("{count:line is|lines are} overdue", count=total)
        if asked.age in AGES:
            _off(label(asked.age), age="")
        if asked.customer_id is not None or asked.owner_id is not None:
            _off(_name_of(board, asked), customer_id=None, owner_id=None)
    if not total:
        return
    age = asked.age if asked.age in AGES else None
    rows = load(queries.overdue_lines, day=figures(today), age=age, page=page_of(total, SIZE), size=SIZE, **who)
    key = f"receivables.table.{page_of(total, SIZE)}.{hash(asked)}"
    chosen = table(rows, key=key, columns=LINES, currency=board.currency)
    if chosen.opened:
        go("contract", contract=chosen.opened)
    pager(total, SIZE, "receivables.page")


def _name_of(board: Board, asked: Asked) -> str:
    by: By = "customer" if asked.customer_id is not None else "owner"
    wanted = asked.customer_id if by == "customer" else asked.owner_id
    rows = load(queries.receivables, day=figures(today), by=by, board_id=board.id, size=1000)
    return str(dict(zip(rows["id"], rows["name"], strict=True)).get(wanted) or say("Without an owner"))


def _off(text: str, **values: Any) -> None:
    """A small button for a filter in force; a click takes it off."""
    name = next(iter(values))
    if st.button(text, key=f"receivables.off.{name}", icon=":material/close:", icon_position="right", type="tertiary"):
        _ask(read_filter(Asked), **values)


def _export(board: Board) -> None:
    day = figures(today)
    labels = {name: label(name) for name in [*LINES, "currency", "ageing"]}
    export_button(
        "receivables",
        lambda session: queries.overdue_lines(session, day, board_id=board.id, size=200_000),
        labels,
        {"board": board.name},
        area="contracts",
        key="receivables.export",
    )
