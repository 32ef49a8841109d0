"""One opportunity: how it stands, what is next, and all that hangs on it."""

import streamlit as st

from crm.pipeline import queries
from crm.ui.activities import activities
from crm.ui.address import number
from crm.ui.attachments import attachments
from crm.ui.contracts.of_deal import contract_of_deal
from crm.ui.deal import costs, head, history, judged, matters, overview, people, products, registration, review
from crm.ui.desk import figures, find, record_page
from crm.ui.quotes.of_deal import quotes
from crm.ui.show import heading
from crm.ui.top import top_line
from crm.words import say

TABS = ("Overview", "Products and quotes", "People", "Activities", "Assessment", "Costs", "Review", "Files", "History")

person = record_page(needs="pipeline:see")
deal = find(queries.opportunity, number("opportunity", 0))
if deal is None:
    top_line(say("Opportunity"), person)
    st.page_link("pages/sales/pipeline.py", label=say("To the pipeline"), icon=":material/view_kanban:")
    st.stop()
top_line(deal.name, person)
may = figures(queries.may_change, opportunity_id=deal.id)
head.head(deal, may)
registration.registration(deal, may)
contract_of_deal(deal)
first, goods, persons, talk, assessed, spent, after, papers, past = st.tabs(
    [say(tab) for tab in TABS], key="deal.tabs", on_change="rerun"
)
if first.open:
    with first:
        left, right = st.columns([1.75, 1], gap="medium")
        with right:
            matters.matters(deal, may)
        with left:
            overview.overview(deal)
if goods.open:
    with goods:
        products.products(deal, may)
        heading("Quotes")
        quotes(deal)
if persons.open:
    with persons:
        people.people(deal, may)
if talk.open:
    with talk:
        activities("opportunity", deal.id, key="all_activities")
if assessed.open:
    with assessed:
        judged.judged(deal, may)
if spent.open:
    with spent:
        costs.costs(deal, may)
if after.open:
    with after:
        review.review(deal, may)
if papers.open:
    with papers:
        attachments("opportunity", deal.id)
if past.open:
    with past:
        history.history(deal)
