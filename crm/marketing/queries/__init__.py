"""What can be asked about campaigns, leads and pools."""

from crm.marketing.queries.campaigns import campaign, campaign_choices, campaigns
from crm.marketing.queries.duplicates import customers_like, lead_duplicates, lead_twins
from crm.marketing.queries.funnel import lead_funnel
from crm.marketing.queries.leads import (
    boards_of_leads,
    export_leads,
    lead,
    lead_choices,
    lead_events,
    lead_ids,
    lead_list,
    lead_totals,
    second_conversions,
)
from crm.marketing.queries.people import takers
from crm.marketing.queries.pools import (
    claimed_today,
    lies_in,
    my_claims,
    pool_entry,
    pool_history,
    pool_list,
    pool_totals,
    pool_warnings,
    recent_moves,
    warned_of,
)
from crm.marketing.queries.second import second_conversion_totals
from crm.marketing.queries.settings import nurture_plans, pool_rules, rules_version, score_rules
from crm.marketing.queries.silence import silent_ones

__all__ = [
    "boards_of_leads",
    "campaign",
    "campaign_choices",
    "campaigns",
    "claimed_today",
    "customers_like",
    "export_leads",
    "lead",
    "lead_choices",
    "lead_duplicates",
    "lead_events",
    "lead_funnel",
    "lead_ids",
    "lead_list",
    "lead_totals",
    "lead_twins",
    "lies_in",
    "my_claims",
    "nurture_plans",
    "pool_entry",
    "pool_history",
    "pool_list",
    "pool_rules",
    "pool_totals",
    "pool_warnings",
    "recent_moves",
    "rules_version",
    "score_rules",
    "second_conversion_totals",
    "second_conversions",
    "silent_ones",
    "takers",
    "warned_of",
]
