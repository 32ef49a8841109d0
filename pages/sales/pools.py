"""Pools."""

from crm.ui.desk import page

page("Pools", needs="customers:see")
