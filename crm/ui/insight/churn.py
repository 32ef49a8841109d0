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
from crm.ui.tile import COUNT, Tile, tile
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
    share = found["known"] / stopped if stopped else None
    earlier = found["known_before"] / found["stopped_before"] if found["stopped_before"] else None
    of_rate = say("Lost in the period / customers at its start × 100 %: {stopped} of {here}.", stopped=stopped, here=here)
    known = say("{known} of {stopped} who stopped have an entered reason.", known=found["known"], stopped=stopped)
    worth = {"shown": short_money(found["worth"], asked.board.currency), "about": money(found["worth"], asked.board.currency)}
    tiles = [
        _tile("stopped", say("Stopped"), stopped, change(stopped, found["stopped_before"]), total=COUNT,
            shown=number(stopped, 0), about=_who_counts(asked, found)),
        _tile("rate", say("Churn rate"), rate, change(rate, rate_before), shown=percent(rate), about=of_rate),
        _expected(found),
        _tile("worth", say("Value lost"), found["worth"], change(found["worth"], found["worth_before"]), total="worth", **worth),
        _tile("known", say("Reason known"), share, change(share, earlier), good="up", shown=percent(share), about=known),
    ]  # fmt: skip
    cells = st.container(horizontal=True, key="churn.headline")
    for one in tiles:
        with cells.container(border=True, width="stretch", height="stretch", key=f"{one.name}.cell"):
            tile(one, border=False)


def _tile(
    name: str, title: str, value: Any, moved: tuple[str, str], *, total: str | None = None, good: str = "down", **shown: str
) -> Tile:
    text, direction = moved
    about: dict[str, Any] = {"total": total, "where": _list()} | shown
    if direction == "same":
        return Tile(f"churn.{name}", title, value, page="churn", **about)
    about |= {"delta": text, "tone": "green" if direction == good else "red", "beside": say("on the period before")}
    return Tile(f"churn.{name}", title, value, page="churn", **about)


def _list() -> dict[str, str]:
    """This page with all that is set on it, and the customers below."""
    return {name: value for name, value in st.query_params.items() if name != "page"} | {"show": "who"}


def _who_counts(asked: Asked, found: dict[str, Any]) -> str:
    if asked.churn.rule == "model":
        return say("P(alive) was {limit} or more at the start and is below it at the end.", limit=percent(asked.churn.limit, 0))
    if asked.churn.rule == "entered":
        return say("Somebody entered the loss in the period, and no order has come since.")
    return say(
        "Bought within {days:day|days} before the start, and not within {days:day|days} before the end.", days=found["limit_days"]
    )


def _expected(found: dict[str, Any]) -> Tile:
    """Without a contract nobody says good-bye: the model only has a chance for each, and their sum an interval."""
    title = say("Expected gone")
    if not found["scored"]:
        return Tile("churn.expected", title, None, "–", about=say("Needs scores of the published model: run the job “scores”."))
    half = EIGHTY * found["spread"]
    low, high = (number(round(min(max(found["expected"] + way * half, 0), found["scored"])), 0) for way in (-1, 1))
    about = say(
        "Nobody without a contract says that he stops: it is a chance. The sum of 1 − P(alive) at the end over the"
        " {scored} customers of the start, with its interval of 80 %, beside the count by a limit.",
        scored=found["scored"],
    )
    shown: dict[str, Any] = {"delta": say("{low} to {high}", low=low, high=high), "about": about}
    return Tile("churn.expected", title, found["expected"], number(round(found["expected"]), 0), **shown)
