"""One customer: all that is known, on one page."""

import streamlit as st

from crm.customers import queries
from crm.office.queries import today
from crm.ui.activities import activities
from crm.ui.address import number
from crm.ui.contracts.of_customer import contracts_of
from crm.ui.customer import file, head, history, people, trade, value
from crm.ui.desk import figures, find, load, record_page
from crm.ui.menu import allowed
from crm.ui.pipeline.of_customer import deals_of
from crm.ui.show import heading
from crm.ui.support.of_customer import cases_of
from crm.ui.top import top_line
from crm.words import say

TABS = ("Overview", "Deals", "Contracts", "Orders", "Service", "Contacts", "File", "Activities", "Relations", "History")
NEEDS = {"Deals": "pipeline:see", "Contracts": "contracts:see", "Service": "support:see"}

person = record_page(needs="customers:see")
customer = find(queries.customer, number("customer", 0))
if customer is None:
    top_line(say("Customer"), person)
    st.page_link("pages/sales/customers.py", label=say("To the customers"), icon=":material/groups:")
    st.stop()
top_line(customer.name, person)
head.head(customer)
orders = load(queries.orders_of, customer_id=customer.id)
shown = [tab for tab in TABS if allowed(person.actor, NEEDS.get(tab, ""))]
drawn = st.tabs([say(tab) for tab in TABS if tab in shown], key="customer.tabs", on_change="rerun")
tab, place = next((one for one in zip(shown, drawn, strict=True) if one[1].open), (shown[0], drawn[0]))
with place:
    if tab == "Overview":
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
    elif tab == "Deals":
        deals_of(customer.id)
    elif tab == "Contracts":
        contracts_of(customer.id)
    elif tab == "Orders":
        trade.orders(customer, orders)
    elif tab == "Service":
        cases_of(customer.id)
    elif tab == "Contacts":
        people.parts(customer, "contact")
        people.contact_chart(customer)
    elif tab == "File":
        file.file(customer)
        heading("Competitors")
        people.parts(customer, "competitor")
        heading("Holdings")
        people.parts(customer, "holding")
    elif tab == "Activities":
        activities("customer", customer.id, key="all_activities")
    elif tab == "Relations":
        people.relations(customer)
    elif tab == "History":
        history.ownership(customer)
        history.merges(customer)
        history.audit(customer)
