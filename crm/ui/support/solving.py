"""Solve a case: what it was, what helped, and whether the customer is asked about it."""

from __future__ import annotations

import streamlit as st

from crm.session import ScopedSession
from crm.support import commands, queries
from crm.support.commands import Asked, CommentInput, Solving
from crm.support.models import Case
from crm.ui.desk import act, figures, find, load
from crm.ui.form import checked
from crm.ui.support.link import keep_link
from crm.ui.table import records
from crm.words import label, say

FEEDBACK = "case.feedback"
"""Under this key the page of a case keeps the link that was just made."""


def solve_dialog(case_id: int, text: str = "") -> None:
    """`text`: an answer that is sent to the customer with it, and is the solution."""
    case = find(queries.case, case_id)
    if case is None:
        return
    key = f"case.solve.{case_id}"
    causes, articles = figures(queries.causes_in_use), _articles(case)
    with st.form(f"{key}.form", border=False):
        solution = st.text_area(
            label("solution", of="case") + " *", value=text or case.solution or "", key=f"{key}.solution", height=140
        )
        cause = st.selectbox(
            label("cause"),
            [*causes] if case.cause in (None, *causes) else [case.cause, *causes],
            index=None if not case.cause else [*causes].index(case.cause) if case.cause in causes else 0,
            accept_new_options=True,
            key=f"{key}.cause",
            placeholder=say("Choose, or type a new one"),
        )
        article_id = st.selectbox(
            say("Article that helped"),
            list(articles),
            index=None,
            format_func=articles.__getitem__,
            key=f"{key}.article",
            placeholder=say("None"),
        )
        with st.container(horizontal=True):
            ask = st.checkbox(say("Ask for feedback"), value=_asks(), key=f"{key}.ask", disabled=case.customer_id is None)
            close = st.checkbox(say("Close at once"), key=f"{key}.close", help=say("There is nothing to wait for."))
        sent = st.form_submit_button(say("Solve"), type="primary", icon=":material/task_alt:")
    if sent and (solving := checked(Solving, {"solution": solution.strip(), "cause": cause, "close": close})) is not None:
        solve(case_id, solving, ask=ask, article_id=article_id)


def solve(
    case_id: int, solving: Solving, *, ask: bool | None = None, article_id: int | None = None, answer: str | None = None
) -> None:
    """In one step: the answer, where there is one, the solution, the article that helped, the question how it was (`ask` None: as
    the firm wants). The link to the survey waits under Feedback."""
    told = act(_solve, case_id, solving, ask, article_id, answer, rerun=False)
    if told is None:
        return
    done = say("Solved.")
    if told[0] is not None:
        keep_link(FEEDBACK, told[0])
        st.session_state["case.tabs"] = say("Feedback")
        done = say("Solved. Send the link to the customer now.")
    st.session_state.setdefault("_told", []).append(done)
    st.rerun()


def _solve(
    session: ScopedSession, case_id: int, solving: Solving, ask: bool | None, article_id: int | None, answer: str | None
) -> tuple[Asked | None]:
    if answer:
        commands.comment(session, case_id, CommentInput(text=answer))
    if article_id is not None:
        commands.link_article(session, case_id, article_id, helped=True)
    return (commands.solve_and_ask(session, case_id, solving, ask),)


def _asks() -> bool:
    """As the firm wants."""
    return bool(figures(queries.feedback_rules).ask_when_solved)


def _articles(case: Case) -> dict[int, str]:
    """Those that were looked at for it, then those that fit."""
    found = {int(row.article_id): str(row.name) for row in records(load(queries.articles_of, case_id=case.id))}
    text = f"{case.subject} {case.description or ''}"
    fitting = load(queries.suggest, text=text, product_id=case.product_id, limit=10)
    return found | {int(row.id): str(row.name) for row in records(fitting) if row.id not in found}
