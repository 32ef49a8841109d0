"""One customer: all that is known, on one page."""

import streamlit as st

from crm.customers import queries
from crm.office.queries import today
from crm.ui.activities import activities
from crm.ui.address import number
from crm.ui.customer import file, head, history, people, trade, value
from crm.ui.desk import figures, find, load, record_page
from crm.ui.show import heading
from crm.ui.top import top_line
from crm.words import say

TABS = ("Overview", "Orders", "Contacts", "File", "Activities", "Relations", "History")

person = record_page(needs="customers:see")
customer = find(queries.customer, number("customer", 0))
if customer is None:
    top_line(say("Customer"), person)
    st.page_link("pages/sales/customers.py", label=say("To the customers"), icon=":material/groups:")
    st.stop()
top_line(customer.name, person)
head.head(customer)
orders = load(queries.orders_of, customer_id=customer.id)
overview, sales, contacts, papers, talk, ties, past = st.tabs([say(tab) for tab in TABS], key="customer.tabs", on_change="rerun")
if overview.open:
    with overview:
        left, right = st.columns([1.75, 1], gap="medium")
        pace = value.rhythm_of(orders, figures(today))
        with right:
            value.value_panel(customer, pace)
            file.facts_list(file.basic(customer))
        with left:
            trade.rhythm_chart(customer, orders, pace)
            trade.orders(customer, orders, limit=5, key="latest")
            if len(load(queries.contacts, customer_id=customer.id)):
                heading("Contacts")
                people.parts(customer, "contact")
            heading("Activities")
            activities("customer", customer.id, limit=4)
if sales.open:
    with sales:
        trade.orders(customer, orders)
if contacts.open:
    with contacts:
        people.parts(customer, "contact")
        people.contact_chart(customer)
if papers.open:
    with papers:
        file.file(customer)
        heading("Competitors")
        people.parts(customer, "competitor")
        heading("Holdings")
        people.parts(customer, "holding")
if talk.open:
    with talk:
        activities("customer", customer.id, key="all_activities")
if ties.open:
    with ties:
        people.relations(customer)
if past.open:
    with past:
        history.ownership(customer)
        history.merges(customer)
        history.audit(customer)
