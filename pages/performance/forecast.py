"""Forecast."""

from crm.ui.desk import page

page("Forecast", needs="pipeline:see")
