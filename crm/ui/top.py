"""The top line of every page: title and badge at the left; search everything, language and me at the right."""

from __future__ import annotations

from unicodedata import east_asian_width

import streamlit as st

from crm.customers import queries as customers
from crm.session import open_as
from crm.staff.sign_in import SignedIn
from crm.ui.inbox.news import news
from crm.ui.kept import kept
from crm.ui.menu import BY_PATH
from crm.ui.outage import told_of_outage
from crm.ui.sign_in import choose_language, sign_out
from crm.ui.text import literal
from crm.words import label, language, say
from crm.words.formats import date_short

PLACES = 40
MANY = 100


def top_line(title: str, person: SignedIn, *, badge: str | None = None) -> None:
    with st.container(horizontal=True, vertical_alignment="center", key="top_line"):
        shown = _on_one_line(title)
        st.title(literal(shown), width="content", anchor=False, help=literal(title) if shown != title else None)
        if badge:
            st.badge(badge, color="gray")
        st.space("stretch")
        if person.actor.grant("customers").see:
            search_everything(person)
        st.segmented_control(
            say("Language"),
            ["en", "zh"],
            default=language(),
            format_func=lambda code: {"en": "EN", "zh": "中文"}[code],
            key=f"language_{language()}",
            label_visibility="collapsed",
            on_change=_language_chosen,
        )
        _bell(person)
        with st.popover(literal(person.name), icon=":material/account_circle:", type="tertiary", key="me"):
            st.markdown(f"**{literal(person.name)}**  \n{label(person.actor.role, of='role')} · {literal(person.unit_name)}")
            st.page_link(BY_PATH["account"].path, label=say("My account"), icon=":material/manage_accounts:")
            st.button(say("Sign out"), on_click=sign_out, icon=":material/logout:", type="tertiary", key="sign_out")
    if person.demo_today:
        st.sidebar.caption(say("Demo company: today is {day}.", day=person.demo_today))


def _bell(person: SignedIn) -> None:
    """How much is new to me, or waits for me; leads to it."""
    count = kept(person, news, {})
    words = say("{count:new notice|new notices}", count=count) if count else say("Nothing new")
    icon = ":material/notifications_unread:" if count else ":material/notifications:"
    shown = f"**{count if count < MANY else f'{MANY - 1}+'}**" if count else ""
    if st.button(shown, icon=icon, key="bell", type="tertiary", help=words):
        st.switch_page(BY_PATH["inbox"].path)


def _on_one_line(title: str) -> str:
    """What leaves room for the rest of the line on a desk; a Chinese sign takes two places."""
    room = PLACES
    for at, sign in enumerate(title):
        room -= 2 if east_asian_width(sign) in "WF" else 1
        if room < 0:
            return f"{title[:at].rstrip()}…"
    return title


def _language_chosen() -> None:
    choose_language("en" if language() == "zh" else "zh")


@st.fragment
def search_everything(person: SignedIn) -> None:
    """A few letters or digits find customers, contacts and orders; the search itself reruns nothing else."""
    with st.container(width=320, key="search_everything"):
        words = st.text_input(
            say("Search everything"),
            key="search_words",
            type="search",
            live=True,
            placeholder=say("Name, code, phone, order"),
            label_visibility="collapsed",
            icon=":material/search:",
        )
        if words and words.strip():
            with told_of_outage(), open_as(person.actor) as session:
                found = customers.search_everything(session, words.strip())
            _show_found(found, words)


def _show_found(found: list[customers.Found], words: str) -> None:
    if not found:
        st.caption(say("Nothing found for “{words}”.", words=literal(words)))
        return
    icons = {"customer": ":material/groups:", "contact": ":material/person:", "order": ":material/receipt_long:"}
    with st.container(border=True, key="search_found", gap=None):
        for hit in found:
            detail = date_short(hit.day) if hit.day else hit.detail
            text = f"{literal(hit.title)} :gray[{literal(detail)}]" if detail else literal(hit.title)
            st.page_link(
                BY_PATH["customer"].path,
                label=text,
                icon=icons[hit.kind],
                query_params={"customer": str(hit.customer_id)},
                width="stretch",
            )
