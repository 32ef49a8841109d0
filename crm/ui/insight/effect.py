"""Does calling help: those proposed for a call against those left out by lot, and who they are."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any

import pandas as pd
import streamlit as st

from crm.analytics.errors import AnalyticsError
from crm.analytics.uplift import Effect, customers_needed, mean_effect, ordered_by_day, share_effect
from crm.charts.effect import differences, ordered_curves
from crm.insight.queries.calls import call_settings
from crm.insight.queries.effect import WINDOWS, Measured, drawn_rows, periods, teams
from crm.office.queries import today
from crm.session import ScopedSession
from crm.staff.sign_in import Board, SignedIn
from crm.ui.address import choice
from crm.ui.desk import figures, go, load
from crm.ui.insight.about import about, titled
from crm.ui.paging import page_of, pager
from crm.ui.show import empty, heading, show
from crm.ui.table import table
from crm.words import label, say
from crm.words.formats import money, number, percent

POINTS = (2, 3, 5, 10, 15)
"""A difference worth knowing, in percentage points."""
SIZE = 50
COLUMNS = ("name", "arm", "owner", "team", "drawn_on", "contacted", "ordered", "revenue")


def effect(person: SignedIn, board: Board) -> None:
    """Controls at the left; the answer, the two curves and the groups at the right; the customers under them."""
    day = figures(today)
    ends = figures(periods, board_id=board.id)
    if not ends:
        empty(
            "Nothing to measure yet: the first customers are drawn when somebody opens his day. A share of them is left out by"
            " lot; what both groups order afterwards is compared here."
        )
        return
    left, right = st.columns([1, 4], gap="large")
    with left:
        measured, window, points, group = _controls(board, day, ends)
    rows = load(drawn_rows, measured=measured)
    with right:
        _answer(board, rows, measured, window, points)
        picked = _charts(rows, window, group)
        _customers(board, rows, window, group, picked)


# ------------------------------------------------------------------------------------------------------ controls


def _controls(board: Board, day: dt.date, ends: list[dt.date]) -> tuple[Measured, int, float, str]:
    known = {str(end): say("until {day}", day=end) for end in ends}
    period = _one("period", {"": say("All periods"), **known}, say("Period"))
    names = {str(key): name for key, name in figures(teams, board_id=board.id).items()}
    team = _one("team", {"": say("All teams"), **names}, say("Team"))
    window = _one("window", {str(days): say("{count} days", count=days) for days in WINDOWS}, say("Ordered within"))
    points = _one(
        "points", {str(one): say("{count} points", count=one) for one in POINTS}, say("A difference worth knowing"), "5"
    )
    group = _one("by", {"period": say("By period"), "team": say("By team"), "owner": say("By owner")}, say("Groups"))
    measured = Measured(
        board_id=board.id,
        until=day,
        period_end=dt.date.fromisoformat(period) if period else None,
        team_id=int(team) if team else None,
    )
    return measured, int(window), int(points) / 100, group


def _one(name: str, titles: Mapping[str, str], title: str, default: str | None = None) -> str:
    now = choice(name, titles, default if default is not None else next(iter(titles)))
    st.session_state[f"effect.{name}"] = now
    st.selectbox(title, list(titles), format_func=lambda one: titles[one], key=f"effect.{name}", on_change=_kept, args=(name,))
    return now


def _kept(name: str) -> None:
    st.query_params.pop("page", None)
    st.query_params[name] = str(st.session_state[f"effect.{name}"])


# -------------------------------------------------------------------------------------------------- the answer


def _answer(board: Board, rows: pd.DataFrame, measured: Measured, window: int, points: float) -> None:
    """One sentence, whether there is one yet, and the figures it rests on."""
    ripe = rows[rows["seen_days"] >= window]
    try:
        share = share_effect(_outcomes(ripe, f"ordered_{window}"))
    except AnalyticsError:
        first = rows["drawn_on"].min().date() + dt.timedelta(window)
        with titled(
            "Too early to tell: the first of them have been drawn for {window:day|days} on {day}",
            "effect.answer",
            window=window,
            day=first,
        ):
            _about(rows, measured, window)
        return
    told = {"called": percent(share.called), "control": percent(share.control), "window": window}
    if share.is_clear:
        with titled(
            "{called} of those proposed ordered within {window:day|days}, {control} of those left out: {points} points",
            "effect.answer",
            **told,
            points=_points(share.difference),
        ):
            _about(rows, measured, window)
    else:
        with titled("Too few to tell: {called} against {control} ordered within {window:day|days}", "effect.answer", **told):
            _about(rows, measured, window)
        st.caption(_how_many_more(ripe, share, points))
    _figures(board, ripe, share, window)


def _outcomes(ripe: pd.DataFrame, outcome: str) -> pd.DataFrame:
    return ripe[["called", "stratum"]].assign(outcome=ripe[outcome])


def _how_many_more(ripe: pd.DataFrame, share: Effect, points: float) -> str:
    left_out = share.control_n / (share.called_n + share.control_n)
    needed = customers_needed(share.control, points, left_out)
    more = max(needed - len(ripe), 0)
    low, high = _points(share.low), _points(share.high)
    if not more:
        return say(
            "The difference lies between {low} and {high} points: an effect of {points} would very likely have shown by now.",
            low=low,
            high=high,
            points=_points(points),
        )
    return say(
        "The difference lies between {low} and {high} points. To see one of {points}, about {more} more customers must be drawn,"
        " {control} of them left out.",
        low=low,
        high=high,
        points=_points(points),
        more=number(more, 0),
        control=number(round(more * left_out), 0),
    )


def _points(share: float) -> str:
    """0.0312 -> +3.1"""
    return ("+" if share > 0 else "−" if share < 0 else "±") + number(abs(share) * 100, 1)


def _figures(board: Board, ripe: pd.DataFrame, share: Effect, window: int) -> None:
    """Four figures of those whom we have watched for the whole window."""
    cells = [cell.container(border=True, key=f"effect.figure.{at}") for at, cell in enumerate(st.columns(4))]
    watched = say("Only those whom we have watched for the whole of {window:day|days}.", window=window)
    beside = say("{count} of them left out", count=share.control_n)
    _metric(cells[0], say("Drawn"), number(len(ripe), 0), beside, watched)
    reached = ripe.groupby("called")["contacted"].mean()
    as_drawn = say("The groups are compared as drawn, whoever was really contacted: so nobody's choice can make a difference.")
    beside = say("{share} of those left out", share=percent(reached[False]))
    _metric(cells[1], say("Contacted"), percent(reached[True]), beside, as_drawn)
    between = say("{low} to {high}", low=_points(share.low), high=_points(share.high))
    _metric(cells[2], say("Ordered, in points"), _points(share.difference), between, say("Newcombe's interval, 95 %."))
    _revenue(cells[3], board, ripe, window)


def _metric(cell: Any, title: str, value: str, beside: str | None, hint: str) -> None:
    cell.metric(title, value, delta=beside, delta_color="gray", delta_arrow="off", help=hint)


def _revenue(cell: Any, board: Board, ripe: pd.DataFrame, window: int) -> None:
    title = say("Revenue each")
    try:
        spent = mean_effect(_outcomes(ripe, f"revenue_{window}"))
    except AnalyticsError:
        _metric(cell, title, "–", None, say("Needs two customers in each group."))
        return
    between = say("{low} to {high}", low=money(spent.low, board.currency), high=money(spent.high, board.currency))
    hint = say(
        "Difference of the revenue per customer: {called} if proposed, {control} if left out; Welch's interval, 95 %.",
        called=money(spent.called, board.currency),
        control=money(spent.control, board.currency),
    )
    _metric(cell, title, money(spent.difference, board.currency), between, hint)


def _about(rows: pd.DataFrame, measured: Measured, window: int) -> None:
    def behind(session: ScopedSession) -> pd.DataFrame:
        return _readable(drawn_rows(session, measured), window)

    settings = figures(call_settings, board_id=measured.board_id)
    about(
        "effect.answer",
        definition=say(
            "Of the customers drawn for a day, a share (now {control} %) is left out by lot for a period of"
            " {period:day|days}. The lot is a hash of customer and period: nobody can choose. Both groups are compared as"
            " drawn (intention to treat), so the effect is that of proposing, not of reaching. Difference of shares with"
            " Newcombe's interval, of revenue with Welch's; customers with another chance to be left out are compared among"
            " themselves. Who is drawn again in a later period may change groups, which makes late differences smaller than"
            " they are. Call lists and planned activities are not drawn by lot and do not count.",
            control=settings.control_percent,
            period=settings.period_days,
        ),
        formula=r"\hat\Delta = \hat p_{\text{call}} - \hat p_{\text{control}}",
        scope=say("drawn up to {day}", day=measured.until),
        as_of=measured.until,
        n=len(rows),
        rows=behind,
        columns=COLUMNS,
    )


# ------------------------------------------------------------------------------------------ charts and their rows


def _charts(rows: pd.DataFrame, window: int, group: str) -> tuple[str, Any] | None:
    """-> what was picked: (arm, proposed or control) or (group, its key)."""
    left, right = st.columns([3, 2], gap="large")
    with left:
        arm = _curves(rows, window)
    with right:
        picked = _group_chart(rows[rows["seen_days"] >= window], window, group)
    if picked:
        return "group", picked[0][0] if isinstance(picked[0], list | tuple) else picked[0]
    return ("arm", arm[0][0]) if arm else None


def _curves(rows: pd.DataFrame, window: int) -> list[Any]:
    curves = ordered_by_day(rows[["called", "days", "ordered"]], max(WINDOWS))
    ends: Any = curves.groupby("called")[["day", "share"]].last()
    if len(ends) < 2 or ends["day"].min() < 1:
        return []
    heading(
        "{called} of those proposed have ordered in {days:day|days}, {control} of those left out",
        called=percent(ends.loc[True, "share"]),
        control=percent(ends.loc[False, "share"]),
        days=int(ends["day"].max()),
        about=say("By Kaplan and Meier, with 95 % bands."),
    )
    return show(ordered_curves(curves, WINDOWS), key=f"effect.curves.{window}")


def _group_chart(ripe: pd.DataFrame, window: int, group: str) -> list[Any]:
    parts = _groups(ripe, window, group)
    if parts.empty:
        return []
    clear = int(((parts["low"] > 0) | (parts["high"] < 0)).sum())
    heading("The difference is clear in {clear} of {count:group|groups}", clear=clear, count=len(parts))
    return show(differences(parts), key=f"effect.groups.{group}.{window}")


def _keys(rows: pd.DataFrame, group: str) -> pd.Series[Any]:
    return rows["period_end"].dt.strftime("%Y-%m-%d") if group == "period" else rows[group]


def _groups(ripe: pd.DataFrame, window: int, group: str) -> pd.DataFrame:
    """-> key, group, difference, low, high, called_n, control_n; groups without both arms are left out."""
    found = []
    for key, part in ripe.groupby(_keys(ripe, group)):
        try:
            one = share_effect(_outcomes(part, f"ordered_{window}"))
        except AnalyticsError:
            continue
        name = say("until {day}", day=part["period_end"].iloc[0].date()) if group == "period" else str(key)
        found.append(
            {
                "key": key,
                "group": name,
                "difference": one.difference,
                "low": one.low,
                "high": one.high,
                "called_n": one.called_n,
                "control_n": one.control_n,
            }
        )
    return pd.DataFrame(found).tail(12) if found else pd.DataFrame()


def _customers(board: Board, rows: pd.DataFrame, window: int, group: str, picked: tuple[str, Any] | None) -> None:
    kind, value = picked or ("", None)
    if kind == "arm":
        rows = rows[rows["called"] == (value == "proposed")]
    elif kind == "group":
        rows = rows[_keys(rows, group) == value]
    heading("{count:customer|customers} drawn", count=len(rows))
    shown = _readable(rows, window)
    page = page_of(len(shown), SIZE)
    part = shown.iloc[(page - 1) * SIZE : page * SIZE].assign(id=rows["customer_id"].iloc[(page - 1) * SIZE : page * SIZE])
    chosen = table(part, key=f"effect.rows.{page}", columns=COLUMNS, currency=board.currency)
    pager(len(shown), SIZE, "effect.pages")
    if chosen.opened:
        go("customer", customer=chosen.opened)


def _readable(rows: pd.DataFrame, window: int) -> pd.DataFrame:
    """As people read it: name, arm, owner, team, drawn_on, contacted, ordered, revenue."""
    arms = rows["called"].map({True: label("proposed"), False: label("control")})
    return rows.assign(arm=arms, ordered=rows[f"ordered_{window}"], revenue=rows[f"revenue_{window}"])[list(COLUMNS)]
