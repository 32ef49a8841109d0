"""What a page does: guard itself, load a frame, find a record, act. The actor comes from the browser's own sign-in."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

import pandas as pd
import streamlit as st

from crm.errors import CrmError, Stale
from crm.session import open_as
from crm.staff.sign_in import SignedIn
from crm.ui.frame import guard
from crm.ui.kept import kept
from crm.ui.menu import BY_PATH
from crm.ui.outage import told_of_outage, waited_for
from crm.ui.sign_in import signed_in, this_run
from crm.ui.text import typed
from crm.ui.top import top_line
from crm.ui.turns import out_of_turn
from crm.words import say

R = TypeVar("R")


def page(title: str, needs: str = "", *, badge: str | None = None) -> SignedIn:
    """First line of every page: refuses strangers, then draws the top line. A record's page names itself: `record_page`."""
    person = record_page(needs)
    top_line(say(title), person, badge=badge)
    return person


def record_page(needs: str) -> SignedIn:
    """First line of the page of one record, which draws its top line when it knows the name."""
    person = guard(needs)
    for message in st.session_state.pop("_told", []):
        st.toast(message, icon=":material/check:")
    return person


def me() -> SignedIn:
    """Who is at this browser; asked again in fragments, which run without the frame."""
    person: SignedIn | None = st.session_state.get("_me")
    if person is None or st.session_state.get("_me_run") is not this_run():
        with told_of_outage():
            person = waited_for(signed_in)
        st.session_state["_me"], st.session_state["_me_run"] = person, this_run()
    if person is None:
        st.rerun()
    return person


def load(query: Callable[..., pd.DataFrame], **arguments: Any) -> pd.DataFrame:
    """A frame as I may see it. Kept until a table changes that it was read from, for me alone."""
    return figures(query, **arguments)


def figures(query: Callable[..., R], **arguments: Any) -> R:
    """Like `load`, for a query that returns plain figures (a dict, a number)."""
    with told_of_outage():
        return kept(me(), query, arguments)  # type: ignore[no-any-return]


def find(query: Callable[..., R], *arguments: Any, **named: Any) -> R | None:
    """One record (or plain objects) as I may see it; tells and returns None where there is nothing to see."""
    try:
        with open_as(me().actor) as session:
            return query(session, *arguments, **named)
    except CrmError as error:
        tell(error)
        return None


def act(command: Callable[..., R], *arguments: Any, done: str | None = None, rerun: bool = True, **values: Any) -> R | None:
    """Run a command in my name: commit, say what changed, draw the page again. An error is told, nothing is changed."""
    st.session_state.pop("_me", None)
    try:
        actor = me().actor
        with out_of_turn(), open_as(actor) as session:
            result = command(session, *arguments)
    except Stale:
        raise
    except CrmError as error:
        tell(error)
        return None
    st.session_state.pop("_me", None)
    if done:
        told = say(done, **typed(values))
        if rerun:
            st.session_state.setdefault("_told", []).append(told)
        else:
            st.toast(told, icon=":material/check:")
    if rerun:
        st.rerun()
    return result


def tell(error: CrmError) -> None:
    st.error(say(error.template, **typed(error.values)), icon=":material/error:")


def go(url_path: str, **parameters: Any) -> None:
    """Open another page with its state in the address."""
    st.switch_page(BY_PATH[url_path].path, query_params={key: _text(value) for key, value in parameters.items()})


def _text(value: Any) -> str | list[str]:
    return [str(one) for one in value] if isinstance(value, list) else str(value)


def in_scope(query: Callable[..., R], *arguments: Any) -> R:
    """For exports and previews that must not be kept: ask once, in my name."""
    with told_of_outage(), open_as(me().actor) as session:
        return query(session, *arguments)


__all__ = ["act", "figures", "find", "go", "in_scope", "load", "me", "page", "record_page", "tell"]
