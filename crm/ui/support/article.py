"""One article: its text, who wrote it, what changed, and the cases that it helped."""

from __future__ import annotations

from typing import Any

import streamlit as st

from crm.support import commands, queries
from crm.support.models import Article, ArticleState
from crm.ui.address import parameters, read_filter
from crm.ui.customer.file import facts_list
from crm.ui.desk import act, figures, go, load
from crm.ui.quotes.document import LANGUAGES
from crm.ui.show import heading
from crm.ui.support.changes import versions
from crm.ui.support.knowledge import Wanted
from crm.ui.support.written import helped_of, state_badge, written
from crm.ui.table import records
from crm.ui.text import literal
from crm.words import label, say
from crm.words.formats import date_short

FEW = 8

Ties = dict[str, Any]
"""What `ties_of` tells."""


def article_page(found: Article) -> None:
    ties: Ties = figures(queries.ties_of, article_id=found.id)
    _head(found, ties)
    left, right = st.columns([2.4, 1], gap="large")
    with left, st.container(key="article.text", width=760):
        written(found.text)
    with right:
        _facts(found, ties)
        _cases(found, ties)
        versions(found)


def to_all() -> None:
    if st.button(say("All articles"), type="tertiary", icon=":material/arrow_back:", key="article.back"):
        go("knowledge", **parameters(read_filter(Wanted)))


def _head(found: Article, ties: Ties) -> None:
    with st.container(horizontal=True, vertical_alignment="center", key="article.head"):
        to_all()
        state_badge(found.state)
        told = [literal(one) for one in (found.category, ties["product"]) if one]
        st.caption(" · ".join([*told, LANGUAGES[found.language]]), width="content")  # type: ignore[index]
        st.space("stretch")
        if ties["may_change"]:
            _moves(found, ties)


def _moves(found: Article, ties: Ties) -> None:
    if st.button(say("Edit"), icon=":material/edit:", key="article.edit"):
        go("knowledge", article=found.id, edit=1)
    if found.state == ArticleState.DRAFT and found.published_at is None:
        with st.popover(say("Throw away"), icon=":material/delete:", key="article.remove"):
            st.markdown(say("The draft is gone for everybody."))
            if st.button(say("Throw away"), type="primary", key="article.remove_yes"):
                act(commands.remove_draft, found.id, done="{name} removed.", rerun=False, name=found.name)
                go("knowledge")
    if ties["may_publish"] and found.state == ArticleState.PUBLISHED:
        hint = say("No longer found and suggested; the cases it helped keep it.")
        if st.button(say("Retire"), icon=":material/inventory_2:", key="article.retire", help=hint):
            act(commands.retire_article, found.id, done="Retired: it is no longer suggested.")
    elif ties["may_publish"] and st.button(say("Publish"), type="primary", icon=":material/publish:", key="article.publish"):
        act(commands.publish_article, found.id, done="Published: it is found and suggested now.")


def _facts(found: Article, ties: Ties) -> None:
    rows = [(say("Written by"), ties["author"] or "–"), (label("edition"), found.edition)]
    rows += [(say("Published on"), date_short(found.published_at))] if found.published_at else []
    rows += [(label("keywords"), found.keywords)] if found.keywords else []
    facts_list(rows, 2)


def _cases(found: Article, ties: Ties) -> None:
    """How often it helped, over all cases; those that I see stand below."""
    told = helped_of(ties["helped"], ties["not_helped"])
    if not ties["links"]:
        heading("No case was linked to it yet")
        return
    if told:
        heading("It {told}", told=told)
    else:
        heading("Linked to {count:case|cases}; nobody said yet whether it helped", count=ties["links"])
    rows = load(queries.cases_of, article_id=found.id)
    with st.container(gap=None, key="article.linked"):
        for row in records(rows.head(FEW)):
            _case(row)
    if len(rows) > FEW:
        with st.expander(say("{count:further case|further cases}", count=len(rows) - FEW), key="article.cases"):
            for row in records(rows.iloc[FEW:100]):
                _case(row)
    if len(rows) < ties["links"]:
        st.caption(say("{count:case is|cases are} not yours to see.", count=ties["links"] - len(rows)))


def _case(row: Any) -> None:
    icons = {True: "thumb_up", False: "thumb_down"}
    icon = icons.get(row.helped, "support_agent")
    if st.button(literal(row.number), key=f"article.case.{row.id}", type="tertiary", icon=f":material/{icon}:"):
        go("case", case=row.id)
    st.caption(literal(row.subject))
