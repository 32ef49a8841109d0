"""Leads: the list, how far they come, what brings them, and the second chance of those that failed."""

from crm.ui.desk import page
from crm.ui.insight.sides import side
from crm.ui.marketing.campaigns import campaigns
from crm.ui.marketing.lead_funnel import lead_funnel
from crm.ui.marketing.lead_list import lead_list
from crm.ui.marketing.nurturing import nurture_plans
from crm.ui.marketing.score_rules import score_rules
from crm.ui.marketing.second import second_conversion
from crm.words import say

page("Leads", needs="marketing:see")
titles = {
    "list": say("Leads"),
    "funnel": say("Funnel"),
    "campaigns": say("Campaigns"),
    "second": say("Second conversion"),
    "rules": say("Score rules"),
    "plans": say("Nurturing"),
}
shown = side("show", titles, key="leads.show", title=say("View"), keep=())
views = {"list": lead_list, "funnel": lead_funnel, "campaigns": campaigns, "second": second_conversion}
(views | {"rules": score_rules, "plans": nurture_plans})[shown]()
