"""Pipelines and stages, opportunities with all that hangs on them, quotes; their events are append-only."""

from crm.pipeline.models import touching as touching
from crm.pipeline.models.opportunity import (
    DealLossReason,
    ForecastRecord,
    ForecastSnapshot,
    Opportunity,
    OpportunityChange,
    OpportunityState,
    Registration,
    StageEvent,
    WinReason,
)
from crm.pipeline.models.parts import (
    Assessment,
    Attitude,
    DecisionRole,
    Expense,
    ExpenseKind,
    OpportunityCompetitor,
    OpportunityContact,
    OpportunityCustomer,
    OpportunityLine,
    OpportunityMember,
    Sample,
    Threat,
)
from crm.pipeline.models.quotes import Quote, QuoteLine, QuoteState
from crm.pipeline.models.settings import ForecastCategory, Pipeline, Stage, StageCode, sets_up

__all__ = [
    "Assessment",
    "Attitude",
    "DealLossReason",
    "DecisionRole",
    "Expense",
    "ExpenseKind",
    "ForecastCategory",
    "ForecastRecord",
    "ForecastSnapshot",
    "Opportunity",
    "OpportunityChange",
    "OpportunityCompetitor",
    "OpportunityContact",
    "OpportunityCustomer",
    "OpportunityLine",
    "OpportunityMember",
    "OpportunityState",
    "Pipeline",
    "Quote",
    "QuoteLine",
    "QuoteState",
    "Registration",
    "Sample",
    "Stage",
    "StageCode",
    "StageEvent",
    "Threat",
    "WinReason",
    "sets_up",
]
