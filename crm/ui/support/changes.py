"""The versions of an article, and what changed from one to another."""

from __future__ import annotations

from difflib import unified_diff
from typing import Any

import streamlit as st

from crm.support import queries
from crm.support.models import Article
from crm.ui.desk import load
from crm.ui.show import heading
from crm.ui.table import records
from crm.words import say
from crm.words.formats import date_short


def versions(found: Article) -> None:
    """Drawn when it is opened."""
    if found.edition < 2:
        return
    title = say("{count:version|versions}", count=found.edition)
    with st.expander(title, icon=":material/history:", key="article.versions", on_change="rerun") as panel:
        if not panel.open:
            return
        rows = {row.number: row for row in records(load(queries.versions, article_id=found.id))}
        numbers = list(rows)
        options: dict[str, Any] = {"format_func": lambda number: _named(rows[number])}
        earlier = st.selectbox(say("From"), numbers, index=1, key="article.versions.from", **options)
        later = st.selectbox(say("To"), numbers, index=0, key="article.versions.to", **options)
        _difference(rows[earlier], rows[later])


def _named(row: Any) -> str:
    who = row.by if isinstance(row.by, str) else "–"
    return f"{row.number} · {date_short(row.created_at)} · {who}"


def _difference(earlier: Any, later: Any) -> None:
    lines = changed(f"{earlier.name}\n\n{earlier.text}", f"{later.name}\n\n{later.text}")
    if not lines:
        heading("The two are the same")
        return
    new, gone = (sum(line.startswith(sign) for line in lines) for sign in "+-")
    heading("{new:line|lines} new, {gone:line|lines} taken out", new=new, gone=gone)
    st.code("\n".join(lines), language="diff", wrap_lines=True)


def changed(before: str, after: str) -> list[str]:
    """Lines that went (-) and came (+), with one unchanged line around them."""
    return list(unified_diff(before.splitlines(), after.splitlines(), lineterm="", n=1))[2:]
