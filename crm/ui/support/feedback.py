"""Ask a customer how content he is: the link is made here, and what was asked and answered stands below."""

from __future__ import annotations

from typing import Any

import pandas as pd
import streamlit as st

from crm.access import Reach
from crm.customers.queries import contacts, orders_of
from crm.support import commands, queries
from crm.support.asking import FeedbackRules
from crm.support.commands import Asking
from crm.support.models import ServiceItem
from crm.ui.desk import act, figures, load, me
from crm.ui.dialog import open_dialog
from crm.ui.form import form
from crm.ui.quotes.document import LANGUAGES
from crm.ui.show import empty, heading
from crm.ui.support.answers import invitation
from crm.ui.support.link import keep_link, link_panel
from crm.ui.table import records
from crm.words import label, say

OF_CUSTOMER = ("order", "delivery", "installation", "training", "relationship")
SHOWN = 10


def feedback_of(*, case_id: int | None = None, customer_id: int | None = None, key: str = "feedback") -> None:
    """Ask, the link that was just made, and the invitations of a case or of a customer with their answers."""
    may_ask = me().actor.grant("support").change is not Reach.NOTHING
    rows = load(queries.invitations_of, case_id=case_id, customer_id=customer_id)
    with st.container(horizontal=True, vertical_alignment="center", key=f"{key}.head"):
        with st.container(width="stretch"):
            _title(rows)
        if may_ask and case_id is not None:
            _ask_of_case(case_id, key)
        elif may_ask and customer_id is not None:
            _ask_of_customer(customer_id, key)
        if me().actor.may("settings", "office"):
            _rules(key)
    link_panel(key, case_id=case_id, customer_id=customer_id)
    if rows.empty:
        empty("Nobody was asked yet. A link makes it one minute for the customer, and the answer stands here.")
    for row in records(rows.head(SHOWN)):
        invitation(row, f"{key}.{row.id}", of_customer=case_id is None, may_ask=may_ask)
    if len(rows) > SHOWN:
        with st.expander(say("{count:older invitation|older invitations}", count=len(rows) - SHOWN), key=f"{key}.older"):
            for row in records(rows.iloc[SHOWN:200]):
                invitation(row, f"{key}.{row.id}", of_customer=case_id is None, may_ask=may_ask)


def _title(rows: pd.DataFrame) -> None:
    """How content he is, where he said so."""
    sent = rows[rows["state"] != "withdrawn"]
    marks = sent["csat"].dropna()
    if marks.empty:
        heading("Satisfaction: no answer yet")
        return
    about = say("{answered} of {sent} invitations were answered; 5 is the best mark.", answered=len(marks), sent=len(sent))
    heading("Satisfaction {mark} of 5 on average", mark=round(float(marks.mean()), 1), about=about)


# ----------------------------------------------------------------------------------------------------------- ask


def _ask_of_case(case_id: int, key: str) -> None:
    """One click for each operation that is done."""
    told: dict[str, Any] = figures(queries.to_ask, case_id=case_id)
    if not told["items"]:
        return
    spoken = st.segmented_control(
        say("Language of the customer"),
        list(LANGUAGES),
        default=told["language"],
        required=True,
        format_func=LANGUAGES.__getitem__,
        key=f"{key}.language",
        label_visibility="collapsed",
    )
    words = {"case": say("Ask about the case"), "field_visit": say("Ask about the visit")}
    days = figures(queries.feedback_rules).days
    for item in told["items"]:
        asking = {"item": item, "case_id": case_id, "contact_id": told["contact_id"], "language": spoken, "days": days}
        if st.button(words[item], key=f"{key}.ask.{item}", icon=":material/sentiment_satisfied:"):
            _ask(told["customer_id"], Asking.model_validate(asking), key)


def _ask_of_customer(customer_id: int, key: str) -> None:
    if st.button(say("Ask for feedback"), key=f"{key}.ask", icon=":material/sentiment_satisfied:"):
        open_dialog(say("Ask for feedback"), ask_customer, customer_id, key, width="medium")


def ask_customer(customer_id: int, key: str) -> None:
    """Of an operation that is no case: what, whom, in which language."""
    people, orders = load(contacts, customer_id=customer_id), load(orders_of, customer_id=customer_id, limit=20)
    choices: dict[str, dict[Any, str]] = {
        "item": {item: label(item, of="item") for item in OF_CUSTOMER},
        "contact_id": {row.id: row.name for row in records(people)},
        "order_id": {row.id: row.number for row in records(orders)},
        "language": dict(LANGUAGES),
    }
    rules: FeedbackRules = figures(queries.feedback_rules)
    current = {"item": ServiceItem.ORDER.value, "language": figures(queries.spoken_with, customer_id=customer_id)}
    only = ("item", "order_id", "contact_id", "language", "days")
    asking = form(Asking, current | {"days": rules.days}, key=f"{key}.form", choices=choices, only=only, save="Make the link")
    if asking is not None:
        _ask(customer_id, asking, key)


def _ask(customer_id: int, asking: Asking, key: str) -> None:
    asked = act(commands.ask_feedback, customer_id, asking, rerun=False)
    if asked is not None:
        keep_link(key, asked)
        st.rerun()


# --------------------------------------------------------------------------------------------------------- rules


def _rules(key: str) -> None:
    if st.button("", key=f"{key}.rules", icon=":material/tune:", type="tertiary", help=say("How the firm asks")):
        open_dialog(say("How the firm asks"), rules_dialog, width="small")


def rules_dialog() -> None:
    """For whoever keeps the settings of the firm."""
    current: FeedbackRules = figures(queries.feedback_rules)
    values = form(
        FeedbackRules, current.model_dump(mode="json"), key="feedback.rules", choices={"language": dict(LANGUAGES)}, columns=1
    )
    if values is not None:
        act(commands.set_feedback_rules, values, done="Saved.")
