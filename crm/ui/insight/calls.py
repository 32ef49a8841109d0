"""Who to call today: one customer at a time, why, whom to ask for, and one small form; then the next one stands there."""

from __future__ import annotations

import datetime as dt
from typing import Any

import streamlit as st

from crm.insight.calling import CallSettings
from crm.insight.commands import draw_calls, set_call_settings
from crm.insight.queries.calls import call_settings, callers, done_today, drawn_on, paces, queue, settings_version
from crm.office.queries import today
from crm.staff.sign_in import Board, SignedIn
from crm.ui.address import number
from crm.ui.compare import compare, save
from crm.ui.desk import act, figures, find, in_scope, load, me
from crm.ui.dialog import open_dialog
from crm.ui.form import form
from crm.ui.insight.about import about
from crm.ui.insight.call_card import card, glance
from crm.ui.show import empty, heading
from crm.ui.table import records
from crm.words import say

CHOSEN = "call.chosen"


def calls(person: SignedIn, board: Board) -> None:
    """The queue of one person: his own, or that of somebody he leads."""
    names = figures(callers, board_id=board.id)
    if not names:
        empty("Nobody has customers in this board yet. Import customers, or add the first one: then this page says whom to call.")
        return
    day = figures(today)
    user_id = _asked(person, names)
    if user_id == person.user_id:
        draw_once(user_id, board, day)
    rows = load(queue, user_id=user_id, board_id=board.id, day=day)
    with st.container(gap="small"):
        _head(board, user_id, names, rows, day)
    if rows.empty:
        _nothing_left(board, user_id, day)
        return
    ids = tuple(int(one) for one in rows["customer_id"])
    rhythms = figures(paces, customer_ids=ids, day=day)
    now = _standing(rows)
    left, right = st.columns([2.4, 1], gap="large")
    with left:
        card(now, board, rhythms.get(int(now.customer_id)), day)
    with right:
        _then(rows, now, board, rhythms, day)


def _asked(person: SignedIn, names: dict[int, str]) -> int:
    """Whose day the address asks for, else the own one."""
    asked = number("who", 0)
    if asked in names:
        return asked
    return person.user_id if person.user_id in names else next(iter(names))


def _whose(user_id: int, names: dict[int, str]) -> None:
    """Who leads others chooses among them."""
    st.session_state["call.who"] = user_id
    st.selectbox(
        say("Whose day"),
        list(names),
        format_func=lambda one: names[one],
        key="call.who",
        on_change=_who_chosen,
        width=220,
        label_visibility="collapsed",
    )


def _who_chosen() -> None:
    st.session_state.pop(CHOSEN, None)
    st.query_params["who"] = str(st.session_state["call.who"])


def draw_once(user_id: int, board: Board, day: dt.date) -> None:
    """The first time somebody opens his day it is drawn."""
    mark = f"call.drawn.{user_id}.{board.id}.{day}"
    if mark not in st.session_state and me().actor.grant("customers").change:
        if not in_scope(drawn_on, user_id, board.id, day):
            act(draw_calls, user_id, board.id, day, rerun=False)
        st.session_state[mark] = True


def _head(board: Board, user_id: int, names: dict[int, str], rows: Any, day: dt.date) -> None:
    """How much is left of the day, what is done; the panel, and the settings for those who decide them."""
    done = figures(done_today, user_id=user_id, board_id=board.id, day=day)
    left = int(rows["minutes"].sum())
    with st.container(horizontal=True, vertical_alignment="center", key="call.head"):
        with st.container(width="stretch"):
            told: dict[str, Any] = {"count": len(rows), "left": left, "finished": done["count"]}
            if len(rows):
                heading("{count:customer|customers} to contact, about {left:minute|minutes}; {finished} done today", **told)
            else:
                heading("{finished} done today, nobody is left", finished=done["count"])
        if len(names) > 1:
            _whose(user_id, names)
        _about(board, rows, day)
        if me().actor.may("publish", "insight") and st.button(
            "", icon=":material/tune:", key="call.settings", type="tertiary", help=say("Minutes, lot and period")
        ):
            _open_settings(board)
    if left or done["minutes"]:
        st.progress(done["minutes"] / (done["minutes"] + left))


def _standing(rows: Any) -> Any:
    """Whom a click on the list chose, as long as he waits; else the first."""
    chosen = st.session_state.get(CHOSEN)
    at = rows.index[rows["customer_id"] == chosen].tolist()
    return next(rows.iloc[[at[0] if at else 0]].itertuples())


def _then(rows: Any, now: Any, board: Board, rhythms: dict[int, Any], day: dt.date) -> None:
    heading("Then")
    others = rows[rows["customer_id"] != now.customer_id]
    if others.empty:
        st.caption(say("Nobody: this is the last one."))
    with st.container(gap="xxsmall"):
        for row in records(others.head(12)):
            if glance(row, board, rhythms.get(int(row.customer_id)), day):
                st.session_state[CHOSEN] = int(row.customer_id)
                st.rerun()
    if len(others) > 12:
        st.caption(say("{count} more after them.", count=len(others) - 12))
    st.caption(
        say(
            "In the order of what a minute may save: value at risk times the chance that contact helps. That chance is"
            " assumed, until its effect is measured."
        )
    )


def _nothing_left(board: Board, user_id: int, day: dt.date) -> None:
    done = figures(done_today, user_id=user_id, board_id=board.id, day=day)
    may = me().actor.grant("customers").change
    if user_id != me().user_id and may and not in_scope(drawn_on, user_id, board.id, day):
        empty("This day is not drawn yet: it is when its owner opens this page, or now.")
        if st.button(say("Draw the day"), key="call.draw", icon=":material/shuffle:", type="primary"):
            act(draw_calls, user_id, board.id, day, done="Drawn.")
    elif done["count"]:
        empty("Done for today. What you plan for a day stands here on that day; tomorrow brings new proposals.")
    else:
        empty(
            "Nobody to call today. Customers are proposed who have something to lose and were not contacted lately;"
            " call lists and planned activities come first."
        )


def _about(board: Board, rows: Any, day: dt.date) -> None:
    settings = figures(call_settings, board_id=board.id)
    about(
        "call.queue",
        definition=say(
            "First what is planned and due, then call lists, then customers by V · p · e^(−λt) / m: value at risk V, times the"
            " chance that contact still helps (he is a customer still, p, and would not order anyway in t = {period:day|days}"
            " at his rate λ), per minute m that his usual way of contact takes. The chance is an assumption, an upper bound: how"
            " much contact really moves is measured by leaving out {control} % of the drawn customers by lot for a period."
            " Without a score of the model his rhythm and his yearly revenue stand in, and the card says so.",
            period=settings.period_days,
            control=settings.control_percent,
        ),
        formula=r"\frac{V \cdot p \cdot e^{-\lambda t}}{m}",
        scope=board.name,
        as_of=day,
        n=len(rows),
    )


# ------------------------------------------------------------------------------------------------------ settings


def _open_settings(board: Board) -> None:
    open_dialog(say("Calls: minutes, lot and period"), settings_dialog, board.id, in_scope(settings_version, board.id))


def settings_dialog(board_id: int, version: int) -> None:
    """`version` is that of the settings when the dialog opened."""
    current = find(call_settings, board_id)
    if current is None:
        return
    details = form(CallSettings, current.model_dump(), key="call.settings_form", columns=2)
    if details is not None:
        save(
            set_call_settings,
            board_id,
            details,
            version=version,
            now=lambda: in_scope(settings_version, board_id),
            key="call.settings",
            done="Saved. It holds from the next drawing on.",
        )
    compare("call.settings")
