"""Planning from a day of the calendar: with whom, what, and at what time."""

from __future__ import annotations

import datetime as dt

import streamlit as st

from crm.office import commands as office
from crm.office.commands import PlannedActivity
from crm.office.models import ActivityKind
from crm.ui.deal.customers import find_customer
from crm.ui.desk import act
from crm.ui.form import checked
from crm.words import label, say
from crm.words.formats import date_short


def plan_dialog(day: dt.date, at: dt.time | None) -> None:
    st.markdown(f"**{date_short(day)}**")
    customer_id = find_customer("calendar.plan.customer", None)
    with st.form("calendar.plan", border=False, enter_to_submit=True):
        kinds = [kind.value for kind in ActivityKind]
        left, right = st.columns(2)
        kind = left.selectbox(label("kind"), kinds, format_func=lambda one: label(one, of="kind"), key="calendar.plan.kind")
        time = right.time_input(label("starts_at"), value=at, key="calendar.plan.time", step=dt.timedelta(minutes=15))
        topic = st.text_input(label("topic"), key="calendar.plan.topic", placeholder=say("What is to be done"))
        elsewhere = say("Only where it is not at the customer's")
        place = st.text_input(say("Where to meet"), key="calendar.plan.place", placeholder=elsewhere)
        sent = st.form_submit_button(say("Plan it"), type="primary", icon=":material/check:")
    if not sent:
        return
    if customer_id is None:
        st.error(say("Choose the customer first: a few letters of the name are enough."), icon=":material/error:")
        return
    values = {"kind": kind, "topic": topic, "planned_on": day, "starts_at": time, "place": place}
    if (details := checked(PlannedActivity, values)) is not None:
        act(office.plan_activity, "customer", customer_id, details, done="Planned.")
