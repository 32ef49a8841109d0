"""Two periods side by side, against what the firm hoped for."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pandas as pd
import streamlit as st
from dateutil.relativedelta import relativedelta

from crm.charts.roi import moved
from crm.office.queries import today
from crm.staff.sign_in import Board, SignedIn
from crm.targets import queries
from crm.targets.queries import DEFINITIONS, Metric
from crm.ui.boards import one_board
from crm.ui.desk import figures, go, load
from crm.ui.insight.cohort_controls import day_in_address, put
from crm.ui.roi.spans import Span, shown, title_of
from crm.ui.show import Built, empty, heading, show
from crm.ui.table import table
from crm.words import say
from crm.words.formats import MISSING, percent

OLDEST, NEWEST = dt.date(1970, 1, 1), dt.date(2100, 12, 31)


def compare(person: SignedIn) -> None:
    with st.container(horizontal=True, vertical_alignment="bottom", key="roi.compare.controls"):
        board = one_board(person, "roi.compare.board")
        if board is not None:
            before, after = _periods(figures(today))
    if board is None:
        empty("You see no board yet. An administrator gives you one under People.")
        return
    found = load(queries.before_and_after, board_id=board.id, before=before, after=after)
    _answer(found)
    _table(found, board)
    picked = show(Built(moved, found), key="roi.moved")
    st.caption(say("Strong: the two periods can be told apart. Pale: their intervals touch. The tick is what the firm aims at."))
    if picked:
        metric = picked[0] if isinstance(picked[0], str) else picked[0][0]
        go("roi", show="ledger", board=board.id, metric=metric)


def _periods(day: dt.date) -> tuple[Span, Span]:
    """This year so far and the same days of last year, until somebody says other days."""
    year = day.replace(month=1, day=1)
    usual = {"before_from": year - relativedelta(years=1), "before_to": day - relativedelta(years=1)}
    usual |= {"after_from": year, "after_to": day}
    titles = {
        "before_from": say("Before, from"),
        "before_to": say("Before, to"),
        "after_from": say("After, from"),
        "after_to": say("After, to"),
    }
    days = {name: _day(name, title, usual[name]) for name, title in titles.items()}
    before, after = ((days[f"{one}_from"], days[f"{one}_to"]) for one in ("before", "after"))
    return (min(before), max(before)), (min(after), max(after))


def _day(name: str, title: str, usual: dt.date) -> dt.date:
    key, now = f"roi.{name}", day_in_address(name) or usual
    st.session_state[key] = now
    changed: dict[str, Any] = {"on_change": lambda: put(name, st.session_state[key])}
    st.date_input(title, None, OLDEST, NEWEST, key=key, format="YYYY-MM-DD", width=165, **changed)
    return now


def _answer(found: pd.DataFrame) -> None:
    known = found[found["change"].notna()]
    if known.empty:
        heading("Nothing can be compared: one of the two periods is empty")
        return
    sure = known[known["apart"]]
    heading(
        "{better} of {count} figures moved the right way, {aimed} as far as aimed at; {sure} of the changes are more than chance",
        better=int(known["better"].sum()),
        count=len(known),
        aimed=int(_reached(known).sum()),
        sure=len(sure),
    )


def _reached(found: pd.DataFrame) -> pd.Series[Any]:
    """Moved the right way, and at least as far as was hoped for."""
    signs = pd.Series([DEFINITIONS[Metric(one)].better for one in found["metric"]], index=found.index)
    return found["better"] & (found["change"] * signs >= found["aim"] * signs - 1e-9)


def _table(found: pd.DataFrame, board: Board) -> None:
    rows = []
    for (_, row), reached in zip(found.iterrows(), _reached(found), strict=True):
        metric, known = str(row["metric"]), row["change"] == row["change"]
        told = {name: _with_interval(metric, row, name, board.currency) for name in ("before", "after")}
        rows.append(
            {
                "id": metric,
                "metric": title_of(metric),
                **told,
                "change": _signed(row["change"]) if known else MISSING,
                "aim": _signed(row["aim"]) if row["aim"] else MISSING,
                "verdict": _verdict(row, bool(reached)) if known else say("not known"),
                "intervals": _intervals(row),
            }
        )
    names = ["metric", "before", "after", "change", "aim", "verdict", "intervals"]
    labels = {"metric": say("Figure"), "before": say("Earlier period"), "after": say("Later period"), "change": say("Moved by")}
    labels |= {"aim": say("Aim"), "verdict": say("Verdict"), "intervals": say("Intervals")}
    chosen = table(
        pd.DataFrame(rows).rename(columns={"change": "moved"}),
        key="roi.compare.table",
        labels=labels | {"moved": say("Moved by")},
        columns=[name if name != "change" else "moved" for name in names],
    )
    if chosen.opened is not None:
        go("roi", show="ledger", board=board.id, metric=chosen.opened)


def _with_interval(metric: str, row: Any, name: str, currency: str) -> str:
    value = shown(metric, row[name], currency)
    low, high = row[f"{name}_low"], row[f"{name}_high"]
    if low != low:
        return value
    return f"{value} ({shown(metric, low, currency)} – {shown(metric, high, currency)})"


def _signed(value: float) -> str:
    return ("+" if value > 0 else "") + percent(value, 0)


def _verdict(row: Any, reached: bool) -> str:
    if not row["better"]:
        return say("worse") if row["change"] else say("the same")
    return say("better, aim reached") if reached else say("better")


def _intervals(row: Any) -> str:
    if any(row[name] != row[name] for name in ("before_low", "after_low")):
        return MISSING
    return say("apart") if row["apart"] else say("they touch")
