"""What an administrator asks first: who has not been here, and where the settings are."""

from __future__ import annotations

import streamlit as st

from crm.staff.queries import not_signed_in
from crm.staff.sign_in import SignedIn
from crm.ui.desk import go, load
from crm.ui.show import heading
from crm.ui.table import table
from crm.words import say


def administrator(person: SignedIn) -> None:
    """Who has not been here, and where settings are."""
    rows = load(not_signed_in)
    heading("{count:person has|people have} not signed in for two weeks", count=len(rows))
    if len(rows):
        table(rows, key="overview.absent", opens=False)
    with st.container(horizontal=True):
        for page, title, icon in (("people", "People", ":material/badge:"), ("settings", "Settings", ":material/tune:")):
            if st.button(say(title), icon=icon, key=f"admin.{page}"):
                go(page)
