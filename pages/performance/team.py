"""Who stands where: by targets, by the value of customers, by evaluation, by the rules."""

from crm.ui.desk import page
from crm.ui.insight.sides import side
from crm.ui.team.discipline import discipline
from crm.ui.team.evaluations import evaluations
from crm.ui.team.incentives import incentives
from crm.ui.team.leaderboard import leaderboard
from crm.ui.team.value import value
from crm.words import say

SIDES = {
    "leaderboard": "Leaderboard",
    "value": "Customer value",
    "evaluations": "Evaluations",
    "incentives": "Incentives",
    "discipline": "Discipline",
}
DRAWN = {
    "leaderboard": leaderboard,
    "value": value,
    "evaluations": evaluations,
    "incentives": incentives,
    "discipline": discipline,
}

person = page("Team", needs="targets:see")
shown = side("show", {name: say(title) for name, title in SIDES.items()}, key="team.show", title=say("View"), keep=())
DRAWN[shown](person)
