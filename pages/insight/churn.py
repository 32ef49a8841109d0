"""Churn: who stopped, why, to whom, and what it costs."""

from crm.ui.desk import page
from crm.ui.insight.churn import churn

churn(page("Churn", needs="insight:see"))
