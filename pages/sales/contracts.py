"""Contracts."""

from crm.ui.desk import page

page("Contracts", needs="contracts:see")
