"""Opportunity."""

from crm.ui.desk import page

page("Opportunity", needs="pipeline:see")
