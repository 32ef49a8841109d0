"""What stands around every page: configuration, language, sign-in, menu; and the guard that each page begins with."""

from __future__ import annotations

from copy import copy
from functools import lru_cache
from typing import Any

import streamlit as st

from crm import tables  # noqa: F401 - all of them before the first session: another thread would meet half of them
from crm.settings import ROOT
from crm.staff.sign_in import SignedIn
from crm.ui.menu import BY_PATH, PAGES, PUBLIC, PageSpec, allowed
from crm.ui.outage import told_of_outage, waited_for
from crm.ui.sign_in import keep_cookie, language_of_browser, sign_in_page, signed_in, this_run
from crm.ui.turns import in_turn
from crm.words import Language, language, say, speaking, use_language_from

SERVED = "/app/static"
LEGIBLE = f"<style>{(ROOT / 'static' / 'legible.css').read_text(encoding='utf-8')}</style>"


def run_frame() -> None:
    """All of Home.py. The menu stands before the sign-in form: else the first run forgets which page was asked for."""
    st.set_page_config(page_icon=f"{SERVED}/favicon.svg", layout="wide")
    use_language_from(language_of_browser)
    with in_turn(), told_of_outage():
        _run_framed(waited_for(signed_in))


def _run_framed(person: SignedIn | None) -> None:
    at_home = person is not None and not person.must_change
    chosen = st.navigation(_menu(person), position="sidebar" if at_home else "hidden", expanded=True)
    st.html(LEGIBLE)
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
        st.logo(f"{SERVED}/logo.svg", size="large", icon_image=f"{SERVED}/favicon.svg")
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


def _menu(person: SignedIn | None) -> dict[str, list[Any]]:
    """Every page for everybody, so that its address is known; shown to those it is for. Streamlit marks the one that it runs,
    so that each run has its own."""
    shown = frozenset(spec for spec in PAGES if person is not None and not spec.hidden and allowed(person.actor, spec.needs))
    return {section: [copy(page) for page in pages] for section, pages in _pages(language(), shown).items()}


@lru_cache(maxsize=64)
def _pages(spoken: Language, shown: frozenset[PageSpec]) -> dict[str, list[Any]]:
    """Streamlit looks for the file of each page."""
    sections: dict[str, list[Any]] = {}
    with speaking(spoken):
        for spec in PAGES:
            sections.setdefault(say(spec.section), []).append(_entry(spec, spec in shown))
    return sections


def _entry(spec: PageSpec, shown: bool) -> Any:
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
