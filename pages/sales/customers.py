"""Customers: find one, open it, act on many."""

import streamlit as st

from crm.ui.address import choice
from crm.ui.customer_list import customer_list
from crm.ui.customer_statistics import customer_statistics
from crm.ui.desk import page

page("Customers", needs="customers:see")
show = choice("show", ("list", "statistics"), "list")
if show == "list":
    st.fragment(customer_list)()
else:
    customer_statistics()
