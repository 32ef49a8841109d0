"""What can be done with campaigns, leads and pools."""

from crm.marketing.commands.assigning import LeadAssignment, assign_by_rule, assign_leads
from crm.marketing.commands.campaigns import CampaignDetails, add_campaign, edit_campaign, remove_campaign
from crm.marketing.commands.claiming import claim
from crm.marketing.commands.converting import Conversion, Converted, DealOfLead, convert_lead, deal_of
from crm.marketing.commands.leads import LeadDetails, add_lead, edit_lead, remove_lead
from crm.marketing.commands.nurturing import nurture, nurture_new, set_nurture_plans, stop_nurturing
from crm.marketing.commands.pools import Gift, Release, discard_customers, give, release, restore
from crm.marketing.commands.recycling import recycle
from crm.marketing.commands.scores import refresh_scores
from crm.marketing.commands.settings import set_pool_rules, set_score_rules
from crm.marketing.commands.working import (
    Invalidation,
    SecondFollowUp,
    finish_lead_activity,
    invalidate_lead,
    plan_second_follow_up,
    reopen_lead,
    work_lead,
)
from crm.marketing.nurturing import NurturePlan, NurturePlans, NurtureStep
from crm.marketing.pooling import AssignmentWay, PoolRules
from crm.marketing.scoring import ScoreRules

__all__ = [
    "AssignmentWay",
    "CampaignDetails",
    "Conversion",
    "Converted",
    "DealOfLead",
    "Gift",
    "Invalidation",
    "LeadAssignment",
    "LeadDetails",
    "NurturePlan",
    "NurturePlans",
    "NurtureStep",
    "PoolRules",
    "Release",
    "ScoreRules",
    "SecondFollowUp",
    "add_campaign",
    "add_lead",
    "assign_by_rule",
    "assign_leads",
    "claim",
    "convert_lead",
    "deal_of",
    "discard_customers",
    "edit_campaign",
    "edit_lead",
    "finish_lead_activity",
    "give",
    "invalidate_lead",
    "nurture",
    "nurture_new",
    "plan_second_follow_up",
    "recycle",
    "refresh_scores",
    "release",
    "remove_campaign",
    "remove_lead",
    "reopen_lead",
    "restore",
    "set_nurture_plans",
    "set_pool_rules",
    "set_score_rules",
    "stop_nurturing",
    "work_lead",
]
