"""What was reached of each target, and the plans they stand in."""

from crm.ui.desk import page
from crm.ui.insight.sides import side
from crm.ui.targets.attainment import attainment
from crm.ui.targets.plans import plans
from crm.words import say

SIDES = {"attainment": "Attainment", "plans": "Plans of targets"}
DRAWN = {"attainment": attainment, "plans": plans}

person = page("Targets", needs="targets:see")
shown = side("show", {name: say(title) for name, title in SIDES.items()}, key="targets.show", title=say("View"), keep=())
DRAWN[shown](person)
