"""The knowledge base: a search in either language, categories with their counts, what was found and where it stands."""

from __future__ import annotations

import re
from typing import Any, Literal

import streamlit as st
from pydantic import BaseModel

from crm.office.queries import today
from crm.support import queries
from crm.support.models import ArticleState
from crm.ui.address import read_filter, write_filter
from crm.ui.desk import figures, go, load, me
from crm.ui.filtering import search_box
from crm.ui.paging import page_of, pager
from crm.ui.quotes.document import LANGUAGES
from crm.ui.show import empty, heading
from crm.ui.support.written import helped_of, state_badge
from crm.ui.table import records
from crm.ui.text import literal
from crm.words import label, say
from crm.words.formats import date_relative

SIZE = 20
ALIKE = 5


class Wanted(BaseModel):
    """What is looked for, as it stands in the address."""

    search: str = ""
    state: Literal["published", "draft", "retired"] = "published"
    category: str | None = None
    """"" = articles without one."""
    language: Literal["en", "zh"] | None = None
    product_id: int | None = None


def knowledge() -> None:
    """The list; a fragment, so that typing redraws nothing else."""
    where = read_filter(Wanted)
    _controls(where)
    fits = where.model_dump(exclude={"category"})
    counts: dict[str, int] = figures(queries.category_counts, **fits)
    _categories(where, counts)
    total = sum(counts.values()) if where.category is None else counts.get(where.category, 0)
    useful = load(queries.most_useful) if where == Wanted() else None
    if useful is None or useful.empty:
        _found(where, total)
        return
    left, right = st.columns([2.4, 1], gap="large")
    with left:
        _found(where, total)
    with right:
        heading("Most useful", about=say("By the share of cases they helped, counted as it surely is at least (Wilson, 95 %)."))
        for row in records(useful):
            with st.container(gap=None, key=f"knowledge.useful.{row.id}"):
                _name(row, "useful")
                st.caption(helped_of(row.helped, row.not_helped))


# ------------------------------------------------------------------------------------------------------ controls


def _controls(where: Wanted) -> None:
    st.session_state["knowledge.search"] = where.search
    st.session_state["knowledge.state"] = where.state
    st.session_state["knowledge.language"] = where.language
    with st.container(horizontal=True, vertical_alignment="center", key="knowledge.controls"):
        search_box("knowledge.search", say("Words in name or text"), _asked)
        st.segmented_control(
            label("state"),
            [state.value for state in ArticleState],
            key="knowledge.state",
            required=True,
            format_func=lambda code: label(code, of="article_state"),
            label_visibility="collapsed",
            on_change=_asked,
        )
        st.pills(
            label("language"),
            list(LANGUAGES),
            key="knowledge.language",
            format_func=LANGUAGES.__getitem__,
            label_visibility="collapsed",
            on_change=_asked,
        )
        _products(where)
        st.space("stretch")
        if me().actor.grant("support").change and st.button(
            say("Write article"), type="primary", icon=":material/edit_note:", key="knowledge.new"
        ):
            go("knowledge", article=0, edit=1)


def _products(where: Wanted) -> None:
    products: dict[int, str] = figures(queries.products_told_of)
    if not products:
        return
    st.session_state["knowledge.product"] = where.product_id if where.product_id in products else None
    st.selectbox(
        label("product"),
        list(products),
        key="knowledge.product",
        format_func=products.__getitem__,
        placeholder=say("Any product"),
        label_visibility="collapsed",
        width=170,
        on_change=_asked,
    )


def _categories(where: Wanted, counts: dict[str, int]) -> None:
    shown = counts if where.category is None or where.category in counts else counts | {where.category: 0}
    if set(shown) <= {""}:
        return
    st.session_state["knowledge.category"] = where.category
    st.pills(
        label("category"),
        sorted(shown, key=lambda name: (not name, name)),
        key="knowledge.category",
        format_func=lambda name: f"{literal(name) if name else say('Without category')} :gray[{shown[name]}]",
        label_visibility="collapsed",
        on_change=_asked,
    )


def _asked() -> None:
    state = st.session_state
    values: dict[str, Any] = {"search": (state["knowledge.search"] or "").strip(), "state": state["knowledge.state"]}
    values |= {"language": state["knowledge.language"], "category": state.get("knowledge.category")}
    write_filter(Wanted(**values, product_id=state.get("knowledge.product")))


# --------------------------------------------------------------------------------------------------------- found


def _found(where: Wanted, total: int) -> None:
    if not total:
        _nothing(where)
        return
    fits, page = where.model_dump(), page_of(total, SIZE)
    rows = load(queries.articles, **fits, page=page, size=SIZE)
    ids = rows["id"].tolist()
    places: dict[int, str] = figures(queries.found_in, article_ids=ids, search=where.search) if where.search else {}
    heading("{count:article|articles}", count=total)
    with st.container(gap="xsmall", key="knowledge.found"):
        for row in records(rows):
            _row(row, places.get(row.id, ""), where.search)
    pager(total, SIZE, "knowledge.page")


def _row(row: Any, place: str, search: str) -> None:
    with st.container(key=f"found.{row.id}", gap=None):
        with st.container(horizontal=True, vertical_alignment="center", key=f"found.{row.id}.line"):
            _name(row, "open")
            if row.state != ArticleState.PUBLISHED:
                state_badge(row.state)
        if place:
            st.markdown(f":small[{marked(place, search)}]")
        told = (row.category, LANGUAGES[row.language], row.product, helped_of(row.helped, row.not_helped))
        parts = [literal(one) for one in told if isinstance(one, str) and one]
        parts += [date_relative(row.published_at, figures(today))] if row.state == ArticleState.PUBLISHED else []
        st.caption(" · ".join(parts))


def _name(row: Any, prefix: str) -> None:
    if st.button(literal(row.name), key=f"{prefix}.{row.id}", type="tertiary", icon=":material/menu_book:"):
        go("knowledge", **_back(), article=row.id)


def _back() -> dict[str, Any]:
    """The search stays in the address of the article, so that the way back finds it."""
    kept = read_filter(Wanted).model_dump(exclude_defaults=True)
    return {name: value for name, value in kept.items() if value is not None}


def marked(place: str, search: str) -> str:
    """The words of the search stand out in the text, which is text and no markup."""
    words = "|".join(re.escape(word) for word in sorted(search.split(), key=len, reverse=True))
    parts = re.split(f"({words})", place, flags=re.IGNORECASE)
    return "".join(f":primary-background[{literal(one)}]" if at % 2 else literal(one) for at, one in enumerate(parts))


def _nothing(where: Wanted) -> None:
    if where == Wanted():
        empty("Nothing is published yet. Write down what solved a case once: the next one is answered from here.")
        return
    if where.state != ArticleState.PUBLISHED.value and where == Wanted(state=where.state):
        empty("There is none in this state.")
        return
    empty("No article fits. Fewer words find more.")
    if where.search and not (alike := load(queries.suggest, text=where.search, limit=ALIKE)).empty:
        heading("These share some of the words")
        for row in records(alike):
            _row(row, "", "")
    st.button(say("Take all filters off"), on_click=write_filter, args=(Wanted(),), icon=":material/filter_alt_off:")
