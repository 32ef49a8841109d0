"""Contract."""

from crm.ui.desk import page

page("Contract", needs="contracts:see")
