"""What can be asked about populations, model runs, scores, the call queue and losses."""

from crm.insight.queries.population import (
    REASONS,
    Population,
    customer_conditions,
    history,
    last_purchase_day,
    left_out,
    left_out_rows,
    purchases,
)
from crm.insight.queries.runs import (
    RunSettings,
    chosen_run,
    holdout_result,
    models_of,
    published_run,
    runs,
    settings_of,
)

__all__ = [
    "REASONS",
    "Population",
    "RunSettings",
    "chosen_run",
    "customer_conditions",
    "history",
    "holdout_result",
    "last_purchase_day",
    "left_out",
    "left_out_rows",
    "models_of",
    "published_run",
    "purchases",
    "runs",
    "settings_of",
]
