"""What is known already about what is being typed: articles to read in place, to put into an answer, to judge."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import streamlit as st

from crm.support import commands, queries
from crm.ui.desk import act, find, load, me
from crm.ui.support.written import helped_of, written
from crm.ui.table import records
from crm.ui.text import literal
from crm.words import say

MOST = 3
LEAST = 8
"""Characters that have to be typed before anything is suggested."""

Insert = Callable[[str], Any]


def suggestions(
    text: str,
    case_id: int | None = None,
    key: str = "suggestions",
    *,
    product_id: int | None = None,
    insert: Insert | None = None,
) -> None:
    """Articles that fit `text`, those linked to the case first; draws nothing where there are none.

    `insert(text of the article)` is the callback of a button, so it may set the state of the field that is being written.
    """
    linked = load(queries.articles_of, case_id=case_id) if case_id is not None else None
    known = dict(zip(linked["article_id"].tolist(), linked["helped"].tolist(), strict=True)) if linked is not None else {}
    rows = [(row.article_id, row.name, "") for row in records(linked)] if linked is not None else []
    rows += [one for one in _fitting(text, product_id) if one[0] not in known]
    if not rows:
        return
    with st.container(key=key, gap="small"):
        st.caption(say("What is known already"))
        for article_id, name, told in rows:
            _one(article_id, name, told, case_id, known, f"{key}.{article_id}", insert)


def _fitting(text: str, product_id: int | None) -> list[tuple[int, str, str]]:
    plain = text.strip()
    if len(plain.encode()) < LEAST:
        return []
    found = load(queries.suggest, text=plain[:2000], product_id=product_id, limit=MOST)
    return [(row.id, row.name, helped_of(row.helped, row.not_helped)) for row in records(found)]


def _one(
    article_id: int, name: str, told: str, case_id: int | None, known: dict[int, Any], key: str, insert: Insert | None
) -> None:
    title = literal(name) + (f" :gray[· {told}]" if told else "")
    icon = ":material/link:" if article_id in known else ":material/menu_book:"
    with st.expander(title, icon=icon, key=f"{key}.panel", on_change="rerun") as panel:
        if not panel.open or (found := find(queries.article, article_id)) is None:
            return
        with st.container(height=320 if len(found.text) > 900 else "content", border=False):
            written(found.text)
        with st.container(horizontal=True, key=f"{key}.moves"):
            if insert is not None:
                st.button(
                    say("Put into the answer"),
                    key=f"{key}.insert",
                    icon=":material/input:",
                    on_click=insert,
                    args=(found.text,),
                )
            if case_id is not None and me().actor.grant("support").change:
                _helped(case_id, article_id, known.get(article_id), key)
            # Beside the page: what is being typed stays.
            address = f"knowledge?article={article_id}"
            st.link_button(say("Open"), address, key=f"{key}.open", type="tertiary", icon=":material/open_in_new:")


def _helped(case_id: int, article_id: int, said: Any, key: str) -> None:
    """The answer that was given stands out; the other one changes it."""
    for value, text, icon in ((True, say("Helped"), "thumb_up"), (False, say("Did not help"), "thumb_down")):
        chosen = said is not None and said == value
        if st.button(text, key=f"{key}.{value}", icon=f":material/{icon}:", type="primary" if chosen else "secondary"):
            act(commands.link_article, case_id, article_id, value, done="Noted with the case.")
