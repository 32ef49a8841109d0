"""Which matters people are reminded of, how many days before, and after how many days whoever leads them hears of it."""

from __future__ import annotations

from typing import Any

import streamlit as st

from crm.office.commands import set_reminders
from crm.office.models import NoticeTopic
from crm.office.queries import reminder_rules
from crm.office.reminding import ReminderRule
from crm.ui.desk import act, figures
from crm.ui.form import checked
from crm.ui.inbox.sentences import icon
from crm.words import label, say

WIDTHS = [4, 1.2, 2, 2, 1.6]


def reminders() -> None:
    rules = figures(reminder_rules)
    st.markdown(say("Read in the inbox by whoever has the matter; what stays undone goes up to whoever leads him."))
    with st.form("reminders", width=860):
        _heads()
        entered = {topic: _row(topic, rule) for topic, rule in rules.items()}
        sent = st.form_submit_button(say("Save"), type="primary", icon=":material/check:")
    if not sent:
        return
    found = {topic: checked(ReminderRule, values) for topic, values in entered.items()}
    if all(found.values()):
        act(
            set_reminders,
            found,
            done="Saved. It holds from the next morning on.",
        )


def _heads() -> None:
    for cell, text in zip(
        st.columns(WIDTHS, vertical_alignment="bottom"),
        (say("Matter"), say("On"), say("Days before"), say("Passed up after (days)"), say("Below %")),
        strict=True,
    ):
        cell.caption(text)


def _row(topic: NoticeTopic, rule: ReminderRule) -> dict[str, Any]:
    key = f"reminders.{topic}"
    name, on, before, after, below = st.columns(WIDTHS, vertical_alignment="center")
    name.markdown(f"{icon(topic)} {label(topic, of='topic')}")
    shown: dict[str, Any] = {"label_visibility": "collapsed"}
    never: dict[str, Any] = shown | {"placeholder": say("Never")}
    entered: dict[str, Any] = {
        "on": on.toggle(say("On"), rule.on, key=f"{key}.on", **shown),
        "before": before.number_input(say("Days before"), 0, 365, rule.before, 1, key=f"{key}.before", **shown),
        "escalate": after.number_input(say("Passed up after (days)"), 1, 365, rule.escalate, 1, key=f"{key}.escalate", **never),
    }
    if rule.percent is not None:
        entered["percent"] = below.number_input(say("Below (percent)"), 1, 100, rule.percent, 1, key=f"{key}.percent", **shown)
    return entered
