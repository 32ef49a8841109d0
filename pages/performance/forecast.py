"""Forecast: what will be won, what moved it, how right it was, and the chance of each deal."""

from crm.ui.desk import page
from crm.ui.forecast.forecast import forecast

forecast(page("Forecast", needs="pipeline:see"))
