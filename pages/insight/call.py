"""Who to call today, and whether calling helps."""

from crm.ui.desk import page
from crm.ui.insight.calls import calls
from crm.ui.insight.effect import effect
from crm.ui.insight.which_calls import chosen_view

person = page("Call today", needs="insight:see")
if view := chosen_view(person):
    name, board = view
    calls(person, board) if name == "queue" else effect(person, board)
