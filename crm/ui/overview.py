"""What each role asks first: the director whether the month will do, the rep whom to call, the analyst how good the data are."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any

import pandas as pd
import streamlit as st

from crm.access import Role
from crm.charts.compare import columns, share
from crm.customers import queries
from crm.office.queries import today
from crm.staff.queries import not_signed_in
from crm.staff.sign_in import Board, SignedIn
from crm.ui.boards import one_board
from crm.ui.desk import figures, go, load
from crm.ui.planned import planned_controls
from crm.ui.show import empty, heading, show
from crm.ui.support.my_day import my_cases, my_visits, waiting_cases
from crm.ui.table import records, table
from crm.ui.text import literal
from crm.words import label, say
from crm.words.formats import change, date_relative, date_short, money, number, percent, short_money


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
        _revenue(board, day)
        _movers(board, day)
    with right:
        _states(board)
        _attention(board, day)
        _renewals(day, board.id)


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
    cells = st.columns(4)
    for cell, (name, (page, where)) in zip(cells, leads.items(), strict=True):
        now, month, last_year = found[name]
        with cell, st.container(border=True, key=f"headline.{name}"):
            shown = short_money(now, board.currency) if name == "revenue" else number(now, 0)
            text, direction = change(now, month)
            st.metric(
                say(_HEADLINE[name]),
                shown,
                delta=text if direction != "same" else None,
                delta_color=_TREND[direction],
                delta_arrow="off",
                delta_description=say("on last month") if direction != "same" else None,
                help=f"{money(now, board.currency)}  \n{about}" if name == "revenue" else about,
            )
            yearly, _ = change(now, last_year)
            with st.container(horizontal=True, vertical_alignment="center"):
                st.caption(say("{change} on last year", change=yearly), width="stretch")
                if st.button("", icon=":material/arrow_forward:", key=f"lead.{name}", type="tertiary", help=say("Show the rows")):
                    go(page, **where)


_HEADLINE = {
    "revenue": "Revenue this month",
    "orders": "Orders this month",
    "buyers": "Buyers this month",
    "new_customers": "New customers this month",
}
_TREND: dict[str, Any] = {"up": "green", "down": "red", "same": "gray"}


def _revenue(board: Board, day: dt.date) -> None:
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
    picked = show(columns(now, "period", "revenue", "last_year"), key="overview.revenue")
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
    picked = show(share(rows, "life_cycle", "customers", meaning="life_cycle"), key="overview.states")
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


def _renewals(day: dt.date, board_id: int | None = None) -> None:
    due = load(queries.renewals_due, until=day + dt.timedelta(30), board_id=board_id, limit=8)
    if due.empty:
        return
    heading("{count:renewal|renewals} due in 30 days", count=len(due))
    chosen = table(due, key="overview.renewals", columns=["customer", "product", "ends_on"])
    if chosen.opened:
        go("customer", customer=chosen.opened)


# --------------------------------------------------------------------------------------------------------- rep


def rep(person: SignedIn) -> None:
    """My customers due, my latest, what I did today."""
    day = figures(today)
    left, right = st.columns([3, 2], gap="large")
    with left:
        due_list(person.user_id, day)
        _renewals(day)
    with right:
        _mine(person)
        daily_record(person.user_id, day)


def due_list(owner_id: int | None, day: dt.date, board_id: int | None = None, limit: int = 30) -> None:
    """Planned activities that are due: done with one click, opened with another."""
    rows = load(
        queries.planned_activities,
        until=day if owner_id is None else day + dt.timedelta(14),
        owner_id=owner_id,
        board_id=board_id,
        limit=limit,
    )
    if owner_id is not None:
        late = int((rows["planned_on"] < day).sum()) if len(rows) else 0
        heading("{count:customer is|customers are} waiting for you, {late} overdue", count=len(rows), late=late)
        if rows.empty:
            empty("Nobody is waiting. A planned activity puts a customer here.")
    for row in records(rows):
        _due(row, day)


def _due(row: Any, day: dt.date) -> None:
    """Who; what and by when stand below."""
    when = f":{'red' if row.planned_on < day else 'gray'}[{date_relative(row.planned_on, day)}]"
    what = literal(row.topic) if pd.notna(row.topic) else label(row.kind, of="kind")
    with st.container(gap=None, key=f"due.{row.activity_id}"):
        with st.container(horizontal=True, vertical_alignment="center"):
            if st.button(literal(row.name), key=f"due.open.{row.activity_id}", type="tertiary"):
                go("customer", customer=row.id)
            st.space("stretch")
            planned_controls(int(row.activity_id), int(row.version), "due")
        st.caption(f"{when} · {what}")


def _mine(person: SignedIn) -> None:
    rows = load(queries.latest_customers, owner_id=person.user_id)
    heading("My latest customers")
    if rows.empty:
        empty("You have no customers yet. Add the first one under Customers.")
        return
    chosen = table(rows, key="overview.mine", columns=["name", "life_cycle", "last_order_on"])
    if chosen.opened:
        go("customer", customer=chosen.opened)


def daily_record(author_id: int | None, day: dt.date) -> None:
    rows = load(queries.daily_record, day=day, author_id=author_id)
    heading("{count:activity|activities} done today", count=len(rows))
    if len(rows):
        chosen = table(
            rows,
            key="overview.daily",
            columns=["author", "kind", "name", "text"] if author_id is None else ["kind", "name", "text"],
        )
        if chosen.opened:
            go("customer", customer=chosen.opened)


def agent(person: SignedIn) -> None:
    """What of mine runs out of time, what was put before me, whom I promised to call."""
    left, right = st.columns([3, 2], gap="large")
    with left:
        my_cases(person)
        waiting_cases(person)
    with right:
        my_visits(person)
        due_list(person.user_id, figures(today))
        daily_record(person.user_id, figures(today))


# ----------------------------------------------------------------------------------------- analyst, administrator


def analyst(person: SignedIn) -> None:
    """How fresh the data are, and the base by cohort."""
    found = figures(queries.freshness)
    cells = st.columns(4)
    cells[0].metric(label("customers"), number(found["customers"], 0))
    cells[1].metric(label("orders"), number(found["orders"], 0))
    cells[2].metric(label("last_order"), date_short(found["last_order"]))
    last = found["last_import"]
    cells[3].metric(
        label("last_import"), date_relative(last, dt.datetime.now(dt.UTC).date()) if last else "–", help=found["last_file"]
    )
    board = one_board(person, "overview.board")
    if board is None:
        return
    day = figures(today)
    cohorts = load(queries.base_by_cohort, board_id=board.id)
    if cohorts.empty:
        empty("No orders yet: import some, and the base appears here by the quarter of the first order.")
        return
    shown = _by_cohort(cohorts)
    best = shown.sort_values("share").iloc[-1]
    heading(
        "Of those who came first in {cohort}, {share} are active",
        cohort=best["name"],
        share=percent(best["share"] / 100),
        about=say("Customers by the time of their first order, and what they are today."),
    )
    columns_ = ["name", "customers", "active", "dormant", "lost", "share", "amount"]
    labels = {"name": label("cohort"), "share": say("Active share")}
    chosen = table(shown, key="overview.cohorts", columns=columns_, labels=labels, currency=board.currency)
    if chosen.opened is not None:
        cohort = shown.loc[shown["id"] == chosen.opened].iloc[0]
        go("customers", first_order_from=cohort["start"].date(), first_order_to=cohort["end"].date(), board_id=board.id)
    _revenue(board, day)


def _by_cohort(cohorts: pd.DataFrame) -> pd.DataFrame:
    """One row per cohort -> id, name, start, end, customers, active, dormant, lost, share (percent active), amount."""
    states = ["active", "dormant", "lost"]
    wide = cohorts.pivot_table(index="cohort", columns="life_cycle", values="customers", aggfunc="sum", fill_value=0)
    wide = wide.reindex(columns=states, fill_value=0)
    shown = wide.assign(customers=wide.sum(axis=1), amount=cohorts.groupby("cohort")["amount"].sum()).reset_index()
    quarters = bool(shown["cohort"].dt.month.isin([1, 4, 7, 10]).all()) and len(shown) > 6
    periods = shown["cohort"].dt.to_period("Q" if quarters else "M")
    names = [f"{one.year} Q{one.quarter}" if quarters else f"{one.year}-{one.month:02}" for one in periods]
    ends = periods.dt.end_time.dt.normalize()
    return shown.assign(
        id=range(len(shown)), name=names, start=shown["cohort"], end=ends, share=shown["active"] / shown["customers"] * 100
    )


def administrator(person: SignedIn) -> None:
    """Who has not been here, and where settings are."""
    rows = load(not_signed_in)
    heading("{count:person has|people have} not signed in for two weeks", count=len(rows))
    if len(rows):
        table(rows, key="overview.absent", opens=False)
    with st.container(horizontal=True):
        for page, title, icon in (("people", "People", ":material/badge:"), ("settings", "Settings", ":material/tune:")):
            if st.button(say(title), icon=icon, key=f"admin.{page}"):
                go(page)


VIEWS: dict[Role, Callable[[SignedIn], None]] = {
    Role.REP: rep,
    Role.AGENT: agent,
    Role.ANALYST: analyst,
    Role.ADMIN: administrator,
}
"""Everybody else opens the director's view of what they see."""
