"""Quotes: what waits for my word, what is open, and all."""

from crm.pipeline.queries import quotes_to_approve
from crm.ui.desk import load, page
from crm.ui.parts import one_of
from crm.ui.quotes.listing import all_quotes, open_quotes
from crm.ui.quotes.to_approve import to_approve
from crm.words import say

person = page("Quotes", needs="pipeline:see")
lists = {"open": (say("Open"), open_quotes), "all": (say("All"), all_quotes)}
if person.actor.may("approve", "pipeline"):
    waiting = len(load(quotes_to_approve))
    approval = {"approve": (say("To approve ({count})", count=waiting), to_approve)}
    lists = approval | lists if waiting else lists | approval
one_of(lists)
