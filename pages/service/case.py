"""One case: what happened, what was said, what is promised."""

import streamlit as st

from crm.support import queries
from crm.ui.address import number
from crm.ui.attachments import attachments
from crm.ui.desk import find, record_page
from crm.ui.support import case_visits, clocks, conversation, facts, history, sales
from crm.ui.support.feedback import feedback_of
from crm.ui.support.head import head
from crm.ui.support.opened import Opened
from crm.ui.support.solving import FEEDBACK
from crm.ui.top import top_line
from crm.words import say

TABS = ("Conversation", "Files", "Visits", "Feedback", "Sales", "History")

person = record_page(needs="support:see")
case = find(queries.case, number("case", 0))
if case is None:
    top_line(say("Case"), person)
    st.page_link("pages/service/cases.py", label=say("To the cases"), icon=":material/support_agent:")
    st.stop()
top_line(case.subject, person)
opened = Opened(case)
head(opened)
left, right = st.columns([1.9, 1], gap="medium")
with right:
    clocks.clocks(opened)
    facts.of_customer(opened)
    conversation.suggested(opened)
    facts.facts(opened)
with left:
    drawn = st.tabs([say(tab) for tab in TABS], key="case.tabs", on_change="rerun")
    tab, place = next((one for one in zip(TABS, drawn, strict=True) if one[1].open), (TABS[0], drawn[0]))
    with place:
        if tab == "Conversation":
            conversation.conversation(opened)
        elif tab == "Files":
            attachments("service_case", case.id, also=[merged for merged, _, _ in opened.ties["merged"]])
        elif tab == "Visits":
            case_visits.visits(opened)
        elif tab == "Feedback":
            feedback_of(case_id=case.id, key=FEEDBACK)
        elif tab == "Sales":
            sales.sales(opened)
        elif tab == "History":
            history.history(opened)
