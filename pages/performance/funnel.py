"""Funnel: how far deals come, how long they take, who wins them, and why they are lost."""

from crm.ui.desk import page
from crm.ui.forecast.funnel import funnel

funnel(page("Funnel", needs="pipeline:see"))
