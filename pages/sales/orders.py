"""Orders: the rows behind every figure of revenue."""

from crm.ui.desk import page
from crm.ui.order_list import order_list

page("Orders", needs="customers:see")
order_list()
