"""Quotes."""

from crm.ui.desk import page

page("Quotes", needs="pipeline:see")
