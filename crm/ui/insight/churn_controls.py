"""The left of the churn page: whose customers, which span of days, and who counts as stopped. All of it stands in the address."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass

import streamlit as st
from dateutil.relativedelta import relativedelta

from crm.insight.queries import last_purchase_day
from crm.insight.queries.churn import Churn, score_days
from crm.office.queries import today
from crm.staff.sign_in import Board, SignedIn
from crm.ui.address import choice, number
from crm.ui.desk import figures
from crm.ui.insight.population import chosen_population
from crm.words import say
from crm.words.formats import date_short

SPANS = (3, 6, 12)
PICKED = ("picked", "month", "step")
"""What was clicked on a chart; it goes when another question is asked."""


@dataclass(frozen=True)
class Asked:
    """What the controls say, and what the words on the page need."""

    churn: Churn
    board: Board
    days: dict[str, dt.date | None]
    """Of the kept scores: before, start, end."""

    @property
    def span(self) -> dict[str, str]:
        return {"first": date_short(self.churn.start + dt.timedelta(1)), "last": date_short(self.churn.end)}


def controls(person: SignedIn) -> Asked | None:
    """None where there is no board, or nobody has bought in it yet."""
    population = chosen_population(person, "churn", days=False)
    if population is None:
        return None
    board = next(board for board in person.boards if board.id == population.board_id)
    newest = figures(last_purchase_day, board_id=board.id)
    if newest is None:
        return None
    months, end = _span(min(figures(today), newest))
    day = dt.timedelta(1)  # of whole months: six months up to 30 June begin after 31 December
    churn = Churn(population=population, start=end + day - relativedelta(months=months) - day, end=end)
    days = figures(score_days, churn=churn)
    churn = churn.model_copy(update={"rule": _rule(days), "limit": 0.5})
    if churn.rule == "model":
        churn = churn.model_copy(update={"limit": _limit()})
    return Asked(churn.model_copy(update={"worth": _worth(days)}), board, days)


def _span(newest: dt.date) -> tuple[int, dt.date]:
    titles = {str(months): say("{count} months", count=months) for months in SPANS}
    months = int(one_of("months", titles, "6", title=say("Period"), row=False))
    end = _day("until") or newest
    st.session_state["churn.until"] = end
    st.date_input(
        say("until"),
        key="churn.until",
        min_value=dt.date(1970, 1, 1),
        max_value=max(newest, end),
        format="YYYY-MM-DD",
        on_change=_keep,
        args=("until", "churn.until"),
    )
    return months, end


def _day(name: str) -> dt.date | None:
    try:
        return dt.date.fromisoformat(st.query_params.get(name, ""))
    except ValueError:
        return None


def _rule(days: Mapping[str, dt.date | None]) -> str:
    titles = {"silence": say("By silence"), "model": say("By the model"), "entered": say("As entered")}
    if not (days["start"] and days["end"]):
        del titles["model"]
    found = one_of("rule", titles, "silence", title=say("Who counts as stopped"), row=False)
    if "model" not in titles:
        st.caption(
            say(
                "By the model needs scores kept on or before {day}: the job “scores” keeps them from its first run on.",
                day=date_short(days["start"] or days["end"]) if days["start"] else say("the first day of the period"),
            )
        )
    return found


def _limit() -> float:
    now = min(max(number("limit", 50), 5), 95)
    st.session_state["churn.limit"] = now
    st.slider(
        say("P(alive) below (%)"),
        min_value=5,
        max_value=95,
        step=5,
        key="churn.limit",
        on_change=_keep,
        args=("limit", "churn.limit"),
        help=say("Who was above it at the start and is below it at the end has stopped."),
    )
    return now / 100


def _worth(days: Mapping[str, dt.date | None]) -> str:
    titles = {
        "revenue": say("Revenue of the year before"),
        "lifetime_value": say("Lifetime value at the start"),
        "value_at_risk": say("Value at risk at the end"),
    }
    if not days["start"]:
        del titles["lifetime_value"]
    if not days["end"]:
        del titles["value_at_risk"]
    best = "lifetime_value" if "lifetime_value" in titles else "revenue"
    return one_of("worth", titles, best, title=say("Value lost is"), row=False)


def one_of(name: str, titles: Mapping[str, str], default: str, *, title: str, row: bool = True, bare: bool = False) -> str:
    """One of a few: buttons in a row, or a list."""
    now = choice(name, tuple(titles), default)
    key = f"churn.{name}"
    st.session_state[key] = now
    if row:
        st.segmented_control(
            title,
            list(titles),
            key=key,
            format_func=lambda one: titles[one],
            required=True,
            label_visibility="collapsed" if bare else "visible",
            on_change=_keep,
            args=(name, key),
        )
    else:
        st.selectbox(title, list(titles), key=key, format_func=lambda one: titles[one], on_change=_keep, args=(name, key))
    return now


def _keep(name: str, key: str) -> None:
    forget()
    if st.session_state[key] is None:
        st.query_params.pop(name, None)
    else:
        st.query_params[name] = str(st.session_state[key])


def forget() -> None:
    for name in (*PICKED, "page"):
        st.query_params.pop(name, None)
