"""What campaigns and sales cost: by month, campaign by campaign, expense by expense."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pandas as pd
import streamlit as st

from crm.charts.roi import spent
from crm.marketing import queries as marketing
from crm.office.queries import today
from crm.staff.sign_in import Board, SignedIn
from crm.targets.periods import last_day
from crm.targets.queries.costs import costs_by_month
from crm.targets.queries.ledger_rows import cost_rows
from crm.ui.boards import one_board
from crm.ui.desk import figures, find, go, load
from crm.ui.dialog import open_dialog
from crm.ui.insight.cohort_controls import day_in_address, put
from crm.ui.marketing.campaigns import add_dialog, campaign_dialog
from crm.ui.show import Built, empty, heading, show
from crm.ui.table import table
from crm.words import label, say
from crm.words.formats import short_money

MOST, SHOWN = 6, 250
"""More rows of a month than these are scrolled in so many pixels, beside the chart."""
COLUMNS = ["name", "cost", "starts_on", "ends_on", "channel", "budget", "leads", "converted", "cost_per_conversion"]


def costs(person: SignedIn) -> None:
    with st.container(horizontal=True, vertical_alignment="center", key="roi.costs.controls"):
        board = one_board(person, "roi.costs.board")
        st.space("stretch")
        if person.actor.grant("marketing").change and st.button(
            say("New campaign"), type="primary", icon=":material/add:", key="roi.costs.new"
        ):
            open_dialog(say("New campaign"), add_dialog)
    if board is None:
        empty("You see no board yet. An administrator gives you one under People.")
        return
    months = load(costs_by_month, board_id=board.id, until=figures(today))
    _by_month(months, board)
    _campaigns(person, board)


def _by_month(months: pd.DataFrame, board: Board) -> None:
    sums = {name: float(months[name].sum()) for name in ("campaign", "expense")}
    if not sum(sums.values()):
        heading("No costs in twelve months")
        empty("Costs of campaigns are entered below, what a deal costs on the deal itself, under Costs.")
        return
    left, right = st.columns(2, gap="large")
    with left:
        picked = _spent(months, sums, board)
    if picked:
        put("month", f"{_text(picked[0])}-01")
    start = day_in_address("month") or months["month"].iloc[-1]
    with right:
        _rows(board, start.replace(day=1))


def _spent(months: pd.DataFrame, sums: dict[str, float], board: Board) -> list[Any]:
    heading(
        "{total} in twelve months: {campaigns} for campaigns, {expenses} for deals",
        total=short_money(sum(sums.values()), board.currency),
        campaigns=short_money(sums["campaign"], board.currency),
        expenses=short_money(sums["expense"], board.currency),
        about=say("What a campaign cost is spread evenly over its days; expenses of deals count on the day they were spent."),
    )
    return show(Built(spent, months), key="roi.spent")


def _text(picked: object) -> str:
    return str(picked[0] if isinstance(picked, list | tuple) else picked)


def _rows(board: Board, start: dt.date) -> None:
    found = load(cost_rows, board_id=board.id, since=start, until=last_day("month", start))
    if found.empty:
        st.caption(say("Nothing was spent in {month}.", month=f"{start:%Y-%m}"))
        return
    heading("{amount} in {month}", amount=short_money(float(found["value"].sum()), board.currency), month=f"{start:%Y-%m}")
    words = [label(str(one), of="what") for one in found["what"]]
    shown = found.rename(columns={"day": "day_on"}).sort_values("value", ascending=False).assign(id=lambda rows: rows.index)
    shown = shown.assign(what=[words[place] for place in shown.index])
    table(
        shown,
        key=f"roi.costs.rows.{start}",
        columns=["what", "title", "day_on", "value"],
        labels={"title": label("name")},
        currency=board.currency,
        opens=False,
        height=SHOWN if len(shown) > MOST else "content",
        widths={"title": 190},
    )


def _campaigns(person: SignedIn, board: Board) -> None:
    if not person.actor.grant("marketing").see:
        heading("Campaigns are not open to your role")
        return
    rows = load(marketing.campaigns, board_id=board.id)
    if rows.empty:
        heading("No campaign yet")
        empty("Add what brings your leads and what it costs: without costs there is no cost of a new customer, and no return.")
        return
    without = int(rows["cost"].isna().sum())
    if without:
        heading("{count:campaign has|campaigns have} no cost yet: click one to enter it", count=without)
    else:
        total = short_money(float(rows["cost"].sum()), board.currency)
        heading("{count:campaign|campaigns} cost {total}; a click opens one", count=len(rows), total=total)
    chosen = table(rows, key="roi.campaigns", columns=COLUMNS, currency=board.currency, once=True, widths={"name": 200})
    if chosen.opened and (found := find(marketing.campaign, chosen.opened)) is not None:
        open_dialog(found.name, campaign_dialog, found)
    if st.button(say("All campaigns"), icon=":material/arrow_forward:", type="tertiary", key="roi.campaigns.all"):
        go("leads", show="campaigns")
