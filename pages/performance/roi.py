"""Whether all of this pays: six figures, two periods, and what was spent."""

from crm.ui.desk import page
from crm.ui.insight.sides import side
from crm.ui.roi.compare import compare
from crm.ui.roi.costs import costs
from crm.ui.roi.ledger import ledger
from crm.words import say

SIDES = {"ledger": "Six figures", "compare": "Before and after", "costs": "Costs"}
DRAWN = {"ledger": ledger, "compare": compare, "costs": costs}

person = page("ROI", needs="targets:see")
shown = side("show", {name: say(title) for name, title in SIDES.items()}, key="roi.show", title=say("View"), keep=())
DRAWN[shown](person)
