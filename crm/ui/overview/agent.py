"""What an agent asks first: what runs out of time, whom I promised to call."""

from __future__ import annotations

import streamlit as st

from crm.office.queries import today
from crm.staff.sign_in import SignedIn
from crm.ui.desk import figures
from crm.ui.overview.parts import daily_record, due_list
from crm.ui.support.my_day import my_cases, my_visits, waiting_cases


def agent(person: SignedIn) -> None:
    """What of mine runs out of time, what was put before me, whom I promised to call."""
    left, right = st.columns([3, 2], gap="large")
    with left:
        my_cases(person)
        waiting_cases(person)
    with right:
        my_visits(person)
        due_list(person.user_id, figures(today))
        daily_record(person.user_id, figures(today))
