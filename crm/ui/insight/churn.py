"""Churn: who stopped, why, to whom, where it is out of the ordinary, and whether the model can be believed."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import streamlit as st

from crm.insight.queries import churn as queries
from crm.staff.sign_in import SignedIn
from crm.ui.desk import figures
from crm.ui.insight.churn_checks import is_it_right, movement
from crm.ui.insight.churn_controls import Asked, controls, one_of
from crm.ui.insight.churn_views import composition, to_whom, who, why
from crm.ui.show import empty
from crm.words import say
from crm.words.formats import change, money, number, percent, short_money

VIEWS: dict[str, Callable[[Asked, dict[str, Any]], None]] = {
    "who": who,
    "why": why,
    "to_whom": to_whom,
    "composition": composition,
    "movement": movement,
    "trial": is_it_right,
}
EIGHTY = 1.2816
"""Half the width of an 80 % interval in standard deviations."""


def churn(person: SignedIn) -> None:
    """Controls at the left; the headline, one view and its customers at the right."""
    top = st.container()
    left, right = st.columns([1, 4], gap="large")
    with left:
        asked = controls(person)
    if asked is None:
        with right:
            empty("Nobody has bought here yet. Import orders first: then this page shows who stopped, and why.")
        return
    found = figures(queries.headline, churn=asked.churn)
    with top:
        _headline(asked, found)
    with right:
        VIEWS[_view()](asked, found)


def _view() -> str:
    titles = {
        "who": say("Who stopped"),
        "why": say("Why"),
        "to_whom": say("To whom"),
        "composition": say("Composition"),
        "movement": say("Movement"),
        "trial": say("Is the model right"),
    }
    return one_of("show", titles, "who", title=say("Show"), bare=True)


def _headline(asked: Asked, found: dict[str, Any]) -> None:
    """How many, what share, what it cost, what is known of it; each against the period of the same length before."""
    stopped, here, before = found["stopped"], found["here"], found["here_before"]
    rate = stopped / here if here else None
    rate_before = found["stopped_before"] / before if before else None
    cells = st.container(horizontal=True, key="churn.headline")
    with cells.container(border=True, width="stretch", height="stretch", key="churn.head.stopped"):
        _metric(say("Stopped"), number(stopped, 0), change(stopped, found["stopped_before"]), _who_counts(asked, found))
    with cells.container(border=True, width="stretch", height="stretch", key="churn.head.rate"):
        text = say("Lost in the period / customers at its start × 100 %: {stopped} of {here}.", stopped=stopped, here=here)
        _metric(say("Churn rate"), percent(rate), change(rate, rate_before), text)
    with cells.container(border=True, width="stretch", height="stretch", key="churn.head.expected"):
        _expected(found)
    with cells.container(border=True, width="stretch", height="stretch", key="churn.head.worth"):
        shown = short_money(found["worth"], asked.board.currency)
        _metric(
            say("Value lost"), shown, change(found["worth"], found["worth_before"]), money(found["worth"], asked.board.currency)
        )
    with cells.container(border=True, width="stretch", height="stretch", key="churn.head.known"):
        share = found["known"] / stopped if stopped else None
        earlier = found["known_before"] / found["stopped_before"] if found["stopped_before"] else None
        text = say("{known} of {stopped} who stopped have an entered reason.", known=found["known"], stopped=stopped)
        _metric(say("Reason known"), percent(share), change(share, earlier), text, good="up")


def _metric(title: str, shown: str, moved: tuple[str, str], about: str, good: str = "down") -> None:
    text, direction = moved
    colour: Any = "gray" if direction == "same" else "green" if direction == good else "red"
    st.metric(
        title,
        shown,
        delta=text if direction != "same" else None,
        delta_color=colour,
        delta_arrow="off",
        delta_description=say("on the period before") if direction != "same" else None,
        help=about,
    )


def _who_counts(asked: Asked, found: dict[str, Any]) -> str:
    if asked.churn.rule == "model":
        return say("P(alive) was {limit} or more at the start and is below it at the end.", limit=percent(asked.churn.limit, 0))
    if asked.churn.rule == "entered":
        return say("Somebody entered the loss in the period, and no order has come since.")
    return say(
        "Bought within {days:day|days} before the start, and not within {days:day|days} before the end.", days=found["limit_days"]
    )


def _expected(found: dict[str, Any]) -> None:
    """Without a contract nobody says good-bye: the model only has a chance for each, and their sum an interval."""
    title = say("Expected gone")
    if not found["scored"]:
        st.metric(title, "–", help=say("Needs scores of the published model: run the job “scores”."))
        return
    half = EIGHTY * found["spread"]
    low, high = (number(round(min(max(found["expected"] + way * half, 0), found["scored"])), 0) for way in (-1, 1))
    st.metric(
        title,
        number(round(found["expected"]), 0),
        delta=say("{low} to {high}", low=low, high=high),
        delta_color="gray",
        delta_arrow="off",
        help=say(
            "Nobody without a contract says that he stops: it is a chance. The sum of 1 − P(alive) at the end over the"
            " {scored} customers of the start, with its interval of 80 %, beside the count by a limit.",
            scored=found["scored"],
        ),
    )
