"""The facts that `crm.analytics` counts: deals, events, snapshots, as I may see them."""

from crm.pipeline.queries.facts.behaviour import HABITS, behaved, behaviour
from crm.pipeline.queries.facts.forecast import (
    forecasts_told,
    misses,
    open_deals,
    snapshot_days,
    stands,
    stood,
    won_between,
    won_by_day,
)
from crm.pipeline.queries.facts.funnel import (
    FACTS,
    cohort_counts,
    deals,
    events,
    funnel_counts,
    loss_reasons,
    lost_to,
    outcome_counts,
    segment_sizes,
    stay_counts,
    win_rates,
)
from crm.pipeline.queries.facts.looks import snapshots

__all__ = [
    "FACTS",
    "HABITS",
    "behaved",
    "behaviour",
    "cohort_counts",
    "deals",
    "events",
    "forecasts_told",
    "funnel_counts",
    "loss_reasons",
    "lost_to",
    "misses",
    "open_deals",
    "outcome_counts",
    "segment_sizes",
    "snapshot_days",
    "snapshots",
    "stands",
    "stay_counts",
    "stood",
    "win_rates",
    "won_between",
    "won_by_day",
]
