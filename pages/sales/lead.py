"""Lead."""

from crm.ui.desk import page

page("Lead", needs="marketing:see")
