"""What whoever leads asks first: whether the month will do, who moves, what needs attention."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pandas as pd
import streamlit as st

from crm.charts.compare import columns, share
from crm.customers import queries
from crm.office.queries import today
from crm.staff.sign_in import Board, SignedIn
from crm.ui.boards import one_board
from crm.ui.desk import figures, go, load
from crm.ui.overview.parts import due_list, renewals
from crm.ui.show import Built, empty, heading, show
from crm.ui.table import table
from crm.ui.tile import COUNT, Tile, tiles
from crm.words import say
from crm.words.formats import change, date_short, money, number, short_money


def director(person: SignedIn) -> None:
    """Revenue this month against last and last year, customers by state, top movers, what needs attention."""
    board = one_board(person, "overview.board")
    if board is None:
        empty("You see no board yet. An administrator gives you one under People.")
        return
    day = figures(today)
    _headline(board, day)
    left, right = st.columns([2, 1], gap="large")
    with left:
        revenue(board, day)
        _movers(board, day)
    with right:
        _states(board)
        _attention(board, day)
        renewals(day, board.id)


def _headline(board: Board, day: dt.date) -> None:
    """Four figures of this month to date; each leads to its rows."""
    found = figures(queries.headline, today=day, board_id=board.id)
    (first, last), before, year = found["spans"]
    about = say(
        "{first} to {last}; compared with the same days of last month ({before}) and of last year ({year}).",
        first=date_short(first),
        last=date_short(last),
        before=date_short(before[0]),
        year=date_short(year[0]),
    )
    rows = {"ordered_from": first, "ordered_to": last, "board_id": board.id}
    leads: dict[str, tuple[str, dict[str, Any]]] = {
        "revenue": ("orders", rows),
        "orders": ("orders", rows),
        "buyers": ("customers", {"last_order_from": first, "board_id": board.id}),
        "new_customers": ("customers", {"first_order_from": first, "first_order_to": last, "board_id": board.id}),
    }
    shown = []
    for name, (page, where) in leads.items():
        now, month, last_year = found[name]
        is_money = name == "revenue"
        text, direction = change(now, month)
        yearly, _ = change(now, last_year)
        shown.append(
            Tile(
                name,
                say(_HEADLINE[name]),
                float(now),
                short_money(now, board.currency) if is_money else number(now, 0),
                page,
                where,
                "amount" if is_money else COUNT,
                about=f"{money(now, board.currency)}  \n{about}" if is_money else about,
                delta=text if direction != "same" else None,
                tone=_TREND[direction],
                beside=say("on last month"),
                caption=say("{change} on last year", change=yearly),
            )
        )
    tiles(shown, "headline")


_HEADLINE = {
    "revenue": "Revenue this month",
    "orders": "Orders this month",
    "buyers": "Buyers this month",
    "new_customers": "New customers this month",
}
_TREND: dict[str, Any] = {"up": "green", "down": "red", "same": "gray"}


def revenue(board: Board, day: dt.date) -> None:
    months = load(queries.revenue_by_month, until=day, months=24, board_id=board.id)
    now = months.tail(12).assign(last_year=months["revenue"].shift(12).tail(12))
    total, before = float(now["revenue"].sum()), float(now["last_year"].sum())
    text, direction = change(total, before)
    about = say(
        "Sum of orders by month, returns taken off; the outline is the same month a year before. The last month is not over."
    )
    amount = short_money(total, board.currency)
    if direction == "same":
        heading("{amount} in twelve months", amount=amount, about=about)
    else:
        heading("{amount} in twelve months, {change} on the year before", amount=amount, change=text, about=about)
    picked = show(Built(columns, now, "period", "revenue", "last_year"), key="overview.revenue")
    if picked:
        start = pd.Timestamp(_first(picked[0])).date()
        end = (pd.Timestamp(start) + pd.offsets.MonthEnd(0)).date()
        go("orders", ordered_from=start, ordered_to=end, board_id=board.id)


def _first(picked: Any) -> Any:
    return picked[0] if isinstance(picked, list | tuple) else picked


def _movers(board: Board, day: dt.date) -> None:
    rows = load(queries.movers, today=day, board_id=board.id)
    about = say("Revenue of the last 90 days against the 90 days before.")
    if rows.empty:
        heading("Nobody bought in the last six months", about=about)
        return
    first = rows.iloc[0]
    lost = rows[rows["change"] < 0]["change"].sum()
    if first["change"] > 0:
        heading(
            "{name} grew most; the eight who fell most lost {amount}",
            name=first["name"],
            amount=short_money(-lost, board.currency),
            about=about,
        )
    else:
        heading("Nobody grew; the eight who fell most lost {amount}", amount=short_money(-lost, board.currency), about=about)
    shown = rows.rename(columns={"now": "revenue_now", "before": "revenue_before"})
    chosen = table(
        shown,
        key="overview.movers",
        columns=["name", "revenue_before", "revenue_now", "change"],
        currency=board.currency,
        height=320,
    )
    if chosen.opened:
        go("customer", customer=chosen.opened)


def _states(board: Board) -> None:
    found = load(queries.states, board_id=board.id)
    if found.empty:
        empty("No customers yet. Import a list, or add the first one.")
        return
    total = int(found["customers"].sum())
    active = int(found.loc[found["life_cycle"] == "active", "customers"].sum())
    heading(
        "{active} of {total} customers are active",
        active=active,
        total=total,
        about=say("By days since the last order: the limits stand under Settings, Thresholds."),
    )
    order = {"potential": 0, "active": 1, "dormant": 2, "lost": 3}
    rows = found.sort_values("life_cycle", key=lambda codes: codes.map(order))
    picked = show(Built(share, rows, "life_cycle", "customers", meaning="life_cycle"), key="overview.states")
    if picked:
        go("customers", life_cycle=_first(picked[0]), board_id=board.id)


def _attention(board: Board, day: dt.date) -> None:
    found = figures(queries.attention, today=day, board_id=board.id)
    heading("What needs attention")
    if not any(found.values()):
        st.caption(say("Nothing is overdue."))
    if found["valuable_silent"] and st.button(
        say("{count} of the most valuable fifth have gone silent", count=found["valuable_silent"]),
        icon=":material/warning:",
        type="tertiary",
        key="attention.silent",
    ):
        silent = {"life_cycle": ["dormant", "lost"], "contribution_rating": "A"}
        go("customers", **silent, board_id=board.id, sort="order_amount")
    if found["orphaned"] and st.button(
        say("{count:customer has|customers have} an owner who is gone", count=found["orphaned"]),
        icon=":material/person_off:",
        type="tertiary",
        key="attention.orphaned",
    ):
        go("customers", view="orphaned", owner_gone="true", board_id=board.id)
    if found["overdue"]:
        st.markdown(say(":material/schedule: {count:planned activity is|planned activities are} overdue", count=found["overdue"]))
        due_list(None, day, board.id, limit=6)
