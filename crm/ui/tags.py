"""The tags of one record, and tagging one or many."""

from __future__ import annotations

import streamlit as st

from crm.office import commands
from crm.office.queries import tag_choices, tags_of
from crm.ui.desk import act, figures, load, me
from crm.ui.table import records
from crm.ui.text import in_badge
from crm.words import say


def tags(subject: str, subject_id: int) -> None:
    """Each a small button that takes it off; for readers a badge."""
    for tag in records(load(tags_of, subject_type=subject, subject_ids=(subject_id,))):
        if me().actor.grant("office").change:
            st.button(
                str(tag.name),
                key=f"tag.{tag.tag_id}",
                icon=":material/sell:",
                type="tertiary",
                help=say("Take this tag off"),
                on_click=_untag,
                args=(subject, subject_id, tag.tag_id),
            )
        else:
            st.badge(in_badge(tag.name), icon=":material/sell:", color="gray")


def _untag(subject: str, subject_id: int, tag_id: int) -> None:
    act(commands.untag, subject, [subject_id], tag_id, rerun=False)


def tag_dialog(subject: str, ids: list[int]) -> None:
    name = st.selectbox(
        say("Tag"),
        list(figures(tag_choices).values()),
        index=None,
        accept_new_options=True,
        placeholder=say("Choose, or type a new one"),
        key=f"{subject}.tag_name",
    )
    if st.button(say("Tag"), type="primary", key=f"{subject}.tag_save") and name:
        act(commands.tag_by_name, subject, ids, name, done="Tagged.")
