"""Who stopped, why, to whom, and of which kind of customer more stopped than of others."""

from __future__ import annotations

from typing import Any

import pandas as pd
import streamlit as st

from crm.charts import churn as charts
from crm.customers import queries as customers
from crm.customers.filters import CustomerFilter
from crm.insight.queries import churn as queries
from crm.staff.queries import colleagues, units
from crm.ui.desk import figures, go, load, me
from crm.ui.dialog import open_dialog
from crm.ui.insight.about import about, titled
from crm.ui.insight.churn_controls import Asked, one_of
from crm.ui.insight.selected import group_dialog, selected
from crm.ui.paging import page_of, pager
from crm.ui.show import empty, heading, show
from crm.ui.table import table
from crm.ui.text import literal
from crm.ui.tile import told
from crm.words import label, say
from crm.words.formats import percent, short_money

SIZE = 50
ROWS = ("code", "name", "owner", "last_order_on", "stopped", "worth", "reason", "direction", "competitor")


def who(asked: Asked, found: dict[str, Any]) -> None:
    """By value, those first of whom nobody knows why: the reps are asked for it."""
    unasked, stopped = int(found["stopped"] - found["known"]), int(found["stopped"])
    if not stopped:
        told("churn", {"count": 0, "worth": 0.0})
        with titled("Nobody stopped from {first} to {last}", "churn.who", **asked.span):
            _about(asked, found, "churn.who")
        empty("Nobody stopped in this period. Choose a longer one, or another way to say who counts.")
        return
    with titled("{count:customer|customers} stopped; of {unasked} nobody knows why", "churn.who", count=stopped, unasked=unasked):
        _about(asked, found, "churn.who")
    reasons = load(queries.by_reason, churn=asked.churn)
    told("churn", {"count": int(reasons["customers"].sum()), "worth": float(reasons["worth"].fillna(0).sum())})
    _ask_for_reasons(asked, unasked)
    page = page_of(stopped, SIZE)
    rows = load(queries.stopped_list, churn=asked.churn, page=page, size=SIZE)
    shown = rows.assign(p_alive=rows["p_alive"].astype("float64") * 100)
    columns = ["name", "reason", "worth", "last_order_on", "p_alive", "owner", "direction", "competitor"]
    chosen = table(
        _said(shown).drop(columns=[] if asked.days["end"] else ["p_alive"]),
        key=f"churn.who.{page}",
        columns=columns,
        labels={"worth": say("Value lost")},
        currency=asked.board.currency,
    )
    if chosen.opened:
        go("customer", customer=chosen.opened)
    pager(stopped, SIZE, "churn.page")


def _ask_for_reasons(asked: Asked, unasked: int) -> None:
    """A call list of those without a reason: each rep finds his customers under Call today."""
    if not unasked or not me().actor.may("group", "insight"):
        return
    with st.container(horizontal=True, vertical_alignment="center", key="churn.ask"):
        st.caption(say("Open a customer and choose “Lost” to enter why. Or ask the owners of all of them:"), width="content")
        if st.button(say("Make a call list"), icon=":material/phone_forwarded:", key="churn.ask.list", type="tertiary"):
            ids = figures(queries.stopped_ids, churn=asked.churn, name="reason", value=queries.NOT_ASKED)
            made_from = say("Stopped from {first} to {last}, reason not known", **asked.span)
            where = CustomerFilter(ids=ids)
            open_dialog(say("Make a call list"), group_dialog, where, "call_list", made_from, len(ids), width="small")


def _said(rows: pd.DataFrame) -> pd.DataFrame:
    """Codes of reasons and directions in the reader's words."""
    return rows.assign(
        reason=[_word("reason", one) for one in rows["reason"]],
        direction=[_word("direction", one) if one else "" for one in rows["direction"]],
    )


def why(asked: Asked, found: dict[str, Any]) -> None:
    reasons = load(queries.by_reason, churn=asked.churn)
    entered = reasons[reasons["reason"] != queries.NOT_ASKED]
    if entered.empty:
        with titled("Nobody has entered yet why they stopped", "churn.why"):
            _about(asked, found, "churn.why")
    else:
        top, known = entered.iloc[0], int(entered["customers"].sum())
        values = {"reason": _word("reason", top["reason"]), "count": int(top["customers"]), "known": known}
        with titled("{reason} is the first reason: {count} of the {known} who are known", "churn.why", **values):
            _about(asked, found, "churn.why")
    if reasons.empty:
        empty("Nobody stopped in this period. Choose a longer one, or another way to say who counts.")
        return
    _bars_with_rows(asked, reasons, "reason")


def to_whom(asked: Asked, found: dict[str, Any]) -> None:
    directions = load(queries.by_direction, churn=asked.churn)
    entered = directions[directions["direction"] != queries.NOT_ASKED]
    if entered.empty:
        with titled("Nobody has entered yet to whom they went", "churn.to_whom"):
            _about(asked, found, "churn.to_whom")
        empty("Open a customer who stopped and choose “Lost”: to whom he went then stands here.")
        return
    rivals = load(queries.by_competitor, churn=asked.churn)
    known = int(entered["customers"].sum())
    if len(rivals):
        first = rivals.iloc[0]
        values = {"name": first["competitor"], "count": int(first["customers"]), "known": known}
        place = titled("The most went to {name}: {count} of the {known} who are known", "churn.to_whom", **values)
    else:
        place = titled("None of the {known} who are known went to a competitor", "churn.to_whom", known=known)
    with place:
        _about(asked, found, "churn.to_whom")
    _bars_with_rows(asked, directions, "direction")
    if len(rivals):
        heading("Competitors by name")
        _bars_with_rows(asked, rivals, "competitor")


def _bars_with_rows(asked: Asked, rows: pd.DataFrame, by: str) -> None:
    named = rows.assign(name=[_word(by, one) for one in rows[by]])
    picked = show(charts.reasons(named, "name", by), key=f"churn.bars.{by}")
    st.caption(say("Customers, and what they were worth in {currency}.", currency=asked.board.currency))
    if picked:
        _behind(asked, by, _first(picked), _word(by, _first(picked)))


def _word(by: str, value: Any) -> str:
    """A reason, a direction or the name of a competitor as a person reads it."""
    if value is None or value == queries.NOT_ASKED:
        return say("not asked yet")
    return str(value) if by == "competitor" else label(str(value), of=by)


def _behind(asked: Asked, name: str, value: Any, title: str) -> None:
    """The customers behind a part of a chart."""
    ids = figures(queries.stopped_ids, churn=asked.churn, name=name, value=value)
    heading("{title}: {count:customer|customers} who stopped", title=title, count=len(ids))
    made_from = say("Stopped from {first} to {last}: {title}", title=title, **asked.span)
    if ids:
        where = CustomerFilter(ids=ids, board_id=(asked.board.id,))
        selected(where, key=f"churn.{name}", made_from=made_from)


def composition(asked: Asked, found: dict[str, Any]) -> None:
    titles = {name: label(name) for name in queries.dimensions(asked.days)}
    by = one_of("of", titles, "region", title=say("By"), bare=True)
    rows = load(queries.composition, churn=asked.churn, dimension=by)
    if rows.empty:
        empty("Nobody was a customer at the start of this period.")
        return
    overall = found["stopped"] / found["here"]
    named = rows.assign(id=range(len(rows)), name=_names(by, rows["value"].tolist()))
    with _composition_title(named, overall):
        _about(asked, found, "churn.composition", definition=say(_COMPOSITION), formula=_WILSON)
    picked = show(charts.composition(named, "name", "id", overall), key=f"churn.composition.{by}")
    percents = {name: named[column] * 100 for name, column in _PERCENTS.items()}
    labels = {"worth": say("Value lost"), "name": label(by)}
    chosen = table(
        named.assign(**percents),
        key=f"churn.composition.table.{by}",
        columns=["name", "customers", "share", "stopped", "churn_rate", "rate_from", "rate_to", "worth"],
        labels=labels,
        currency=asked.board.currency,
    )
    row = chosen.opened if chosen.opened is not None else int(_first(picked)) if picked else None
    if row is not None:
        value = named["value"].iloc[row]
        plain = None if pd.isna(value) else value if isinstance(value, str) else int(value)
        _behind(asked, by, plain, str(named["name"].iloc[row]))


_PERCENTS = {"share": "share", "churn_rate": "rate", "rate_from": "low", "rate_to": "high"}
_COMPOSITION = (
    "Of the customers of each kind at the start the share that stopped, with its interval of 95 % (Wilson). Coloured is what"
    " differs from the rate of all by more than chance; where there are many kinds, one in twenty does so by chance alone."
)
_WILSON = r"\frac{\hat p + z^2/2n \pm z\sqrt{\hat p(1-\hat p)/n + z^2/4n^2}}{1 + z^2/n}"
_CHURN = r"\frac{\text{lost}}{\text{start}} \times 100\,\%"


def _composition_title(rows: pd.DataFrame, overall: float) -> Any:
    odd = rows[rows["low"] > overall]
    key = "churn.composition"
    if odd.empty:
        return titled("{rate} stopped, and no part clearly more than the others", key, rate=percent(overall))
    worst = odd.iloc[int(odd["rate"].argmax())]
    values = {"name": str(worst["name"]), "rate": percent(worst["rate"]), "all": percent(overall)}
    return titled("{name} is out of the ordinary: {rate} stopped, {all} of all", key, **values)


def _names(by: str, values: list[Any]) -> list[str]:
    known: dict[Any, str] = {}
    if by in ("owner_id", "team_id", "class_id"):
        rows = load({"owner_id": colleagues, "team_id": units, "class_id": customers.classes}[by])
        known = dict(zip(rows["id"], rows["name"], strict=True))
    return [_name(by, value, known) for value in values]


def _name(by: str, value: Any, known: dict[Any, str]) -> str:
    if value is None or value != value:
        return say("not given")
    if by == "cohort":
        return say("since {year}", year=str(int(value)))
    if by == "segment":
        return label(str(value), of="segment")
    return str(value) if by in ("region", "industry") else known.get(value, str(value))


def _about(asked: Asked, found: dict[str, Any], key: str, definition: str = "", formula: str = _CHURN) -> None:
    churn = asked.churn
    rule = {"silence": say("By silence"), "model": say("By the model"), "entered": say("As entered")}[churn.rule]
    stopped = say(
        "Customers who were there at the start of the period and had stopped at its end. Without a contract nobody says so: by"
        " silence, by the model's chance, or as somebody entered it. The value is {worth}, in all {amount}.",
        worth=_WORTH[churn.worth](),
        amount=short_money(found["worth"], asked.board.currency),
    )
    about(
        key,
        definition=definition or stopped,
        formula=formula,
        scope=say("{board}, {first} to {last}, {rule}", board=literal(asked.board.name), rule=rule, **asked.span),
        as_of=churn.end,
        n=int(found["here"]),
        rows=lambda session: queries.base_rows(session, churn),
        columns=ROWS,
    )


_WORTH = {
    "revenue": lambda: say("the revenue of the year before the period"),
    "lifetime_value": lambda: say("the lifetime value as it stood at the start"),
    "value_at_risk": lambda: say("the value at risk at the end"),
}


def _first(picked: list[Any]) -> Any:
    return picked[0][0] if isinstance(picked[0], list | tuple) else picked[0]


__all__ = ["composition", "to_whom", "who", "why"]
