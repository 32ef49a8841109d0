"""Cohorts, retention and concentration."""

from crm.ui.desk import page
from crm.ui.insight.cohort_controls import which_lab
from crm.ui.insight.cohorts import cohorts
from crm.ui.insight.concentration import concentration

person = page("Cohorts", needs="insight:see")
if which_lab() == "cohorts":
    cohorts(person)
else:
    concentration(person)
