"""Leads."""

from crm.ui.desk import page

page("Leads", needs="marketing:see")
