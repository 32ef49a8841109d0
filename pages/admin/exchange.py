"""Import and export: bring in a file; which files came in, and which went out."""

import streamlit as st

from crm.ui.desk import page
from crm.ui.exchange_log import log_of_exports, log_of_imports
from crm.ui.importer import import_file
from crm.words import say

page("Import and export", needs="customers:export")
file, came, went = st.tabs([say("Import"), say("Log of imports"), say("Log of exports")], key="exchange.tabs", on_change="rerun")
if file.open:
    with file:
        import_file()
if came.open:
    with came:
        log_of_imports()
if went.open:
    with went:
        log_of_exports()
