"""People: accounts with role, unit and state; the tree of units; who has not signed in for two weeks."""

from crm.ui.desk import page
from crm.ui.parts import one_of
from crm.ui.people import away_list, people_list, units_tree
from crm.words import say

page("People", needs="staff:change")
one_of({"people": (say("People"), people_list), "units": (say("Units"), units_tree), "away": (say("Not signed in"), away_list)})
