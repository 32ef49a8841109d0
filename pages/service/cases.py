"""Service cases: what to do first, all of them, visits, known problems."""

import streamlit as st

from crm.ui.desk import page
from crm.ui.insight.sides import side
from crm.ui.support.listing import listing
from crm.ui.support.new_case import new_case_button
from crm.ui.support.problems import problems
from crm.ui.support.queue import queue
from crm.ui.support.visits import visits
from crm.words import say

SIDES = {"queue": "Work queue", "list": "List", "visits": "Visits", "problems": "Known problems"}
DRAWN = {"queue": queue, "list": listing, "visits": visits, "problems": problems}

page("Cases", needs="support:see")
with st.container(horizontal=True, vertical_alignment="center", key="cases.top"):
    titles = {name: say(title) for name, title in SIDES.items()}
    shown = side("show", titles, key="cases.show", title=say("View"), keep=())
    st.space("stretch")
    new_case_button("case.new")
st.fragment(DRAWN[shown])()
