"""A customer says how content he is, by the link he was sent: without sign-in, and nothing else is here."""

import streamlit as st

from crm.ui.frame import public_guard
from crm.ui.support.survey import survey

public_guard()
survey(st.query_params.get("token", ""))
