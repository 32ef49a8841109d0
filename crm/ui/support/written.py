"""The text of an article on the page: markdown, without HTML and without pictures from elsewhere."""

from __future__ import annotations

from typing import Any

import streamlit as st

from crm.support.models import ArticleState
from crm.words import label, say
from crm.words.formats import percent

COLOURS: dict[str, Any] = {ArticleState.DRAFT: "gray", ArticleState.PUBLISHED: "green", ArticleState.RETIRED: "orange"}
ICONS = {ArticleState.DRAFT: "edit_note", ArticleState.PUBLISHED: "check_circle", ArticleState.RETIRED: "inventory_2"}


def written(text: str) -> None:
    """A picture becomes a link: whoever reads an article tells no other site of it. Streamlit shows HTML as text."""
    st.markdown(text.replace("![", "!\u2060["))


def state_badge(state: str) -> None:
    known = ArticleState(state)
    st.badge(label(state, of="article_state"), icon=f":material/{ICONS[known]}:", color=COLOURS[known])


def helped_of(helped: int, not_helped: int) -> str:
    """Helped in 3 of 4 cases (75 %); "" where nobody said so."""
    said = helped + not_helped
    return (
        say("helped in {helped} of {said} ({share})", helped=helped, said=said, share=percent(helped / said, 0)) if said else ""
    )
