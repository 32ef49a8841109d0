"""What the customers of each person became worth, and through what; beside it what he sold and did."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from crm.analytics.value_change import waterfall
from crm.charts import value_change as charts
from crm.staff.sign_in import SignedIn
from crm.ui.insight.about import about, titled
from crm.ui.insight.cohort_controls import newly, one, put
from crm.ui.show import Built, empty, show
from crm.ui.team.value_asked import Asked, asked
from crm.ui.team.value_people import against_volume, of_people, people_table
from crm.ui.team.value_rating import by_rating
from crm.ui.team.value_rows import EVERY, STEPS, of_part, rows_of_part
from crm.ui.tile import Tile, tiles
from crm.words import label, say
from crm.words.formats import percent, short_money

ENDS = ("opening", "closing")


def value(person: SignedIn) -> None:
    of = asked(person)
    if of is None:
        return
    if of.changes.empty:
        empty("No customer of {whose} had a worth on one of the two days. Choose other days, or somebody else.", whose=of.name)
        return
    fallen = waterfall(of.changes)
    _tiles(of, fallen)
    left, right = st.columns(2, gap="large")
    with left:
        _waterfall(of, fallen)
    with right:
        rows = of_people(of)
        against_volume(of, rows)
    alone = len(of.people) < 2
    if not alone:
        people_table(of, rows, tells="part" not in st.query_params)
    if alone or "part" in st.query_params:
        rows_of_part(of, st.query_params.get("part", EVERY))
    by_rating(of)


def _tiles(of: Asked, fallen: pd.DataFrame) -> None:
    """What happened in it, adding up to the change."""
    opening, closing = (float(fallen["total"].iloc[at]) for at in (0, -1))
    moved = closing - opening
    share = _signed_share(moved, opening) if opening else None
    meant = say(
        "Expected margin of all customers over the published horizon, discounted, as it was kept on the two days; in {currency}.",
        currency=of.board.currency,
    )
    found = [_tile(of, EVERY, say("Change of worth"), about=meant, caption=share)]
    for name, title, hint in (
        ("new", say("New"), say("Customers that were not there before.")),
        ("stayed", say("Grown less shrunk"), say("Customers that stayed with their owner, or whom he took over, since then.")),
        ("lost", say("Lost"), say("Customers that are gone or given up by the rule of the firm.")),
        ("hands", say("Changed hands"), say("Inherited less handed over; within a team it is nothing.")),
    ):
        found.append(_tile(of, name, title, about=hint))
    tiles(found, "value.tiles")


def _signed_share(moved: float, opening: float) -> str:
    return ("+" if moved >= 0 else "−") + percent(abs(moved) / opening)


def _tile(of: Asked, name: str, title: str, *, about: str, caption: str | None = None) -> Tile:
    rows = of_part(of.changes, name)
    amount = float(rows["change"].sum())
    count = say("{count:customer|customers}", count=rows["customer_id"].nunique())
    shown = ("+" if amount > 0 else "") + short_money(amount)
    where = of.address(part=name)
    return Tile(f"value.{name}", title, amount, shown, "team", where, total="change", about=about, caption=caption or count)


def _waterfall(of: Asked, fallen: pd.DataFrame) -> None:
    opening, closing = (float(fallen["total"].iloc[at]) for at in (0, -1))
    steps = fallen[~fallen["step"].isin(ENDS) & (fallen["change"] != 0)]
    key = "value.fall"
    values = {"amount": of.money(abs(closing - opening)), "closing": of.money(closing)}
    if steps.empty:
        place = titled("Nothing changed: {closing}", key, closing=values["closing"])
    else:
        most = steps.iloc[int(steps["change"].abs().argmax())]
        values |= {"step": label(str(most["step"]), of="part"), "by": of.money(float(most["change"]))}
        place = titled(_UP if closing >= opening else _DOWN, key, **values)
    with place:
        about(
            key,
            definition=say(
                "The worth of each customer as it was kept on both days. New: was not there. Lost: gone or given up. Grown, "
                "shrunk: stayed. Who changed hands is handed over by the one at what he was worth then, and inherited by the "
                "other; what came since is the doing of the new owner. Before + all parts = after, for each person and for all."
            ),
            scope=of.scope,
            as_of=of.after,
            n=int(of.changes["customer_id"].nunique()),
        )
    picked = show(Built(charts.fall, fallen, st.query_params.get("part", "")), key=f"{key}.chart")
    clicked = str(one(picked[0])) if picked else None
    if newly(f"{key}.chart", clicked) and clicked in STEPS:
        put("part", clicked)
        put("page", None)
        st.rerun()


_UP = "{amount} more, now {closing}; most of it by “{step}”: {by}"
_DOWN = "{amount} less, now {closing}; most of it by “{step}”: {by}"

__all__ = ["value"]
