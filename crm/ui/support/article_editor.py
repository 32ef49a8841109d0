"""Write an article: the fields at the left, at the right what the reader will see."""

from __future__ import annotations

from typing import Any

import streamlit as st

from crm.catalogue.queries import product_choices
from crm.session import ScopedSession
from crm.support import commands, queries
from crm.support.commands import ArticleInput
from crm.support.models import Article
from crm.ui.compare import compare, save
from crm.ui.desk import act, figures, go
from crm.ui.form import checked
from crm.ui.quotes.document import LANGUAGES
from crm.ui.support.written import written
from crm.words import label, language, say

CLOSE = "article.close"


def editing() -> bool:
    """Is the article of the address being written? A save that went well ends it."""
    if st.session_state.pop(CLOSE, False):
        st.query_params.pop("edit", None)
    return "edit" in st.query_params


def new_article() -> None:
    values = _fields("article.new", {"language": language()})
    if _saved("article.new", None) and (input := checked(ArticleInput, values)):
        added = act(commands.write_article, input, done="Draft saved.", rerun=False)
        if added is not None:
            go("knowledge", article=added.id)


def edit_article(found: Article) -> None:
    """Saves with the version it was opened with; a save that was overtaken shows both."""
    key = f"article.{found.id}"
    kept = f"{key}.version"
    if kept not in st.session_state or f"{key}.text" not in st.session_state:
        st.session_state[kept] = found.version
    values = _fields(key, {name: getattr(found, name) for name in ArticleInput.model_fields})
    if _saved(key, found.id) and (input := checked(ArticleInput, values)):
        opened = st.session_state.pop(kept)
        save(_save, found.id, input, version=opened, now=lambda: found.version, key=key, done="Saved.")
        st.session_state[kept] = found.version if f"{key}.stale" in st.session_state else opened
    compare(key, {"product_id": figures(product_choices), "language": LANGUAGES})


def _save(session: ScopedSession, article_id: int, input: ArticleInput, version: int) -> Article:
    edited = commands.edit_article(session, article_id, input, version)
    st.session_state[CLOSE] = True
    return edited


def _saved(key: str, article_id: int | None) -> bool:
    with st.container(horizontal=True, key=f"{key}.end"):
        sent = st.button(say("Save"), type="primary", icon=":material/check:", key=f"{key}.save", shortcut="Ctrl+Enter")
        if st.button(say("Cancel"), key=f"{key}.cancel"):
            st.session_state.pop(f"{key}.stale", None)
            go("knowledge", **({"article": article_id} if article_id else {}))
    return sent


def _fields(key: str, current: dict[str, Any]) -> dict[str, Any]:
    left, right = st.columns(2, gap="large")
    with left:
        values = _about(key, current)
        values["text"] = st.text_area(
            label("text") + " *",
            value=current.get("text") or "",
            key=f"{key}.text",
            height=420,
            max_chars=100_000,
            help=say("Markdown: # heading, **bold**, - list, 1. steps, `code`. HTML and pictures are not shown."),
        )
    with right:
        st.caption(say("As it will be read"))
        with st.container(border=True, key=f"{key}.preview"):
            if values["name"]:
                st.subheader(values["name"].replace("![", "!\u2060["), anchor=False)
            written(values["text"] or f":gray[{say('Nothing written yet.')}]")
    return values


def _about(key: str, current: dict[str, Any]) -> dict[str, Any]:
    """Everything but the text; a category that is new is just typed."""
    values: dict[str, Any] = {"name": st.text_input(label("name") + " *", value=current.get("name") or "", key=f"{key}.name")}
    first, second = st.columns(2)
    known = list(dict.fromkeys([*figures(queries.categories), *([current["category"]] if current.get("category") else [])]))
    with first:
        values["category"] = st.selectbox(
            label("category"),
            known,
            index=known.index(current["category"]) if current.get("category") else None,
            accept_new_options=True,
            placeholder=say("Choose or type a new one"),
            key=f"{key}.category",
        )
        values["language"] = st.segmented_control(
            label("language"),
            list(LANGUAGES),
            default=str(current["language"]),
            required=True,
            format_func=LANGUAGES.__getitem__,
            key=f"{key}.language",
        )
    with second:
        products: dict[int, str] = figures(product_choices)
        chosen = current.get("product_id")
        values["product_id"] = st.selectbox(
            label("product"),
            list(products),
            index=list(products).index(chosen) if chosen in products else None,
            format_func=products.__getitem__,
            placeholder=say("Any product"),
            key=f"{key}.product",
        )
        hint = say("Further words by which it is found.")
        values["keywords"] = st.text_input(
            label("keywords"), value=current.get("keywords") or "", key=f"{key}.keywords", help=hint
        )
    return values
