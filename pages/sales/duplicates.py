"""Duplicates: find records of one customer, look at both, make them one; and what was deleted."""

import streamlit as st

from crm.ui.desk import page
from crm.ui.duplicates import deleted_list, duplicate_list, merge_panel
from crm.words import say

page("Duplicates", needs="customers:merge")
pairs, trash = st.tabs([say("Duplicates"), say("Deleted")], key="duplicates.tabs", on_change="rerun")
if pairs.open:
    with pairs:
        if "keep" in st.query_params:
            merge_panel()
        duplicate_list()
if trash.open:
    with trash:
        deleted_list()
