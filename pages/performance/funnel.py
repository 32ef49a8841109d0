"""Funnel."""

from crm.ui.desk import page

page("Funnel", needs="pipeline:see")
