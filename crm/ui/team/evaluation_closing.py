"""Close an evaluation with a conclusion, and open it again."""

from __future__ import annotations

import streamlit as st

from crm.targets import commands, queries
from crm.targets.models import EvaluationState
from crm.ui.compare import compare, save
from crm.ui.desk import act, find
from crm.ui.show import heading
from crm.words import say


def closing(evaluation_id: int, state: str, conclusion: str | None, version: int, *, mine: bool, reviewed: bool) -> None:
    """`mine`: I may; `reviewed`: there are marks."""
    if state == EvaluationState.CLOSED:
        _closed(evaluation_id, conclusion, version, mine)
    elif mine and reviewed:
        _close(evaluation_id, conclusion, version)


def _closed(evaluation_id: int, conclusion: str | None, version: int, mine: bool) -> None:
    heading("Conclusion")
    st.text(conclusion or say("Closed without a conclusion."))
    if mine and st.button(say("Open it again"), icon=":material/lock_open:", key="evaluation.reopen"):
        act(commands.reopen_evaluation, evaluation_id, version, done="Open again: marks can be given.")


def _close(evaluation_id: int, conclusion: str | None, version: int) -> None:
    key = f"evaluation.close.{evaluation_id}"
    with st.popover(say("Close the evaluation"), icon=":material/lock:", key=f"{key}.open"):
        text = st.text_area(
            say("Conclusion"), conclusion or "", key=f"{key}.text", help=say("The person reads it with the marks.")
        )
        sent = st.button(say("Close"), type="primary", key=f"{key}.go")
    if sent:
        now = lambda: _version(evaluation_id)  # noqa: E731
        done = "Closed: no further marks."
        save(commands.close_evaluation, evaluation_id, text.strip() or None, version=version, now=now, key=key, done=done)
    compare(key)


def _version(evaluation_id: int) -> int:
    found = find(queries.evaluation, evaluation_id)
    return found.version if found else 0


__all__ = ["closing"]
