"""What stands around every page: configuration, language, sign-in, menu; and the guard that each page begins with."""

from __future__ import annotations

from typing import Any

import streamlit as st
from streamlit.runtime.scriptrunner import get_script_run_ctx

from crm import tables  # noqa: F401 - all of them before the first session: another thread would meet half of them
from crm.settings import ROOT
from crm.staff.sign_in import SignedIn
from crm.ui.menu import BY_PATH, PAGES, PUBLIC, PageSpec, allowed
from crm.ui.sign_in import keep_cookie, language_of_browser, sign_in_page, signed_in
from crm.words import say, use_language_from

STATIC = ROOT / "static"


def run_frame() -> None:
    """All of Home.py. The menu stands before the sign-in form: else the first run forgets which page was asked for."""
    st.set_page_config(page_icon=str(STATIC / "favicon.svg"), layout="wide")
    use_language_from(language_of_browser)
    person = signed_in()
    at_home = person is not None and not person.must_change
    chosen = st.navigation(_menu(person), position="sidebar" if at_home else "hidden", expanded=True)
    if chosen.url_path in PUBLIC:
        _run_public(chosen, at_home)
        return
    if person is None:
        sign_in_page()
        keep_cookie()
        return
    if person.must_change and chosen.url_path != "account":
        st.switch_page(BY_PATH["account"].path)
    if at_home:
        st.logo(str(STATIC / "logo.svg"), size="large", icon_image=str(STATIC / "favicon.svg"))
    _run(chosen, person)


def _run_public(chosen: Any, menu_sent: bool) -> None:
    """For anybody who has the link, and the same for a colleague: without the menu, and without knowing who he is."""
    if menu_sent:
        chosen = st.navigation(_menu(None), position="hidden")
    st.session_state["_me"] = None
    st.session_state["_public"] = True
    try:
        chosen.run()
    finally:
        st.session_state["_public"] = False


def _run(chosen: Any, person: SignedIn) -> None:
    """`_framed` holds for this run only: a page that runs without the frame finds nothing."""
    st.session_state["_me"], st.session_state["_me_run"] = person, this_run()
    st.session_state["_framed"] = True
    keep_cookie()
    try:
        chosen.run()
    finally:
        st.session_state["_framed"] = False


def this_run() -> object:
    """The same object all through one run, its fragments included, another one in the next: Streamlit makes it at every start."""
    context = get_script_run_ctx()
    return context.parallel_coordinator if context else None


def _menu(person: SignedIn | None) -> dict[str, list[Any]]:
    """Every page for everybody, so that its address is known; shown to those it is for."""
    sections: dict[str, list[Any]] = {}
    for spec in PAGES:
        sections.setdefault(say(spec.section), []).append(_entry(spec, person))
    return sections


def _entry(spec: PageSpec, person: SignedIn | None) -> Any:
    shown = person is not None and not spec.hidden and allowed(person.actor, spec.needs)
    return st.Page(
        spec.path,
        title=say(spec.title),
        icon=spec.icon,
        url_path=spec.url_path,
        default=spec.default,
        visibility="visible" if shown else "hidden",
    )


def public_guard() -> None:
    """For a page without sign-in: stops it where it runs without the frame."""
    if not st.session_state.get("_public"):
        st.error(say("This page opens only from the start page."), icon=":material/lock:")
        st.stop()


def guard(needs: str = "") -> SignedIn:
    """Who asks for this page; stops the page when it runs without the frame or is not for this person."""
    person: SignedIn | None = st.session_state.get("_me")
    if person is None or not st.session_state.get("_framed"):
        st.error(say("This page opens only from the start page."), icon=":material/lock:")
        st.stop()
    if not allowed(person.actor, needs):
        st.error(say("Your role does not open this page."), icon=":material/lock:")
        st.stop()
    return person
