"""What an analyst asks first: how fresh the data are, and what became of each cohort."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pandas as pd

from crm.customers import queries
from crm.office.queries import today
from crm.staff.sign_in import SignedIn
from crm.ui.boards import one_board
from crm.ui.desk import figures, go, load
from crm.ui.overview.board import revenue
from crm.ui.show import empty, heading
from crm.ui.table import table
from crm.ui.tile import Tile, tiles
from crm.words import label, say
from crm.words.formats import date_relative, date_short, number, percent


def analyst(person: SignedIn) -> None:
    """How fresh the data are, and the base by cohort."""
    found = figures(queries.freshness)
    tiles(_fresh(found), "overview.fresh")
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
    revenue(board, day)


def _fresh(found: dict[str, Any]) -> list[Tile]:
    """How much there is, and how new the newest of it."""
    last, now = found["last_import"], dt.datetime.now(dt.UTC).date()
    imported = date_relative(last, now) if last else "–"
    newest = {"sort": "ordered_on"}
    return [
        Tile("customers", label("customers"), found["customers"], number(found["customers"], 0), "customers"),
        Tile("orders", label("orders"), found["orders"], number(found["orders"], 0), "orders"),
        Tile("last_order", label("last_order"), None, date_short(found["last_order"]), "orders", newest, total=None),
        Tile("last_import", label("last_import"), None, imported, "exchange", total=None, about=found["last_file"]),
    ]


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
