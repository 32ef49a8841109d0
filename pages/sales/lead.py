"""One lead: its score with the reasons, what is known, what was done, and the step to a deal."""

import streamlit as st

from crm.marketing import queries
from crm.ui.activities import activities
from crm.ui.address import number
from crm.ui.desk import find, record_page
from crm.ui.marketing import lead_facts
from crm.ui.marketing.lead_head import head
from crm.ui.marketing.nurturing import nurture_line
from crm.ui.show import heading
from crm.ui.top import top_line
from crm.words import say

person = record_page(needs="marketing:see")
lead = find(queries.lead, number("lead", 0))
if lead is None:
    top_line(say("Lead"), person)
    st.page_link("pages/sales/leads.py", label=say("To the leads"), icon=":material/person_search:")
    st.stop()
top_line(lead.name, person)
head(lead)
nurture_line(lead)
left, right = st.columns([1.75, 1], gap="medium")
with right:
    lead_facts.score(lead)
    lead_facts.facts(lead)
with left:
    heading("Activities")
    activities("lead", lead.id, limit=10)
    heading("History")
    lead_facts.history(lead)
