"""The forecast: what will be won by the end of a period, as a distribution; and beside it what reps promised."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pandas as pd
import streamlit as st

from crm.charts import forecast as charts
from crm.charts.compare import share
from crm.pipeline.filters import OpportunityFilter
from crm.pipeline.models import ForecastCategory
from crm.staff.sign_in import SignedIn
from crm.ui.address import parameters
from crm.ui.forecast.accuracy import accuracy
from crm.ui.forecast.chances import win_probability
from crm.ui.forecast.changed import changed
from crm.ui.forecast.controls import board_of, deals
from crm.ui.forecast.period import Period, period_of, sign
from crm.ui.forecast.shown import rows_below
from crm.ui.insight.about import titled
from crm.ui.insight.cohort_controls import one
from crm.ui.insight.sides import side
from crm.ui.show import Built, empty, heading, show
from crm.ui.tile import Tile, tile
from crm.words import label, say
from crm.words.formats import change, date_short, number, percent, short_money

KEPT = ("board", "period", "whose")


def forecast(person: SignedIn) -> None:
    titles = {
        "forecast": say("Forecast"),
        "changed": say("What changed"),
        "accuracy": say("Accuracy"),
        "chances": say("Win probability"),
    }
    with st.container(horizontal=True, key="forecast.top"):
        chosen = side("show", titles, key="forecast.show", title=say("Show"), keep=KEPT)
        board = board_of(person, "forecast")
    found = period_of(board) if board else None
    if found is None:
        empty("There is no opportunity that you see yet. Begin one in the pipeline with an amount and a day: it counts here.")
        return
    headline(found)
    VIEWS[chosen](found)


def headline(of: Period) -> None:
    told = of.told
    moved, direction = change(told.won, told.before)
    begun = of.span[0] <= told.day
    about = {
        "won": say("Won in the period, beside all that was won in the period of the same length before."),
        "p50": say("With equal chance more or less is won. In 80 of 100 cases it ends between the two figures below (P10, P90)."),
        "weighted": say("Won, and the open amounts of the period times their chance. It knows no delays; the forecast does."),
        "commit": say("Won, and what reps committed for the period."),
        "best": say("Commit, and what reps take for the best case."),
    }
    beside = say("{change} on {amount}", change=moved, amount=of.money(told.before)) if begun and direction != "same" else None
    span = say("{low} to {high}", low=short_money(told.p10), high=short_money(told.p90))
    found = [
        _of_deals("won", say("Won so far"), told.won, of.won, about["won"], beside, total="amount"),
        _of_deals("p50", say("Forecast (P50)"), told.p50, of.due, about["p50"], span),
        _of_deals("weighted", say("Weighted"), told.weighted, of.due, about["weighted"]),
        _of_deals("commit", say("Commit"), told.commit, of.due, about["commit"]),
        _of_deals("best_case", say("Best case"), told.best_case, of.due, about["best"]),
        _coverage(of),
    ]
    row = st.container(horizontal=True, key="forecast.headline")
    for each in found:
        with row.container(border=True, width="stretch", height="stretch", key=f"{each.name}.cell"):
            tile(each, border=False)


def _of_deals(
    name: str,
    title: str,
    amount: float,
    where: OpportunityFilter,
    about: str,
    caption: str | None = None,
    *,
    total: str | None = None,
    shown: str | None = None,
) -> Tile:
    """A figure and the deals it is made of; their `total` equals it, where it is a plain sum."""
    rows = {"show": "list"} | parameters(where)
    text = shown or short_money(amount)
    return Tile(f"forecast.{name}", title, amount, text, "pipeline", rows, total=total, about=about, caption=caption)


def _coverage(of: Period) -> Tile:
    told = of.told
    about = say(
        "Open pipeline of the period ({open}) / what is still missing to the period before ({before}).",
        open=of.money(told.open_amount),
        before=of.money(told.before),
    )
    text = f"{number(told.coverage, 1)} ×" if told.coverage is not None else "–"
    reached = bool(told.before) and told.won >= told.before
    caption = say("nothing is missing") if reached else None
    return _of_deals("coverage", say("Coverage"), told.open_amount, of.due, about, caption, total="amount", shown=text)


def outlook(of: Period) -> None:
    left, right = st.columns(2, gap="large")
    with left:
        _distribution(of)
    with right:
        _path(of)
    _promised(of)


def _distribution(of: Period) -> None:
    told = of.told
    key = "forecast.distribution"
    if not told.counts:
        heading("Nothing open is expected in this period: {amount} are won", amount=of.money(told.won))
        st.caption(_undated(of))
        return
    values: dict[str, Any] = {"p10": of.money(told.p10), "p90": of.money(told.p90), "beats": percent(told.beats, 0)}
    title = "Between {p10} and {p90} by {end}; {beats} chance to beat the period before" if told.before else _NO_BEFORE
    with titled(title, key, **values, end=date_short(told.end)):
        definition = say(
            "Each open deal is decided 4,000 times by its chance to win; its day slips and its amount shrinks as those of the"
            " {misses} newest won deals did. Between P10 and P90 the columns are dark. The seed is fixed: the figures change"
            " only with the deals.",
            misses=told.misses,
        )
        sign(of, key, definition, told.open_deals)
    marks = {"won": told.won, "p10": told.p10, "p50": told.p50, "p90": told.p90}
    if show(Built(charts.distribution, told.edges, told.counts, marks), key=f"{key}.chart"):
        deals(of.due)
    rows = [("won", told.won), ("p10", told.p10), ("p50", told.p50), ("p90", told.p90), ("weighted", told.weighted)]
    rows += [("commit", told.commit), ("best_case", told.best_case), ("period_before", told.before)]
    frame = pd.DataFrame(
        [{"id": place, "figure": label(name, of="state"), "amount": value} for place, (name, value) in enumerate(rows)]
    )
    rows_below(frame, ["figure", "amount"], key, currency=of.board.currency)
    if told.undated:
        st.caption(_undated(of))


_NO_BEFORE = "Between {p10} and {p90} by {end}"


def _undated(of: Period) -> str:
    return say("{count:open deal has|open deals have} no expected day and count nowhere.", count=of.told.undated)


def _path(of: Period) -> None:
    told, key = of.told, "forecast.path"
    start, end = of.span
    if told.day >= end:
        sign_ = titled("The period is over: {won} were won", key, won=of.money(told.won))
    elif told.day < start:
        sign_ = titled("The period has not begun: {p50} are likely", key, p50=of.money(told.p50))
    else:
        left = (end - told.day).days
        values = {"more": of.money(max(told.p50 - told.won, 0.0)), "days": left}
        sign_ = titled("{more} more are likely in the {days:day|days} that are left", key, **values)
    with sign_:
        definition = say("What is won since the period began, and what is to be expected up to its end: P50 with P10 to P90.")
        sign(of, key, definition, told.open_deals, where=of.won)
    for _ in show(Built(charts.path, told.path, told.day, end, told.before or None), key=f"{key}.chart")[:1]:
        deals(of.due)
    rows_below(told.path.assign(id=range(len(told.path)), day_on=told.path["day"]), ["day_on", "won", "p10", "p50", "p90"], key)


def _promised(of: Period) -> None:
    """The open deals of the period by the category that reps gave them."""
    held = of.told.categories
    rows = [
        {"category": one.value, "deals": held[one][0], "amount": held[one][1]} for one in ForecastCategory if one.value in held
    ]
    if not rows:
        return
    frame = pd.DataFrame(rows).assign(id=range(len(rows)))
    committed = held.get(ForecastCategory.COMMIT, (0, 0.0))
    values = {"count": committed[0], "amount": of.money(committed[1]), "open": of.money(of.told.open_amount)}
    with titled("Reps committed {count:deal|deals} of {amount} among {open} open", "forecast.promised", **values):
        definition = say("The open deals that are expected in the period, by the category that their reps gave them.")
        sign(of, "forecast.promised", definition, of.told.open_deals)
    picked = show(Built(share, frame, "category", "amount", meaning="forecast_category"), key="forecast.promised.chart")
    words = frame.assign(category=[label(one, of="forecast_category") for one in frame["category"]])
    columns = ["category", "deals", "amount"]
    row = rows_below(
        words, columns, "forecast.promised", labels={"category": label("forecast_category")}, currency=of.board.currency
    )
    if picked:
        deals(of.due, forecast_category=(str(one(picked[0])),))
    if row is not None:
        deals(of.due, forecast_category=(str(frame["category"].iloc[row]),))


VIEWS: dict[str, Callable[[Period], None]] = {
    "forecast": outlook,
    "changed": changed,
    "accuracy": accuracy,
    "chances": win_probability,
}

__all__ = ["forecast"]
