"""The survey as the customer sees it: what it is about, a mark, how likely he recommends the firm, a few words, thanks."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import streamlit as st

from crm.errors import NotFound
from crm.support.commands import Answer, OpenSurvey, answer_survey, open_survey
from crm.ui.quotes.document import LANGUAGES
from crm.ui.sign_in import signed_in
from crm.ui.support.answers import FACES
from crm.ui.text import literal
from crm.words import Language, label, language, say, speaking

LONGEST = 5000
LOOK = Path(__file__).with_name("survey.css")
"""The widgets of the product are for a mouse; this page is for a thumb."""


def survey(token: str) -> None:
    """`token`: from the address. A link that does not work says one sentence, whatever is wrong with it."""
    st.set_page_config(layout="centered", initial_sidebar_state="collapsed")
    st.html(LOOK)
    if st.session_state.get("survey.answered"):
        found: OpenSurvey | None = st.session_state["survey.answered"]
        _in_language(found, _thanks, found)
        return
    try:
        found = open_survey(token, _address())
    except NotFound as error:
        _in_language(None, _closed, error)
        return
    _in_language(found, _questions, found, token)


def _address() -> str:
    address = st.context.ip_address
    return address if isinstance(address, str) else ""


# ------------------------------------------------------------------------------------------------------- language


def _in_language(found: OpenSurvey | None, body: Any, *arguments: Any) -> None:
    """As the invitation speaks, or as the customer switched; a colleague's own language stays as it is."""
    spoken: Any = st.session_state.get("survey.language") or (found.language if found else language())
    with speaking(spoken), st.container(horizontal_alignment="center"), st.container(width=560, key="survey"):
        _switch("en" if spoken == "zh" else "zh")
        body(*arguments)


def _switch(other: Language) -> None:
    with st.container(horizontal=True, horizontal_alignment="right"):
        st.button(
            LANGUAGES[other],
            key="survey.switch",
            type="tertiary",
            icon=":material/translate:",
            on_click=_spoken,
            args=(other,),
        )


def _spoken(code: Language) -> None:
    st.session_state["survey.language"] = code


# ----------------------------------------------------------------------------------------------------------- body


def _questions(found: OpenSurvey, token: str) -> None:
    st.markdown(f":gray[{literal(found.firm)}]")
    st.title(say("How satisfied are you?"), anchor=False)
    st.markdown(_about(found))
    colleague = signed_in() is not None
    with st.form("survey.form", border=False):
        csat = _mark()
        nps = _likely()
        comment = st.text_area(say("What should we know? (optional)"), key="survey.comment", max_chars=LONGEST, height=110)
        refused = st.container()
        sent = st.form_submit_button(
            say("Send"), type="primary", icon=":material/send:", width="stretch", disabled=colleague, key="survey.send"
        )
    if colleague:
        st.caption(say("You are signed in: so the customer sees it. Only he can send it."))
    else:
        st.caption(say("Your answer goes to {firm} only. The link works once.", firm=literal(found.firm)))
    if sent and not colleague:
        with refused:
            _send(found, token, csat, nps, comment)


def _about(found: OpenSurvey) -> str:
    day = found.day
    if found.item == "case" and found.subject:
        return say("It is about your request **{subject}**, {day}.", subject=literal(found.subject), day=day)
    if found.item == "relationship":
        return say("It is about working with us.")
    item = label(found.item, of="item")
    if found.subject:
        return say("It is about: **{item}** ({subject}), {day}.", item=item, subject=literal(found.subject), day=day)
    return say("It is about: **{item}**, {day}.", item=item, day=day)


def _mark() -> int | None:
    def shown(mark: int) -> str:
        return f":material/{FACES[mark - 1]}: {mark}"

    with st.container(key="survey.csat", gap="xsmall"):
        st.markdown(f"**{say('Your mark')}**")
        chosen = st.segmented_control(
            say("Your mark"),
            [1, 2, 3, 4, 5],
            format_func=shown,
            key="survey.mark",
            label_visibility="collapsed",
            width="stretch",
        )
        _ends(say("1 = very dissatisfied"), say("5 = very satisfied"))
    return chosen


def _likely() -> int | None:
    with st.container(key="survey.nps", gap="xsmall"):
        st.markdown(f"**{say('How likely is it that you recommend us?')}**")
        chosen = st.pills(
            say("How likely is it that you recommend us?"),
            list(range(11)),
            key="survey.likely",
            label_visibility="collapsed",
            width="stretch",
        )
        _ends(say("0 = not at all"), say("10 = certainly"))
    return chosen


def _ends(low: str, high: str) -> None:
    with st.container(horizontal=True, horizontal_alignment="distribute"):
        st.caption(low, width="content")
        st.caption(high, width="content")


def _send(found: OpenSurvey, token: str, csat: int | None, nps: int | None, comment: str) -> None:
    if csat is None:
        st.error(say("Choose a mark from 1 to 5 first. Nothing was lost."), icon=":material/error:")
        return
    try:
        answer_survey(token, Answer(csat=csat, nps=nps, comment=comment or None), _address())
    except NotFound as error:
        st.error(say(error.template), icon=":material/error:")
        return
    st.session_state["survey.answered"] = found
    st.query_params.clear()
    st.rerun()


def _thanks(found: OpenSurvey) -> None:
    st.markdown(f":gray[{literal(found.firm)}]")
    st.title(say("Thank you"), anchor=False)
    st.markdown(say("Your answer has arrived. You can close this page."))


def _closed(error: NotFound) -> None:
    st.markdown(f":gray[:material/link_off:] {say(error.template)}")
